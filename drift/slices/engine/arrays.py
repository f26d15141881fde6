"""Any array library with NumPy's names, such as CuPy: AND and count bits in large blocks.

It is handed in, so that nothing here imports one: `ArrayEngine(bitmaps, cupy, "cupy")`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from drift.slices.bitmaps import Bitmaps
    from drift.slices.engine.protocol import Integers, Members

#: Bytes of the bitmaps worked on at a time.
BLOCK_BYTES = 1 << 28

#: (mask, shift) of each step of counting bits side by side.
_PAIRS, _FOURS, _EIGHTS = 0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F
_ONES = 0x0101010101010101


class ArrayEngine:
    """Counts slices with an array library.

    Parameters
    ----------
    library
        Module with NumPy's functions; bitmaps are moved to it once.
    """

    def __init__(
        self, bitmaps: Bitmaps, library: Any, name: str, *, block_bytes: int = BLOCK_BYTES
    ) -> None:
        self._library = library
        self._predicates = library.asarray(bitmaps.predicates)
        self._digits = library.asarray(bitmaps.digits)
        self._block = max(1, block_bytes // (8 * max(1, bitmaps.predicates.shape[1])))
        self.name = name

    def sizes(self, members: Members) -> Integers:
        """Count the rows of slices, shape (m,)."""
        return self._over(members, errors=False)

    def errors(self, members: Members) -> Integers:
        """Add up the errors of slices, shape (m,)."""
        return self._over(members, errors=True)

    def _over(self, members: Members, *, errors: bool) -> Integers:
        counted = [np.zeros(0, dtype=np.int64)]
        for start in range(0, len(members), self._block):
            block = self._library.asarray(members[start : start + self._block])
            counts = self._counted(block, errors=errors)
            # CuPy gives its arrays back by `get`, NumPy's are there.
            counted.append(counts.get() if hasattr(counts, "get") else counts)
        return np.concatenate(counted)

    def _counted(self, block: Any, *, errors: bool) -> Any:
        rows = self._predicates[block[:, 0]]
        for position in range(1, block.shape[1]):
            rows &= self._predicates[block[:, position]]
        if not errors:
            return self._bits(rows)
        total = self._library.zeros(len(block), dtype=np.int64)
        for digit in range(len(self._digits)):
            total += self._bits(rows & self._digits[digit]) << digit
        return total

    def _bits(self, words: Any) -> Any:
        if hasattr(self._library, "bitwise_count"):
            counts = self._library.bitwise_count(words)
        else:
            counts = bits_side_by_side(words)
        return counts.sum(axis=1, dtype=np.int64)


def bits_side_by_side(words: Any) -> Any:
    """Count the bits of 64-bit words by arithmetic, where a library has no function for it.

    Examples
    --------
    >>> bits_side_by_side(np.array([0, 1, 2**64 - 1], dtype=np.uint64)).tolist()
    [0, 1, 64]
    """
    pairs, fours, eights, ones = (np.uint64(mask) for mask in (_PAIRS, _FOURS, _EIGHTS, _ONES))
    words = words - ((words >> np.uint64(1)) & pairs)
    words = (words & fours) + ((words >> np.uint64(2)) & fours)
    words = (words + (words >> np.uint64(4))) & eights
    return (words * ones) >> np.uint64(56)
