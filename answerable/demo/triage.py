"""Essays are triaged before a teacher reads them: ready, or back to the pupil.

A month of it lies before the start, and what was right is known days later, so that there is
something to compare, to watch and to be right or wrong about. What changes is `TRIAGE_CHANGE`.
"""

from __future__ import annotations

import heapq
import math
import random
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import answerable_instrument as answerable
from answerable.demo.dice import Dice
from answerable.demo.world import (
    DAY_NS,
    NS,
    SCHOOLS,
    TRIAGE,
    TRIAGE_CHANGE,
    TRIAGE_SCHOOLS,
    TRIAGE_SERVICE,
)

if TYPE_CHECKING:
    from answerable.demo.stage import Stage
    from answerable.demo.world import School

#: Days before the start that are played.
DAYS = 30
_WEEKEND = 0.5
#: Share of a day's essays that come at any hour; the rest come around noon.
_ANY_HOUR = 0.35
_NOON_S, _SPREAD_S = 13 * 3600.0, 2.6 * 3600
#: Share of essays of which a teacher's verdict comes back, and after how many hours.
_LABELLED = 0.9
_DELAY_H = (42.0, 11.0, 20.0, 70.0)
_READY = 0.62
#: How much harder an essay is in another language than English, in logits of being right.
_HARDER = {"es": 0.35, "fr": 0.45, "uk": 1.8}
_OUTCOMES = ("ready", "revise")


@dataclass(frozen=True, slots=True, order=True)
class Verdict:
    """What a teacher says about an essay, and when."""

    due_ns: int
    school: str
    decision_id: str
    label: str


@dataclass(slots=True)
class Outbox:
    """What teachers will say of the essays that were triaged; filled here, read by another thread.

    Parameters
    ----------
    decisions
        Essays triaged so far.
    month
        Set once the weeks before the start were sent.
    """

    verdicts: deque[Verdict] = field(default_factory=deque)
    decisions: int = 0
    month: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Essay:
    """What the model sees."""

    words: int
    reading_level: float
    spelling_errors: int
    attachments: int
    language: str
    campus: str

    def sureness(self, dice: Dice) -> float:
        """How sure it is, from 0.5 to 0.995: what an outcome of two can be."""
        logit = 2.5 - _HARDER.get(self.language, 0.0)
        logit -= 0.0012 * abs(self.words - 430) + 0.11 * abs(self.reading_level - 8.2)
        logit = dice.around(logit, 0.7, -5.0, 6.0)
        return min(0.995, max(0.5, 1 / (1 + math.exp(-logit))))


class Triage:
    """Essays in order of time, from `from_ns` on; each depends on the seed, its day and its place.

    Parameters
    ----------
    start_ns
        When the demo began: what changes did so some days before.
    """

    def __init__(
        self, stage: Stage, seed: int, outbox: Outbox, *, from_ns: int, start_ns: int
    ) -> None:
        self._stage = stage
        self._seed = seed
        self._changed_ns = (start_ns // DAY_NS - TRIAGE_CHANGE.days) * DAY_NS
        self._outbox = outbox
        self._from_ns = from_ns
        self._day = datetime.fromtimestamp(from_ns / NS, UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        self._due: list[tuple[int, str, int]] = []

    def play_until(self, time_ns: int, stop: threading.Event) -> None:
        """Play what was handed in before a time, or until stopped."""
        while self._day.timestamp() * NS < time_ns:
            self._expect()
        while self._due and self._due[0][0] < time_ns and not stop.is_set():
            self._triage(*heapq.heappop(self._due))

    def skip_to(self, time_ns: int) -> None:
        """Leave out what would have been handed in before a time."""
        self._from_ns = max(self._from_ns, time_ns)
        self._due = [one for one in self._due if one[0] >= time_ns]
        heapq.heapify(self._due)

    def _expect(self) -> None:
        """Draw when the essays of the next day come."""
        begins = int(self._day.timestamp()) * NS
        for school, (usual, _) in TRIAGE_SCHOOLS.items():
            dice = self._dice(school, -1, begins)
            part = _WEEKEND if self._day.weekday() >= 5 else 1.0
            for number in range(round(usual * part * dice.around(1.0, 0.06, 0.8, 1.2))):
                anywhere = dice.chance(_ANY_HOUR)
                second = (
                    dice.whole(0, 86_399)
                    if anywhere
                    else dice.around(_NOON_S, _SPREAD_S, 0.0, 86_399.0)
                )
                due_ns = begins + int(second * NS) + number
                if due_ns >= self._from_ns:
                    heapq.heappush(self._due, (due_ns, school, number))
        self._day += timedelta(days=1)

    def _triage(self, due_ns: int, school: str, number: int) -> None:
        stage, dice = self._stage, self._dice(school, number, due_ns)
        ids = random.Random(f"ids {self._name(school, number, due_ns)}")  # noqa: S311  No secret.
        before = stage.ids.reseed(ids)
        stage.timeline.now_ns = due_ns
        try:
            with answerable.tenant(school), stage.inside(TRIAGE_SERVICE):
                self._decide(school, self._essay(dice, school, due_ns), dice)
        finally:
            stage.ids.reseed(before)

    def _essay(self, dice: Dice, school: str, due_ns: int) -> Essay:
        campus = dice.pick(TRIAGE_SCHOOLS[school][1])
        changed = (school, campus) == (TRIAGE_CHANGE.school, TRIAGE_CHANGE.campus)
        changed = changed and due_ns >= self._changed_ns
        return Essay(
            words=int(dice.around(430, 140, 40, 1400)),
            reading_level=round(dice.around(8.2, 1.6, 2.0, 14.0), 1),
            spelling_errors=int(dice.around(4.0, 3.0, 0.0, 25.0)),
            attachments=dice.pick(((0, 0.62), (1, 0.28), (2, 0.08), (3, 0.02))),
            language=dice.pick(TRIAGE_CHANGE.languages if changed else _school(school).languages),
            campus=campus,
        )

    def _decide(self, school: str, essay: Essay, dice: Dice) -> None:
        stage = self._stage
        sure = round(essay.sureness(dice), 4)
        place = 0 if dice.chance(_READY) else 1
        with answerable.decision(
            "triage_essay",
            id=stage.ids.decision_id(),
            model=TRIAGE.name,
            model_version=TRIAGE.version,
            policy="triage",
            policy_version="1",
            features={
                "words": essay.words,
                "reading_level": essay.reading_level,
                "spelling_errors": essay.spelling_errors,
                "attachments": essay.attachments,
                "language": essay.language,
                "campus": essay.campus,
            },
            confidence=sure,
            route="auto",
        ) as decision:
            stage.spend(TRIAGE.latency_ms)
            decision.outcome(_OUTCOMES[place]).usage(cpu_seconds=0.006)
            decision.action("show_to_teacher" if place == 0 else "return_to_pupil", "canvas_lms")
            stage.instruments.decision(stage.labels(name="triage_essay", route="auto"))
        self._outbox.decisions += 1
        if dice.chance(_LABELLED):
            unknown, too_sure = TRIAGE_CHANGE.unknown
            right = dice.chance(sure - (too_sure if essay.language == unknown else 0.0))
            delay_ns = int(dice.around(*_DELAY_H) * 3600 * NS)
            label = _OUTCOMES[place if right else 1 - place]
            self._outbox.verdicts.append(
                Verdict(stage.timeline.now_ns + delay_ns, school, decision.id, label)
            )

    def _dice(self, school: str, number: int, time_ns: int) -> Dice:
        return Dice(random.Random(self._name(school, number, time_ns)))  # noqa: S311  No secret.

    def _name(self, school: str, number: int, time_ns: int) -> str:
        return f"triage {self._seed} {time_ns // DAY_NS} {school} {number}"


def _school(name: str) -> School:
    return next(one for one in SCHOOLS if one.id == name)
