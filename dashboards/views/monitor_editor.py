"""The editor of a monitor: its YAML, a form that writes it, and a dry run on the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import drift_scope, formatters, frame, monitor_draft
from dashboards.errors import ApiError
from dashboards.monitor_draft import DraftError
from dashboards.views import monitor_dry_run, monitor_form

if TYPE_CHECKING:
    from dashboards.visit import Visit

Row = dict[str, Any]

#: A draft belongs to nobody else, so it is not in the URL.
_TEXT = "monitor_text"
_OF = "monitor_text_of"
_RUN = "monitor_dry_run"
_DELETE = "monitor_delete"


def render(visit: Visit, monitor: Row | None) -> None:
    """Draw the editor; it starts from the monitor that is chosen."""
    _start(monitor)
    st.subheader("Editor", anchor=False, help="A dry run stores nothing and tells nobody.")
    left, right = st.columns([2, 3])
    with left:
        st.text_area("YAML", key=_TEXT, height=430)
    with right, frame.part("Form"):
        references = visit.drift.references({"tenant": visit.tenant})["items"]
        monitor_form.render(drift_scope.models(visit), references, _TEXT)
    with st.container(horizontal=True):
        tried = st.button("Dry run", type="primary", icon=":material/science:")
        saved = st.button("Save", icon=":material/save:")
        if monitor is not None:
            _removal(visit, monitor)
    st.caption(f"The dry run judges every window of: {visit.window.label.lower()}.")
    if tried or saved:
        _act(visit, monitor, save=saved)
    if _RUN in st.session_state:
        monitor_dry_run.render(st.session_state[_RUN])


def _start(monitor: Row | None) -> None:
    """Begin a draft anew where another monitor was chosen."""
    of = f"{monitor['tenant']}/{monitor['id']}" if monitor else ""
    if st.session_state.get(_OF) != of or _TEXT not in st.session_state:
        st.session_state[_OF] = of
        st.session_state[_TEXT] = monitor_draft.text(monitor)
        st.session_state.pop(_RUN, None)


def _act(visit: Visit, monitor: Row | None, *, save: bool) -> None:
    try:
        draft = monitor_draft.read(st.session_state[_TEXT])
        if save:
            _save(visit, monitor, draft)
        else:
            params = visit.window.params
            window = {"from": params["from"], "to": params.get("to", "now")}
            with st.spinner("Judging the past …"):
                st.session_state[_RUN] = visit.drift.dry_run(draft, window)
    except DraftError as error:
        st.error(f"**The text is no monitor**\n\n{formatters.plain(str(error))}")
    except ApiError as error:
        if error.status == 401:
            raise
        st.session_state.pop(_RUN, None)
        st.error(f"**{formatters.plain(error.title)}**\n\n{formatters.plain(error.detail)}")


def _save(visit: Visit, monitor: Row | None, draft: Row) -> None:
    """Change the monitor of that name, or make one."""
    if monitor is not None and draft.get("id") == monitor["id"]:
        # Whoever changed it in between is not overwritten.
        made = visit.drift.change_monitor(monitor["id"], {**draft, "version": monitor["version"]})
    else:
        made = visit.drift.make_monitor(draft)
    monitor_form.choose(made)
    st.toast(f"Saved {formatters.plain(str(made['id']))}, version {made.get('version', 1)}.")
    st.rerun()


def _removal(visit: Visit, monitor: Row) -> None:
    """Offer to take the monitor away, and ask once more."""
    with st.popover("Remove", icon=":material/delete:"):
        st.caption("It stops watching. What it found, and its incidents, are kept.")
        if st.button(f"Remove {monitor['id']}", key=_DELETE):
            visit.drift.remove_monitor(monitor["id"], {"tenant": monitor["tenant"]})
            st.rerun()
