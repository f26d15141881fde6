"""`answerable focus`: charges of a running service as a FOCUS file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, fail, out, write_json
from answerable.cli.remote import remote

app = typer.Typer(
    help="Export charges as FOCUS, the FinOps Foundation's format for cost and usage.",
    no_args_is_help=True,
    epilog=EPILOG,
)

_ABOUT = "X-Focus-"


@app.callback()
def group() -> None:
    """Export charges as FOCUS, the FinOps Foundation's format for cost and usage."""


@app.command("export", epilog=EPILOG)
def export(
    target: Annotated[
        Path, typer.Option("--out", help="The file; .csv or .parquet says its format.")
    ],
    version: Annotated[str, typer.Option(help="1.2 or 1.4.")] = "1.4",
    period: Annotated[str, typer.Option(help="Billing period, as 2026-10.")] = "",
    from_: Annotated[str, typer.Option("--from", help="Or a window: its first day.")] = "",
    to: Annotated[str, typer.Option(help="The day after its last.")] = "",
    fmt: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "",
    tenant: Annotated[str, typer.Option(help="One tenant of the key's scope.")] = "",
    model_keys: Annotated[
        str, typer.Option(help="1.5, or strict for x_ before keys FOCUS 1.5 adds.")
    ] = "1.5",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Write a billing period, or a window of days, to a file."""
    fmt = fmt or target.suffix.removeprefix(".").lower()
    if fmt not in {"csv", "parquet"}:
        fail(f"--out is {str(target)!r}; end it in .csv or .parquet, or give --format.", EXIT_USAGE)
    asked = {
        "version": version,
        "period": period,
        "from": from_,
        "to": to,
        "format": fmt,
        "tenant": tenant,
        "model_keys": model_keys,
    }
    chosen = {name: value for name, value in asked.items() if value}
    headers = remote(url, key).download("/v1/focus", chosen, target)
    about = {
        name[len(_ABOUT) :].lower().replace("-", "_"): value
        for name, value in headers.items()
        if name.lower().startswith(_ABOUT.lower())
    }
    if json:
        write_json({"file": str(target), "bytes": target.stat().st_size, **about})
        return
    out.print(f"[bold]{target}[/bold]: FOCUS {version}, {target.stat().st_size} bytes.")
    if about.get("unpriced_events", "0") != "0":
        out.print(
            f"{about['unpriced_events']} of {about['events']} uses have no price and so no row "
            f"(coverage {about['coverage']})."
        )
