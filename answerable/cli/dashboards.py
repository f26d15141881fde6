"""`answerable dashboards`: the pages alone, for a service that runs elsewhere."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from answerable.cli.output import EXIT_USAGE, fail, out, reporting, write_json
from answerable.cli.output import Json as JsonFlag
from answerable.environment import check_names, for_child
from answerable.listeners import free
from answerable.settings import setting_names
from dashboards.settings import DashboardSettings


def dashboards(
    api_url: Annotated[
        str | None,
        typer.Option(help="Address of the service.", show_default="http://127.0.0.1:4318"),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the pages.")] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    json: JsonFlag = False,
) -> None:
    """Serve the dashboards until stopped; visitors log in with a key of the service.

    The service must not run with allow_anonymous_local when the pages are open to other
    machines: their visitors would act without a key.
    """
    with reporting():
        check_names(os.environ, setting_names())
        settings = DashboardSettings(api_url=api_url) if api_url else DashboardSettings()
        chosen = free(host, port, "--port")
    url = f"http://{host}:{chosen}"
    if json:
        write_json({"dashboard_url": url, "api_url": settings.api_url})
    else:
        out.print(f"Dashboards at {url}, reading {settings.api_url}")
    out.file.flush()
    # Streamlit takes a moment to load, which other commands need not wait for.
    from dashboards.launch import command  # noqa: PLC0415

    environ = for_child(os.environ, DashboardSettings.model_fields)
    words = command(settings.api_url, chosen, host)
    # This process becomes the pages, so that signals and exit codes are theirs.
    try:
        os.execvpe(words[0], words, environ)  # noqa: S606
    except OSError as error:
        fail(f"Cannot start {words[0]}: {error.strerror}.", EXIT_USAGE)
