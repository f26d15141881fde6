"""Prices and changes of the price book, as the terminal shows them."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from answerable.cli.output import err, out

#: Skipped things of a list that are told one by one without --json.
SKIPPED_SHOWN = 20


def show_prices(items: list[dict[str, Any]]) -> None:
    """List rows of the book."""
    table = Table("Tenant", "Provider", "Model", "Meter", "Tier", "Price", "Holds", "Source")
    for item in items:
        table.add_row(
            item["tenant"] or "list",
            item["provider"],
            item["model"],
            item["meter"],
            item["service_tier"],
            price(item),
            holds(item),
            item["source"],
        )
    out.print(table)


def price(item: dict[str, Any]) -> str:
    """Write what a row says, tokens by the million."""
    above = f" above {item['above']}" if item["above"] else ""
    if item["kind"] != "price":
        return f"x {item['amount']}" if item["kind"] == "factor" else f"withdrawn{above}"
    if item["unit"] == "tokens":
        return f"{item['per_million']} {item['currency']}/M{above}"
    return f"{item['amount']} {item['currency']}{above}"


def holds(item: dict[str, Any]) -> str:
    """Write when a row holds."""
    start, end = ((item[name] or "")[:10] for name in ("valid_from", "valid_to"))
    return f"{start} to {end}" if end else f"from {start}" if start else "always"


def version(answer: dict[str, Any]) -> str:
    """Say what a change came to."""
    if answer["dry_run"]:
        return f"{answer['names_changed']} models would have another price; nothing is changed."
    return (
        f"Book version {answer['book_version']}: {answer['names_changed']} models have another "
        "price; charges of the past follow."
    )


def show_skipped(skipped: list[dict[str, Any]]) -> None:
    """Tell what of a list is not in the book."""
    if not skipped:
        return
    err.print(f"{len(skipped)} things of the list are not in the book:")
    for one in skipped[:SKIPPED_SHOWN]:
        err.out(
            f"  {one['provider']} {one['model']}: {one['what']} ({one['reason']})", highlight=False
        )
    if len(skipped) > SKIPPED_SHOWN:
        err.print(f"  and {len(skipped) - SKIPPED_SHOWN} more; --json has them all.")
