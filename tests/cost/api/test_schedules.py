"""`/v1/reports` and its job: each period once, whatever happens, and for nobody else's eyes."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import pytest

from cost.api.schedules import ReportSchedules
from cost.parts import CostParts
from cost.prices.rates import Rates
from cost.reports import delivery
from cost.reports.delivery import ReportDelivery
from cost.reports.files import ReportFileError, ReportFiles
from cost.reports.periods import Every
from cost.reports.schedules import Schedule
from cost.settings import CostSettings
from sql.access import Role
from sql.errors import InvalidInputError, NotFoundError
from sql.migrate import Migrator
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import DAY_NS, HOUR_NS, SECOND_NS, Ledger, charge

FINANCE = principal(roles=[Role.FINANCE])
ASKED = {"name": "Daily", "every": "daily", "format": "csv", "query": {"group_by": "model"}}


@pytest.fixture
def ledger(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    # Half past one, so that the day before is reported already.
    clock.now_ns = clock.now_ns // DAY_NS * DAY_NS - 10 * DAY_NS + 90 * 60 * SECOND_NS
    return Ledger(store, clock)


@pytest.fixture
def parts(ledger, tmp_path):
    numbers = itertools.count(1)
    settings = CostSettings(report_dir=tmp_path / "reports")
    return CostParts(ledger.store, ledger.clock, lambda: f"s{next(numbers)}", settings)


@pytest.fixture
def api(parts):
    return Api([ReportSchedules(parts).router()], FINANCE)


@pytest.fixture
def job(parts):
    return ReportDelivery(parts, partial(Rates, parts.store))


def create(api, reader=None, **changes):
    answer = api.response("/v1/reports", reader, method="POST", json={**ASKED, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(api, reader=None, **changes):
    answer = api.response("/v1/reports", reader, method="POST", json={**ASKED, **changes})
    assert answer.status_code >= 400
    return answer


def names(api, schedule):
    return [item["name"] for item in api.get(f"/v1/reports/{schedule}/files")["items"]]


def signals(parts):
    return parts.signals.list([], start_ns=0, end_ns=2**62, kinds=["report"])


def day(ns):
    return datetime.fromtimestamp(ns / 1e9, UTC).date().isoformat()


def test_a_day_is_reported_once_after_it_ended(api, job, parts, ledger, clock):
    ledger.book(charge(clock(), model="=m"))
    made = create(api)
    job.run()
    assert names(api, made["id"]) == []
    clock.step(seconds=86_400)
    for _ in range(3):
        job.run()
    yesterday = day(clock() - DAY_NS)
    assert names(api, made["id"]) == [f"showback_{yesterday}_by-model.csv"]
    assert [signal.subject for signal in signals(parts)] == [f"{made['id']}/{yesterday}"]
    link = signals(parts)[0].link
    assert link == api.get(f"/v1/reports/{made['id']}/files")["items"][0]["link"]
    answer = api.response(link)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = answer.text.splitlines()
    assert lines[1].startswith("'=m,USD,0.01,")
    assert len(lines) == 2


def test_a_report_waits_for_charges_that_come_late(api, job, clock):
    made = create(api)
    # Half past midnight: the day is over for half an hour only.
    clock.step(seconds=86_400 - 3600)
    job.run()
    assert names(api, made["id"]) == []
    clock.step(seconds=1800)
    job.run()
    assert len(names(api, made["id"])) == 1


def test_after_an_absence_every_period_is_made_once(api, job, parts, clock, monkeypatch):
    monkeypatch.setattr(delivery, "_FILES_MAX", 3)
    made = create(api)
    started = clock()
    clock.step(seconds=8 * 86_400)
    for _ in range(4):
        job.run()
    expected = [f"showback_{day(started + n * DAY_NS)}_by-model.csv" for n in range(8)]
    assert names(api, made["id"]) == expected
    assert len({signal.subject for signal in signals(parts)}) == len(signals(parts)) == 8


def test_a_crash_between_file_and_signal_is_made_good(api, job, parts, clock, monkeypatch):
    made = create(api)
    clock.step(seconds=86_400)
    with monkeypatch.context() as broken:
        broken.setattr(ReportDelivery, "_announce", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            job.run()
    assert len(names(api, made["id"])) == 1
    assert signals(parts) == []
    job.run()
    job.run()
    assert len(signals(parts)) == 1


def test_a_crash_while_a_file_is_written_leaves_none(parts):
    files = ReportFiles(parts.settings.report_dir)

    def broken():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(ReportFileError, match="No space left"):
        files.write("s1", "a.csv", broken())
    assert files.list("s1") == []
    files.write("s1", "a.csv", [b"who", b"le"])
    assert files.path("s1", "a.csv").read_bytes() == b"whole"
    assert [file.size_bytes for file in files.list("s1")] == [5]


def test_one_report_that_fails_holds_up_no_other(api, job, ledger, clock):
    ledger.book(charge(clock(), tenant="acme"))
    # There is no rate for this currency.
    create(api, tenant="acme", query={"currency": "JPY"})
    good = create(api, tenant="acme")
    clock.step(seconds=86_400)
    with pytest.raises(InvalidInputError, match="JPY"):
        job.run()
    assert len(names(api, good["id"])) == 1


def test_a_report_holds_the_charges_of_its_tenant_only(api, job, ledger, clock):
    ledger.book(charge(clock(), tenant="acme"), charge(clock(), tenant="beta"))
    made = create(api, tenant="beta", query={"group_by": "tenant"})
    every = create(api, query={"group_by": "tenant"})
    clock.step(seconds=86_400)
    job.run()
    for schedule, tenants in ((made["id"], ["beta"]), (every["id"], ["acme", "beta"])):
        link = f"/v1/reports/{schedule}/files/{names(api, schedule)[0]}"
        lines = api.response(link).text.splitlines()[1:]
        assert [line.partition(",")[0] for line in lines] == tenants


def test_schedules_and_files_of_other_tenants_are_not_found(api, job, clock):
    made = create(api, tenant="acme")
    everybody = create(api)
    clock.step(seconds=86_400)
    job.run()
    beta = principal("beta", roles=[Role.FINANCE])
    assert api.get("/v1/reports", reader=beta)["items"] == []
    acme = api.get("/v1/reports", reader=principal("acme"))["items"]
    assert [item["id"] for item in acme] == [made["id"]]
    for schedule in (made["id"], everybody["id"]):
        for path in (f"/v1/reports/{schedule}/files", f"/v1/reports/{schedule}/files/a.csv"):
            assert api.problem(path, reader=beta)["status"] == 404
        gone = api.response(f"/v1/reports/{schedule}", beta, method="DELETE")
        assert gone.status_code == 404
    assert refused(api, beta, tenant="acme").status_code == 403
    assert create(api, beta)["tenant"] == "beta"
    two = principal("beta", "acme", roles=[Role.FINANCE])
    assert "name the one" in refused(api, two).json()["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f%2e%2e%2fsecret.csv",
        ".unfinished-a.csv",
        "a%00.csv",
        "..\\secret.csv",
        "secret.csv",
        "link.csv",
    ],
)
def test_no_name_leads_out_of_the_folder(api, parts, name):
    made = create(api)
    folder = parts.settings.report_dir / made["id"]
    folder.mkdir(parents=True)
    secret = parts.settings.report_dir.parent / "secret.csv"
    secret.write_text("secret")
    (parts.settings.report_dir / "secret.csv").write_text("secret")
    (folder / ".unfinished-a.csv").write_text("secret")
    (folder / "link.csv").symlink_to(secret)
    answer = api.response(f"/v1/reports/{made['id']}/files/{name}")
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace(name, "").replace("secret.csv", "")


def test_a_schedule_id_is_no_path_either(parts):
    files = ReportFiles(parts.settings.report_dir)
    for schedule in ("../x", "..", "a/b", ""):
        with pytest.raises(NotFoundError):
            files.list(schedule)


def test_a_deleted_schedule_makes_nothing_more(api, job, parts, clock):
    made = create(api)
    gone = api.response(f"/v1/reports/{made['id']}", method="DELETE")
    assert gone.status_code == 200
    clock.step(seconds=86_400)
    job.run()
    assert api.get("/v1/reports")["items"] == []
    assert signals(parts) == []
    assert api.response(f"/v1/reports/{made['id']}", method="DELETE").status_code == 404


def test_only_finance_and_operators_make_schedules(api):
    viewer = principal(roles=[Role.VIEWER])
    assert refused(api, viewer).status_code == 403
    made = create(api)
    answer = api.response(f"/v1/reports/{made['id']}", viewer, method="DELETE")
    assert answer.status_code == 403
    assert len(api.get("/v1/reports", reader=viewer)["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"every": "hourly"}, "daily"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../etc"}, "time_zone"),
        ({"format": "docx"}, "parquet"),
        ({"name": ""}, "name"),
        ({"query": {"group_by": "shoe"}}, "shoe"),
        ({"query": {"colour": "red"}}, "colour"),
        ({"query": {"period": "2026-11"}}, "period"),
        ({"query": {"currency": "QQQ"}}, "ISO 4217"),
        ({"query": {"kind": "chargeback", "group_by": "model"}}, "project"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(api, changes, said):
    answer = refused(api, **changes)
    assert answer.status_code == 400
    assert said in answer.text
    assert api.get("/v1/reports")["items"] == []


def ends(zone, every, since, until):
    made = Schedule("acme", "s1", "n", every, zone, "csv", {}, since, "k1")
    return [(p.name, p.window(zone)) for p in made.periods(until)]


def at(text):
    return int(datetime.fromisoformat(text).timestamp()) * SECOND_NS


def test_days_follow_the_clocks_of_their_time_zone():
    found = ends(
        "Europe/Paris", Every.DAILY, at("2026-10-24T12:00+02:00"), at("2026-10-26T00:30+01:00")
    )
    assert [name for name, _ in found] == ["2026-10-24", "2026-10-25"]
    assert found[1][1].to_ns - found[1][1].from_ns == 25 * HOUR_NS
    assert found[0][1].to_ns == found[1][1].from_ns


def test_months_and_weeks_follow_each_other_without_a_gap():
    for every, count in ((Every.MONTHLY, 14), (Every.WEEKLY, 60)):
        found = ends(
            "America/New_York", every, at("2026-11-30T23:59-05:00"), at("2028-02-01T00:00-05:00")
        )
        assert len(found) >= count
        for (_, one), (_, two) in itertools.pairwise(found):
            assert one.to_ns == two.from_ns


def test_the_next_report_is_known(api, clock):
    made = create(api, every="monthly")
    today = date.fromisoformat(day(clock()))
    following = (today.replace(day=28) + (date(2026, 1, 5) - date(2026, 1, 1))).replace(day=1)
    assert made["period_ends_at"].startswith(following.isoformat())


def test_a_page_is_shown_and_stays_harmless(api, job, ledger, clock):
    ledger.book(charge(clock(), cost=Decimal(2)))
    made = create(api, format="html")
    clock.step(seconds=86_400)
    job.run()
    answer = api.response(f"/v1/reports/{made['id']}/files/{names(api, made['id'])[0]}")
    assert answer.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "2.0000" in answer.text
