"""Arrivals: when something happens, at which school, and what is due later."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from answerable.demo.scenes import SCENES, Scene
from answerable.demo.stage import FollowUp
from answerable.demo.world import NS, SCHOOLS, School

if TYPE_CHECKING:
    from collections.abc import Iterable

    from answerable.demo.dice import Dice

#: Arrivals a second at speed 1; one makes about five spans.
LIVE_PER_S = 6.0
#: Arrivals a second an hour ago, and the time in which they grew to the live rate.
QUIET_PER_S = 0.13
RAMP_S = 85.0
#: Reviews that may be due at a time; beyond it the newest are not asked for.
REVIEWS_MAX = 2000


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that happens: a scene at a school, or a review that is due."""

    time_ns: int
    school: School
    scene: Scene | None = None
    due: FollowUp | None = None


class Traffic:
    """Random arrivals in order of time; quiet in the past, growing to the live rate.

    Parameters
    ----------
    live_ns
        From when on the rate is the live one.
    speed
        Factor on the live rate.
    """

    def __init__(self, dice: Dice, *, from_ns: int, live_ns: int, speed: float) -> None:
        self._dice = dice
        self._live_ns = live_ns
        self._live_per_s = LIVE_PER_S * speed
        self._reviews: list[tuple[int, int, FollowUp]] = []
        self._number = 0
        self._next_ns = from_ns

    @property
    def next_ns(self) -> int:
        """When the next arrival is."""
        due = self._reviews[0][0] if self._reviews else self._next_ns
        return min(due, self._next_ns)

    def take(self) -> Arrival:
        """Take the next arrival."""
        if self._reviews and self._reviews[0][0] <= self._next_ns:
            due = heapq.heappop(self._reviews)[2]
            return Arrival(due.due_ns, due.school, due=due)
        time_ns = self._next_ns
        self._next_ns += int(self._dice.gap_s(self._rate(time_ns)) * NS)
        school = self._dice.pick([(school, school.share) for school in SCHOOLS])
        return Arrival(time_ns, school, scene=self._dice.pick(SCENES))

    def expect(self, reviews: Iterable[FollowUp]) -> None:
        """Note reviews to come."""
        for review in reviews:
            if len(self._reviews) < REVIEWS_MAX:
                self._number += 1
                heapq.heappush(self._reviews, (review.due_ns, self._number, review))

    def skip_to(self, time_ns: int) -> None:
        """Forget what would have arrived before."""
        self._next_ns = max(self._next_ns, time_ns)
        self._reviews = [entry for entry in self._reviews if entry[0] >= time_ns]
        heapq.heapify(self._reviews)

    def _rate(self, time_ns: int) -> float:
        if time_ns >= self._live_ns:
            return self._live_per_s
        # The past does not depend on the speed, so the start stays short at any.
        age_s = (self._live_ns - time_ns) / NS
        return QUIET_PER_S + (LIVE_PER_S - QUIET_PER_S) * math.exp(-age_s / RAMP_S)
