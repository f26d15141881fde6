"""Both ledgers against a plain model of what budgets mean, under any order of operations."""

import contextlib
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cost.budgets.definition import Answer
from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from cost.budgets.redis_ledger import RedisLedger
from cost.budgets.windows import SLOT_NS
from sql.errors import ConflictError
from tests.cost.budgets.kit import Desk, budget

NANO = 10**9
DAY = {"kind": "calendar", "period": "day", "time_zone": "UTC"}
ROLLING = {"kind": "rolling", "duration_s": 7200}
BUDGETS = (
    budget("org", tenant="", limit="60"),
    budget(limit="40", window=DAY),
    budget("maths", scope={"project": "maths"}, limit="15", window=ROLLING),
)
_numbers = itertools.count(1)


@dataclass
class Held:
    """A reservation as the model knows it."""

    at_ns: int
    expires_ns: int
    amount: int
    trace: str
    keys: list
    state: str = "open"
    settled: int = 0


@dataclass
class Model:
    """Adds everything up anew each time it is asked."""

    held: dict = field(default_factory=dict)
    charged: list = field(default_factory=list)

    def expire(self, now):
        for one in self.held.values():
            if one.state == "open" and one.expires_ns <= now:
                one.state = "expired"

    def used(self, key, span, now):
        self.expire(now)

        def inside(at_ns):
            return span.start <= at_ns // SLOT_NS < span.end

        holding = sum(
            one.amount
            for one in self.held.values()
            if key in one.keys and one.state == "open" and inside(one.at_ns)
        )
        charged = sum(amount for at, amount, _, keys in self.charged if key in keys and inside(at))
        return holding + charged + self._ahead(key, inside)

    def _ahead(self, key, inside):
        """What was settled beyond what telemetry showed of its trace, the oldest first."""
        total = 0
        for trace in {one.trace for one in self.held.values()}:
            settled = sorted(
                (one.at_ns // SLOT_NS, one.settled)
                for one in self.held.values()
                if one.trace == trace and key in one.keys and one.state == "settled"
            )
            covered = sum(n for _, n, of, keys in self.charged if of == trace and key in keys)
            for slot, amount in settled:
                shown = min(amount, covered) if trace else 0
                covered -= shown
                total += (amount - shown) if inside(slot * SLOT_NS) else 0
        return total


class Machine(RuleBasedStateMachine):
    """Drives a desk and the model alike; a trace is used for one call, as gateways do."""

    def open(self):
        raise NotImplementedError

    @initialize()
    def begin(self):
        self.desk = Desk(self.open()).budgets(*BUDGETS)
        self.model = Model()
        self.names = itertools.count(1)

    def keys(self, project):
        return [one.key for one in BUDGETS if one.scope.project in {"", project}]

    @rule(
        cents=st.integers(0, 1200),
        project=st.sampled_from(["", "maths"]),
        traced=st.booleans(),
        ttl_s=st.sampled_from([60, 3600]),
    )
    def reserve(self, cents, project, traced, ttl_s):
        now, amount, number = self.desk.clock(), cents * NANO // 100, next(self.names)
        trace = f"{number:032x}" if traced else ""
        room = all(
            self.model.used(one.key, one.window.at(now), now) + amount <= one.limit_nano
            for one in BUDGETS
            if one.key in self.keys(project)
        )
        name = f"r{number}"
        made = self.desk.ask(
            f"{cents / 100:.2f}", name=name, project=project, trace_id=trace, ttl_s=ttl_s
        )
        assert (made.answer is Answer.ALLOW) is room
        if room:
            until = now + ttl_s * NANO
            self.model.held[name] = Held(now, until, amount, trace, self.keys(project))

    def pick(self, data):
        return data.draw(st.sampled_from(sorted(self.model.held)))

    @precondition(lambda self: self.model.held)
    @rule(data=st.data(), cents=st.integers(0, 1500))
    def settle(self, data, cents):
        name, amount = self.pick(data), cents * NANO // 100
        found = self.model.held[name]
        self.model.expire(self.desk.clock())
        if found.state == "settled" and found.settled != amount:
            with pytest.raises(ConflictError):
                self.desk.settle(name, f"{cents / 100:.2f}")
            return
        changed = self.desk.settle(name, f"{cents / 100:.2f}")
        assert changed.replayed is (found.state == "settled")
        if found.state != "settled":
            assert changed.reservation.late is (found.state != "open")
        found.state, found.settled = "settled", amount

    @precondition(lambda self: self.model.held)
    @rule(data=st.data())
    def release(self, data):
        name = self.pick(data)
        found = self.model.held[name]
        if found.state == "settled":
            with pytest.raises(ConflictError):
                self.desk.release(name)
        # A release says that there is no call: one whose telemetry has come is not released.
        elif not any(of == found.trace for _, _, of, _ in self.model.charged if of):
            self.model.expire(self.desk.clock())
            self.desk.release(name)
            found.state = "released"
            found.trace = ""

    @precondition(lambda self: self.model.held)
    @rule(data=st.data(), cents=st.integers(1, 800))
    def telemetry_of_a_reserved_call(self, data, cents):
        found = self.model.held[self.pick(data)]
        if not found.trace or any(of == found.trace for _, _, of, _ in self.model.charged):
            return
        self.charge(cents, found.trace, found.at_ns, found.keys)

    @rule(cents=st.integers(-100, 800), project=st.sampled_from(["", "maths"]))
    def telemetry_of_another_call(self, cents, project):
        self.charge(cents, "", self.desk.clock(), self.keys(project))

    def charge(self, cents, trace, at_ns, keys):
        amount = cents * NANO // 100
        self.model.charged.append((at_ns, amount, trace, keys))
        for key in keys:
            self.desk.charge(f"{cents / 100:.2f}", key=key, trace=trace or None, at_ns=at_ns)

    @rule(seconds=st.sampled_from([1, 30, 61, 900, 3601, 7300, 40_000]))
    def wait(self, seconds):
        self.desk.clock.step(seconds=seconds)

    @rule()
    def expire(self):
        self.desk.ledger.expire(self.desk.clock())

    @rule()
    def reopen(self):
        self.desk.ledger.close()
        self.desk = Desk(self.open(), self.desk.clock, self.desk.numbers).budgets(*BUDGETS)

    @invariant()
    def the_sums_agree(self):
        if not hasattr(self, "desk"):
            return
        now = self.desk.clock()
        self.desk.ledger.expire(now)
        for one in BUDGETS:
            span = one.window.at(now)
            total = self.desk.ledger.totals([(one.key, span.start, span.end)])[0]
            assert total.used == self.model.used(one.key, span, now), one.budget_id

    def teardown(self):
        if hasattr(self, "desk"):
            self.desk.ledger.close()


SETTINGS = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_the_ledger_in_memory_agrees_with_the_model():
    class MemoryMachine(Machine):
        def __init__(self):
            super().__init__()
            self.folder = tempfile.TemporaryDirectory()

        def open(self):
            journal = Journal(Path(self.folder.name), segment_bytes=3000, total_bytes=1 << 22)
            ledger = MemoryLedger(journal, reservations_max=10_000)
            ledger.start(1)
            ledger.compact()
            return ledger

        def teardown(self):
            super().teardown()
            with contextlib.suppress(OSError):
                self.folder.cleanup()

    _run(MemoryMachine)


def test_the_ledger_in_redis_agrees_with_the_model(redis_url):
    class RedisMachine(Machine):
        def __init__(self):
            super().__init__()
            self.prefix = f"oracle{next(_numbers)}"

        def open(self):
            ledger = RedisLedger(redis_url, prefix=self.prefix, events_max=10_000, timeout_s=10)
            ledger.start(1)
            return ledger

    _run(RedisMachine)


def _run(machine):
    test = machine.TestCase
    test.settings = SETTINGS
    test().runTest()
