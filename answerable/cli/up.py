"""`answerable up`: the service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli.loading import run
from answerable.cli.output import Json, configure_logging, out, reporting
from answerable.settings import Settings

if TYPE_CHECKING:
    from answerable.announcement import Announcement

Data = Annotated[Path | None, typer.Option("--data", help="Data directory.", show_default="./data")]
Host = Annotated[
    str | None, typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1")
]
HttpPort = Annotated[
    int | None,
    typer.Option("--http-port", min=0, max=65535, help="OTLP/HTTP, API.", show_default="4318"),
]
GrpcPort = Annotated[
    int | None,
    typer.Option("--grpc-port", min=0, max=65535, help="OTLP/gRPC.", show_default="4317"),
]
DashboardPort = Annotated[
    int | None,
    typer.Option("--dashboard-port", min=0, max=65535, help="Dashboards.", show_default="8501"),
]
NoDashboards = Annotated[bool, typer.Option("--no-dashboards", help="Do not start the pages.")]


def up(
    data: Data = None,
    host: Host = None,
    http_port: HttpPort = None,
    grpc_port: GrpcPort = None,
    dashboard_port: DashboardPort = None,
    no_dashboards: NoDashboards = False,
    json: Json = False,
) -> None:
    """Run the service: receivers, API and dashboards, until SIGTERM or Ctrl-C.

    Stopping stores what was received first; a second Ctrl-C ends at once. Flags win over
    ANSWERABLE_* variables; `answerable doctor` lists those. Port 0 takes a free one.
    """
    flags = {
        "data_dir": data,
        "host": host,
        "http_port": http_port,
        "grpc_port": grpc_port,
        "dashboard_port": dashboard_port,
        "dashboards": False if no_dashboards else None,
    }
    serve(flags, json=json)


def serve(flags: dict[str, Any], *, json: bool) -> None:
    """Run the service with some settings given, and end with its exit code."""

    def announce(announcement: Announcement) -> None:
        if json:
            announcement.write_json(out)
        else:
            announcement.write(out)
        out.file.flush()

    with reporting():
        settings = Settings.load(flags)
        configure_logging(settings.server.log_level)
        code = run(settings, announce)
    raise typer.Exit(code)
