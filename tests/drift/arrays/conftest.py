"""The engines that can be tested on this machine."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from drift.arrays import choice
from drift.arrays.numpy_engine import NumpyEngine
from drift.arrays.protocol import Engine


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    if shutil.which("g++") is None:
        pytest.skip("kernels are emulated by way of g++, which is missing")
    path = Path(__file__).with_name("emulated_cupy.py")
    spec = importlib.util.spec_from_file_location("emulated_cupy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load_engine(tmp_path_factory.mktemp("kernels"))


@pytest.fixture(
    params=["numpy", "threads", "emulated", pytest.param("cupy", marks=pytest.mark.gpu)],
    scope="session",
)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "emulated":
        return request.getfixturevalue("emulated").CupyEngine()
    if request.param == "cupy":
        lacking = choice.why_not_cupy()
        if lacking:
            pytest.skip(lacking)
        return choice.build("cupy")
    return NumpyEngine(threads=1 if request.param == "numpy" else 3)
