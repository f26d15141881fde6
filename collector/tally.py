"""Counts what never reached an insert, and writes it to the ledger a row a reason.

Refusals, duplicates and empty requests cost a sender nothing to repeat, so they are summed in
memory and flushed together: a flood of them is a few rows a second.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.models import Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.models import Submission


#: The tenant refusals beyond the bound are counted under; they belong to nobody in particular.
NOBODY = ""


@dataclass(frozen=True, slots=True)
class _Line:
    tenant: str
    signal: Signal
    state: str
    reason: str
    key_id: str


@dataclass(slots=True)
class _Sum:
    items: int = 0
    requests: int = 0
    bytes: int = 0


class Tally:
    """Sums per tenant, signal, state and reason until the next flush.

    Parameters
    ----------
    max_entries
        Most distinct sums held; beyond it they are counted under no tenant and no key.
    """

    def __init__(self, *, max_entries: int) -> None:
        self._max_entries = max_entries
        self._guard = threading.Lock()
        self._sums: dict[_Line, _Sum] = {}

    def add(
        self,
        signal: Signal,
        tenant: str,
        state: str,
        reason: str = "",
        *,
        items: int = 0,
        wire_bytes: int = 0,
        key_id: str = "",
    ) -> None:
        """Count one request in its final state; the flush counts it as received too."""
        one = _Sum(items, 1, wire_bytes)
        with self._guard:
            self._merge(_Line(tenant, signal, state, reason, key_id), one)

    def count(self, submission: Submission, state: str, reason: str = "") -> None:
        """Count a submission under its key's tenant."""
        self.add(
            submission.signal,
            submission.grant.home,
            state,
            reason,
            items=submission.items,
            wire_bytes=submission.wire_bytes,
            key_id=submission.grant.key_id,
        )

    def flush(self, now_ns: int, write: Callable[[list[dict[str, object]]], None]) -> None:
        """Write the sums with `write`; what it raises leaves them in place for the next flush."""
        with self._guard:
            taken, self._sums = self._sums, {}
        if not taken:
            return
        try:
            write(_rows(taken.items(), now_ns))
        except BaseException:
            with self._guard:
                for line, total in taken.items():
                    self._merge(line, total)
            raise

    def _merge(self, line: _Line, more: _Sum) -> None:
        if line not in self._sums and len(self._sums) >= self._max_entries:
            line = _Line(NOBODY, line.signal, line.state, line.reason, "")
        total = self._sums.setdefault(line, _Sum())
        total.items += more.items
        total.requests += more.requests
        total.bytes += more.bytes


def _rows(sums: Iterable[tuple[_Line, _Sum]], now_ns: int) -> list[dict[str, object]]:
    return [
        {
            "tenant": line.tenant,
            "received_at": now_ns,
            "signal": line.signal.value,
            "state": state,
            "reason": reason,
            "items": total.items,
            "requests": total.requests,
            "bytes": total.bytes,
            "request_id": "",
            "body_hash": "",
            "key_id": line.key_id,
        }
        for line, total in sums
        for state, reason in (("received", ""), (line.state, line.reason))
    ]
