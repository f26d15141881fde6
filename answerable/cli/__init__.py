"""The command line: one module a command, registered here by name."""

from __future__ import annotations

from collections.abc import Callable

import typer

from answerable import __version__
from answerable.cli import (
    budget,
    cost,
    dashboards,
    demo,
    doctor,
    drift,
    explain,
    focus,
    invoices,
    keys,
    labels,
    migrate,
    prices,
    slices,
    up,
)
from answerable.cli.output import EPILOG

app = typer.Typer(
    name="answerable",
    help="Make every AI decision answerable: observability, lineage and governance for AI systems.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

#: Command name -> what runs.
COMMANDS: dict[str, Callable[..., None]] = {
    "up": up.up,
    "demo": demo.demo,
    "dashboards": dashboards.dashboards,
    "doctor": doctor.doctor,
    "migrate": migrate.migrate,
    "cost-explain": explain.cost_explain,
}

for _name, _command in COMMANDS.items():
    app.command(_name, epilog=EPILOG)(_command)
app.add_typer(keys.app, name="keys")
app.add_typer(budget.app, name="budget")
app.add_typer(cost.app, name="cost")
app.add_typer(drift.app, name="drift")
app.add_typer(focus.app, name="focus")
app.add_typer(invoices.app, name="invoices")
app.add_typer(prices.app, name="prices")
app.add_typer(slices.app, name="slices")
app.add_typer(labels.app, name="labels")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Take the options before the command."""


def main() -> None:
    """Run the command line; the exit code says how it went."""
    app()
