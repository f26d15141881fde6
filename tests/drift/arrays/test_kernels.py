"""Kernels and their launches, as far as a machine without a GPU can tell."""

from __future__ import annotations

import ast
import doctest
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from drift import codes
from drift.arrays import launch
from drift.arrays.launch import histogram_launch

ROOT = Path(__file__).parents[3]
KERNELS = ROOT / "drift" / "arrays" / "kernels.cu"


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="needs nvcc, the compiler of CUDA")
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_the_compiler_of_cuda_takes_the_kernels(architecture: str, tmp_path: Path) -> None:
    output = tmp_path / "kernels.ptx"
    command = ["nvcc", f"-arch={architecture}", "-std=c++17", "-Werror", "all-warnings", "-ptx"]
    done = subprocess.run([*command, KERNELS, "-o", output], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert output.read_text(encoding="utf-8").count(".visible .entry") == 6


@pytest.mark.parametrize("slice_count", [1, 2, 3, 20, 32, 33, 1_000])
@pytest.mark.parametrize("features", [1, 50, 5_000])
@pytest.mark.parametrize("decisions", [1, 100_000, 100_000_000])
def test_a_launch_holds_every_slice_within_what_every_device_gives(
    slice_count: int, features: int, decisions: int
) -> None:
    plan = histogram_launch(features, decisions, slice_count, 132)
    parts, rows, groups = plan.grid
    assert rows == features
    assert (groups - 1) * plan.slices_a_block < slice_count <= groups * plan.slices_a_block
    assert plan.replicas in {1, 2, 4, 8, 16, 32}
    edges = 256 * 8
    assert plan.shared_bytes == plan.slices_a_block * plan.replicas * codes.CODES * 4
    assert plan.shared_bytes + edges <= 48 << 10
    assert 1 <= parts <= -(-decisions // launch.VALUES_A_BLOCK)


def test_a_large_launch_fills_the_device() -> None:
    parts, features, groups = histogram_launch(50, 10**8, 1, 132).grid
    assert parts * features * groups >= 132 * launch.BLOCKS_A_PROCESSOR
    assert histogram_launch(50, 10**8, 1, 132).replicas == 32


def test_too_many_features_are_refused() -> None:
    with pytest.raises(ValueError, match="65536 features"):
        histogram_launch(65_536, 10, 1, 132)


def test_single_edges_are_never_rounded_up(emulated: ModuleType) -> None:
    random = np.random.default_rng(2)
    edges = np.concatenate([random.normal(size=1_000), [-np.inf, np.inf, 1e300, -1e300, 0.0]])
    near = emulated.rounded_down(edges)
    assert near.dtype == np.float32
    assert (near.astype(float) <= edges).all()
    below_all = np.abs(edges) < 1e30
    above = np.nextafter(near[below_all], np.float32(np.inf)).astype(float)
    assert (above > edges[below_all]).all()


def test_cupy_is_imported_in_one_file_only() -> None:
    importing = {
        path.relative_to(ROOT).as_posix()
        for package in (
            "answerable",
            "collector",
            "cost",
            "dashboards",
            "drift",
            "sql",
            "web",
            "bench",
        )
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.split(".")[0] in {"cupy", "cupyx"}
    }
    assert importing == {"drift/arrays/cupy_engine.py"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def test_the_examples_hold() -> None:
    assert doctest.testmod(launch).failed == 0
