"""Budgets: what is left, what holds it, and when it runs out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import formatters, frame, state, tables
from dashboards import money as m
from dashboards.views import budget_detail

if TYPE_CHECKING:
    from dashboards.visit import Visit

_LIST = "budget_list"
_MISSING = "This service has no budgets. Update it: they came with a later version."
_EMPTY = (
    "No budget yet. Make one with `answerable budget set` or POST /v1/budgets; calls then ask "
    "POST /v1/budgets/reserve before they spend, or are counted once their spans arrive."
)

#: What the next smallest call is answered.
ANSWERS: dict[str, str] = {
    "allow": "allowed",
    "downgrade": "cheaper model",
    "defer": "deferred",
    "deny": "denied",
}


def render(visit: Visit) -> None:
    """Draw every budget, and one of them in full."""
    line = frame.title(visit, "Budgets")
    with frame.readable_errors(_MISSING):
        answer = visit.costs.budgets({"tenant": visit.tenant})
        tenant = f" · tenant {visit.tenant}" if visit.tenant else ""
        frame.note(line, f"Each in its own window{tenant} · {frame.as_of(answer['as_of'])}")
        items: list[dict[str, Any]] = sorted(answer["items"], key=_fullest)
        if not items:
            frame.empty(visit, _EMPTY)
            return
        _suspensions(answer["suspensions"])
        _list(items, _coverages(visit))
        if answer["next_cursor"]:
            st.caption("There are more budgets than fit; choose a tenant to see its own.")
        budget_detail.render(visit, _chosen(items))


def _fullest(budget: dict[str, Any]) -> tuple[bool, float, str]:
    used = budget["state"]["used"]
    return used is not None, -float(used or 0), budget["budget_id"]


def _chosen(items: list[dict[str, Any]]) -> dict[str, Any]:
    wanted = (state.get("budget"), state.get("budget_tenant"))
    return next((one for one in items if (one["budget_id"], one["tenant"]) == wanted), items[0])


def _suspensions(found: list[dict[str, Any]]) -> None:
    for one in found:
        until = f"until {formatters.minute(one['until'])} UTC" if one["until"] else "until lifted"
        st.warning(
            f"New work of **{formatters.plain(one['tenant'])}** is suspended {until}: "
            f"{formatters.plain(one['reason'])} (budget {formatters.plain(one['budget_id'])}). "
            "Telemetry is taken as ever.",
            icon=":material/block:",
        )


def _coverages(visit: Visit) -> dict[str, str | None]:
    """Read how much of every tenant's usage has a price: what has none is in no budget's sum."""
    known: dict[str, str | None] = {}
    with frame.part("Coverage"):
        found = visit.costs.sums(visit.params(group_by="tenant"))["items"]
        names = {row["tenant"] for row in found}
        known |= {
            name: m.covered(row for row in found if row["tenant"] == name) for name in sorted(names)
        }
        known[""] = m.covered(found)
    return known


def _list(items: list[dict[str, Any]], coverages: dict[str, str | None]) -> None:
    st.caption("Click a row to see it below.")

    def coverage(row: dict[str, Any]) -> str:
        known = row["tenant"] in coverages
        return m.coverage(coverages[row["tenant"]]) if known else formatters.ABSENT

    columns: dict[str, tables.ArrowColumn] = {
        "Budget": partial(tables.texts, text=lambda row: row["name"] or row["budget_id"]),
        "Tenant": partial(tables.texts, text=lambda row: row["tenant"] or "organisation"),
        "For": partial(tables.texts, text=budget_detail.scope),
        "Used": partial(tables.floats, value=lambda row: _percent(row["state"]["used"])),
        "Spent": partial(tables.texts, text=lambda row: _money(row, row["state"]["spent"])),
        "Held": partial(tables.texts, text=lambda row: _money(row, row["state"]["held"])),
        "Limit": partial(tables.texts, text=lambda row: _money(row, row["limit"])),
        "Next call": partial(tables.texts, text=_answer),
        "Coverage": partial(tables.texts, text=coverage),
    }
    st.dataframe(
        tables.arrow(items, columns),
        key=_LIST,
        hide_index=True,
        height="content" if len(items) <= 15 else 480,
        on_select=partial(_open, items),
        selection_mode="single-cell",
        column_config={
            "Used": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100, width=130
            ),
            "Coverage": st.column_config.TextColumn(
                help="Of the tenant's usage in the window chosen at the left."
            ),
        },
        alt="Budgets, the fullest first",
    )


def _percent(used: str | None) -> float | None:
    return None if used is None else 100 * float(used)


def _money(row: dict[str, Any], text: str) -> str:
    return m.money(text, row["currency"])


def _answer(row: dict[str, Any]) -> str:
    now = row["state"]
    if now["suspended"]:
        return "suspended"
    return ANSWERS.get(now["decision"], str(now["decision"]))


def _open(items: list[dict[str, Any]]) -> None:
    row = tables.selected_row(st.session_state[_LIST])
    if row is not None and row < len(items):
        state.put(budget=items[row]["budget_id"], budget_tenant=items[row]["tenant"])
