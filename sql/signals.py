"""Anything worth an alert or an explanation: one table every package adds rows to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from sql.errors import InvalidInputError
from sql.records import FAR_FUTURE_NS, LIMIT_MAX, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sql.client import Store
    from sql.clock import Clock

#: Sorts after every string a signal may hold.
_LAST = "\U0010ffff"


class Severity(StrEnum):
    """How loud a signal is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation that crossed a line.

    Parameters
    ----------
    time_ns, recorded_at_ns
        UTC nanoseconds: when it happened, when it was written.
    subject
        What it is about, such as a model or a budget.
    link
        Where a person reads on: a path of the dashboards or a URL.
    """

    tenant: str
    time_ns: int
    kind: str
    subject: str
    value: float
    threshold: float
    link: str
    severity: str
    body: dict[str, Any]
    recorded_at_ns: int

    @property
    def position(self) -> tuple[int, str, str, str, int]:
        """Where the next page starts; see `Signals.list`."""
        return (self.time_ns, self.tenant, self.kind, self.subject, self.recorded_at_ns)


#: Before the first page.
START = (FAR_FUTURE_NS, _LAST, _LAST, _LAST, FAR_FUTURE_NS)


class Signals:
    """Writes and reads the table `signals`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def raise_(  # noqa: PLR0913  One argument for each column.
        self,
        kind: str,
        subject: str,
        *,
        tenant: str,
        value: float,
        threshold: float,
        severity: Severity,
        link: str = "",
        body: Mapping[str, Any] | None = None,
        time_ns: int | None = None,
    ) -> Signal:
        """Record a signal that happened at `time_ns`, or now."""
        if not kind:
            raise InvalidInputError("kind is empty.", field="kind")
        now = self._clock()
        signal = Signal(
            tenant=tenant,
            time_ns=now if time_ns is None else time_ns,
            kind=kind,
            subject=subject,
            value=value,
            threshold=threshold,
            link=link,
            severity=Severity(severity).value,
            body=dict(body or {}),
            recorded_at_ns=now,
        )
        row = asdict(signal)
        row |= {
            "time": row.pop("time_ns"),
            "recorded_at": row.pop("recorded_at_ns"),
            "body": canonical(signal.body),
        }
        self._store.insert("signals", [row])
        return signal

    def list(
        self,
        tenants: Sequence[str],
        *,
        start_ns: int,
        end_ns: int,
        kinds: Sequence[str] = (),
        severities: Sequence[Severity] = (),
        subjects: Sequence[str] = (),
        before: tuple[int, str, str, str, int] = START,
        limit: int = 100,
    ) -> list[Signal]:
        """Read a window of time, newest first; an empty list of names means every one.

        Parameters
        ----------
        start_ns, end_ns
            UTC nanoseconds; the end is not included.
        before
            `position` of the last signal of the page before.
        """
        if not 0 < limit <= LIMIT_MAX:
            raise InvalidInputError(f"limit is {limit}; use 1 to {LIMIT_MAX}.", field="limit")
        time_ns, tenant, kind, subject, recorded_ns = before
        parameters = {
            "tenants": [*tenants],
            "kinds": [*kinds],
            "severities": [str(severity) for severity in severities],
            "subjects": [*subjects],
            "start_ns": start_ns,
            "end_ns": end_ns,
            "before_ns": time_ns,
            "before_tenant": tenant,
            "before_kind": kind,
            "before_subject": subject,
            "before_recorded_ns": recorded_ns,
            "limit": limit,
        }
        rows = self._store.query("sql/signals_window", parameters)
        return [Signal(**{**row, "body": orjson.loads(row["body"])}) for row in rows]
