"""`answerable demo`: the service with simulated traffic; no key is needed on this machine."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.children import Child
from answerable.cli.loading import run
from answerable.cli.output import Json, configure_logging, err, out, reporting
from answerable.cli.up import DashboardPort, GrpcPort, HttpPort, NoDashboards
from answerable.environment import for_child, is_set
from answerable.settings import Settings
from dashboards.settings import DashboardSettings

if TYPE_CHECKING:
    from answerable.announcement import Announcement


#: A month comes at once here, and is to be watched within a minute. The environment holds first.
_QUICK: dict[str, float] = {
    "cube_interval_s": 5.0,
    "cube_lag_s": 3.0,
    "cube_hours_max": 250,
    "drift_monitor_interval_s": 10.0,
}


def demo(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Data directory; kept.", show_default="a temporary one, removed at the end"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same events.")] = 7,
    speed: Annotated[float, typer.Option(min=0.1, max=20, help="Factor on the rate.")] = 1.0,
    http_port: HttpPort = None,
    grpc_port: GrpcPort = None,
    dashboard_port: DashboardPort = None,
    no_dashboards: NoDashboards = False,
    json: Json = False,
) -> None:
    """Run the service with live traffic of a simulated service, until Ctrl-C.

    The traffic comes from another process, through the ordinary OpenTelemetry SDK and the
    network. Programs on this machine need no key; nothing else can connect.
    """
    with ExitStack() as stack, reporting():
        settings = Settings.load(
            {
                "data_dir": data or _temporary(stack),
                "host": "127.0.0.1",
                "allow_anonymous_local": True,
                "http_port": http_port,
                "grpc_port": grpc_port,
                "dashboard_port": dashboard_port,
                "dashboards": False if no_dashboards else None,
                **{name: value for name, value in _QUICK.items() if not is_set(os.environ, name)},
            }
        )
        configure_logging(settings.server.log_level)
        code = run(
            settings,
            lambda announcement: _tell(announcement, json=json),
            lambda announcement: _traffic(settings, announcement.http_url, seed, speed),
        )
    raise typer.Exit(code)


def _traffic(settings: Settings, endpoint: str, seed: int, speed: float) -> Child:
    words = [
        sys.executable,
        "-m",
        "answerable.demo",
        "--endpoint",
        endpoint,
        "--seed",
        str(seed),
        "--speed",
        str(speed),
    ]
    return Child(
        "traffic",
        words,
        for_child(os.environ, DashboardSettings.model_fields),
        restarts_max=settings.server.dashboard_restarts_max,
        backoff_max_s=settings.server.dashboard_backoff_max_s,
        monotonic_ns=time.monotonic_ns,
    )


def _tell(announcement: Announcement, *, json: bool) -> None:
    if json:
        announcement.write_json(out)
    else:
        announcement.write(out)
        where = announcement.dashboard_url or f"{announcement.http_url}/docs"
        out.print(f"Open [bold]{where}[/bold]; data appears within seconds. Ctrl-C stops it.")
    out.file.flush()


def _temporary(stack: ExitStack) -> Path:
    made = stack.enter_context(
        tempfile.TemporaryDirectory(prefix="answerable-demo-", ignore_cleanup_errors=True)
    )
    err.print(f"Data goes to {made} and is removed at the end.")
    return Path(made)
