"""Labels: what turned out to be right, by decision; the one received last holds, all are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from web.pages import newest
from web.window import DAY_NS, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drift.parts import DriftParts

#: Identifiers go to the store in the address of a request, which has a bound: characters of one
#: statement, before they are escaped.
_ID_CHARS = 100_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """What was right for one decision.

    Parameters
    ----------
    label
        As text, written like the outcomes it is compared with.
    labelled_ns
        When that was established, UTC nanoseconds; None where the sender did not say.
    """

    decision_id: str
    label: str
    labelled_ns: int | None = None
    source: str = ""

    @property
    def number(self) -> float | None:
        """The label as a finite number, where it is one."""
        return number_of(self.label)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch; the counts add up to its length.

    Parameters
    ----------
    stored
        Labels written: new ones, and corrections of what was said before.
    unchanged
        Labels that were there already, as when a request is repeated.
    superseded
        Labels that a later one of the same batch took the place of.
    corrected
        Of those stored, how many replaced another label.
    waiting
        Decisions labelled here that are not known yet, at least not since `searched_from_ns`.
    """

    stored: int
    unchanged: int
    superseded: int
    corrected: int
    waiting: tuple[str, ...]
    searched_from_ns: int


class Labels:
    """Writes and reads the table `labels`."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._match_ns = parts.settings.labels_match_days * DAY_NS

    def put(self, tenant: str, labels: Sequence[Label], *, key_id: str) -> Stored:
        """Store a batch with one insert; it is in the store when this returns.

        A label takes the place of the one its decision had, whichever is true at the earlier time:
        what was received last holds. What it replaced stays in the history, but for what another
        label of the same batch replaced at once.
        """
        now = self._clock()
        last = {label.decision_id: label for label in labels}
        held = {row["decision_id"]: row for row in self._held(tenant, [*last])}
        times = {name: row.pop("received_ns") for name, row in held.items()}
        fresh = [
            row
            for label in last.values()
            if (row := _content(label, held.get(label.decision_id), now))
            != held.get(label.decision_id)
        ]
        # A clock that was set back must not make a correction older than what it corrects.
        at = [max(now, times.get(row["decision_id"], -1) + 1) for row in fresh]
        rows = [_row(row, tenant, key_id, ns) for row, ns in zip(fresh, at, strict=True)]
        self._store.insert("labels", rows)
        decisions = self.decisions([tenant], [*last])
        return Stored(
            stored=len(fresh),
            unchanged=len(last) - len(fresh),
            superseded=len(labels) - len(last),
            corrected=sum(row["decision_id"] in held for row in fresh),
            waiting=tuple(name for name in last if (tenant, name) not in decisions),
            searched_from_ns=max(0, now - self._match_ns),
        )

    def page(
        self, tenants: Sequence[str], window: Window, before: tuple[int, str, str], **wanted: Any
    ) -> list[Row]:
        """Read labels received in a window, newest first, at most `limit` of them.

        Parameters
        ----------
        before
            Time of receipt, tenant and decision of the last row of the page before.
        wanted
            `limit`, and decision_id, label and source, empty for any.
        """
        asked = {"tenants": [*tenants], **wanted}
        asked |= {"before_ns": before[0], "before_tenant": before[1], "before_id": before[2]}

        def fetch(part: Window, limit: int) -> list[Row]:
            span = {"from_ns": part.from_ns, "to_ns": part.to_ns, "limit": limit}
            return self._store.query("drift/labels_page", asked | span)

        return newest(window, int(wanted["limit"]), fetch)

    def history(
        self, tenants: Sequence[str], decision_id: str, *, before: int, limit: int
    ) -> list[Row]:
        """Read the versions of a decision's label, newest first.

        Parameters
        ----------
        before
            Only those with a lower number; the first of all is number 1.
        """
        asked = {"tenants": [*tenants], "decision_id": decision_id}
        return self._store.query("drift/label_history", {**asked, "before": before, "limit": limit})

    def decisions(
        self, tenants: Sequence[str], decision_ids: Sequence[str]
    ) -> dict[tuple[str, str], Row]:
        """Find decisions of the last `labels_match_days` by tenant and id."""
        now = self._clock()
        # Clocks of services differ: a decision may lie a little ahead.
        span = {"from_ns": max(0, now - self._match_ns), "to_ns": now + DAY_NS}
        rows = [
            row
            for some in _portions(decision_ids)
            for row in self._store.query(
                "drift/decisions_named", {"tenants": [*tenants], "decision_ids": some, **span}
            )
        ]
        return {(row["tenant"], row["decision_id"]): row for row in rows}

    def _held(self, tenant: str, decision_ids: Sequence[str]) -> Iterator[Row]:
        for some in _portions(decision_ids):
            yield from self._store.query(
                "drift/labels_held", {"tenant": tenant, "decision_ids": some}
            )


def number_of(text: str) -> float | None:
    """Read a text as a finite number, as the store does when it compares label and outcome.

    Examples
    --------
    >>> number_of("71.50"), number_of("B+"), number_of("inf"), number_of("1_000")
    (71.5, None, None, None)
    """
    if not text.isascii() or "_" in text or text != text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def is_right(label: str, outcome: str) -> bool | None:
    """Say whether an outcome is what its label says; None where there was no outcome.

    Both are compared as text, and as numbers where both are: `7.0` is the same as `7`.
    """
    if not outcome:
        return None
    if label == outcome:
        return True
    number = number_of(label)
    return number is not None and number == number_of(outcome)


def _content(label: Label, held: Row | None, now: int) -> Row:
    """Give a label's content; one without a time keeps the time it was first said at."""
    said = label.labelled_ns
    if said is None:
        same = held is not None and (held["label"], held["source"]) == (label.label, label.source)
        said = held["labelled_ns"] if held is not None and same else now
    return {
        "decision_id": label.decision_id,
        "label": label.label,
        "number": label.number,
        "source": label.source,
        "labelled_ns": said,
    }


def _row(content: Row, tenant: str, key_id: str, now: int) -> Row:
    kept = {name: content[name] for name in ("decision_id", "label", "number", "source")}
    times = {"labelled_at": content["labelled_ns"], "received_at": now}
    return {"tenant": tenant, **kept, "key_id": key_id, **times}


def _portions(decision_ids: Sequence[str]) -> Iterator[list[str]]:
    some: list[str] = []
    chars = 0
    for name in decision_ids:
        if some and chars + len(name) > _ID_CHARS:
            yield some
            some, chars = [], 0
        some.append(name)
        chars += len(name)
    if some:
        yield some
