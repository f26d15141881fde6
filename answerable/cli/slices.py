"""`answerable slices`: find where a model is worst, or where traffic is new."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, Json, out, write_json
from answerable.cli.remote import address, remote

#: Seconds to wait for a search of many decisions.
TIMEOUT_S = 600.0

app = typer.Typer(
    help="Find the slices of traffic where a model is worst, or that are new.",
    no_args_is_help=True,
    epilog=EPILOG,
)


@app.command("find", epilog=EPILOG)
def find(
    model: Annotated[str, typer.Argument(help="As decisions name it.")],
    target: Annotated[str, typer.Option(help="error, low_confidence or drift.")] = "low_confidence",
    tenant: Annotated[str, typer.Option(help="May be left out by a key of one tenant.")] = "",
    start: Annotated[str, typer.Option("--from", help="RFC 3339, or relative to now.")] = "-1d",
    end: Annotated[str, typer.Option("--to")] = "now",
    reference: Annotated[str, typer.Option(help="What drift is found against.")] = "",
    reference_from: Annotated[str, typer.Option(help="In its place: a window's start.")] = "",
    reference_to: Annotated[str, typer.Option(help="And its end.")] = "",
    feature: Annotated[
        list[str] | None, typer.Option(help="Only this feature; repeat. All where left out.")
    ] = None,
    k: Annotated[int, typer.Option(help="Slices wanted.")] = 10,
    level_max: Annotated[int, typer.Option(help="Most conditions of a slice.")] = 3,
    support_share: Annotated[float, typer.Option(help="Least share of the rows.")] = 0.01,
    alpha: Annotated[float, typer.Option(help="Weight of the error against the size.")] = 0.95,
    seed: Annotated[int, typer.Option(help="Chooses the decisions that are held out.")] = 0,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Search a window exactly, test what was found on held-out decisions, and keep it."""
    texts = {
        "model": model,
        "target": target,
        "tenant": tenant,
        "from": start,
        "to": end,
        "reference": reference,
        "reference_from": reference_from,
        "reference_to": reference_to,
    }
    body: dict[str, Any] = {name: value for name, value in texts.items() if value}
    body |= {"k": k, "level_max": level_max, "support_share": support_share, "alpha": alpha}
    body |= {"seed": seed, "features": feature or []}
    found = remote(url, key).post("/v1/slices/find", body, timeout_s=TIMEOUT_S)
    _show(found, json=json)


@app.command("list", epilog=EPILOG)
def list_searches(
    model: Annotated[str, typer.Option(help="Only of this model.")] = "",
    limit: Annotated[int, typer.Option(help="Most searches shown.")] = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List searches that were made, newest first."""
    asked = {"model": model, "limit": str(limit)}
    answer = remote(url, key).get(address("/v1/slices", asked))
    if json:
        write_json(answer)
        return
    shown = Table("Search", "Made", "Tenant", "Model", "Target", "Rows", "Found", "Confirmed")
    for one in answer["items"]:
        shown.add_row(
            one["id"],
            one["created_at"][:19],
            escape(one["tenant"]),
            escape(one["model"]),
            one["target"],
            str(one["rows"]),
            str(one["found"]),
            str(one["confirmed"]),
        )
    out.print(shown)


@app.command("show", epilog=EPILOG)
def show(
    search_id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Show what a search found."""
    _show(remote(url, key).get(f"/v1/slices/{quote(search_id, safe='')}"), json=json)


def _show(search: dict[str, Any], *, json: bool) -> None:
    if json:
        write_json(search)
        return
    out.print(
        f"[bold]{search['id']}[/bold] {search['target']} of {escape(search['model'])}: "
        f"{search['rows']} decisions, {search['evaluated']} slices counted in "
        f"{search['seconds']:.2f} s"
    )
    if search["reason"]:
        out.print(f"No slices: {search['reason']}.")
        return
    if not search["complete"]:
        out.print("[yellow]The search stopped at its limit: there may be better slices.[/yellow]")
    shown = Table("Slice", "Rows", "Share", "Mean", "Held out", "q", "Confirmed")
    for one in search["items"]:
        shown.add_row(
            escape(" and ".join(held["text"] for held in one["predicates"])),
            str(one["size"]),
            f"{one['share']:.1%}",
            f"{one['mean']:.4g}",
            _number(one["holdout_mean"]),
            _number(one["q_value"]),
            {True: "yes", False: "no", None: "not tested"}[one["confirmed"]],
        )
    shown.add_section()
    shown.add_row("all", str(search["rows_searched"]), "100.0%", f"{search['base']:.4g}")
    out.print(shown)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
