"""The seam for causes: which recorded changes are behind a change of cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cost.explain.explanation import Explanation
    from cost.explain.reading import Comparison


class CauseFinder(Protocol):
    """Ranks deployments, prompts, prices and other recorded changes by the money they explain.

    What happened is known to provenance, which is a package of its own and no part of the cost
    meter. The application hands an implementation in; without one nothing is claimed.
    """

    def find(self, asked: Comparison, found: Explanation) -> Sequence[dict[str, Any]]:
        """Name causes, the likeliest first; each has what the API should show of it."""
        ...


class NoCauses:
    """Knows of no changes, and so names none."""

    def find(self, asked: Comparison, found: Explanation) -> Sequence[dict[str, Any]]:
        """Name nothing."""
        del asked, found
        return ()
