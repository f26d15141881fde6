"""`answerable cost`: what was charged, per decision, to come, and as a file."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.markup import escape
from rich.table import Table

from answerable.cli.explain import ReadKey, cost_explain
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, fail, out, write_json
from answerable.cli.remote import remote

app = typer.Typer(
    help="Show what was charged, for whom and for what.", no_args_is_help=True, epilog=EPILOG
)
app.command("explain", epilog=EPILOG)(cost_explain)

#: How amounts are shown in tables; `--json` has every digit.
_PLACES = Decimal("0.0001")

#: What items hold beside their keys.
_FIGURES = frozenset(
    {
        "currency", "cost", "list_cost", "quantity", "unit", "events", "unpriced", "coverage",
        "quarantined", "count", "unit_cost",
    }
)  # fmt: skip

From = Annotated[str, typer.Option("--from", help="Start of the window.")]
To = Annotated[str, typer.Option(help="End of the window, not included.")]
By = Annotated[
    str,
    typer.Option("--by", "--group-by", help="Comma list of what to group by, as tenant,model."),
]
Tenant = Annotated[str, typer.Option(help="One tenant of the key's scope.")]
Currency = Annotated[str, typer.Option(help="Convert everything to this one.")]
AsOf = Annotated[str, typer.Option(help="Without what happened after this time.")]
KnownAt = Annotated[str, typer.Option(help="As it was known at this time.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="A filter, as model=gpt-5-mini; repeat for several."),
]


@app.command("show", epilog=EPILOG)
def show(
    by: By = "tenant",
    from_: From = "-30d",
    to: To = "now",
    tenant: Tenant = "",
    only: Only = None,
    currency: Currency = "",
    as_of: AsOf = "",
    known_at: KnownAt = "",
    limit: Annotated[int, typer.Option(help="Most rows.")] = 100,
    cursor: Annotated[str, typer.Option(help="`next_cursor` of the page before.")] = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Sum what a window cost, by anything."""
    asked = {
        "group_by": by,
        "from": from_,
        "to": to,
        "tenant": tenant,
        "currency": currency,
        "as_of": as_of,
        "known_at": known_at,
        "limit": str(limit),
        "cursor": cursor,
    }
    answer = _ask(url, key, "/v1/costs", asked, only)
    if json:
        write_json(answer)
        return
    _table(answer["items"], ["cost", "coverage"])
    for total in answer["totals"]:
        out.print(f"[bold]Total {_money(total)}[/bold], coverage {_share(total['coverage'])}")
    if answer["next_cursor"]:
        out.print("There is more: --limit, or --cursor with next_cursor of --json.")


@app.command("unit", epilog=EPILOG)
def unit(
    per: Annotated[str, typer.Option(help="decision, outcome or review.")] = "decision",
    outcome: Annotated[str, typer.Option(help="Outcomes that are a success.")] = "",
    by: By = "tenant",
    from_: From = "-30d",
    to: To = "now",
    tenant: Tenant = "",
    only: Only = None,
    currency: Currency = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Divide what was charged by decisions, outcomes or reviews."""
    asked = {
        "per": per,
        "outcome": outcome,
        "group_by": by,
        "from": from_,
        "to": to,
        "tenant": tenant,
        "currency": currency,
        "limit": "1000",
    }
    answer = _ask(url, key, "/v1/costs/unit", asked, only)
    if json:
        write_json(answer)
        return
    _table(answer["items"], ["cost", "count", "unit_cost", "coverage"])


@app.command("forecast", epilog=EPILOG)
def forecast(
    budget: Annotated[str, typer.Option(help="Id of a budget to hold it against.")] = "",
    limit: Annotated[str, typer.Option(help="Or an amount for this month.")] = "",
    tenant: Tenant = "",
    only: Only = None,
    currency: Currency = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Look ahead to the end of the month, and to the day a budget runs out."""
    asked = {"budget": budget, "limit": limit, "tenant": tenant, "currency": currency}
    answer = _ask(url, key, "/v1/costs/forecast", asked, only)
    if json:
        write_json(answer)
    else:
        _show_forecast(answer)


@app.command("report", epilog=EPILOG)
def report(
    target: Annotated[
        Path, typer.Option("--out", help="The file; its ending says csv, json, parquet or html.")
    ],
    kind: Annotated[str, typer.Option(help="showback or chargeback.")] = "showback",
    period: Annotated[
        str, typer.Option(help="2026-11, 2026-11-23, 2026-W48, 2026-Q4 or 2026; else this month.")
    ] = "",
    by: By = "tenant,model",
    allocate: Annotated[str, typer.Option(help="Of a chargeback: proportional or none.")] = "",
    tenant: Tenant = "",
    only: Only = None,
    currency: Currency = "",
    known_at: KnownAt = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Write a showback or chargeback to a file."""
    form = target.suffix.removeprefix(".").lower()
    if form not in {"csv", "json", "parquet", "html"}:
        fail(f"--out is {str(target)!r}; end it in .csv, .json, .parquet or .html.", EXIT_USAGE)
    asked = {
        "kind": kind,
        "period": period,
        "group_by": by,
        "allocate": allocate,
        "tenant": tenant,
        "currency": currency,
        "known_at": known_at,
        "format": form,
    }
    remote(url, key).download("/v1/costs/report", _chosen(asked, only), target)
    size = target.stat().st_size
    if json:
        write_json({"file": str(target), "bytes": size})
        return
    out.print(f"[bold]{target}[/bold]: {size} bytes.")


def _ask(
    url: str, key: str | None, path: str, asked: dict[str, str], only: list[str] | None
) -> dict[str, Any]:
    return remote(url, key).get(f"{path}?{urlencode(_chosen(asked, only))}")


def _chosen(asked: dict[str, str], only: list[str] | None) -> dict[str, str]:
    filters = dict[str, str]()
    for text in only or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            fail(f"--only is {text!r}; write it as model=gpt-5-mini.", EXIT_USAGE)
        filters[name] = value
    return {name: value for name, value in {**filters, **asked}.items() if value}


def _table(items: list[dict[str, Any]], figures: list[str]) -> None:
    if not items:
        out.print("Nothing was charged in this window.")
        return
    keys = [name for name in items[0] if name not in _FIGURES]
    table = Table(*(key.replace("_", " ").capitalize() for key in keys))
    for figure in figures:
        table.add_column(figure.replace("_", " ").capitalize(), justify="right")
    for item in items:
        cells = [_figure(item, figure) for figure in figures]
        # A name may hold what rich would take for markup.
        table.add_row(*(escape(item[key]) or "-" for key in keys), *cells)
    out.print(table)


def _figure(item: dict[str, Any], figure: str) -> str:
    if figure == "cost":
        return _money(item)
    if figure == "coverage":
        return _share(item["coverage"])
    value = item[figure]
    if figure == "count" or value is None:
        return "-" if value is None else f"{value:,}"
    return f"{value} {item['currency'] or ''}".strip()


def _money(item: dict[str, Any]) -> str:
    """Write a sum; what has no price is a word and not a number."""
    if item["cost"] is None:
        return "unpriced"
    return f"{_amount(item['cost'])} {item['currency'] or ''}".strip()


def _amount(text: str) -> str:
    amount = Decimal(text)
    small = 0 < amount.copy_abs() < _PLACES
    return text if small else f"{amount:,.4f}"


def _share(text: str | None) -> str:
    return "-" if text is None else f"{Decimal(text):.2%}"


def _show_forecast(answer: dict[str, Any]) -> None:
    unit = answer["currency"] or ""
    month = answer["month"]
    out.print(f"{month['month']}: {_amount(month['spent'])} {unit} spent until now")
    if answer["note"]:
        out.print(answer["note"])
    else:
        out.print(
            f"[bold]{_amount(month['expected'])} {unit} at its end[/bold], "
            f"{_amount(month['low'])} to {_amount(month['high'])} with 80 %"
        )
    _show_limit(answer["runs_out"])
    found = answer["backtest"]
    if found and found["wmape"] is not None:
        held = "too few to tell" if found["coverage"] is None else f"{found['coverage']:.0%}"
        out.print(
            f"Tried from {found['n']} past days, {found['days']} days ahead: "
            f"{found['wmape']:.1%} off (repeating the week before: "
            f"{found['naive_wmape']:.1%}); interval held: {held}"
        )


def _show_limit(found: dict[str, Any] | None) -> None:
    if found is None:
        return
    if found["exceeded"]:
        out.print(f"[red]The limit of {found['limit']} was reached on {found['expected']}.[/red]")
        return
    days = [found[name] or "not in sight" for name in ("expected", "low", "high")]
    out.print(f"The limit of {found['limit']} is reached: {days[0]} (from {days[1]} to {days[2]})")
