"""`answerable doctor`: the settings in force and whether this machine can run the service."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from answerable.cli.output import EXIT_FAILED, Json, out, reporting, write_json
from answerable.doctor import Check, Effective, diagnose, effective
from answerable.settings import Settings

_MARKS = {True: "[green]ok[/green]", False: "[red]FAIL[/red]", None: "[yellow]note[/yellow]"}


def doctor(
    data: Annotated[
        Path | None, typer.Option(help="Data directory.", show_default="./data")
    ] = None,
    json: Json = False,
) -> None:
    """Print every setting with its source, and check this machine; changes nothing.

    Exits with 1 when a check fails. Run it while the service is stopped: its ports and its
    store are taken otherwise.
    """
    with reporting():
        settings = Settings.load({"data_dir": data})
    listed = effective(settings)
    checks = diagnose(settings)
    if json:
        write_json(
            {"settings": [asdict(one) for one in listed], "checks": [asdict(c) for c in checks]}
        )
    else:
        _print(listed, checks)
    if any(check.ok is False for check in checks):
        raise typer.Exit(EXIT_FAILED)


def _print(listed: list[Effective], checks: list[Check]) -> None:
    for one in listed:
        out.print(f"[bold]{one.variable}[/bold] = {escape(one.value)}  [dim]{one.source}[/dim]")
        out.print(f"[dim]    {escape(one.description)}[/dim]")
    out.print()
    for check in checks:
        out.print(f"{_MARKS[check.ok]:>6}  [bold]{check.name}[/bold]: ", end="")
        out.out(check.told, highlight=False)
