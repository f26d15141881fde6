"""The engine of the GPU; the only module that imports CuPy.

Arrays may be NumPy's, which are copied over, or what `CupyEngine.resident` gave, which are there.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import cupy as cp
import numpy as np

from drift.arrays import tiles
from drift.arrays.inputs import (
    codes_checked,
    counts_verified,
    edges_checked,
    marks_checked,
    members_checked,
    numbers_checked,
    slices_checked,
)
from drift.arrays.launch import THREADS, histogram_launch, parts_of
from drift.arrays.protocol import Distances, KernelSums, Pairs
from drift.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from drift.arrays.protocol import Codes, Counts, Doubles, Floats, Ids, Marks, Members

#: Rows of a tile of the kernel matrix, 128 MiB as doubles, and of conditions at a time.
TILE_ROWS = 4_096
PAIR_ROWS = 1 << 18
#: Edges of a feature with the fill; as in kernels.cu.
EDGES = 256
#: Most slices of one launch: their ids are 16 bits.
SLICES_MAX = 1 << 16


def why_no_device() -> str | None:
    """Say why there is no device, or None where there is one."""
    try:
        devices = cp.cuda.runtime.getDeviceCount()
    except cp.cuda.runtime.CUDARuntimeError as error:
        return f"CUDA finds no device ({error})"
    return None if devices else "CUDA finds no device"


class CupyEngine:
    """Computes on the current CUDA device.

    Raises
    ------
    ValueError
        There is no device.
    """

    def __init__(self) -> None:
        lacking = why_no_device()
        if lacking:
            raise ValueError(f"the cupy engine needs a device, but {lacking}")
        source = files("drift.arrays").joinpath("kernels.cu").read_text(encoding="utf-8")
        self._module = cp.RawModule(code=source, options=("--std=c++17",))
        self._multiprocessors = int(cp.cuda.Device().attributes["MultiProcessorCount"])

    @property
    def name(self) -> str:
        """What results say made them."""
        return "cupy"

    @property
    def device(self) -> str:
        """The device in words."""
        properties = cp.cuda.runtime.getDeviceProperties(cp.cuda.Device().id)
        return str(properties["name"].decode())

    def resident(self, array: npt.NDArray[Any]) -> Any:
        """Copy an array to the device, for several calls."""
        return cp.asarray(array)

    def synchronise(self) -> None:
        """Wait until the device has done all it was told."""
        cp.cuda.get_current_stream().synchronize()

    def count_codes(self, codes: Codes, slices: Ids | None = None, slice_count: int = 1) -> Counts:
        """Count codes of all features in all slices in one launch."""
        codes = codes_checked(codes)
        return self._histogram("count_codes", (cp.asarray(codes),), slices, slice_count)

    def count_numbers(
        self,
        values: Floats,
        edges: Sequence[npt.ArrayLike],
        slices: Ids | None = None,
        slice_count: int = 1,
    ) -> Counts:
        """Count numbers over fixed edges, all features and slices in one launch."""
        values = numbers_checked(values, "values")
        filled = np.full((values.shape[0], EDGES), np.inf)
        rows = edges_checked(edges, values.shape[0])
        filled[:, : rows.shape[1]] = rows
        kernel = "count_doubles"
        if values.dtype == np.float32:
            kernel, filled = "count_floats", rounded_down(filled)
        arrays = (cp.asarray(values), cp.asarray(filled))
        return self._histogram(kernel, arrays, slices, slice_count)

    def kolmogorov_smirnov(self, reference: Floats, current: Floats) -> Distances:
        """Compare f features by one sort of packed keys and one pass over them."""
        reference = numbers_checked(reference, "reference")
        current = numbers_checked(current, "current")
        if reference.shape[0] != current.shape[0]:
            raise ValueError(
                f"reference has {reference.shape[0]} features and current {current.shape[0]}"
            )
        features, n = reference.shape
        total = n + current.shape[1]
        if not features * total:
            empty = np.zeros(features, dtype=np.int64)
            return Distances(np.full(features, np.nan), empty, empty)
        if reference.dtype == np.float32 and current.dtype == np.float32:
            keys = self._packed(cp.asarray(reference), cp.asarray(current))
        else:
            keys = self._ranked(cp.asarray(reference), cp.asarray(current))
        return self._distances(keys, features, total)

    def kernel_sums(self, rows: Floats, marks: Marks, gamma: float) -> KernelSums:
        """Sum the Gaussian kernel tile by tile; the permutations are one product a tile."""
        marks_checked(rows, marks, gamma)
        points = cp.asarray(rows).astype(cp.float64)
        marked = cp.asarray(marks).astype(cp.float64)
        within, sums, total = tiles.kernel_sums(cp, points, marked, gamma, TILE_ROWS)
        return KernelSums(cp.asnumpy(within), cp.asnumpy(sums), total)

    def pairs(self, members: Members, errors: Doubles) -> Pairs:
        """Evaluate all pairs of conditions by two products."""
        members_checked(members, errors)
        sizes, sums = tiles.pairs(cp, cp.asarray(members), cp.asarray(errors), PAIR_ROWS)
        return Pairs(cp.asnumpy(sizes), cp.asnumpy(sums))

    def _histogram(
        self, kernel: str, arrays: tuple[Any, ...], slices: Ids | None, slice_count: int
    ) -> Counts:
        features, decisions = arrays[0].shape
        checked = slices_checked(slices, decisions, slice_count)
        if slice_count > SLICES_MAX:
            raise ValueError(f"slice_count is {slice_count}; give at most {SLICES_MAX}")
        counts = cp.zeros((features, slice_count, CODES), dtype=cp.uint64)
        if features and decisions:
            plan = histogram_launch(features, decisions, slice_count, self._multiprocessors)
            none = cp.zeros(1, dtype=cp.uint16)
            ids = none if checked is None else cp.asarray(checked).astype(cp.uint16)
            sizes = (checked is not None, slice_count, plan.slices_a_block, plan.replicas)
            self._module.get_function(kernel)(
                plan.grid,
                (THREADS,),
                (*arrays, ids, counts, np.int64(decisions), *map(np.int32, sizes)),
                shared_mem=plan.shared_bytes,
            )
        return counts_verified(cp.asnumpy(counts).astype(np.int64), decisions)

    def _packed(self, reference: Any, current: Any) -> Any:
        """Sort keys of feature, number and sample, all features at once."""
        (features, n), m = reference.shape, current.shape[1]
        keys = cp.empty(features * (n + m), dtype=cp.uint64)
        grid = (min(parts_of(n + m), 1_024), features)
        arguments = (reference, current, keys, np.int64(n), np.int64(m))
        self._module.get_function("pack_floats")(grid, (THREADS,), arguments)
        keys.sort()
        return keys

    def _ranked(self, reference: Any, current: Any) -> Any:
        """Give the same keys, in order, for doubles: their ranks stand for them."""
        both = cp.concatenate([reference.astype(cp.float64), current.astype(cp.float64)], axis=1)
        order = cp.argsort(both, axis=1)
        ordered = cp.take_along_axis(both, order, axis=1)
        rises = cp.zeros(both.shape, dtype=cp.uint64)
        rises[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        ranks = cp.cumsum(rises, axis=1)
        ranks[cp.isnan(ordered)] = np.uint64(0xFFFF_FFFF)
        feature = cp.arange(both.shape[0], dtype=cp.uint64)[:, None]
        sample = (order >= reference.shape[1]).astype(cp.uint64)
        return (feature * np.uint64(1 << 33) + ranks * np.uint64(2) + sample).ravel()

    def _distances(self, keys: Any, features: int, total: int) -> Distances:
        parts = parts_of(total)
        grid, length = (parts, features), np.int64(total)
        counted = cp.zeros((features, parts), dtype=cp.int64)
        sizes = cp.zeros((features, 2), dtype=cp.uint64)
        gaps = cp.zeros(features, dtype=cp.uint64)
        count = self._module.get_function("count_current")
        count(grid, (THREADS,), (keys, counted, sizes, length))
        before = cp.cumsum(counted, axis=1) - counted
        farthest = self._module.get_function("farthest")
        farthest(grid, (THREADS,), (keys, before, sizes, gaps, length))
        n, m = cp.asnumpy(sizes).astype(np.int64).T
        pairs = (n * m).astype(np.float64)
        estimates = np.divide(
            cp.asnumpy(gaps).astype(np.float64),
            pairs,
            out=np.full(features, np.nan),
            where=pairs > 0,
        )
        return Distances(estimates, n, m)


def rounded_down(edges: Doubles) -> npt.NDArray[np.float32]:
    """Round edges to single precision, never up: x <= edge stays the same for every such x."""
    with np.errstate(over="ignore"):
        near = edges.astype(np.float32)
    return np.where(near > edges, np.nextafter(near, np.float32(-np.inf)), near)
