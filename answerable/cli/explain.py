"""`answerable cost-explain`: why a cost moved, from a running service."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.table import Table

from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import Json, out, write_json
from answerable.cli.remote import address, remote

#: How amounts are shown in tables; `--json` has every digit.
_PLACES = Decimal("0.0001")

ReadKey = Annotated[
    str | None,
    typer.Option(
        help="A key that may read. Better in the environment, where it leaves no trace: "
        "ANSWERABLE_KEY.",
        show_default=False,
    ),
]


def cost_explain(
    from_: Annotated[str, typer.Option("--from", help="Start of the window.")] = "-7d",
    to: Annotated[str, typer.Option(help="End of the window, not included.")] = "now",
    baseline_from: Annotated[str, typer.Option(help="Start of the window before.")] = "",
    baseline_to: Annotated[str, typer.Option(help="Its end, not included.")] = "",
    by: Annotated[str, typer.Option(help="Comma list of what to show it by.")] = "model,project",
    tenant: Annotated[str, typer.Option(help="One tenant of the key's scope.")] = "",
    project: Annotated[str, typer.Option(help="One project.")] = "",
    model: Annotated[str, typer.Option(help="One model.")] = "",
    currency: Annotated[str, typer.Option(help="Convert everything to this one.")] = "",
    known_at: Annotated[str, typer.Option(help="As it was known at this time.")] = "",
    limit: Annotated[int, typer.Option(help="Most values of a dimension.")] = 5,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Say why a cost moved: an exact split of the change, and what carries it."""
    asked = {
        "from": from_,
        "to": to,
        "baseline_from": baseline_from,
        "baseline_to": baseline_to,
        "by": by,
        "tenant": tenant,
        "project": project,
        "model": model,
        "currency": currency,
        "known_at": known_at,
        "limit": str(limit),
    }
    answer = remote(url, key).get(address("/v1/costs/explain", asked))
    if json:
        write_json(answer)
    else:
        _show(answer)


def _show(answer: dict[str, Any]) -> None:
    unit = f"{answer['currency'] or ''}{' a day' if answer['per'] == 'day' else ''}".strip()
    for name in ("baseline_window", "window"):
        cost = answer["baseline" if name == "baseline_window" else "current"]
        span = answer[name]
        out.print(f"{span['from'][:19]} to {span['to'][:19]}: {_amount(cost)} {unit}")
    out.print(f"[bold]Change {_signed(answer['delta'])} {unit}[/bold], of it:")
    effects = Table("Effect", "Amount")
    for name, value in _nonzero(answer["effects"]):
        effects.add_row(name.replace("_", " "), _signed(value))
    out.print(effects)
    if answer["items"]:
        out.print(_items(answer["items"]))
    for side, share in answer["coverage"].items():
        if share is not None and share != "1":
            out.print(f"Only {Decimal(share):.2%} of the {side} charges have a price.")


def _items(items: list[dict[str, Any]]) -> Table:
    table = Table("By", "Value", "Change", "Mostly")
    for item in items:
        value = f"{item['values']} more" if item["value"] is None else item["value"] or "(none)"
        largest = _nonzero(item["effects"])[:2]
        parts = ", ".join(f"{name.replace('_', ' ')} {_signed(part)}" for name, part in largest)
        table.add_row(item["dimension"], value, _signed(item["delta"]), parts)
    return table


def _nonzero(effects: dict[str, str]) -> list[tuple[str, str]]:
    """Order effects by size, without those that are nothing."""
    found = [(name, value) for name, value in effects.items() if value != "0"]
    return sorted(found, key=lambda effect: -abs(Decimal(effect[1])))


def _amount(text: str) -> str:
    return f"{Decimal(text).quantize(_PLACES):,f}"


def _signed(text: str) -> str:
    return f"{Decimal(text).quantize(_PLACES):+,f}"
