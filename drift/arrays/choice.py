"""Which engine computes a block, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from drift.arrays.numpy_engine import NumpyEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.arrays.protocol import Engine

Name = Literal["numpy", "cupy"]
Preference = Literal["auto", "numpy", "cupy"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the choice depends on.

    Parameters
    ----------
    preference
        `auto` chooses by size.
    gpu_values_min
        Fewest values of one launch for which `auto` takes the GPU: below, starting it and moving
        the values costs more than it saves.
    threads
        Of the processor's engine.
    """

    preference: Preference = "auto"
    gpu_values_min: int = 50_000
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine by name, and the reason, in words for a person."""

    name: Name
    reason: str


def choose(
    values: int,
    settings: EngineSettings,
    *,
    counted: bool = False,
    missing: Callable[[], str | None] | None = None,
) -> Choice:
    """Choose the engine for one block.

    Parameters
    ----------
    values
        Values of the block: features times decisions.
    counted
        Whether the store counted them already, so that only a few integers are left to add.
    missing
        Says why there is no GPU, or None; `why_not_cupy` unless given.

    Raises
    ------
    ValueError
        The settings demand CuPy and it cannot run.

    Examples
    --------
    >>> choose(10_000, EngineSettings()).reason
    '10000 values are fewer than the 50000 for which a GPU pays'
    """
    missing = missing or why_not_cupy
    if settings.preference == "numpy":
        return Choice("numpy", "the settings say numpy")
    if counted:
        return Choice("numpy", "the values are counted already")
    if settings.preference == "cupy":
        lacking = missing()
        if lacking:
            raise ValueError(f"preference is cupy, but {lacking}; set it to auto or numpy")
        return Choice("cupy", "the settings say cupy")
    least = settings.gpu_values_min
    if values < least:
        return Choice("numpy", f"{values} values are fewer than the {least} for which a GPU pays")
    lacking = missing()
    if lacking:
        return Choice("numpy", lacking)
    return Choice("cupy", f"{values} values are at least the {least} for which a GPU pays")


@cache
def why_not_cupy() -> str | None:
    """Say why CuPy cannot be used here, or None where it can; looked up once a process."""
    try:
        module = import_module("drift.arrays.cupy_engine")
    except ImportError as error:
        return f"CuPy is not installed ({error})"
    lacking: str | None = module.why_no_device()
    return lacking


def build(name: Name, threads: int = 1) -> Engine:
    """Build an engine."""
    if name == "numpy":
        return NumpyEngine(threads)
    engine: Engine = import_module("drift.arrays.cupy_engine").CupyEngine()
    return engine


class Engines:
    """Engines that are built when first chosen and kept.

    Examples
    --------
    >>> engine, choice = Engines(EngineSettings(preference="numpy")).of(1_000_000)
    >>> engine.name, choice.reason
    ('numpy', 'the settings say numpy')
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._built: dict[Name, Engine] = {}

    def of(self, values: int, *, counted: bool = False) -> tuple[Engine, Choice]:
        """Give the engine for a block, and why it is this one; see `choose`."""
        choice = choose(values, self._settings, counted=counted)
        if choice.name not in self._built:
            self._built[choice.name] = build(choice.name, self._settings.threads)
        return self._built[choice.name], choice
