"""A CSV of one's own, for providers whose exports are not read here; docs/reconciliation.md.

Columns: day, provider, model, meter, unit, service_tier, quantity, amount, currency, scope,
description. day and provider are needed, and of quantity and amount at least one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.invoices.lines import Line, raw_text, tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.invoices.lines import Place

COLUMNS = (
    "day",
    "provider",
    "model",
    "meter",
    "unit",
    "service_tier",
    "quantity",
    "amount",
    "currency",
    "scope",
    "description",
)
NEEDED = frozenset({"day", "provider"})


def csv_lines(row: dict[str, Any], place: Place) -> Iterator[Line]:
    """Read one row."""
    quantity, amount = row.get("quantity") or None, row.get("amount") or None
    if quantity is None and amount is None:
        raise place.wrong("quantity", "", "give quantity, amount or both")
    provider = place.text("provider", row["provider"]).lower()
    if not provider:
        raise place.wrong("provider", row["provider"], "name who asks for the money, as openai")
    meter = place.text("meter", row.get("meter"))
    if quantity is not None and not meter:
        raise place.wrong("meter", "", "say what the quantity counts, as input or output")
    unit = place.text("unit", row.get("unit")) or ("tokens" if meter else "")
    yield Line(
        day=place.day("day", row["day"]),
        provider=provider,
        model=place.text("model", row.get("model")),
        meter=meter,
        unit=unit,
        quantity=None if quantity is None else place.quantity("quantity", quantity),
        amount=None if amount is None else place.amount("amount", amount),
        currency="" if amount is None else place.currency("currency", row.get("currency")),
        service_tier=tier(row.get("service_tier")),
        scope=place.text("scope", row.get("scope")),
        description=place.text("description", row.get("description")),
        raw=raw_text(row),
    )
