"""A budget over the past: requests in the order they came, each let through or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from cost.whatif.scenario import Use
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterable


_ZERO = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Answer(StrEnum):
    """What a threshold does to a request."""

    ALLOW = "allow"
    DEFER = "defer"
    DOWNGRADE = "downgrade"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this share of the limit on, requests get this answer."""

    percent: Decimal
    answer: Answer


@dataclass(frozen=True, slots=True)
class Request:
    """One call: its charges, and whose it is.

    Parameters
    ----------
    scope
        The value the budget is kept by; empty for one budget over everything.
    """

    at_ns: int
    scope: str
    uses: Sequence[Use]


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit over a calendar window in UTC.

    Parameters
    ----------
    window
        hour, day, week (from Monday), month, or all for the whole of what is replayed.
    thresholds
        Ascending.
    downgrade
        Makes a call's use that of a cheaper model.
    """

    limit: Decimal
    currency: str
    window: str
    thresholds: tuple[Threshold, ...] = ()
    downgrade: Callable[[Use], Use] | None = None


@dataclass(slots=True)
class Tally:
    """What became of the requests of one window and scope.

    Parameters
    ----------
    spent
        Money of what was let through.
    avoided
        Money of what was not, and what downgrades saved.
    uncounted
        Requests with no money in the budget's currency: they pass.
    crossed
        When each threshold was reached, UTC nanoseconds, by its percent.
    """

    scope: str
    start_ns: int
    requests: int = 0
    allowed: int = 0
    deferred: int = 0
    downgraded: int = 0
    blocked: int = 0
    uncounted: int = 0
    spent: Decimal = _ZERO
    avoided: Decimal = _ZERO
    first_blocked_ns: int | None = None
    crossed: dict[Decimal, int] = field(default_factory=dict)


class Replay:
    """Plays requests against a budget, in the order of their time."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.tallies: dict[tuple[str, int], Tally] = {}

    def play(self, requests: Iterable[Request]) -> None:
        """Decide on each request."""
        for request in requests:
            start = window_start(request.at_ns, self._budget.window)
            key = (request.scope, start)
            tally = self.tallies.get(key)
            if tally is None:
                tally = self.tallies[key] = Tally(request.scope, start)
            self._decide(tally, request)

    def _decide(self, tally: Tally, request: Request) -> None:
        tally.requests += 1
        cost = _money(request.uses, self._budget.currency)
        if cost is None:
            tally.uncounted += 1
            tally.allowed += 1
            return
        answer = self._answer(tally, request.at_ns)
        if answer is Answer.DEFER:
            tally.deferred += 1
            tally.avoided += cost
            return
        due = cost
        if answer is Answer.DOWNGRADE and self._budget.downgrade is not None:
            cheaper = [self._budget.downgrade(use) for use in request.uses]
            due = _money(cheaper, self._budget.currency) or _ZERO
        if answer is Answer.DENY or tally.spent + due > self._budget.limit:
            tally.blocked += 1
            tally.avoided += cost
            if tally.first_blocked_ns is None:
                tally.first_blocked_ns = request.at_ns
            return
        if answer is Answer.DOWNGRADE:
            tally.downgraded += 1
        else:
            tally.allowed += 1
        tally.spent += due
        tally.avoided += cost - due

    def _answer(self, tally: Tally, at_ns: int) -> Answer:
        answer = Answer.ALLOW
        for threshold in self._budget.thresholds:
            if tally.spent * 100 < self._budget.limit * threshold.percent:
                break
            tally.crossed.setdefault(threshold.percent, at_ns)
            answer = threshold.answer
        return answer


def window_start(at_ns: int, window: str) -> int:
    """Give the first nanosecond of the window a moment lies in; 0 for `all`."""
    if window == "all":
        return 0
    moment = _EPOCH + timedelta(seconds=at_ns // SECOND_NS)
    start = moment.replace(minute=0, second=0)
    if window != "hour":
        start = start.replace(hour=0)
    if window == "week":
        start -= timedelta(days=start.weekday())
    elif window == "month":
        start = start.replace(day=1)
    return max(0, (start - _EPOCH) // timedelta(seconds=1) * SECOND_NS)


def _money(uses: Iterable[Use], currency: str) -> Decimal | None:
    """Add up what a call cost in the budget's currency; None where it cost nothing in it."""
    held = [use.costs[currency] for use in uses if currency in use.costs]
    return sum(held, _ZERO) if held else None
