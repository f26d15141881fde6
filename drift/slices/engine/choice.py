"""Which engine counts, and why."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from drift.arrays.choice import EngineSettings, choose
from drift.slices.engine.device import DeviceEngine
from drift.slices.engine.processor import ProcessorEngine

if TYPE_CHECKING:
    from drift.settings import DriftSettings
    from drift.slices.bitmaps import Bitmaps


def engine_of(
    bitmaps: Bitmaps, rows: int, settings: DriftSettings
) -> tuple[ProcessorEngine | DeviceEngine, str]:
    """Build the engine for a table, and say why it is this one.

    Parameters
    ----------
    rows
        Of the table; with the number of conditions they make the values that decide.

    Raises
    ------
    ValueError
        The settings demand CuPy and it cannot run.
    """
    choice = choose(
        rows * len(bitmaps.predicates),
        EngineSettings(settings.drift_engine, settings.slices_gpu_values_min),
    )
    if choice.name == "numpy":
        return ProcessorEngine(bitmaps, threads=settings.slices_threads), choice.reason
    return DeviceEngine(bitmaps, import_module("drift.arrays.cupy_engine").cp), choice.reason
