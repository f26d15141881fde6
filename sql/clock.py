"""The one way time reaches the store's callers: a function of no arguments, UTC nanoseconds."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Returns nanoseconds since the Unix epoch, UTC.
Clock = Callable[[], int]

#: The machine's clock.
system_clock: Clock = time.time_ns
