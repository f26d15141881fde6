"""The engine is chosen by size, and says why."""

from __future__ import annotations

import doctest
import importlib.util

import pytest

from drift.arrays import buffers, choice, numpy_engine, permutations
from drift.arrays.choice import Choice, Engines, EngineSettings, choose


def present() -> None:
    return None


def absent() -> str:
    return "no device was found"


def test_the_gpu_is_chosen_from_a_size_on() -> None:
    settings = EngineSettings(gpu_values_min=1_000)
    assert choose(999, settings, missing=present).name == "numpy"
    taken = choose(1_000, settings, missing=present)
    assert taken == Choice("cupy", "1000 values are at least the 1000 for which a GPU pays")


def test_what_is_counted_already_stays_on_the_processor_even_on_demand() -> None:
    settings = EngineSettings(preference="cupy")
    assert choose(10**9, settings, counted=True, missing=present) == Choice(
        "numpy", "the values are counted already"
    )


def test_without_a_gpu_the_reason_says_what_is_lacking() -> None:
    assert choose(10**9, EngineSettings(), missing=absent) == Choice("numpy", absent())
    with pytest.raises(ValueError, match="no device was found; set it to auto or numpy"):
        choose(1, EngineSettings(preference="cupy"), missing=absent)


def test_settings_may_name_the_engine() -> None:
    assert choose(1, EngineSettings(preference="cupy"), missing=present).name == "cupy"
    assert choose(10**9, EngineSettings(preference="numpy"), missing=present).name == "numpy"


@pytest.mark.skipif(
    importlib.util.find_spec("cupy") is not None, reason="this machine has the gpu extra"
)
def test_without_the_extra_everything_runs_on_the_processor() -> None:
    engine, why = Engines(EngineSettings()).of(10**9)
    assert engine.name == "numpy"
    assert "CuPy is not installed" in why.reason


def test_an_engine_is_built_once() -> None:
    engines = Engines(EngineSettings(preference="numpy", threads=2))
    assert engines.of(1)[0] is engines.of(10**9)[0]
    with pytest.raises(ValueError, match="threads is 0"):
        Engines(EngineSettings(threads=0)).of(1)


@pytest.mark.parametrize("module", [buffers, choice, numpy_engine, permutations])
def test_the_examples_of_docstrings_hold(module: object) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
