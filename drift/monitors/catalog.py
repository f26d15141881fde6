"""Kinds of monitors by name: what evaluates a window of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.monitors.finding import Evaluator
    from drift.parts import DriftParts

#: Every kind of monitor: the names of `drift.monitors.monitor.KindName`.
KINDS: dict[str, Callable[[DriftParts], Evaluator]] = {}
