"""OpenAI's organisation usage and costs: JSON of the API, CSV of the dashboard.

Usage: `/v1/organization/usage/completions` and its like. `input_tokens` includes cached tokens,
cache writes and, where it is reported, audio. Costs: `/v1/organization/costs`, whose `line_item`
says model and kind ("gpt-5-mini, cached input").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.invoices.lines import Line, raw_text, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from decimal import Decimal

    from cost.invoices.lines import Place

Row = dict[str, Any]

PROVIDER = "openai"

USAGE_COLUMNS = frozenset({"start_time", "end_time", "input_tokens", "num_model_requests"})
COST_COLUMNS = frozenset({"start_time", "end_time", "amount_value", "amount_currency"})

#: How a line item's last part names a meter.
_ITEMS = {
    "input": "input",
    "cached input": "cache_read",
    "cache write input": "cache_write",
    "output": "output",
    "audio input": "input_audio",
    "audio output": "output_audio",
    "text input": "input",
    "cached text input": "cache_read",
    "text output": "output",
}


def bucket_lines(bucket: Row, place: Place) -> Iterator[Line]:
    """Read one bucket of the API's JSON."""
    day = place.one_day(
        ("start_time", bucket.get("start_time")), ("end_time", bucket.get("end_time"))
    )
    results = bucket.get("results")
    if not isinstance(results, list):
        raise place.wrong("results", results, "export the API's answer unchanged")
    for result in results:
        if not isinstance(result, dict):
            raise place.wrong("results", result, "export the API's answer unchanged")
        if "amount" in result:
            yield _cost(result, _amount_of(result, place), day, place)
        else:
            yield from usage_lines(result, day, place)


def csv_lines(row: Row, place: Place) -> Iterator[Line]:
    """Read one row of the dashboard's CSV; a day without use is a row without values."""
    if "amount_value" in row:
        if not row["amount_value"]:
            return
        money = (row["amount_value"], row["amount_currency"], row.get("quantity") or None)
        yield _cost(row, money, _day_of(row, place), place)
    elif row["input_tokens"] or row["num_model_requests"]:
        yield from usage_lines(row, _day_of(row, place), place)


def usage_lines(result: Row, day: date, place: Place) -> Iterator[Line]:
    """Read one usage result: a line a meter, disjoint as charges are."""
    counts = _counts(result, place)
    for meter, quantity in counts.items():
        if quantity:
            unit = "requests" if meter == "requests" else "tokens"
            yield _line(result, day, place, meter=meter, unit=unit, quantity=quantity)


def _counts(result: Row, place: Place) -> dict[str, Decimal]:
    def read(field: str) -> Decimal:
        return place.tokens(field, result.get(field))

    cached, written = read("input_cached_tokens"), read("input_cache_write_tokens")
    audio_out = read("output_audio_tokens")
    audio = _fresh_audio(result, read, cached + written)
    fresh = read("input_tokens") - cached - written - audio
    output = read("output_tokens") - audio_out
    if fresh < 0:
        fix = "it includes cached, written and audio tokens, so it cannot be less than they are"
        raise place.wrong("input_tokens", result.get("input_tokens"), fix)
    if output < 0:
        fix = "it includes audio tokens, so it cannot be less than they are"
        raise place.wrong("output_tokens", result.get("output_tokens"), fix)
    return {
        "input": fresh,
        "cache_read": cached,
        "cache_write": written,
        "input_audio": audio,
        "output": output,
        "output_audio": audio_out,
        "requests": read("num_model_requests"),
    }


def _fresh_audio(result: Row, read: Callable[[str], Decimal], cached: Decimal) -> Decimal:
    """Give audio tokens that were not cached.

    Answers from 2026 on count input by modality without what was cached, older ones with it.
    """
    audio, cached_audio = read("input_audio_tokens"), read("input_cached_audio_tokens")
    by_modality = read("input_text_tokens") + read("input_image_tokens") + audio
    apart = result.get("input_text_tokens") and by_modality == read("input_tokens") - cached
    return audio if apart or cached_audio > audio else audio - cached_audio


def _amount_of(result: Row, place: Place) -> tuple[Any, Any, Any]:
    amount = result["amount"]
    if not isinstance(amount, dict):
        raise place.wrong("amount", amount, "an amount has value and currency")
    return amount.get("value"), amount.get("currency"), result.get("quantity")


def _cost(result: Row, money: tuple[Any, Any, Any], day: date, place: Place) -> Line:
    value, currency, quantity = money
    item = place.text("line_item", result.get("line_item"))
    model, meter, service_tier = _item(item)
    return _line(
        result,
        day,
        place,
        model=model,
        meter=meter,
        unit="tokens" if meter else "",
        quantity=None if quantity is None else place.quantity("quantity", quantity),
        amount=place.amount("amount", value),
        currency=place.currency("currency", currency),
        service_tier=service_tier,
        description=item,
    )


def _item(text: str) -> tuple[str, str, str | None]:
    """Split a line item into model, meter and tier; what is not understood stays unmatched."""
    model, _, kind = text.rpartition(",")
    named = kind.strip().lower()
    service_tier = None
    for prefix in ("batch", "flex", "priority"):
        if named.startswith(f"{prefix} "):
            service_tier, named = prefix, named.removeprefix(f"{prefix} ").strip()
    meter = _ITEMS.get(named, "")
    if not model or not meter:
        return "", "", service_tier
    return model.strip().lower(), meter, service_tier


def _line(result: Row, day: date, place: Place, **more: Any) -> Line:
    found: dict[str, Any] = {
        "model": place.text("model", result.get("model")),
        "amount": None,
        "currency": "",
        "service_tier": _tier_of(result, place),
        **more,
    }
    return Line(
        day=day,
        provider=PROVIDER,
        scope=place.text("project_id", result.get("project_id")),
        raw=raw_text(result),
        **found,
    )


def _tier_of(result: Row, place: Place) -> str | None:
    batch = str(result.get("batch") or "").lower()
    if batch == "true":
        return "batch"
    named = tier(place.text("service_tier", result.get("service_tier")) or None)
    return "" if named is None and batch == "false" else named


def _day_of(row: Row, place: Place) -> date:
    return place.one_day(("start_time", row["start_time"]), ("end_time", row["end_time"]))
