"""What the platform's machine learning team set up over the API: references, monitors, labels.

All of it goes through the public API, as a customer's would. A receiver without one is left alone.
"""

from __future__ import annotations

import heapq
import threading
import time
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import httpx

from answerable.demo.triage import DAYS, Outbox, Verdict
from answerable.demo.visitor import visitor
from answerable.demo.world import DAY_NS, NS, TRIAGE, TRIAGE_CHANGE, TRIAGE_SCHOOLS

_TIMEOUT_S = 60.0
#: Tries until the service is ready and the weeks have arrived, a second apart.
_TRIES = 90
_LABELS_EVERY_S = 60.0
_LABELS_A_BATCH = 1000
#: Days before the start at which the references end.
_REFERENCE_TO_DAYS = 9
_REFERENCE = "autumn"
#: Part of the month's decisions that have to be there before they are looked at.
_ENOUGH = 0.9

Body = dict[str, Any]


@dataclass(slots=True)
class Watch:
    """The team at its desk.

    Parameters
    ----------
    outbox
        What teachers will say, filled by the simulation.
    stop
        Ends what it waits for.
    """

    http: httpx.Client
    outbox: Outbox
    stop: threading.Event
    start_ns: int
    _waiting: list[Verdict] = field(default_factory=list)

    def keep(self) -> None:
        """Set everything up once, then send what teachers say as they say it."""
        try:
            if not self._await_month():
                return
            self._label(self.start_ns)
            for school in TRIAGE_SCHOOLS:
                self._reference(school)
            for school in TRIAGE_SCHOOLS:
                self._await_counts(school)
            for monitor in monitors():
                self._monitor(monitor)
            for target in ("low_confidence", "error"):
                self._search(target)
            while not self.stop.wait(_LABELS_EVERY_S):
                self._label(time.time_ns())
        except (httpx.HTTPError, ValueError):
            # Without the API there is nothing to set up; the traffic goes on.
            return

    def _await_month(self) -> bool:
        """Wait until the weeks were sent and have arrived; False where there is no such API."""
        while not self.outbox.month.wait(1):
            if self.stop.is_set():
                return False
        expected = _ENOUGH * self.outbox.decisions
        for _ in range(_TRIES):
            answer = self.http.get("/v1/drift/models", params={"from": f"-{DAYS + 2}d"})
            if answer.status_code == httpx.codes.OK:
                if _triaged(answer.json()["items"]) >= expected:
                    return True
            elif answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return False
            if self.stop.wait(1):
                return False
        return False

    def _await_counts(self, school: str) -> None:
        """Wait until the past was counted by the cells of the references, for monitors to judge."""
        asked = {
            "tenant": school,
            "reference": _REFERENCE,
            "from": f"-{_REFERENCE_TO_DAYS}d",
            "features": "language",
        }
        for _ in range(_TRIES):
            answer = self.http.get("/v1/drift/features", params=asked)
            if not answer.is_success or _counted(answer.json()) or self.stop.wait(1):
                return

    def _label(self, now_ns: int) -> None:
        """Send the verdicts that are due."""
        while self.outbox.verdicts:
            heapq.heappush(self._waiting, self.outbox.verdicts.popleft())
        due = []
        while self._waiting and self._waiting[0].due_ns <= now_ns:
            due.append(heapq.heappop(self._waiting))
        due.sort(key=lambda one: one.school)
        for school, verdicts in groupby(due, key=lambda one: one.school):
            items = [_item(one) for one in verdicts]
            for first in range(0, len(items), _LABELS_A_BATCH):
                batch = items[first : first + _LABELS_A_BATCH]
                self.http.post("/v1/labels", json={"tenant": school, "items": batch})

    def _reference(self, school: str) -> None:
        today_ns = self.start_ns // DAY_NS * DAY_NS
        definition = {
            "id": _REFERENCE,
            "tenant": school,
            "model": TRIAGE.name,
            "from": str(today_ns - DAYS * DAY_NS),
            "to": str(today_ns - _REFERENCE_TO_DAYS * DAY_NS),
            "baseline": {"kind": "fixed"},
            "dimensions": ["feature:campus", "feature:language"],
        }
        params = {"tenant": school}
        # A second run on the same data finds it there, with the monitors that refer to it.
        if self.http.get(f"/v1/references/{_REFERENCE}", params=params).is_success:
            return
        self.http.post("/v1/references", json=definition)

    def _monitor(self, monitor: Body) -> None:
        made = self.http.post("/v1/monitors", json=monitor)
        if made.is_success:
            # The days since are judged live, so that what is wrong becomes an incident.
            today_ns = self.start_ns // DAY_NS * DAY_NS
            until_ns = today_ns - (TRIAGE_CHANGE.days - 1) * DAY_NS
            past = {"from": f"-{_REFERENCE_TO_DAYS}d", "to": str(until_ns)}
            params = {"tenant": monitor["tenant"]}
            path = f"/v1/monitors/{monitor['id']}/backfill"
            self.http.post(path, params=params, json=past)

    def _search(self, target: str) -> None:
        search = {
            "tenant": TRIAGE_CHANGE.school,
            "model": TRIAGE.name,
            "from": f"-{TRIAGE_CHANGE.days}d",
            "to": "now",
            "target": target,
            "level_max": 2,
            "k": 8,
        }
        self.http.post("/v1/slices/find", json=search)


def monitors() -> list[Body]:
    """Write what the team watches: inputs by campus, confidence, accuracy, and the calm school."""
    common = {
        "model": TRIAGE.name,
        "reference": _REFERENCE,
        "window": "1d",
        "alpha": 0.01,
        "confirmations": 1,
        "cool_down": "7d",
    }
    changed, calm = (
        TRIAGE_CHANGE.school,
        next(n for n in TRIAGE_SCHOOLS if n != TRIAGE_CHANGE.school),
    )
    return [
        {
            **common,
            "id": "triage-inputs",
            "tenant": changed,
            "kind": "feature",
            "features": ["*"],
            "slices": ["feature:campus"],
            "severity": "critical",
        },
        {**common, "id": "triage-confidence", "tenant": changed, "kind": "confidence"},
        {**common, "id": "triage-accuracy", "tenant": changed, "kind": "performance"},
        {**common, "id": "triage-northgate", "tenant": calm, "kind": "feature", "features": ["*"]},
    ]


def _triaged(items: list[Body]) -> int:
    return sum(one["decisions"] for one in items if one["model"] == TRIAGE.name)


def _counted(heat: Body) -> bool:
    cells = heat["features"][0]["cells"] if heat["features"] else []
    return bool(cells) and all(cell["n"] for cell in cells[:-1])


def _item(verdict: Verdict) -> Body:
    return {
        "decision_id": verdict.decision_id,
        "label": verdict.label,
        "labelled_at": str(verdict.due_ns // NS),
        "source": "teacher",
    }


def keep_watch(
    endpoint: str, key: str, outbox: Outbox, stop: threading.Event, start_ns: int
) -> None:
    """Watch the platform's models until `stop` is set.

    Parameters
    ----------
    endpoint
        Where the telemetry goes; the API is expected at the same address.
    """
    with visitor(endpoint, key, _TIMEOUT_S) as http:
        Watch(http, outbox, stop, start_ns).keep()
