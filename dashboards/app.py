"""The router of the dashboards: login, scope, navigation; run by `streamlit run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame, login, scope, theme
from dashboards.errors import DashboardError
from dashboards.launch import api_url_argument
from dashboards.settings import DashboardSettings
from dashboards.views import (
    budgets_page,
    cost_page,
    decisions_page,
    drift_page,
    health_page,
    live_ingest_page,
    monitors_page,
    overview_page,
    prices_page,
    reconciliation_page,
    slices_page,
    traces_page,
)
from dashboards.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.navigation.page import Page

    from dashboards.client import ApiClient
    from dashboards.contract import Me

_HERE = Path(__file__).parent
_SIDEBAR_PX = 236

#: The pages in the order of the navigation: URL, title, icon, how to draw it.
PAGES: tuple[tuple[str, str, str, Callable[[Visit], None]], ...] = (
    ("overview", "Overview", ":material/dashboard:", overview_page.render),
    ("live", "Live ingest", ":material/sensors:", live_ingest_page.render),
    ("traces", "Traces", ":material/account_tree:", traces_page.render),
    ("decisions", "Decisions", ":material/rule:", decisions_page.render),
    ("cost", "Cost", ":material/payments:", cost_page.render),
    ("budgets", "Budgets", ":material/savings:", budgets_page.render),
    ("prices", "Prices", ":material/sell:", prices_page.render),
    ("reconciliation", "Reconciliation", ":material/receipt_long:", reconciliation_page.render),
    ("drift", "Drift", ":material/ssid_chart:", drift_page.render),
    ("slices", "Slices", ":material/pie_chart:", slices_page.render),
    ("model-health", "Model health", ":material/monitor_heart:", health_page.render),
    ("monitors", "Monitors", ":material/notifications_active:", monitors_page.render),
)


def main() -> None:
    """Draw the page the URL names."""
    st.set_page_config(
        page_title="Answerable",
        page_icon=str(_HERE / "mark.svg"),
        layout="wide",
        initial_sidebar_state=_SIDEBAR_PX,
    )
    st.logo(str(_HERE / "wordmark.svg"), icon_image=str(_HERE / "mark.svg"))
    st.html(theme.CSS)
    settings = _settings()
    visits: list[Visit] = []
    pages = {url: _page(url, visits) for url, *_ in PAGES}
    try:
        signed_in = login.session(settings)
    except DashboardError as error:
        st.navigation(list(pages.values()), position="hidden")
        frame.show(error)
        return
    current = st.navigation(list(pages.values()), position="sidebar" if signed_in else "hidden")
    if signed_in is None:
        login.form(settings)
        return
    visits.append(_visit(settings, signed_in, pages))
    current.run()


def _settings() -> DashboardSettings:
    api_url = api_url_argument(sys.argv[1:])
    return DashboardSettings(api_url=api_url) if api_url else DashboardSettings()


def _page(url: str, visits: list[Visit]) -> Page:
    """Make one page; it draws for the visit known once the sidebar has been drawn."""
    _, title, icon, render = next(page for page in PAGES if page[0] == url)

    def run() -> None:
        render(visits[-1])

    return st.Page(run, title=title, icon=icon, url_path=url, default=url == PAGES[0][0])


def _visit(
    settings: DashboardSettings, signed_in: tuple[ApiClient, Me], pages: dict[str, Page]
) -> Visit:
    api, me = signed_in
    scope.restore()
    with st.sidebar:
        window = scope.pick_window()
        tenant = scope.pick_tenant(me)
        scope.identity(me, settings)
    return Visit(api, settings, me, window, tenant, pages)


if __name__ == "__main__":
    main()
