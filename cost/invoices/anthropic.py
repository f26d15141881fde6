"""Anthropic's usage and cost reports: JSON of the Admin API, CSV of the Console.

Usage: `/v1/organizations/usage_report/messages`. Costs: `/v1/organizations/cost_report`, whose
`amount` is a decimal text in cents. Amounts of the Console's CSV are dollars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.invoices.lines import Line, raw_text, tier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from decimal import Decimal

    from cost.invoices.lines import Place

Row = dict[str, Any]

PROVIDER = "anthropic"

USAGE_COLUMNS = frozenset(
    {"usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens"}
)
COST_COLUMNS = frozenset({"usage_date_utc", "token_type", "cost_usd"})

_CENTS = 2

#: Kind of token, in the cost report and as fields of the usage report.
_TOKENS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cache_read",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
    "output_tokens": "output",
}
_CSV_TOKENS = {
    "usage_input_tokens_no_cache": "input",
    "usage_input_tokens_cache_read": "cache_read",
    "usage_input_tokens_cache_write_5m": "cache_write",
    "usage_input_tokens_cache_write_1h": "cache_write_1h",
    "usage_output_tokens": "output",
}
#: How the Console's cost CSV names them.
_CSV_KINDS = {
    "input_no_cache": "input",
    "input_cache_read": "cache_read",
    "input_cache_write_5m": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "output": "output",
    **_TOKENS,
}


def bucket_lines(bucket: Row, place: Place) -> Iterator[Line]:
    """Read one bucket of the API's JSON."""
    day = place.one_day(
        ("starting_at", bucket.get("starting_at")), ("ending_at", bucket.get("ending_at"))
    )
    results = bucket.get("results")
    if not isinstance(results, list):
        raise place.wrong("results", results, "export the API's answer unchanged")
    for result in results:
        if not isinstance(result, dict):
            raise place.wrong("results", result, "export the API's answer unchanged")
        if "amount" in result:
            yield _cost(result, day, place)
        else:
            yield from _usage(result, _read_nested(result, place), day, place)


def csv_lines(row: Row, place: Place) -> Iterator[Line]:
    """Read one row of the Console's CSV."""
    day = place.day("usage_date_utc", row["usage_date_utc"])
    if "cost_usd" in row:
        kind = place.text("token_type", row["token_type"])
        yield _money(
            row,
            day,
            place,
            meter=_CSV_KINDS.get(kind, ""),
            amount=place.amount("cost_usd", row["cost_usd"]),
            currency="USD",
        )
        return
    counts = {meter: place.tokens(field, row.get(field)) for field, meter in _CSV_TOKENS.items()}
    yield from _usage(row, counts, day, place)


def _usage(result: Row, counts: dict[str, Decimal], day: date, place: Place) -> Iterator[Line]:
    for meter, quantity in counts.items():
        if quantity:
            yield Line(
                meter=meter,
                unit="tokens",
                quantity=quantity,
                amount=None,
                currency="",
                **_common(result, day, place),
            )


def _read_nested(result: Row, place: Place) -> dict[str, Decimal]:
    counts = {}
    for path, meter in _TOKENS.items():
        field, _, inner = path.partition(".")
        held = result.get(field)
        if inner:
            if held is not None and not isinstance(held, dict):
                raise place.wrong(field, held, "it is an object of token counts")
            held = (held or {}).get(inner)
        counts[meter] = place.tokens(path, held)
    return counts


def _cost(result: Row, day: date, place: Place) -> Line:
    kind = place.text("token_type", result.get("token_type"))
    return _money(
        result,
        day,
        place,
        meter=_TOKENS.get(kind, ""),
        amount=place.amount("amount", result["amount"]).scaleb(-_CENTS),
        currency=place.currency("currency", result.get("currency")),
    )


def _money(result: Row, day: date, place: Place, **more: Any) -> Line:
    unit = "tokens" if more["meter"] else ""
    return Line(unit=unit, quantity=None, **more, **_common(result, day, place))


def _common(result: Row, day: date, place: Place) -> dict[str, Any]:
    model = result.get("model") or result.get("model_version")
    scope = result.get("workspace_id") or result.get("workspace")
    named = result.get("service_tier") or result.get("usage_type")
    return {
        "day": day,
        "provider": PROVIDER,
        "model": place.text("model", model),
        "service_tier": tier(place.text("service_tier", named) or None),
        "scope": place.text("workspace_id", scope),
        "description": place.text("description", result.get("description")),
        "raw": raw_text(result),
    }
