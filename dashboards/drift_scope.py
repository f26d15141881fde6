"""Which model a page is about: picked from those that decided, kept in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards import frame, state

if TYPE_CHECKING:
    from dashboards.visit import Visit

Row = dict[str, Any]

NO_MODEL = (
    "No model decided in this window. Send decisions with answerable.model.name, "
    "answerable.confidence and answerable.feature.NAME, or widen the window."
)


def models(visit: Visit) -> list[Row]:
    """Read the models that decided in the window, the busiest first; without a name is left out."""
    items: list[Row] = visit.drift.models(visit.params())["items"]
    named = [one for one in items if one["model"]]
    return sorted(named, key=lambda one: (-len(one["references"]), -one["decisions"]))


def pick(items: list[Row]) -> Row:
    """Draw the choice of a model; first come those that are compared with something."""
    by_key = {f"{one['tenant']}/{one['model']}": one for one in items}
    names = {key: f"{one['model']} · {one['tenant']}" for key, one in by_key.items()}
    return by_key[state.option("Model", "model", names, width=300)]


def nothing(visit: Visit) -> None:
    """Say that no model decided, and what to send."""
    frame.empty(visit, NO_MODEL, with_snippets=True)
