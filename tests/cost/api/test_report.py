"""`GET /v1/costs/report`: the same exact figures in every format, safe to open and to print."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from html.parser import HTMLParser

import pyarrow.parquet as pq
import pytest

from cost.api.costs import Costs
from cost.api.report import CostReports
from cost.prices.rates import Rates
from cost.reports import html_page, report
from cost.reports.amounts import exactly
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import (
    DAY_NS,
    HOUR_NS,
    Ledger,
    booking,
    charge,
    random_ledger,
    unpriced,
)

HOSTILE = "=HYPERLINK(\"http://x\")<script>alert('x')</script>"


def resources(ledger):
    rates_at = partial(Rates, ledger.store)
    return [Costs(ledger.parts, rates_at).router(), CostReports(ledger.parts, rates_at).router()]


@pytest.fixture(scope="module")
def held(request):
    """Random charges of last month, and of this one hostile names; tests only read them."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    clock = FakeClock()
    now = datetime.fromtimestamp(clock() / 1e9, UTC)
    this_month = datetime(now.year, now.month, 1, tzinfo=UTC)
    start = int(this_month.timestamp()) * 10**9 - 20 * DAY_NS
    ledger = Ledger(store, clock)
    clock.now_ns = int(this_month.timestamp()) * 10**9 + 5 * DAY_NS
    ledger.book(*random_ledger(5, start, 10, 300))
    today = clock() - HOUR_NS
    row = charge(today, tenant="odd", model=HOSTILE, project="+1", cost=Decimal("0.5"))
    ledger.book(row, booking(row, "correction", today, cost=Decimal("-0.75")))
    ledger.book(unpriced(today, tenant="odd", model="-new", project="@x"))
    ledger.store.insert("price_books", [{"book_version": 7, "published_at": start, "points": 1}])
    month = datetime.fromtimestamp(start / 1e9, UTC)
    yield ledger, Api(resources(ledger)), f"{month:%Y-%m}"
    databases.clear()


@pytest.fixture
def api(held):
    return held[1]


@pytest.fixture
def month(held):
    return held[2]


def fetched(api, **params):
    answer = api.response("/v1/costs/report", **params)
    assert answer.status_code == 200, answer.text
    return answer


def as_csv(api, **params):
    text = fetched(api, format="csv", **params).content.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_json(api, **params):
    return json.loads(fetched(api, format="json", **params).content)


def as_parquet(api, **params):
    return pq.read_table(io.BytesIO(fetched(api, format="parquet", **params).content))


ASKED = {"group_by": "tenant,project,model,day,meter"}


def test_every_format_has_the_figures_of_the_list(api, month):
    start, after = report_ends(month)
    listed = api.get("/v1/costs", from_=start, to=after, limit=1000, **ASKED)
    assert len(listed["items"]) > 100
    made = as_json(api, period=month, **ASKED)
    assert made["items"] == [{k: i[k] for k in made["items"][0]} for i in listed["items"]]
    assert made["totals"] == listed["totals"]
    rows = as_csv(api, period=month, **ASKED)
    assert [row["cost"] for row in rows] == [item["cost"] or "" for item in listed["items"]]
    assert [row["coverage"] for row in rows] == [i["coverage"] or "" for i in listed["items"]]
    table = as_parquet(api, period=month, **ASKED).to_pylist()
    for row, item in zip(table, listed["items"], strict=True):
        assert row["cost"] == (None if item["cost"] is None else Decimal(item["cost"]))
        assert row["quantity"] == Decimal(item["quantity"])
        assert row["day"] == date.fromisoformat(item["day"])
        assert (row["model"], row["events"]) == (item["model"], item["events"])


def report_ends(month):
    year, number = (int(part) for part in month.split("-"))
    following = f"{year + number // 12:04d}-{number % 12 + 1:02d}"
    return f"{month}-01", f"{following}-01"


def test_the_rows_of_a_report_add_up_to_its_totals(api, month):
    made = as_json(api, period=month, **ASKED)
    for one in made["totals"]:
        alike = [i for i in made["items"] if i["currency"] == one["currency"] and i["cost"]]
        assert exactly(Decimal(i["cost"]) for i in alike) == Decimal(one["cost"] or 0)


def test_pages_of_any_size_make_the_same_report(api, month, monkeypatch):
    whole = fetched(api, format="csv", period=month, **ASKED).content
    monkeypatch.setattr(report, "PAGE_ROWS", 7)
    assert fetched(api, format="csv", period=month, **ASKED).content == whole


@pytest.mark.parametrize(
    ("name", "media_type", "place"),
    [
        ("json", "application/json", "attachment"),
        ("csv", "text/csv", "attachment"),
        ("parquet", "application/vnd.apache.parquet", "attachment"),
        ("html", "text/html", "inline"),
    ],
)
def test_types_and_file_names(api, month, name, media_type, place):
    headers = fetched(api, format=name, period=month, group_by="tenant,model").headers
    assert headers["content-type"].partition(";")[0] == media_type
    expected = f'{place}; filename="showback_{month}_by-tenant-model.{name}"'
    assert headers["content-disposition"] == expected


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(api):
    rows = as_csv(api, tenant="odd", group_by="model,project,kind", kind="showback")
    corrected = next(row for row in rows if row["kind"] == "correction")
    assert corrected["model"] == f"'{HOSTILE}"
    assert corrected["project"] == "'+1"
    assert corrected["cost"] == "-0.75"
    new = next(row for row in rows if row["model"] == "'-new")
    assert (new["project"], new["cost"], new["coverage"]) == ("'@x", "", "0")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_met(start):
    column = report.Column("model", report.ColumnKind.TEXT)
    from cost.reports.text_files import _cell  # noqa: PLC0415

    assert _cell(f"{start}1", column) == f"'{start}1"
    assert _cell(Decimal(-1), column) == "-1"


class Tags(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.attributes = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_runs_nothing_and_loads_nothing(api):
    answer = fetched(api, format="html", tenant="odd", group_by="model,project")
    page = Tags(answer.text)
    assert not {"script", "link", "img", "iframe", "b"} & {*page.tags}
    assert not [name for name, _ in page.attributes if name in ("src", "href") or name[:2] == "on"]
    assert HOSTILE in "".join(page.text)
    assert "http" not in re.sub(r"HYPERLINK.*?</td>", "", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_page_says_what_it_rests_on(api, month):
    text = fetched(api, format="html", period=month, group_by="tenant").text
    for word in ("Price book version", "<dd>7</dd>", "Known at", "Coverage", "have no price"):
        assert word in text
    assert text.count("<tr>") >= 4


def test_a_long_page_says_how_many_rows_it_leaves_out(api, month, monkeypatch):
    monkeypatch.setattr(html_page, "ROWS_MAX", 10)
    listed = as_json(api, period=month, **ASKED)["items"]
    text = fetched(api, format="html", period=month, **ASKED).text
    assert f"{len(listed) - 10:,} more rows" in text


def test_the_price_book_is_that_of_the_time_it_was_known_at(api, held, month):
    ledger = held[0]
    facts = as_json(api, period=month, group_by="tenant")["report"]
    assert facts["price_book_version"] == "7"
    early = ledger.clock() - 40 * DAY_NS
    facts = as_json(api, period=month, group_by="tenant", known_at=early)["report"]
    assert facts["price_book_version"] == "none"


def test_chargeback_spreads_all_that_is_shared_to_the_last_digit(api, month):
    made = as_json(api, period=month, kind="chargeback", group_by="tenant,project,day")
    pools = {}
    for item in made["items"]:
        if item["cost"] is not None:
            key = (item["tenant"], item["day"], item["currency"])
            pools.setdefault(key, []).append(item)
    spread = 0
    for items in pools.values():
        assert sum(Decimal(i["allocated"]) for i in items) == 0
        for item in items:
            assert Decimal(item["total"]) == Decimal(item["cost"]) + Decimal(item["allocated"])
        bearers = [i for i in items if i["project"] and Decimal(i["cost"]) > 0]
        for item in items:
            if not item["project"] and bearers:
                assert item["total"] == "0"
                spread += 1
    assert spread > 5


def test_chargeback_can_leave_shared_cost_where_it_is(api, month):
    made = as_json(api, period=month, kind="chargeback", allocate="none", group_by="tenant")
    assert "allocated" not in made["items"][0]


def test_cost_of_one_tenant_never_reaches_another(api, month):
    problem = api.problem("/v1/costs/report", period=month, kind="chargeback", group_by="project")
    assert "tenant" in problem["detail"]
    made = as_json(api, period=month, kind="chargeback", group_by="project", tenant="acme")
    assert sum(Decimal(i["allocated"]) for i in made["items"] if i["currency"] == "USD") == 0


def test_a_key_for_one_tenant_reports_no_other(api, month):
    answer = api.response(
        "/v1/costs/report", reader=principal("beta"), format="csv", period=month, group_by="tenant"
    )
    assert "acme" not in answer.text
    assert "beta" in answer.text


def test_this_month_is_the_default(api, held):
    made = as_json(api, group_by="tenant")
    assert [item["tenant"] for item in made["items"]] == ["odd"]
    assert made["report"]["period"] == f"{datetime.fromtimestamp(held[0].clock() / 1e9, UTC):%Y-%m}"


def test_an_empty_period_is_an_empty_report(api):
    assert as_csv(api, period="2001-02", group_by="tenant") == []
    assert as_parquet(api, period="2001-02", group_by="day,hour").num_rows == 0
    assert as_json(api, period="2001-02")["items"] == []
    assert "Nothing was charged" in fetched(api, period="2001-02", format="html").text


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"period": "2026-13"}, "period"),
        ({"period": "November"}, "2026-11"),
        ({"period": "2026-W54"}, "period"),
        ({"period": "2026-11", "from_": "2026-11-01"}, "exclude"),
        ({"format": "docx"}, "parquet"),
        ({"kind": "payback"}, "chargeback"),
        ({"allocate": "proportional"}, "chargeback"),
        ({"kind": "chargeback", "group_by": "tenant,model"}, "project"),
        ({"group_by": "shoe"}, "shoe"),
    ],
)
def test_bad_input_is_named(api, params, said):
    problem = api.problem("/v1/costs/report", **params)
    assert problem["status"] == 400
    assert said in str(problem)
