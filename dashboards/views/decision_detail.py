"""One decision in full: what decided, on what, how sure; what is missing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import charts, formatters, frame, state
from dashboards.tables import Column, facts, html_table
from dashboards.views.span_detail import attribute_rows

if TYPE_CHECKING:
    from dashboards.contract import Decision
    from dashboards.visit import Visit

#: Numeric features drawn as bars; the table below has all of them.
_BARS_MAX = 30

_FEATURE_COLUMNS = (
    Column("Feature", lambda row: row["name"], "code"),
    Column("Type", lambda row: row["type"], "dim"),
    Column("Value", lambda row: formatters.value(row["value"]), "num"),
)
_ATTRIBUTE_COLUMNS = (
    Column("Attribute", lambda row: row["name"], "code"),
    Column("Type", lambda row: row["type"], "dim"),
    Column("Value", lambda row: formatters.value(row["value"]), "code"),
)
_USAGE_COLUMNS = (
    Column("Meter", lambda row: row["meter"]),
    Column("Quantity", lambda row: str(row["quantity"]), "num"),
)


def render(visit: Visit, decision_id: str) -> None:
    """Draw the decision the URL names."""
    st.button(
        "All decisions",
        icon=":material/arrow_back:",
        on_click=state.put,
        kwargs={"decision": "", "decision_tenant": ""},
    )
    with frame.readable_errors():
        tenant = state.get("decision_tenant") or visit.tenant
        decision = visit.api.decision(decision_id, {"tenant": tenant})
        _head(visit, decision)
        left, right = st.columns([2, 3])
        with left:
            _certainty(decision)
            _tokens(decision)
        with right:
            st.html(facts(provenance(decision)))
        _features(decision)
        _span(decision)


def _head(visit: Visit, decision: Decision) -> None:
    name = decision["name"] or "Unnamed decision"
    outcome = decision["outcome"] or "no outcome recorded"
    st.title(formatters.plain(f"{name} → {outcome}"), anchor=False)
    took = formatters.duration(decision["duration_ns"])
    st.caption(f"{formatters.clock(decision['time'])} UTC · took {took}")
    if decision["error"]:
        st.error("The span of this decision ended with an error.", icon=":material/error:")
    if not decision["trace_id"]:
        st.caption("No trace recorded: this decision came as a log record on its own.")
        return
    st.page_link(
        visit.pages["traces"],
        label="Open its trace",
        icon=":material/account_tree:",
        query_params=visit.link(
            trace=decision["trace_id"],
            trace_tenant=decision["tenant"],
            span=decision["span_id"] or "",
        ),
    )


def _certainty(decision: Decision) -> None:
    st.subheader("Confidence", anchor=False)
    figure = charts.gauge(decision["confidence"])
    st.plotly_chart(figure, config=charts.CONFIG, key="gauge", alt="Confidence, 0 to 1")
    if decision["confidence"] is None:
        st.caption("No confidence recorded. Set `answerable.confidence`, a number from 0 to 1.")


def _tokens(decision: Decision) -> None:
    st.subheader("Tokens and usage", anchor=False)
    tokens = decision["tokens"]
    if tokens is None:
        st.caption("No tokens recorded.")
    else:
        with st.container(horizontal=True):
            st.metric("Input", formatters.exact(tokens["input"]), width=130)
            st.metric("Output", formatters.exact(tokens["output"]), width=130)
    if decision.get("usage"):
        st.html(html_table(_USAGE_COLUMNS, decision["usage"]))


def provenance(decision: Decision) -> dict[str, str]:
    """List what decided, on what and to what effect; an absence is said, never left out."""
    service = {"name": decision["service"], "version": decision.get("service_version") or ""}
    actions = [_action(one) for one in decision.get("actions", [])]
    return {
        "Id": decision["decision_id"],
        "Tenant": decision["tenant"] or formatters.ABSENT,
        "Subject": decision["subject"] or "no subject recorded",
        "Model": formatters.version(decision["model"]),
        "Prompt": formatters.version(decision["prompt"]),
        "Policy": formatters.version(decision["policy"]),
        "Datasets": ", ".join(decision["datasets"]) or "no dataset recorded",
        "Route": decision["route"] or "no route recorded",
        "Actions": ", ".join(actions) or "no action recorded",
        "Service": formatters.version(service),
        "Environment": decision.get("environment") or "not recorded",
        "Came as": decision.get("source") or "not recorded",
    }


def _action(action: dict[str, str]) -> str:
    target = action.get("target")
    return f"{action['name']} → {target}" if target else action["name"]


def _features(decision: Decision) -> None:
    st.subheader("Features", anchor=False)
    features = decision.get("features", {})
    if not features:
        st.caption("No features recorded. Set `answerable.feature.NAME` to a number or a string.")
        return
    numeric = numeric_features(features)
    left, right = st.columns([2, 3])
    with left:
        st.html(html_table(_FEATURE_COLUMNS, attribute_rows(features, {})))
    with right:
        if numeric:
            figure = charts.features(dict(list(numeric.items())[:_BARS_MAX]))
            st.plotly_chart(figure, config=charts.CONFIG, key="features", alt="Numeric features")
            st.caption("Raw values on one axis; the features may have different units.")


def numeric_features(features: dict[str, Any]) -> dict[str, float]:
    """Pick the features a bar can show, by name; a truth value is not a number."""
    return {
        name: item
        for name, item in sorted(features.items())
        if isinstance(item, int | float) and not isinstance(item, bool)
    }


def _span(decision: Decision) -> None:
    attributes = decision.get("span") or {}
    with st.expander(f"All attributes of its record ({len(attributes)})"):
        st.html(html_table(_ATTRIBUTE_COLUMNS, attribute_rows(attributes, {})))
