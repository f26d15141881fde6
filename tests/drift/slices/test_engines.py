"""Every engine counts the same, and what counting plainly gives."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from drift.settings import DriftSettings
from drift.slices.bitmaps import Bitmaps, errors_of, packed
from drift.slices.engine.choice import engine_of
from drift.slices.engine.device import DeviceEngine
from drift.slices.engine.processor import ProcessorEngine

EMULATION = Path(__file__).parents[1] / "arrays" / "emulated_cupy.py"


@pytest.fixture(scope="module")
def emulated(tmp_path_factory):
    """A stand-in for CuPy that runs the kernels on this processor."""
    if shutil.which("g++") is None:
        pytest.skip("kernels are emulated by way of g++, which is missing")
    spec = importlib.util.spec_from_file_location("emulated_cupy_for_slices", EMULATION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.stand_in(tmp_path_factory.mktemp("kernels"))


def world(rows, predicates=9, *, binary=False, seed=3):
    rng = np.random.default_rng(seed)
    masks = rng.random((predicates, rows)) < 0.6
    values = (rng.random(rows) < 0.4).astype(float) if binary else rng.random(rows)
    held = errors_of(values)
    return masks, held, Bitmaps(packed(masks), held.bitmaps())


def engines(bitmaps):
    return {"processor": ProcessorEngine(bitmaps), "threads": ProcessorEngine(bitmaps, threads=3)}


def plainly(masks, errors, members):
    inside = [np.logical_and.reduce(masks[one]) for one in members]
    return [int(m.sum()) for m in inside], [int(errors.units[m].sum()) for m in inside]


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("rows", [1, 63, 64, 65, 1000, 70_001])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_counts_are_those_of_counting_plainly(rows, level, binary):
    masks, errors, bitmaps = world(rows, binary=binary)
    rng = np.random.default_rng(level)
    members = rng.integers(0, len(masks), (37, level)).astype(np.int32)
    sizes, sums = plainly(masks, errors, members)
    for name, engine in engines(bitmaps).items():
        assert engine.sizes(members).tolist() == sizes, name
        assert engine.errors(members).tolist() == sums, name


def test_no_slices_are_counted_as_none():
    _, _, bitmaps = world(10)
    for engine in engines(bitmaps).values():
        assert engine.sizes(np.zeros((0, 2), dtype=np.int32)).tolist() == []


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize(("rows", "level"), [(1, 1), (65, 2), (20_001, 3), (70_001, 4)])
def test_the_kernel_counts_as_counting_plainly_does(emulated, rows, level, binary):
    masks, errors, bitmaps = world(rows, binary=binary)
    members = np.random.default_rng(level).integers(0, len(masks), (5, level)).astype(np.int32)
    with DeviceEngine(bitmaps, emulated) as engine:
        sizes, sums = plainly(masks, errors, members)
        assert engine.sizes(members).tolist() == sizes
        assert engine.errors(members).tolist() == sums
        assert engine.sizes(members[:0]).tolist() == []


def test_the_kernel_splits_a_slice_over_blocks(emulated, monkeypatch):
    monkeypatch.setattr("drift.slices.engine.device.WORDS_A_THREAD", 1)
    masks, errors, bitmaps = world(64 * 256 * 3 + 5)
    members = np.array([[0, 1], [2, 3]], dtype=np.int32)
    engine = DeviceEngine(bitmaps, emulated)
    assert (engine.sizes(members).tolist(), engine.errors(members).tolist()) == plainly(
        masks, errors, members
    )


def test_an_engine_is_chosen_by_size_and_says_why():
    bitmaps = world(100)[2]
    engine, why = engine_of(bitmaps, 100, DriftSettings())
    assert isinstance(engine, ProcessorEngine)
    assert why == "900 values are fewer than the 100000000 for which a GPU pays"
    _, why = engine_of(bitmaps, 100, DriftSettings(drift_engine="numpy"))
    assert why == "the settings say numpy"


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
def test_the_device_counts_as_the_processor():
    cupy = pytest.importorskip("cupy", reason="the gpu extra is not installed")
    if not cupy.cuda.is_available():
        pytest.skip("no NVIDIA GPU")
    _, _, bitmaps = world(1_000_001, 40)
    members = np.random.default_rng(5).integers(0, 40, (5000, 3)).astype(np.int32)
    device, host = DeviceEngine(bitmaps, cupy), ProcessorEngine(bitmaps)
    assert (device.sizes(members) == host.sizes(members)).all()
    assert (device.errors(members) == host.errors(members)).all()
