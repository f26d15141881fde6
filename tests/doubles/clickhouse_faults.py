"""Faults the ClickHouse double commits on request.

status  the HTTP status to answer with; 0 closes the connection without a word
count   how many requests it meets
code    the engine's error code to send along
delay_s seconds to wait first
after   1: run the statement, then close the connection, so that its outcome is unknown
path    only requests of this path, such as /ping; empty means all
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    status: int
    code: int
    delay_s: float
    after: bool
    path: str


class Faults:
    """The fault in force and how often it still strikes."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._fault: Fault | None = None
        self._left = 0

    def set(self, params: dict[str, str]) -> None:
        with self._guard:
            self._left = int(params.get("count", "1"))
            self._fault = Fault(
                status=int(params.get("status", "503")),
                code=int(params.get("code", "0")),
                delay_s=float(params.get("delay_s", "0")),
                after=params.get("after", "0") == "1",
                path=params.get("path", ""),
            )

    def next(self, path: str) -> Fault | None:
        with self._guard:
            if not self._left or (self._fault and self._fault.path not in ("", path)):
                return None
            self._left -= 1
            return self._fault
