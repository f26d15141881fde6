"""NumPy over a few threads: AND and count bits in blocks that stay in a processor's cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from drift.slices.bitmaps import Bitmaps, Words
    from drift.slices.engine.protocol import Integers, Members

#: Bytes of the bitmaps one thread works on at a time.
BLOCK_BYTES = 1 << 18


class ProcessorEngine:
    """Counts slices with NumPy, which lets go of the interpreter while it counts.

    Parameters
    ----------
    threads
        Blocks that are counted at one time.
    """

    def __init__(self, bitmaps: Bitmaps, *, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"threads is {threads}; use at least 1.")
        self._predicates = bitmaps.predicates
        self._digits = bitmaps.digits
        words = max(1, bitmaps.predicates.shape[1])
        self._block = max(1, BLOCK_BYTES // (8 * words))
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.name = f"numpy, {threads} threads" if threads > 1 else "numpy"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._pool:
            self._pool.shutdown()

    def sizes(self, members: Members) -> Integers:
        """Count the rows of slices, shape (m,)."""
        return self._over(members, self._block_sizes)

    def errors(self, members: Members) -> Integers:
        """Add up the errors of slices, shape (m,)."""
        return self._over(members, self._block_errors)

    def _over(self, members: Members, count: Callable[[Members], Integers]) -> Integers:
        starts = range(0, len(members), self._block)
        blocks = (members[start : start + self._block] for start in starts)
        counted = self._pool.map(count, blocks) if self._pool else map(count, blocks)
        return np.concatenate([np.zeros(0, dtype=np.int64), *counted])

    def _rows(self, members: Members) -> Words:
        held = self._predicates[members[:, 0]]
        for position in range(1, members.shape[1]):
            np.bitwise_and(held, self._predicates[members[:, position]], out=held)
        return held

    def _block_sizes(self, members: Members) -> Integers:
        return _bits(self._rows(members))

    def _block_errors(self, members: Members) -> Integers:
        held = self._rows(members)
        total = np.zeros(len(members), dtype=np.int64)
        part = np.empty_like(held)
        for digit, bits in enumerate(self._digits):
            total += _bits(np.bitwise_and(held, bits, out=part)) << digit
        return total


def _bits(words: Words) -> Integers:
    # Sums of 32 bits are twice as fast as of 64, and a table has fewer rows than that.
    counts: npt.NDArray[np.uint32] = np.bitwise_count(words).sum(axis=1, dtype=np.uint32)
    return counts.astype(np.int64)
