"""A form that writes the YAML of a monitor: the fields that most monitors need."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from dashboards import drift_scope, monitor_draft, state

Row = dict[str, Any]

_KEY = "monitor_form"
_NONE = {"": "none"}


def choose(monitor: Row) -> None:
    """Open a monitor: it stands in the URL."""
    state.put(monitor=str(monitor["id"]), monitor_tenant=str(monitor["tenant"]))


def render(items: list[Row], references: list[Row], text: str) -> None:
    """Draw the form over the draft that session state holds under `text`."""
    if not items:
        st.caption(drift_scope.NO_MODEL)
        return
    draft = monitor_draft.lenient(st.session_state[text])
    by_key = {f"{one['tenant']}/{one['model']}": one for one in items}
    with st.container(border=True):
        model = by_key[_model(by_key, draft)]
        of = {"tenant": model["tenant"], "model": model["model"]}
        fit = {one["id"]: one["dimensions"] for one in references if of.items() <= one.items()}
        with st.form(_KEY, border=False):
            left, right = st.columns(2)
            with left:
                _what(fit, draft)
            with right:
                _when(draft)
            st.form_submit_button(
                "Write into the YAML",
                icon=":material/edit_note:",
                on_click=_fill,
                args=(text, draft, of),
            )


def key(name: str, draft: Row) -> str:
    """Name a field; it holds the draft's value, so that another draft redraws it."""
    return f"{_KEY}.{name}={draft.get(name)}"


def _fill(text: str, draft: Row, of: Row) -> None:
    """Put the fields, as they are when the button is pressed, over the draft."""
    names = (*_WHAT, *_WHEN)
    filled = {name: st.session_state[key(name, draft)] for name in names}
    if filled["tolerance"] == 0:
        # The field knows numbers alone; a tolerance of the reference stays as it is.
        of_reference = draft.get("tolerance") == "reference"
        filled["tolerance"] = "reference" if of_reference else None
    if filled["kind"] != draft.get("kind"):
        # Every kind has statistics of its own.
        filled["statistic"] = None
    st.session_state[text] = monitor_draft.text(monitor_draft.merged(draft, of | filled))


def _model(by_key: dict[str, Row], draft: Row) -> str:
    kept = f"{draft.get('tenant')}/{draft.get('model')}"
    names = list(by_key)
    chosen: str = st.selectbox(
        "Model",
        names,
        index=names.index(kept) if kept in names else 0,
        format_func=lambda name: f"{by_key[name]['model']} · {by_key[name]['tenant']}",
        key=f"{_KEY}.of={kept}",
    )
    return chosen


_WHAT = ("id", "kind", "reference", "slices")
_WHEN = ("window", "alpha", "tolerance", "confirmations")


def _what(references: dict[str, list[str]], draft: Row) -> None:
    st.text_input("Name", str(draft.get("id") or "my-monitor"), key=key("id", draft))
    _pick("kind", "Watches", monitor_draft.KINDS, draft)
    _pick("reference", "Reference", {name: name for name in references} or _NONE, draft)
    given = draft.get("slices")
    kept = [str(one) for one in given] if isinstance(given, list) else []
    offered = {name for names in references.values() for name in names}
    st.multiselect(
        "Each by itself",
        sorted(offered | set(kept)),
        default=kept,
        format_func=lambda name: name.removeprefix("feature:").replace("_", " "),
        key=key("slices", draft),
        placeholder="all decisions together",
    )


def _when(draft: Row) -> None:
    _pick("window", "Window", monitor_draft.WINDOWS, draft)
    st.number_input(
        "Accepted share of false suspicions",
        0.0001,
        0.2,
        within(draft.get("alpha"), 0.01, 0.0001, 0.2),
        step=0.005,
        format="%.4f",
        key=key("alpha", draft),
    )
    st.number_input(
        "Least effect that matters",
        0.0,
        100.0,
        within(draft.get("tolerance"), 0.0, 0.0, 100.0),
        step=0.05,
        help="0: what samples of these sizes show by chance, or what the YAML takes from the "
        "reference.",
        key=key("tolerance", draft),
    )
    st.number_input(
        "Windows that have to confirm it",
        0,
        10,
        int(within(draft.get("confirmations"), 1, 0, 10)),
        key=key("confirmations", draft),
    )


def _pick(name: str, label: str, options: dict[str, str], draft: Row) -> None:
    names = list(options)
    kept = draft.get(name)
    st.selectbox(
        label,
        names,
        index=names.index(kept) if kept in names else 0,
        format_func=lambda one: options[one],
        key=key(name, draft),
    )


def within(value: Any, default: float, low: float, high: float) -> float:
    """Read a number somebody wrote, cut to a range; what is none is the default."""
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return default
    return min(high, max(low, read)) if math.isfinite(read) else default
