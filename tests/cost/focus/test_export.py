"""`GET /v1/focus`: files that conform, and whose sum is the sum of costs to the last digit."""

import csv
import io
import json
import os
import re
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from cost.api.costs import Costs
from cost.api.focus import Focus
from cost.prices.rates import Rates
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.focus import rules
from tests.cost.reports.ledger import Ledger, booking, charge, random_ledger, unpriced

DAY_NS = 86_400_000_000_000
HOUR_NS = DAY_NS // 24


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


NOW = at("2026-11-20T12:00:00")


def million(meter, quantity, per_million, time_ns, booked_ns=None, **more):
    cost = Decimal(quantity) * Decimal(per_million) / 1_000_000
    held = {"meter": meter, "quantity": Decimal(quantity), "cost": cost}
    return charge(time_ns, booked_ns, **{**held, **more})


def api_over(store, now_ns=NOW):
    ledger = Ledger(store, FakeClock(now_ns))
    costs = Costs(ledger.parts, lambda known: Rates(store, known))
    return ledger, Api([Focus(ledger.parts).router(), costs.router()])


@pytest.fixture
def made(embedded):
    store = embedded.open()
    Migrator(store).apply()
    return api_over(store)


@pytest.fixture(scope="module")
def random_one(request):
    """Two weeks of random charges around a month's end and its close; tests only read it."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    ledger, api = api_over(store)
    rows = random_ledger(5, at("2026-10-24T00:00:00"), 14, 900)
    ledger.book(*[row for row in rows if row["booked_at"] <= NOW])
    ledger.roll_up(at("2026-11-02T00:00:00"))
    yield ledger, api
    databases.clear()


def export(api, reader=None, **params):
    answer = api.response("/v1/focus", reader, **params)
    assert answer.status_code == 200, answer.text
    reading = csv.DictReader(io.StringIO(answer.text, newline=""))
    found = list(reading)
    return reading.fieldnames, found, answer


def billed(rows, currency="USD"):
    return sum(
        (Decimal(r["BilledCost"]) for r in rows if r["BillingCurrency"] == currency), Decimal(0)
    )


def costs(api, **params):
    totals = api.get("/v1/costs", group_by="none", **params)["totals"]
    return {t["currency"]: Decimal(t["cost"] or 0) for t in totals if t["currency"]}


@pytest.mark.parametrize("version", ["1.2", "1.4"])
@pytest.mark.parametrize("window", [("2026-10-24", "2026-11-07"), ("2026-10-31", "2026-11-01")])
def test_billed_cost_of_a_window_is_the_cost_to_the_last_digit(random_one, version, window):
    _, api = random_one
    _, rows, _ = export(api, version=version, from_=window[0], to=window[1])
    expected = costs(api, from_=window[0], to=window[1])
    assert len(expected) == 2
    for currency, cost in expected.items():
        assert billed(rows, currency) == cost


@pytest.mark.parametrize("version", ["1.2", "1.4"])
@pytest.mark.parametrize(
    "query",
    [{"period": "2026-10"}, {"period": "2026-11"}, {"from_": "2026-10-24", "to": "2026-11-07"}],
)
def test_the_rules_of_the_specification_hold(random_one, version, query):
    _, api = random_one
    header, rows, _ = export(api, version=version, **query)
    assert len(rows) > 50
    assert rules.broken(version, header, rows) == []


def test_the_rules_find_what_is_broken(random_one):
    """The judge itself can fail: a file of the other version and a null cost are found."""
    _, api = random_one
    header, rows, _ = export(api, version="1.4", period="2026-10")
    assert "ProviderName is missing" in rules.broken("1.2", header, rows)
    rows[0]["BilledCost"] = ""
    rows[1]["SkuPriceId"] = ""
    found = rules.broken("1.4", header, rows)
    assert "row 1: BilledCost MUST NOT be null" in found
    assert "row 2: what describes a price MUST be null when SkuPriceId is null" in found


def test_a_closed_period_never_changes_and_later_bookings_are_corrections(made):
    ledger, api = made
    october = million("input", 4_000_000, "2.50", at("2026-10-15T10:00:00"))
    before = [october, million("input", 1_000_000, "2.50", at("2026-11-10T10:00:00"))]
    ledger.book(*before)
    closed = export(api, period="2026-10")[1]
    ledger.book(booking(october, "correction", at("2026-11-12T00:00:00"), cost=Decimal("-1.20")))
    assert export(api, period="2026-10")[1] == closed
    assert billed(closed) == Decimal(10)
    _, rows, _ = export(api, period="2026-11")
    corrections = [row for row in rows if row["ChargeClass"] == "Correction"]
    assert [row["BilledCost"] for row in corrections] == ["-1.2"]
    assert corrections[0]["ChargePeriodStart"] == "2026-10-15T00:00:00Z"
    assert corrections[0]["BillingPeriodStart"] == "2026-11-01T00:00:00Z"
    assert corrections[0]["SkuPriceId"] == ""
    assert corrections[0]["x_Model"] == "gpt-x"
    assert billed(closed) + billed(rows) == costs(api, from_="2026-10-01", to="2026-12-01")["USD"]


def test_a_correction_before_the_close_is_part_of_the_row(made):
    ledger, api = made
    original = million("input", 4_000_000, "2.50", at("2026-11-15T10:00:00"))
    fix = booking(original, "correction", at("2026-11-16T00:00:00"), cost=Decimal("-2.00"))
    ledger.book(original, fix)
    _, rows, _ = export(api, period="2026-11")
    assert [(r["BilledCost"], r["ContractedUnitPrice"], r["ChargeClass"]) for r in rows] == [
        ("8", "2", "")
    ]
    assert rows[0]["x_ChargeKinds"] == "correction,usage"


def test_late_usage_of_a_closed_period_is_a_correction_of_the_next(made):
    ledger, api = made
    ledger.book(million("input", 1000, "2", at("2026-10-31T23:00:00"), at("2026-11-06T00:00:01")))
    assert export(api, period="2026-10")[1] == []
    row = export(api, period="2026-11")[1][0]
    assert (row["ChargeClass"], row["ConsumedQuantity"]) == ("Correction", "1000")
    ledger.book(million("input", 500, "2", at("2026-10-31T22:00:00"), at("2026-11-05T23:59:00")))
    assert [r["ChargeClass"] for r in export(api, period="2026-10")[1]] == [""]


def test_a_late_price_brings_its_quantity(made):
    """Price times quantity is the cost, though the ledger books the two apart."""
    ledger, api = made
    waits = unpriced(at("2026-11-10T01:00:00"), quantity=Decimal(3_000_000), list_cost=Decimal(0))
    still = unpriced(at("2026-11-10T02:00:00"), quantity=Decimal(9_000_000), list_cost=Decimal(0))
    late = booking(
        waits, "late_price", at("2026-11-11T00:00:00"), currency="USD", unpriced=-1, cost=Decimal(6)
    )
    ledger.book(waits, still, late)
    _, rows, answer = export(api, period="2026-11")
    assert [(r["ConsumedQuantity"], r["ContractedUnitPrice"], r["BilledCost"]) for r in rows] == [
        ("3000000", "2", "6")
    ]
    assert (rows[0]["x_Events"], rows[0]["x_UnpricedEvents"], rows[0]["x_Coverage"]) == (
        "2",
        "1",
        "0.5",
    )
    assert answer.headers["X-Focus-Unpriced-Events"] == "1"
    assert answer.headers["X-Focus-Coverage"] == "0.500000"


def test_use_without_a_price_has_no_row_but_is_counted(made):
    ledger, api = made
    ledger.book(unpriced(at("2026-11-10T01:00:00"), quantity=Decimal(5), list_cost=Decimal(0)))
    header, rows, answer = export(api, period="2026-11")
    assert rows == []
    assert "BilledCost" in header
    assert answer.headers["X-Focus-Unpriced-Events"] == answer.headers["X-Focus-Events"] == "1"


def test_meters_are_skus_with_model_and_token_keys(made):
    ledger, api = made
    time_ns = at("2026-11-10T01:00:00")
    named = {"provider": "aws.bedrock", "model": "us.anthropic.claude-sonnet-4-20250514-v1:0"}
    ledger.book(
        million("input", 100, "3", time_ns, **named),
        million("cache_read", 200, "0.3", time_ns, **named),
        million("output", 300, "15", time_ns, service_tier="batch", project="essays", **named),
    )
    _, rows, _ = export(api, period="2026-11")
    found = {row["x_Meter"]: row for row in rows}
    assert found["input"]["SkuMeter"] == "Input Tokens"
    assert (found["input"]["PricingUnit"], found["input"]["ConsumedUnit"]) == (
        "1000000 Tokens",
        "Tokens",
    )
    assert found["input"]["PricingQuantity"] == "0.0001"
    assert json.loads(found["cache_read"]["SkuPriceDetails"]) == {
        "ModelDeveloper": "Anthropic",
        "ModelFamily": "Claude",
        "ModelId": named["model"],
        "ModelVersion": "20250514",
        "x_TokenDirection": "Input",
        "x_TokenCacheAction": "Read",
        "x_ServiceTier": "standard",
    }
    assert found["output"]["ServiceProviderName"] == "Amazon Web Services"
    assert found["output"]["SkuPriceId"].endswith("/output/batch")
    assert json.loads(found["output"]["Tags"]) == {"project": "essays"}
    _, strict, _ = export(api, period="2026-11", model_keys="strict")
    keys = {key for row in strict for key in json.loads(row["SkuPriceDetails"])}
    assert all(key.startswith("x_") for key in keys)


def test_list_and_contracted_cost_differ_by_the_negotiated_price(made):
    ledger, api = made
    row = million("input", 1_000_000, "2", at("2026-11-10T01:00:00"), list_cost=Decimal("2.5"))
    ledger.book(row)
    found = export(api, period="2026-11")[1][0]
    names = [
        "BilledCost",
        "EffectiveCost",
        "ContractedCost",
        "ContractedUnitPrice",
        "ListCost",
        "ListUnitPrice",
    ]
    assert [found[name] for name in names] == ["2", "2", "2", "2", "2.5", "2.5"]


def test_two_prices_in_a_day_give_an_average_that_says_so(made):
    ledger, api = made
    time_ns = at("2026-11-10T01:00:00")
    ledger.book(million("input", 1, "1", time_ns), million("input", 2, "2", time_ns))
    row = export(api, period="2026-11")[1][0]
    assert row["x_UnitPriceIsAverage"] == "true"
    assert row["ContractedUnitPrice"] == "1.666666666666666667"


def test_parquet_holds_the_same_rows_exactly(random_one):
    _, api = random_one
    _, rows, _ = export(api, version="1.4", period="2026-10")
    answer = api.response("/v1/focus", version="1.4", period="2026-10", format="parquet")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == len(rows)
    assert [Decimal(r["BilledCost"]) for r in rows] == table["BilledCost"].to_pylist()
    assert str(table.schema.field("ChargePeriodStart").type) == "timestamp[us, tz=UTC]"
    assert not table.schema.field("BilledCost").nullable
    metadata = pq.ParquetFile(io.BytesIO(answer.content)).metadata.metadata
    assert metadata[b"focus_version"] == b"1.4"
    assert int(metadata[b"rows"]) == len(rows)
    assert int(metadata[b"unpriced_events"]) > 0


def test_a_key_of_one_tenant_exports_that_tenant_only(random_one):
    _, api = random_one
    _, rows, _ = export(api, reader=principal("beta"), period="2026-10")
    assert {row["SubAccountId"] for row in rows} == {"beta"}
    _, everything, _ = export(api, period="2026-10")
    assert {row["SubAccountId"] for row in everything} == {"acme", "beta"}
    refused = api.problem("/v1/focus", reader=principal("beta"), period="2026-10", tenant="acme")
    assert refused["status"] == 403


def test_a_key_that_may_only_send_exports_nothing(random_one):
    sender = principal(roles=(Role.INGEST,))
    assert random_one[1].problem("/v1/focus", reader=sender, period="2026-10")["status"] == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"version": "1.3", "period": "2026-10"}, "version"),
        ({"version": "", "period": ""}, "period"),
        ({"period": "2026-13"}, "period"),
        ({"period": "october"}, "period"),
        ({"period": "2026-12"}, "period"),
        ({"period": "2026-10", "from_": "2026-10-01", "to": "2026-10-02"}, "period"),
        ({"from_": "2026-10-01"}, "to"),
        ({"from_": "2026-10-01T01:00:00Z", "to": "2026-10-02"}, "from"),
        ({"from_": "2026-10-02", "to": "2026-10-01"}, "from"),
        ({"from_": "2024-10-02", "to": "2026-10-01"}, "to"),
        ({"period": "2026-10", "format": "xlsx"}, "format"),
        ({"period": "2026-10", "known_at": "2026-12-01"}, "known_at"),
        ({"period": "2026-10", "model_keys": "both"}, "model_keys"),
        ({"period": "2026-10", "colour": "red"}, "colour"),
    ],
)
def test_bad_questions_are_answered_with_the_field(random_one, query, field):
    problem = random_one[1].problem("/v1/focus", **query)
    assert (problem["status"], problem["field"]) == (400, field)


#: Read when the module is: a fixture takes settings of the environment away.
_VALIDATOR = os.environ.get("ANSWERABLE_FOCUS_VALIDATOR", "")

#: Names that rules of focus-validator 1.0.0 still have from before 1.0, and what they became.
_OLD_NAMES = {
    "InvoiceIssuer": "InvoiceIssuerName",
    "Provider": "ProviderName",
    "Publisher": "PublisherName",
    "ResourceID": "ResourceId",
    "ChargeType": "ChargeCategory",
}


def judged(path):
    """Let the published validator judge a file as FOCUS 1.0, the newest version it knows."""
    where = "import focus_validator, os; print(os.path.dirname(focus_validator.__path__[0]))"
    asked = [_VALIDATOR, "-c", where]
    home = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    command = [_VALIDATOR, "-c", "from focus_validator.main import main; main()"]
    asked = [*command, "--data-file", str(path), "--validate-version", "1.0"]
    # It reads its list of currencies relative to where it stands.
    return subprocess.run(asked, capture_output=True, text=True, timeout=120, cwd=home).stdout


@pytest.mark.skipif(not _VALIDATOR, reason="ANSWERABLE_FOCUS_VALIDATOR names no interpreter")
@pytest.mark.parametrize("damage", ["", "BillingCurrency"])
def test_the_published_validator_accepts_the_columns_of_1_0(random_one, tmp_path, damage):
    header, rows, _ = export(random_one[1], version="1.2", period="2026-10")
    path = tmp_path / "focus.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*header, *_OLD_NAMES])
        writer.writeheader()
        for row in rows:
            doubled = {old: row[new] for old, new in _OLD_NAMES.items()}
            writer.writerow({**row, **doubled, **({damage: "XXY"} if damage else {})})
    said = judged(path)
    failed = re.findall(r"^(\w+) failed:", said, re.MULTILINE)
    assert failed == ([f"{damage}_IsCurrencyCode"] if damage else []), said
    assert ("Validation succeeded" in said) is (not damage)
