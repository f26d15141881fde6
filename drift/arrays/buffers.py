"""Memory that is used again, because fresh memory costs more than the arithmetic done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

#: Just below the most that glibc's threshold grows to.
UNTOUCHED_BYTES = 31 << 20


class Buffers:
    """Arrays by name, kept from one column to the next; one object a thread.

    An array is good until its name is asked for again.

    Examples
    --------
    >>> buffers = Buffers()
    >>> first = buffers.array("place", 4, np.float64)
    >>> bool(np.shares_memory(first, buffers.array("place", 3, np.float64)))
    True
    """

    def __init__(self) -> None:
        # glibc gives freed memory back to the system from a size on that grows with the largest
        # block ever freed. This block is never touched, so it costs nothing.
        np.empty(UNTOUCHED_BYTES, dtype=np.uint8)
        self._arrays: dict[str, npt.NDArray[Any]] = {}

    def array(self, name: str, size: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """Give an array of `size` elements; what is in it is left over from before."""
        kept = self._arrays.get(name)
        if kept is None or kept.size < size or kept.dtype != kind:
            kept = self._arrays[name] = np.empty(size, dtype=kind)
        return kept[:size]
