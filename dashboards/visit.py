"""One visitor's run of one page: who asks, about which window and tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamlit.navigation.page import Page

from dashboards.client import ApiClient
from dashboards.contract import Me
from dashboards.cost_client import CostClient
from dashboards.drift_client import DriftClient
from dashboards.settings import DashboardSettings
from dashboards.window import Window

if TYPE_CHECKING:
    from dashboards.client import Params


@dataclass(frozen=True, slots=True)
class Visit:
    """What every page is given.

    Parameters
    ----------
    api
        The API as this visitor.
    settings
        The process's settings.
    me
        Whom the key belongs to.
    window, tenant
        The scope picked in the sidebar; an empty tenant means all tenants of the key.
    pages
        The pages by name, to link to.
    """

    api: ApiClient
    settings: DashboardSettings
    me: Me
    window: Window
    tenant: str
    pages: Mapping[str, Page]

    @property
    def costs(self) -> CostClient:
        """The cost meter as this visitor."""
        return CostClient(self.api)

    @property
    def drift(self) -> DriftClient:
        """What watches models as this visitor."""
        return DriftClient(self.api)

    def params(self, **more: str) -> Params:
        """Parameters of an API call about this scope; empty ones are not sent."""
        return {**self.window.params, "tenant": self.tenant, **more}

    def link(self, **more: str) -> dict[str, str]:
        """Parameters of a URL to another page about the same scope."""
        wanted = {**self.window.url, "tenant": self.tenant, **more}
        return {name: value for name, value in wanted.items() if value}
