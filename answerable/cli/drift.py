"""`answerable drift`: models, what they are compared with, and how far they are from it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from answerable.cli.drift_monitors import incidents, monitors
from answerable.cli.drift_report import report
from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, Json, out, write_json
from answerable.cli.remote import address, remote

app = typer.Typer(
    help="Define references and compare windows of a model's decisions with them.",
    no_args_is_help=True,
    epilog=EPILOG,
)
reference_app = typer.Typer(
    help="Define, show or delete one reference.", no_args_is_help=True, epilog=EPILOG
)
app.add_typer(reference_app, name="reference")
app.add_typer(monitors, name="monitors")
app.add_typer(incidents, name="incidents")
app.command("report", epilog=EPILOG)(report)

Tenant = Annotated[str, typer.Option(help="May be left out by a key of one tenant.")]
From = Annotated[str, typer.Option("--from", help="RFC 3339, or relative to now.")]
To = Annotated[str, typer.Option(help="End of the window, not included.")]
Version = Annotated[int, typer.Option(help="0 is the newest.")]
Id = Annotated[str, typer.Argument(help="Id of the reference.")]
Names = Annotated[
    list[str] | None, typer.Option("--feature", help="Only this one; repeat for several.")
]


@app.command("models", epilog=EPILOG)
def models(
    from_: From = "-7d",
    to: To = "now",
    tenant: Tenant = "",
    limit: Annotated[int, typer.Option(help="Most models shown.")] = 100,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List the models that decided in a window."""
    asked = {"from": from_, "to": to, "tenant": tenant, "limit": str(limit)}
    answer = _read(url, key, "/v1/drift/models", asked)
    if json:
        write_json(answer)
        return
    table = Table("Tenant", "Model", "Decisions", "Features", "References")
    for one in answer["items"]:
        named = ", ".join(one["references"]) or "-"
        counts = (f"{one['decisions']:,}", str(len(one["features"])))
        table.add_row(escape(one["tenant"]), escape(one["model"]) or "-", *counts, escape(named))
    out.print(table if answer["items"] else "No model decided in this window.")


@app.command("references", epilog=EPILOG)
def references(
    tenant: Tenant = "",
    limit: Annotated[int, typer.Option(help="Most references shown.")] = 50,
    cursor: Annotated[str, typer.Option(help="`next_cursor` of the page before.")] = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List references."""
    asked = {"tenant": tenant, "limit": str(limit), "cursor": cursor}
    answer = _read(url, key, "/v1/references", asked)
    if json:
        write_json(answer)
        return
    table = Table("Tenant", "Id", "Version", "Model", "From", "To", "Baseline", "Decisions")
    for one in answer["items"]:
        table.add_row(
            escape(one["tenant"]),
            one["id"],
            str(one["version"]),
            escape(one["model"]),
            one["from"][:16],
            one["to"][:16],
            one["baseline"]["kind"],
            f"{one['decisions']:,}",
        )
    out.print(table if answer["items"] else "There is no reference yet.")


@reference_app.command("define", epilog=EPILOG)
def define(
    reference_id: Id,
    model: Annotated[str, typer.Option(help="As decisions name it.")],
    from_: Annotated[str, typer.Option("--from", help="RFC 3339, or relative to now.")],
    to: To = "now",
    tenant: Tenant = "",
    dimension: Annotated[
        list[str] | None,
        typer.Option(
            "--dimension",
            "--slice",
            help="What slices, as model_version or feature:language; repeat.",
        ),
    ] = None,
    feature: Names = None,
    rolling_days: Annotated[
        int, typer.Option(help="Compare windows with so many days before them.")
    ] = 0,
    seasonal_weeks: Annotated[
        int, typer.Option(help="Or with the same hours of so many weeks before.")
    ] = 0,
    cells: Annotated[int, typer.Option(help="Most cells of a number.")] = 64,
    reason: Annotated[str, typer.Option(help="Kept with the version.")] = "",
    timeout_s: Annotated[
        float, typer.Option(min=1, help="Seconds to wait; millions of decisions take minutes.")
    ] = 600.0,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Take a window of a model as its reference; of one that exists, make the next version."""
    baseline: dict[str, Any] = {"kind": "fixed"}
    if rolling_days:
        baseline = {"kind": "rolling", "days": rolling_days}
    elif seasonal_weeks:
        baseline = {"kind": "seasonal", "weeks": seasonal_weeks}
    body = {
        "id": reference_id,
        "model": model,
        "from": from_,
        "to": to,
        "tenant": tenant or None,
        "dimensions": dimension or [],
        "features": feature or [],
        "baseline": baseline,
        "cells": cells,
        "reason": reason,
    }
    made = remote(url, key).post("/v1/references", body, timeout_s=timeout_s)
    _show(made, json=json)


@reference_app.command("show", epilog=EPILOG)
def show(
    reference_id: Id,
    version: Version = 0,
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Show what a reference holds of each feature."""
    asked = {"tenant": tenant, "version": str(version or "")}
    _show(_read(url, key, f"/v1/references/{quote(reference_id, safe='')}", asked), json=json)


@reference_app.command("delete", epilog=EPILOG)
def delete(
    reference_id: Id,
    reason: Annotated[str, typer.Option(help="Kept with the deletion.")] = "",
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """End a reference; its versions stay readable by number."""
    asked = {"tenant": tenant, "reason": reason}
    chosen = {name: value for name, value in asked.items() if value}
    answer = remote(url, key).delete(f"/v1/references/{quote(reference_id, safe='')}", chosen)
    if json:
        write_json(answer)
        return
    out.print(f"Deleted {reference_id} of {answer['tenant']}.", markup=False)


@app.command("compare", epilog=EPILOG)
def compare(
    reference_id: Id,
    from_: From = "-1d",
    to: To = "now",
    feature: Names = None,
    dimension: Annotated[str, typer.Option(help="Dimension of one slice.")] = "",
    value: Annotated[str, typer.Option(help="Its value.")] = "",
    version: Version = 0,
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Compare a window with a reference by raw values."""
    asked = {
        "reference": reference_id,
        "from": from_,
        "to": to,
        "features": ",".join(feature or []),
        "dimension": dimension,
        "value": value,
        "version": str(version or ""),
        "tenant": tenant,
    }
    answer = _read(url, key, "/v1/drift/compare", asked)
    if json:
        write_json(answer)
        return
    table = Table("Feature", "Statistic", "Estimate", "Interval", "p", "Reference", "Now")
    for item in answer["items"]:
        for one in item["results"]:
            table.add_row(
                escape(item["feature"]),
                one["statistic"],
                _number(one["estimate"]),
                f"{_number(one['low'])} to {_number(one['high'])}",
                _number(one["p_value"]),
                f"{one['n_reference']:,}",
                f"{one['n_current']:,}",
            )
        for left in item["left_out"]:
            table.add_row(escape(item["feature"]), left["statistic"], "-", escape(left["reason"]))
    out.print(table)
    out.print("Every p is of one test alone; monitors correct for how many there are.")


def _read(url: str, key: str | None, path: str, asked: dict[str, str]) -> dict[str, Any]:
    return remote(url, key).get(address(path, asked))


def _show(reference: dict[str, Any], *, json: bool) -> None:
    if json:
        write_json(reference)
        return
    line = f"{reference['id']} version {reference['version']}: {reference['model']} of "
    line += f"{reference['tenant']}, {reference['from'][:16]} to {reference['to'][:16]}"
    out.print(f"{line}, {reference['decisions']:,} decisions", markup=False)
    table = Table("Feature", "Kind", "Cells", "Values", "Missing", "Mean", "Deviation")
    for one in reference["features"]:
        table.add_row(
            escape(one["feature"]),
            one["kind"],
            str(one["cells"]),
            f"{one['n']:,}",
            f"{one['missing']:,}",
            _number(one["mean"]),
            _number(one["std"]),
        )
    out.print(table)


def _number(value: float | str | None) -> str:
    """Write a number with four digits; what is not finite comes as a word."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.4g}"
