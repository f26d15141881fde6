"""Budgets over a real store: telemetry in the sums once, signals, suspension, history, restart."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from cost.budgets.calls import Actual, Call, Money, Request
from cost.budgets.changes import Changes
from cost.budgets.charging import Charging
from cost.budgets.definition import Answer
from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from cost.budgets.redis_ledger import RedisLedger
from cost.budgets.spans import SpanSettling
from cost.budgets.treasury import Treasury
from cost.budgets.upkeep import History, Upkeep
from cost.budgets.watching import Watching
from cost.parts import CostParts
from cost.settings import CostSettings
from sql.migrate import Migrator
from sql.records import FAR_FUTURE_NS
from tests.conftest import FakeClock, _databases
from tests.cost.budgets.kit import FixedPrices, FixedRates, definition, ns

NOW = ns(2026, 11, 18, 12)
DAY = 86_400 * 10**9
TRACE, SPAN = "ab" * 16, "cd" * 8


class Bank:
    """A treasury over a store, its jobs, and a hand to write charges with."""

    def __init__(self, store, folder, redis_url=None):
        self.store, self.folder, self.redis_url = store, folder, redis_url
        self.clock = FakeClock(NOW)
        self.numbers = itertools.count(1)
        settings = CostSettings(budget_charges_lag_s=0, budget_span_quiet_s=0)
        self.bare = CostParts(store, self.clock, lambda: f"id{next(self.numbers)}", settings)
        self.rates = FixedRates()
        self.open()

    def open(self):
        if self.redis_url:
            ledger = RedisLedger(
                self.redis_url, prefix=str(self.folder), events_max=10_000, timeout_s=5
            )
        else:
            journal = Journal(self.folder, segment_bytes=1 << 20, total_bytes=1 << 24)
            ledger = MemoryLedger(journal, reservations_max=1000)
        treasury = Treasury(self.bare, ledger, FixedPrices(), self.rates)
        self.parts = replace(self.bare, budgets=treasury)
        self.treasury, self.engine, self.ledger = treasury, treasury.engine, treasury.ledger
        self.changes = Changes(self.parts)
        treasury.start()

    def run(self, *jobs):
        for job in jobs or (Charging, SpanSettling, Watching, History):
            job(self.parts).run()

    def budget(self, budget_id="school", tenant="school", **changes):
        return self.changes.create(
            tenant, budget_id, definition(**changes), actor="ann", reason="because"
        )

    def charge(self, cost, *, trace=None, span=None, at_ns=None, tenant="school", **more):
        """Book a charge as an insert of spans does."""
        number = next(self.numbers)
        row = {
            "tenant": tenant,
            "time": NOW if at_ns is None else at_ns,
            "trace_id": bytes.fromhex(trace or f"{number:032x}"),
            "span_id": bytes.fromhex(span or f"{number:016x}"),
            "meter": "input",
            "entry": "",
            "kind": "usage",
            "state": "priced",
            "unit": "tokens",
            "quantity": Decimal(1),
            "events": 1,
            "unpriced": 0,
            "currency": "USD",
            "cost": Decimal(cost),
            "model": "large",
            "provider": "openai",
            "project": "",
            "user": "",
            "product_feature": "",
            "received_at": NOW,
            "booked_at": self.booked_ns(),
            **more,
        }
        self.store.insert("charges", [row])
        return row

    def booked_ns(self):
        """Give a time of booking after every one before, which the engine's clock has passed."""
        rows = self.store.query("cost/budget_watermark", {"lag_ns": 1})
        return int(rows[0]["until_ns"])

    def reserve(self, name, amount="5", *, tenant="school", trace_id="", span_id="", **call):
        request = Request(
            name,
            Call(tenant, model="large", **call),
            Money(Decimal(amount), "USD"),
            trace_id=trace_id,
            span_id=span_id,
        )
        return self.engine.reserve(request)

    def settle(self, name, amount):
        return self.engine.settle(
            "school", name, Actual(Money(Decimal(amount), "USD")), by="client"
        )

    def totals(self, budget_id="school", tenant="school"):
        budget = self.treasury.book.get(f"{tenant}\x1f{budget_id}")
        span = budget.window.at(self.clock())
        return self.ledger.totals([(budget.key, span.start, span.end)])[0]

    def spent(self, *name):
        return Decimal(self.totals(*name).spent) / 10**9

    def signals(self, kind):
        found = self.parts.signals.list([], start_ns=0, end_ns=FAR_FUTURE_NS - 1, kinds=[kind])
        return [(one.subject, one.body.get("at")) for one in found][::-1]


@pytest.fixture(scope="module")
def migrated(request):
    """One database for all of them: each leaves its tables empty."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    yield store
    databases.clear()


@pytest.fixture(params=["memory", "redis"])
def bank(request, migrated, tmp_path):
    store = migrated
    for table in ("charges", "records", "signals", "budget_entries"):
        store.run_text(f"TRUNCATE TABLE {table}", tag="tests")
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    opened = Bank(store, tmp_path / "budgets", url)
    yield opened
    opened.treasury.stop()


def test_what_was_spent_before_a_budget_was_made_counts_in_it(bank):
    bank.charge("3", at_ns=ns(2026, 11, 2))
    bank.charge("4", at_ns=ns(2026, 10, 31, 23))
    bank.charge("5", tenant="other")
    bank.run(Charging)
    bank.budget()
    assert bank.spent() == 3


def test_new_charges_count_once_however_often_the_job_runs(bank):
    bank.budget()
    bank.budget("org", "")
    bank.charge("3")
    bank.charge("2", tenant="other")
    for _ in range(3):
        bank.run(Charging)
    assert (bank.spent(), bank.spent("org", "")) == (3, 5)


def test_what_a_slow_insert_left_out_is_found_when_all_is_read_anew(bank):
    bank.budget()
    job = Charging(bank.parts)
    job.run()
    bank.charge("3", booked_at=bank.ledger.watermark() - 1)
    job.run()
    assert bank.spent() == 0
    bank.clock.step(seconds=21_600)
    job.run()
    assert bank.spent() == 3


def test_a_span_sent_twice_counts_once(bank):
    bank.budget()
    row = bank.charge("3")
    bank.run(Charging)
    bank.store.insert("charges", [{**row, "booked_at": bank.booked_ns()}])
    bank.run(Charging)
    assert bank.spent() == 3


def test_corrections_flow_in_as_they_are_booked(bank):
    bank.budget()
    row = bank.charge("3")
    bank.run(Charging)
    late = {"kind": "correction", "entry": "book 2.1", "events": 0}
    bank.store.insert(
        "charges", [{**row, **late, "cost": Decimal(-1), "booked_at": bank.booked_ns()}]
    )
    bank.run(Charging)
    assert bank.spent() == 2


def test_telemetry_of_a_settled_call_is_not_counted_again(bank):
    bank.budget()
    bank.reserve("a", trace_id=TRACE)
    bank.settle("a", "3")
    bank.charge("3", trace=TRACE)
    bank.run(Charging)
    assert bank.spent() == 3
    assert bank.totals().ahead == 0
    bank.charge("1")
    bank.run()
    assert bank.spent() == 4


def test_an_open_reservation_is_settled_from_its_span(bank):
    bank.budget()
    bank.reserve("a", trace_id=TRACE, span_id=SPAN)
    bank.charge("2", trace=TRACE, span=SPAN)
    bank.charge("1", trace=TRACE)
    bank.clock.step(seconds=1)
    bank.run(SpanSettling)
    found = bank.ledger.find("school", "a")
    assert (found.state, found.settlement, found.settled_by) == ("settled", "2 USD", "span")
    bank.run(Charging)
    assert (bank.spent(), bank.totals().held) == (3, 0)


def test_a_reservation_alone_in_its_trace_is_settled_from_the_spans_after_it(bank):
    bank.budget()
    bank.charge("7", trace=TRACE, at_ns=NOW - DAY)
    bank.run(Charging)
    bank.reserve("a", trace_id=TRACE)
    bank.charge("2", trace=TRACE, at_ns=NOW + 1)
    bank.clock.step(seconds=1)
    bank.run()
    assert bank.ledger.find("school", "a").settlement == "2 USD"
    assert (bank.spent(), bank.totals().held) == (9, 0)


def test_a_span_without_a_price_leaves_its_reservation_open(bank):
    bank.budget()
    bank.reserve("a", trace_id=TRACE)
    bank.charge("0", trace=TRACE, at_ns=NOW + 1, state="unpriced", unpriced=1, currency="")
    bank.clock.step(seconds=1)
    bank.run()
    assert bank.ledger.find("school", "a").state == "open"


def test_two_open_reservations_of_one_trace_are_not_guessed_at(bank):
    bank.budget()
    for name in ("a", "b"):
        bank.reserve(name, trace_id=TRACE)
    bank.charge("2", trace=TRACE, at_ns=NOW + 1)
    bank.clock.step(seconds=1)
    bank.run()
    assert bank.ledger.find("school", "a").state == "open"
    bank.settle("a", "2")
    bank.settle("b", "3")
    assert bank.spent() == 5


def test_budgets_by_user_model_project_and_feature_count_their_own_charges(bank):
    bank.budget("user", scope={"user": "ann"})
    bank.budget("model", scope={"model": "large*"})
    bank.budget("project", scope={"project": "maths"})
    bank.budget("feature", scope={"feature": "hints"})
    bank.budget("provider", scope={"provider": "openai"})
    bank.budget("key", scope={"key": "k1"})
    bank.charge("1", user="ann")
    bank.charge("2", model="large-2", provider="x")
    bank.charge("4", model="small", project="maths")
    bank.charge("8", model="small", product_feature="hints")
    names = ["user", "model", "project", "feature", "provider", "key"]
    bank.run(Charging)
    counted = [bank.spent(name) for name in names]
    assert counted == [1, 3, 4, 8, 13, 0]
    for name in names:
        bank.treasury.seed(bank.treasury.book.get(f"school\x1f{name}"))
    assert [bank.spent(name) for name in names] == counted


def test_money_without_a_rate_is_shown_and_counts_once_there_is_one(bank, monkeypatch):
    bank.budget()
    bank.charge("100", currency="JPY")
    bank.charge("2", currency="EUR")
    bank.run(Charging)
    assert bank.spent() == Decimal("2.2")
    assert bank.ledger.unconverted() == {"school\x1fschool": {"JPY": 100 * 10**9}}
    convert = bank.rates.convert
    monkeypatch.setattr(
        bank.rates,
        "convert",
        lambda money, to, at: (
            money.amount / 100 if money.currency == "JPY" else convert(money, to, at)
        ),
    )
    bank.run(Charging)
    assert bank.spent() == Decimal("3.2")
    assert not bank.ledger.unconverted().get("school\x1fschool")


def test_a_longer_window_reads_what_lies_before(bank):
    bank.charge("3", at_ns=ns(2026, 2, 3))
    made = bank.budget()
    bank.charge("2")
    bank.run(Charging)
    assert bank.spent() == 2
    window = {"kind": "calendar", "period": "year", "time_zone": "Europe/Paris"}
    bank.changes.change(made, definition(window=window), actor="ann", reason="", expect_version=1)
    assert bank.spent() == 5


def test_mlflow_26054_a_threshold_crossed_by_late_telemetry_raises_its_signal_once(bank):
    bank.budget(thresholds=[{"at": "0.5", "answer": "allow"}, {"at": "0.9", "answer": "defer"}])
    bank.run()
    assert bank.signals("budget_threshold") == []
    bank.charge("60", at_ns=ns(2026, 11, 3))
    for _ in range(3):
        bank.run()
    assert bank.signals("budget_threshold") == [("school", "0.5")]
    bank.charge("45")
    for _ in range(3):
        bank.run()
    assert sorted(bank.signals("budget_threshold")) == [
        ("school", "0.5"),
        ("school", "0.9"),
        ("school", "1"),
    ]


def test_a_threshold_fires_again_in_the_next_window_and_for_charges_of_the_last(bank):
    bank.budget(thresholds=[{"at": "0.5", "answer": "allow"}])
    bank.charge("60")
    bank.run()
    bank.clock.now_ns = ns(2026, 12, 2)
    bank.run()
    assert bank.signals("budget_threshold") == [("school", "0.5")]
    bank.charge("60", at_ns=ns(2026, 12, 1, 5))
    bank.charge("41", at_ns=ns(2026, 11, 30, 5))
    bank.run()
    assert sorted(bank.signals("budget_threshold")) == [
        ("school", "0.5"),
        ("school", "0.5"),
        ("school", "1"),
    ]


def test_a_signal_written_before_a_crash_is_not_written_again(bank, monkeypatch):
    bank.budget()
    bank.charge("100")
    bank.run(Charging)

    class CutError(Exception):
        pass

    def crash(mark, now):
        raise CutError

    with monkeypatch.context() as patch:
        patch.setattr(bank.ledger, "mark", crash)
        with pytest.raises(CutError):
            bank.run(Watching)
    assert bank.signals("budget_threshold") == [("school", "1")]
    if bank.redis_url:
        key = next(k for k in bank.ledger._client.scan_iter("*claim*") if str(bank.folder) in k)
        bank.ledger._client.delete(key)
    bank.clock.step(seconds=61)
    bank.run(Watching)
    assert bank.signals("budget_threshold") == [("school", "1")]
    assert bank.ledger.marked(next(iter(_marks(bank))))


def _marks(bank):
    if bank.redis_url:
        return bank.ledger._client.hkeys(bank.ledger._key("marks"))
    return bank.ledger._state.marks


def test_a_spent_budget_suspends_its_tenant_until_the_window_is_another(bank):
    bank.budget("maths", scope={"project": "maths"}, limit="10", suspends=True)
    bank.charge("10", project="maths")
    bank.run()
    denied = bank.reserve("a", project="art")
    assert (denied.answer, denied.reason) == (Answer.DENY, "suspended")
    assert denied.resets_ns == ns(2026, 12, 1)
    assert bank.reserve("b", tenant="other").answer is Answer.ALLOW
    assert bank.signals("budget_suspended") == [("maths", None)]
    bank.clock.now_ns = ns(2026, 12, 1)
    assert bank.reserve("c", project="art").answer is Answer.ALLOW
    bank.run()
    assert bank.ledger.suspensions(bank.clock()) == []


def test_a_suspension_that_was_lifted_does_not_come_back_in_its_window(bank):
    made = bank.budget("maths", scope={"project": "maths"}, limit="10", suspends=True)
    bank.charge("10", project="maths")
    bank.run()
    bank.changes.lift(made, actor="ann", reason="agreed")
    bank.run()
    assert bank.reserve("a", project="art").answer is Answer.ALLOW
    assert bank.reserve("b", project="maths").reason == "over_limit"


def test_a_raised_limit_ends_the_suspension(bank):
    made = bank.budget(limit="10", suspends=True)
    bank.charge("10")
    bank.run()
    assert bank.reserve("a").reason == "suspended"
    body = definition(limit="20", suspends=True)
    bank.changes.change(made, body, actor="ann", reason="", expect_version=None)
    bank.run()
    assert bank.reserve("b").answer is Answer.ALLOW


def test_every_operation_is_in_the_history_once(bank):
    bank.budget(limit="10", reservation_ttl_s=60)
    bank.reserve("a", "4")
    bank.settle("a", "3")
    bank.reserve("b", "5")
    bank.engine.release("school", "b")
    bank.reserve("c", "6", user="ann")
    bank.reserve("d", "9")
    bank.clock.step(seconds=61)
    bank.ledger.expire(bank.clock())
    bank.run(History)
    bank.run(History)
    rows = bank.store.query(
        "cost/budget_entries",
        {
            "tenant": "school",
            "budget_id": "school",
            "from_ns": 0,
            "to_ns": FAR_FUTURE_NS,
            "before_ns": FAR_FUTURE_NS,
            "before_entry": "",
            "limit": 100,
        },
    )
    assert sorted((row["op"], row["reservation_id"], row["amount"]) for row in rows) == [
        ("expire", "c", 6),
        ("refuse", "d", 9),
        ("release", "b", 5),
        ("reserve", "a", 4),
        ("reserve", "b", 5),
        ("reserve", "c", 6),
        ("settle", "a", 3),
    ]
    assert {row["reason"] for row in rows if row["op"] == "refuse"} == {"over_limit"}
    assert {row["user"] for row in rows if row["op"] == "expire"} == {"ann"}


def test_events_delivered_twice_are_one_row(bank, monkeypatch):
    bank.budget()
    bank.reserve("a", "4")
    with monkeypatch.context() as patch:
        patch.setattr(bank.ledger, "delivered", lambda token: None)
        bank.treasury.deliver()
    bank.treasury.deliver()
    rows = bank.store.query(
        "cost/budget_entry_sums",
        {
            "tenant": "school",
            "budget_id": "school",
            "from_ns": 0,
            "to_ns": FAR_FUTURE_NS,
            "step_ns": DAY,
        },
    )
    assert [(row["op"], row["amount"], row["entries"]) for row in rows] == [("reserve", 4, 1)]


def test_after_a_restart_everything_stands_as_it_did(bank):
    bank.budget()
    bank.charge("3")
    bank.run(Charging)
    bank.reserve("a", trace_id=TRACE)
    bank.settle("a", "2")
    bank.reserve("b", "7")
    before = bank.totals()
    bank.treasury.stop()
    bank.open()
    assert bank.totals() == before
    bank.charge("2", trace=TRACE)
    bank.charge("4")
    bank.run()
    assert bank.spent() == 9
    assert bank.reserve("a", trace_id=TRACE).replayed is True


def test_a_removed_budget_counts_nothing_and_one_of_its_name_starts_anew(bank):
    made = bank.budget()
    bank.reserve("a", "50")
    bank.charge("30")
    bank.run(Charging)
    bank.changes.remove(made, actor="ann", reason="over")
    assert bank.reserve("b", "500").standings == []
    again = bank.budget()
    assert again.version == 3
    assert (bank.spent(), bank.totals().held) == (30, 0)


def test_a_budget_another_process_changed_holds_here_after_the_upkeep(bank):
    made = bank.budget(limit="100")
    records = bank.bare.records
    records.put("budget", "school", definition(limit="1"), tenant="school", actor="x", reason="")
    assert bank.reserve("a", "5").answer is Answer.ALLOW
    bank.run(Upkeep)
    assert bank.reserve("b", "5").answer is Answer.DENY
    records.delete("budget", "school", tenant="school", actor="x", reason="")
    bank.run(Upkeep, Charging)
    assert bank.ledger.seeds() == {}
    assert made.version == 1


@pytest.mark.parametrize("bank", ["redis"], indirect=True)
def test_an_emptied_redis_is_filled_again_from_telemetry(bank):
    bank.budget()
    bank.charge("3")
    bank.run(Charging)
    bank.ledger._client.delete(*bank.ledger._client.keys(f"{bank.folder}*"))
    bank.run(Charging)
    assert bank.spent() == 3
