"""`answerable migrate`: bring the store to this release's schema, or say what that would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli.output import Json, configure_logging, out, reporting, write_json
from answerable.settings import Settings

if TYPE_CHECKING:
    from sql.migrate import Migrator


def migrate(
    data: Annotated[
        Path | None, typer.Option(help="Data directory.", show_default="./data")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would run; change nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Apply the migrations not yet applied; `up` does so too.

    The embedded store belongs to one process: stop the service first.
    """
    # The engine takes a moment to load, which other commands need not wait for.
    from sql.client import Store  # noqa: PLC0415
    from sql.migrate import Migrator  # noqa: PLC0415

    with reporting():
        settings = Settings.load({"data_dir": data})
        configure_logging(settings.server.log_level)
        with Store.open(settings.store) as store:
            _run(Migrator(store), dry_run=dry_run, json=json)


def _run(migrator: Migrator, *, dry_run: bool, json: bool) -> None:
    if not dry_run:
        applied = migrator.apply()
        if json:
            write_json({"applied": applied})
        else:
            out.print("\n".join(f"applied {name}" for name in applied) or "nothing to apply")
        return
    plan = migrator.plan()
    if json:
        write_json(
            {
                "pending": [
                    {"version": m.version, "name": m.name, "statements": m.statements} for m in plan
                ]
            }
        )
        return
    for migration in plan:
        out.print(f"[bold]{migration.version:04d} {migration.name}[/bold]")
        for statement in migration.statements:
            out.out(f"{statement};\n", highlight=False)
    if not plan:
        out.print("nothing to apply")
