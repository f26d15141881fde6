"""`answerable invoices`: import what providers bill, and see why it differs from charges."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer
from rich.table import Table

from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, fail, out, write_json
from answerable.cli.remote import remote

app = typer.Typer(
    help="Import what providers bill, and see by cause how it differs from what was charged.",
    no_args_is_help=True,
    epilog=EPILOG,
)

#: How amounts are shown in tables; `--json` has every digit.
_PLACES = Decimal("0.0001")


@app.command("import", epilog=EPILOG)
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON, CSV or Parquet, as the provider gave it.")],
    fmt: Annotated[
        str, typer.Option("--format", help="auto, openai, anthropic, focus or generic.")
    ] = "auto",
    tenant: Annotated[str, typer.Option(help="Whose; left out, the organisation's.")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="A provider's project and its tenant, as proj_abc:school-a; repeat."),
    ] = None,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Import a usage or invoice file. The same file again changes nothing."""
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", EXIT_USAGE)
    asked = {"format": fmt, "name": file.name, "tenant": tenant, "scope": ",".join(scope or [])}
    made = remote(url, key).send(
        "/v1/invoices", {name: value for name, value in asked.items() if value}, content
    )
    if json:
        write_json(made)
        return
    state = "imported" if made["created"] else "was imported before"
    amounts = ", ".join(f"{amount} {code}" for code, amount in made["amounts"].items())
    out.print(
        f"[bold]{made['invoice_id']}[/bold] {state}: {made['lines']} lines of {made['format']}, "
        f"{made['first_day']} to {made['last_day']}, {amounts or 'no amounts'}."
    )


@app.command("list", epilog=EPILOG)
def list_invoices(url: Url = DEFAULT_URL, key: ReadKey = None, json: Json = False) -> None:
    """List imported invoices, newest first."""
    answer = remote(url, key).get("/v1/invoices?limit=1000")
    if json:
        write_json(answer)
        return
    table = Table("Invoice", "Name", "Format", "Days", "Lines", "Amounts")
    for item in answer["items"]:
        amounts = ", ".join(f"{amount} {code}" for code, amount in item["amounts"].items())
        days = f"{item['first_day']} to {item['last_day']}"
        row = (item["invoice_id"], item["name"], item["format"], days, str(item["lines"]), amounts)
        table.add_row(*row)
    out.print(table)


@app.command("reconcile", epilog=EPILOG)
def reconcile(
    invoice_id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    group_by: Annotated[
        str, typer.Option(help="Comma list of tenant, day, provider, model, meter.")
    ] = "model",
    day: Annotated[str, typer.Option(help="Only this day.")] = "",
    model: Annotated[str, typer.Option(help="Only this model.")] = "",
    meter: Annotated[str, typer.Option(help="Only this meter.")] = "",
    usage: Annotated[
        str, typer.Option(help="Another import that holds the quantities of this one's amounts.")
    ] = "",
    target: Annotated[
        Path | None, typer.Option("--out", help="Write all differences to this CSV file.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Most differences shown.")] = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Say how an invoice differs from what was charged, and why."""
    asked = {"group_by": group_by, "day": day, "model": model, "meter": meter, "usage": usage}
    chosen = {name: value for name, value in asked.items() if value}
    path = f"/v1/invoices/{quote(invoice_id, safe='')}/reconcile"
    service = remote(url, key)
    if target is not None:
        service.download(path, {**chosen, "format": "csv"}, target)
        if not json:
            out.print(f"[bold]{target}[/bold] written.")
            return
    answer = service.get(f"{path}?{urlencode({**chosen, 'limit': str(limit)})}")
    if json:
        write_json(answer)
        return
    _show(answer, group_by.split(","))


def _show(answer: dict[str, Any], groups: list[str]) -> None:
    table = Table(*[name.strip().title() for name in groups], "Theirs", "Ours", "More", "Because")
    for item in answer["items"]:
        keys = [item[name.strip()] or "-" for name in groups]
        table.add_row(*keys, *_amounts(item))
    for total in answer["totals"]:
        table.add_section()
        table.add_row(*["all", *[""] * (len(groups) - 1)], *_amounts(total), style="bold")
    out.print(table)


def _amounts(item: dict[str, Any]) -> tuple[str, str, str, str]:
    causes = ", ".join(
        f"{cause} {_short(part['amount'])}"
        for cause, part in item["causes"].items()
        if Decimal(part["amount"])
    )
    currency = item["currency"] or ""
    money = [_short(item[name]) for name in ("theirs", "ours", "variance")]
    return f"{money[0]} {currency}", money[1], money[2], causes


def _short(text: str) -> str:
    return format(Decimal(text).quantize(_PLACES), "f")
