"""The sidebar: which window, which tenant, and who is asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import login, state, window
from dashboards.formatters import plain

if TYPE_CHECKING:
    from dashboards.contract import Me
    from dashboards.settings import DashboardSettings
    from dashboards.window import Window

_LAST = "answerable_scope"
_PICKER = "answerable_window"


def restore() -> None:
    """Put the last scope back into the URL where a click in the navigation dropped it."""
    last: dict[str, str] = st.session_state.get(_LAST, {})
    if "window" not in st.query_params:
        state.put(**last)


def pick_window() -> Window:
    """Draw the window picker and give the window the URL names."""
    current = window.from_url(state.get("window"), state.get("from"), state.get("to"))
    names = list(window.CHOICES)
    key = f"{_PICKER}={current.name}"
    st.selectbox(
        "Window",
        names,
        index=names.index(current.name),
        key=key,
        format_func=lambda name: window.CHOICES[name],
        on_change=_store_window,
        args=(key,),
    )
    if current.name == window.CUSTOM:
        _pick_times(current)
    _remember(current.url)
    return current


def pick_tenant(me: Me) -> str:
    """Draw the tenant picker; empty means all tenants of the key."""
    tenants = sorted(me["tenants"])
    if me["all_tenants"]:
        tenant = state.text("Tenant", "tenant", placeholder="All tenants")
    elif len(tenants) > 1:
        tenant = state.choice("Tenant", "tenant", tenants, all_label="All my tenants")
    else:
        tenant = state.get("tenant")
    _remember({"tenant": tenant})
    return tenant


def identity(me: Me, settings: DashboardSettings) -> None:
    """Say who is asking, and offer to log out."""
    st.divider()
    if me["anonymous"]:
        st.caption(":material/lock_open: Local, without a key")
        return
    roles = ", ".join(me["roles"]) or "no role"
    st.caption(f":material/key: **{plain(me['name'] or me['key_id'])}**  \n{plain(roles)}")
    if login.leaves(settings):
        st.button("Log out", on_click=login.forget, width="stretch")


def _pick_times(current: Window) -> None:
    for label, name, text in (("From", "from", current.start), ("To", "to", current.end)):
        key = f"{_PICKER}.{name}={text}"
        st.text_input(
            f"{label} (UTC)",
            value=text,
            key=key,
            help="RFC 3339, such as 2026-11-23T22:00:00Z",
            on_change=_store_time,
            args=(name, key),
        )


def _store_window(key: str) -> None:
    name = str(st.session_state[key])
    if name == window.CUSTOM:
        now = datetime.now(UTC).replace(microsecond=0)
        state.put(**window.Window(window.CUSTOM, _rfc(now - timedelta(hours=1)), _rfc(now)).url)
    else:
        state.put(**{"window": name, "from": "", "to": ""})
    state.put(cursor="")


def _store_time(name: str, key: str) -> None:
    times = {"from": state.get("from"), "to": state.get("to")}
    times[name] = str(st.session_state[key]).strip()
    kept = window.from_url(window.CUSTOM, times["from"], times["to"])
    if kept.name == window.CUSTOM:
        state.put(**times, cursor="")
    else:
        st.toast("From and To must be times such as 2026-11-23T22:00:00Z, From before To.")


def _rfc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _remember(part: dict[str, str]) -> None:
    st.session_state[_LAST] = {**st.session_state.get(_LAST, {}), **part}
    state.put(**part)
