"""Every engine counts the same, and what counting plainly gives."""

from types import SimpleNamespace

import numpy as np
import pytest

from drift.slices.bitmaps import Bitmaps, errors_of, packed
from drift.slices.engine.arrays import ArrayEngine, bits_side_by_side
from drift.slices.engine.processor import ProcessorEngine

#: NumPy without its function for counting bits, as an older library is.
PLAIN = SimpleNamespace(asarray=np.asarray, zeros=np.zeros)


def world(rows, predicates=9, *, binary=False, seed=3):
    rng = np.random.default_rng(seed)
    masks = rng.random((predicates, rows)) < 0.6
    values = (rng.random(rows) < 0.4).astype(float) if binary else rng.random(rows)
    held = errors_of(values)
    return masks, held, Bitmaps(packed(masks), held.bitmaps())


def engines(bitmaps):
    return {
        "processor": ProcessorEngine(bitmaps),
        "threads": ProcessorEngine(bitmaps, threads=3),
        "arrays": ArrayEngine(bitmaps, np, "numpy", block_bytes=100),
        "plain": ArrayEngine(bitmaps, PLAIN, "numpy without bitwise_count"),
    }


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 1000, 70_001])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_counts_are_those_of_counting_plainly(rows, level, binary):
    masks, errors, bitmaps = world(rows, binary=binary)
    rng = np.random.default_rng(level)
    members = rng.integers(0, len(masks), (37, level)).astype(np.int32)
    inside = [np.logical_and.reduce(masks[one]) for one in members]
    sizes = [int(mask.sum()) for mask in inside]
    sums = [int(errors.units[mask].sum()) for mask in inside]
    for name, engine in engines(bitmaps).items():
        assert engine.sizes(members).tolist() == sizes, name
        assert engine.errors(members).tolist() == sums, name


def test_no_slices_are_counted_as_none():
    _, _, bitmaps = world(10)
    for engine in engines(bitmaps).values():
        assert engine.sizes(np.zeros((0, 2), dtype=np.int32)).tolist() == []


def test_bits_are_counted_side_by_side():
    words = np.random.default_rng(1).integers(0, 2**64, 5000, dtype=np.uint64)
    assert (bits_side_by_side(words) == np.bitwise_count(words)).all()


def test_errors_are_kept_to_a_part_in_16_million():
    values = np.random.default_rng(2).random(5000) * 7
    held = errors_of(values)
    assert np.abs(held.units * held.unit - values).max() <= values.max() / (2**24 - 1) / 2 * 1.001


def test_errors_alike_are_exact():
    assert errors_of([0, 0.3, 0.3]).digits == 1
    assert errors_of([0, 0]).total == 0


@pytest.mark.parametrize("bad", [[-1.0], [float("nan")], [float("inf")]])
def test_errors_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="errors"):
        errors_of(bad)


def test_threads_are_at_least_one():
    with pytest.raises(ValueError, match="threads is 0"):
        ProcessorEngine(world(5)[2], threads=0)


@pytest.mark.gpu
def test_cupy_counts_as_numpy():
    cupy = pytest.importorskip("cupy", reason="the gpu extra is not installed")
    if not cupy.cuda.is_available():
        pytest.skip("no NVIDIA GPU")
    _, _, bitmaps = world(70_001, 40)
    rng = np.random.default_rng(5)
    members = rng.integers(0, 40, (5000, 3)).astype(np.int32)
    device, host = ArrayEngine(bitmaps, cupy, "cupy"), ProcessorEngine(bitmaps)
    assert (device.sizes(members) == host.sizes(members)).all()
    assert (device.errors(members) == host.errors(members)).all()
