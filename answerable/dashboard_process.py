"""The dashboards as a child of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from answerable.children import Child
from answerable.environment import for_child
from dashboards.launch import command
from dashboards.settings import DashboardSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from answerable.settings import ServerSettings


def dashboard_child(
    settings: ServerSettings,
    api_url: str,
    port: int,
    environ: Mapping[str, str],
    monotonic_ns: Callable[[], int],
) -> Child:
    """Build the child; it is not started yet."""
    return Child(
        "dashboards",
        command(api_url, port, settings.host),
        for_child(environ, DashboardSettings.model_fields),
        restarts_max=settings.dashboard_restarts_max,
        backoff_max_s=settings.dashboard_backoff_max_s,
        monotonic_ns=monotonic_ns,
    )
