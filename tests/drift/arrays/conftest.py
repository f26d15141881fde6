"""The engines that can be tested on this machine."""

from __future__ import annotations

import pytest

from drift.arrays.numpy_engine import NumpyEngine
from drift.arrays.protocol import Engine


@pytest.fixture(
    params=["numpy", "threads", pytest.param("cupy", marks=pytest.mark.gpu)], scope="session"
)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "cupy":
        choice = pytest.importorskip("drift.arrays.choice")
        missing = choice.why_not_cupy()
        if missing:
            pytest.skip(missing)
        return choice.build("cupy", threads=1)
    return NumpyEngine(threads=1 if request.param == "numpy" else 3)
