"""References: defined from a window of a model, kept by version, read with what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drift.cells import Cells, Key, Slice
from drift.reference import Baseline, Definition, FeatureReference, Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts

__all__ = [
    "Baseline",
    "Cells",
    "Definition",
    "FeatureReference",
    "Key",
    "Reference",
    "References",
    "Slice",
]


class References:
    """Defines, finds and deletes references."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts

    def define(self, definition: Definition, actor: str, reason: str = "") -> Reference:
        """Make a reference, or the next version of one that exists."""
        raise NotImplementedError

    def get(self, tenant: str, reference_id: str, version: int | None = None) -> Reference:
        """Read a version, or the newest; raises NotFoundError."""
        raise NotImplementedError

    def list(self, tenants: Sequence[str]) -> list[Reference]:
        """Read the newest version of every reference; no tenants means all of them."""
        raise NotImplementedError

    def delete(self, tenant: str, reference_id: str, actor: str, reason: str) -> None:
        """End a reference; what was counted for it stays."""
        raise NotImplementedError

    def counts(self, reference: Reference) -> dict[Key, Cells]:
        """Read what the reference's own window holds."""
        raise NotImplementedError

    def baseline(self, reference: Reference, start_ns: int, end_ns: int) -> dict[Key, Cells]:
        """Read what a window is to be compared with."""
        raise NotImplementedError
