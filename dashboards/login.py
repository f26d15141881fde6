"""Logging in with an API key, which stays in the server's session memory and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from dashboards.client import ApiClient, open_transport
from dashboards.errors import ApiError, DashboardError

if TYPE_CHECKING:
    import httpx

    from dashboards.contract import Me
    from dashboards.settings import DashboardSettings

_KEY = "answerable_key"
_ME = "answerable_me"
_NOTICE = "answerable_notice"
_FIELD = "answerable_key_field"

#: Distinct API addresses one process keeps a connection pool for.
_POOLS_MAX = 4


def _close(pool: httpx.Client) -> None:
    pool.close()


@st.cache_resource(show_spinner=False, max_entries=_POOLS_MAX, on_release=_close)
def _transport(api_url: str, timeout_s: float, connections: int) -> httpx.Client:
    return open_transport(api_url, timeout_s=timeout_s, connections=connections)


def client(settings: DashboardSettings, key: str | None) -> ApiClient:
    """Give the API as the owner of `key`, over the pool all visitors share."""
    http = _transport(
        settings.api_url, settings.dashboard_timeout_s, settings.dashboard_connections
    )
    return ApiClient(http, key)


def session(settings: DashboardSettings) -> tuple[ApiClient, Me] | None:
    """Give the visitor's client and identity; None when a key is needed first.

    Raises
    ------
    DashboardError
        When the API does not answer, or refuses for a reason a key does not mend.
    """
    key = _key(settings)
    api = client(settings, key)
    if _ME in st.session_state:
        return api, cast("Me", st.session_state[_ME])
    try:
        me = api.me()
    except ApiError as error:
        if error.status != 401:
            raise
        if key:
            forget("That key is no longer valid. Log in again.")
        return None
    st.session_state[_ME] = me
    return api, me


def form(settings: DashboardSettings) -> None:
    """Draw the login form."""
    with st.container(horizontal_alignment="center"), st.container(width=420):
        st.title("Answerable", anchor=False)
        st.caption("Make every AI decision answerable.")
        with st.form("login", border=True):
            st.text_input("API key", type="password", key=_FIELD, max_chars=512)
            submitted = st.form_submit_button("Log in", type="primary", width="stretch")
        if submitted:
            _try(settings, str(st.session_state[_FIELD]).strip())
        notice = st.session_state.pop(_NOTICE, "")
        if notice:
            st.warning(notice, icon=":material/key:")
        st.caption(
            "A key with the role viewer is enough. It is kept for this browser tab only. "
            "Make one with `answerable keys create`."
        )


def forget(notice: str = "") -> None:
    """Log out; the login form then shows `notice`."""
    for name in (_KEY, _ME):
        st.session_state.pop(name, None)
    if notice:
        st.session_state[_NOTICE] = notice


def leaves(settings: DashboardSettings) -> bool:
    """Whether this visitor can log out: only who logged in can."""
    return settings.dashboard_key is None and _KEY in st.session_state


def _key(settings: DashboardSettings) -> str | None:
    if settings.dashboard_key is not None:
        return settings.dashboard_key.get_secret_value()
    return cast("str | None", st.session_state.get(_KEY))


def _try(settings: DashboardSettings, key: str) -> None:
    # An HTTP header holds ASCII only; anything else was never a key.
    if not key or not key.isascii() or not key.isprintable():
        st.error("Enter an API key.", icon=":material/error:")
        return
    try:
        me = client(settings, key).me()
    except DashboardError as error:
        refused = isinstance(error, ApiError) and error.status == 401
        st.error("That key is not valid." if refused else str(error), icon=":material/error:")
        return
    st.session_state[_KEY] = key
    st.session_state[_ME] = me
    st.rerun()
