"""The GPU: bitmaps lie there, and one launch counts all slices of a batch.

CuPy is handed in: `drift.arrays.cupy_engine` is the only module that imports it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from drift.slices.bitmaps import Bitmaps
    from drift.slices.engine.protocol import Integers, Members

#: Threads of a block; as in slices.cu.
THREADS = 256
#: Words of a bitmap that a thread adds up before its slice is given another block.
WORDS_A_THREAD = 16
#: Most blocks of one slice.
PARTS_MAX = 1024


class DeviceEngine:
    """Counts slices on the current CUDA device.

    Parameters
    ----------
    library
        CuPy.
    """

    name = "cupy"

    def __init__(self, bitmaps: Bitmaps, library: Any) -> None:
        self._library = library
        source = files("drift.slices.engine").joinpath("slices.cu").read_text(encoding="utf-8")
        module = library.RawModule(code=source, options=("--std=c++17",))
        self._count = module.get_function("count_slices")
        self._predicates = library.asarray(bitmaps.predicates)
        self._digits = library.asarray(bitmaps.digits)
        self._words = bitmaps.predicates.shape[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        """Let go of the device's memory with the last name of the engine."""

    def sizes(self, members: Members) -> Integers:
        """Count the rows of slices, shape (m,)."""
        return self._launched(members, digits=0)[0]

    def errors(self, members: Members) -> Integers:
        """Add up the errors of slices, shape (m,)."""
        return self._launched(members, digits=len(self._digits))[1]

    def _launched(self, members: Members, *, digits: int) -> tuple[Integers, Integers]:
        count, level = members.shape
        sizes = self._library.zeros(count, dtype=np.uint64)
        errors = self._library.zeros(count, dtype=np.uint64)
        if count and self._words:
            parts = min(PARTS_MAX, -(-self._words // (THREADS * WORDS_A_THREAD)))
            numbers = (np.int64(self._words), np.int32(level), np.int32(digits))
            own = self._library.asarray(np.ascontiguousarray(members, dtype=np.int32))
            arrays = (self._predicates, self._digits, own, sizes, errors)
            self._count((count, parts), (THREADS,), (*arrays, *numbers))
        return self._given(sizes), self._given(errors)

    def _given(self, counts: Any) -> Integers:
        return np.asarray(self._library.asnumpy(counts)).astype(np.int64)
