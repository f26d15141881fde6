"""A form that writes the YAML of a monitor: the fields that most monitors need."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards import drift_scope, monitor_draft, state

Row = dict[str, Any]

_KEY = "monitor_form"
_OWN = ""
_SEVERITIES = ("warning", "critical", "info")


def choose(monitor: Row) -> None:
    """Open a monitor: it stands in the URL."""
    state.put(monitor=str(monitor["id"]), monitor_tenant=str(monitor["tenant"]))


def render(items: list[Row], text: str) -> None:
    """Draw the form over the draft that session state holds under `text`."""
    if not items:
        st.caption(drift_scope.NO_MODEL)
        return
    draft = monitor_draft.lenient(st.session_state[text])
    by_key = {f"{one['tenant']}/{one['model']}": one for one in items}
    with st.container(border=True):
        model = by_key[_model(by_key, draft)]
        with st.form(_KEY, border=False):
            filled = {"tenant": model["tenant"], "model": model["model"]} | _fields(model, draft)
            st.form_submit_button(
                "Write into the YAML",
                icon=":material/edit_note:",
                on_click=_fill,
                args=(text, draft, filled),
            )


def _fill(text: str, draft: Row, filled: dict[str, Any]) -> None:
    """Put the fields, as they are when the button is pressed, over the draft."""
    now = {name: st.session_state.get(f"{_KEY}.{name}", value) for name, value in filled.items()}
    if now["tolerance"] == 0:
        now["tolerance"] = None
    st.session_state[text] = monitor_draft.text(monitor_draft.merged(draft, now))


def _model(by_key: dict[str, Row], draft: Row) -> str:
    names = list(by_key)
    kept = f"{draft.get('tenant')}/{draft.get('model')}"
    chosen: str = st.selectbox(
        "Model",
        names,
        index=_place(names, kept),
        format_func=lambda key: f"{by_key[key]['model']} · {by_key[key]['tenant']}",
        key=f"{_KEY}.of={kept}",
    )
    return chosen


def _fields(model: Row, draft: Row) -> dict[str, Any]:
    left, right = st.columns(2)
    with left:
        made: dict[str, Any] = {
            "id": st.text_input("Name", str(draft.get("id") or "my-monitor"), key=f"{_KEY}.id"),
            "kind": _pick("kind", "Watches", monitor_draft.KINDS, draft),
            "reference": _pick(
                "reference",
                "Reference",
                {one: one for one in model["references"]} or {_OWN: "none"},
                draft,
            ),
            "slices": st.multiselect(
                "Slices",
                sorted({*_dimensions(model), *draft.get("slices", [])}),
                default=draft.get("slices", []),
                key=f"{_KEY}.slices",
            ),
        }
    with right:
        made["window"] = _pick("window", "Window", monitor_draft.WINDOWS, draft)
        made["alpha"] = st.number_input(
            "Accepted share of false alarms",
            0.0001,
            0.2,
            float(draft.get("alpha") or 0.01),
            step=0.005,
            format="%.4f",
            key=f"{_KEY}.alpha",
        )
        made["tolerance"] = st.number_input(
            "Least effect that matters (0: by chance)",
            0.0,
            100.0,
            float(draft.get("tolerance") or 0.0),
            step=0.05,
            key=f"{_KEY}.tolerance",
        )
        made["confirmations"] = st.number_input(
            "Windows that have to confirm it",
            0,
            10,
            int(draft.get("confirmations", 1)),
            key=f"{_KEY}.confirmations",
        )
    return made


def _dimensions(model: Row) -> list[str]:
    """List what a model's traffic may be sliced by."""
    own = ["model_version", "prompt_version", "environment", "service_name", "route"]
    return own + [f"feature:{name}" for name in model["features"] if not name.startswith("@")]


def _pick(name: str, label: str, options: dict[str, str], draft: Row) -> str:
    names = list(options)
    kept = draft.get(name)
    chosen: str = st.selectbox(
        label,
        names,
        index=_place(names, kept),
        format_func=lambda key: options[key],
        key=f"{_KEY}.{name}",
    )
    return chosen


def _place(names: list[str], wanted: Any) -> int:
    return names.index(wanted) if wanted in names else 0
