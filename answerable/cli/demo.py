"""`answerable demo`: the service with simulated traffic; no key is needed on this machine."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from answerable.announcement import Announcement
from answerable.children import Child
from answerable.cli.output import Json, configure_logging, err, out, reporting
from answerable.cli.up import DashboardPort, GrpcPort, HttpPort, NoDashboards
from answerable.dashboard_process import dashboard_environ
from answerable.service import Service
from answerable.settings import Settings


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
            }
        )
        configure_logging(settings.server.log_level)
        code = uvloop.run(_run(settings, seed, speed, json=json))
    raise typer.Exit(code)


async def _run(settings: Settings, seed: int, speed: float, *, json: bool) -> int:
    traffic: list[Child] = []

    def announce(announcement: Announcement) -> None:
        child = _traffic(settings, announcement.http_url, seed, speed)
        child.start()
        traffic.append(child)
        _tell(announcement, json=json)

    service = Service(settings, announce)
    service.before_stop(lambda grace_s: _stop(traffic, grace_s))
    return await service.run()


async def _stop(traffic: list[Child], grace_s: float) -> None:
    for child in traffic:
        await child.stop(grace_s)


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
        dashboard_environ(os.environ),
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
