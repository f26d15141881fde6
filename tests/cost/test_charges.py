"""Charges: the insert prices what spans report, in disjoint buckets, or says why it does not."""

from decimal import Decimal

import pytest

from sql.migrate import Migrator
from tests.collector.api.kit import HOUR_NS, Sender

FAR_NS = 4_102_444_800_000_000_000
MILLION = Decimal(1_000_000)


def point(provider, model, meter, per_million, **more):
    amount = Decimal(per_million) / MILLION
    return {
        "book_version": 1,
        "tenant": "",
        "provider": provider,
        "model": model,
        "meter": meter,
        "service_tier": "",
        "valid_from": 0,
        "valid_to": FAR_NS,
        "currency": "USD",
        "above": [0],
        "amounts": [amount],
        "list_amounts": [amount],
        "price_ids": [f"{model}/{meter}"],
        **more,
    }


POINTS = [
    point("openai", "gpt-x", "input", "2.50"),
    point("openai", "gpt-x", "cache_read", "1.25"),
    point("openai", "gpt-x", "output", "10.00"),
    point("openai", "gpt-x", "reasoning", "10.00"),
    point("anthropic", "claude-x", "input", "3.00"),
    point("anthropic", "claude-x", "cache_read", "0.30"),
    point("anthropic", "claude-x", "cache_write", "3.75"),
    point("anthropic", "claude-x", "cache_write_1h", "6.00"),
    point("anthropic", "claude-x", "output", "15.00"),
    point("gcp.vertex_ai", "gemini-x", "input", "1.25"),
    point("gcp.vertex_ai", "gemini-x", "cache_read", "0.125"),
    point("gcp.vertex_ai", "gemini-x", "output", "10.00"),
    point("gcp.vertex_ai", "gemini-x", "reasoning", "10.00"),
    point("aws.bedrock", "claude-b", "input", "3.00"),
    point("aws.bedrock", "claude-b", "cache_read", "0.30"),
    point("aws.bedrock", "claude-b", "output", "15.00"),
]


@pytest.fixture
def priced_store(store, clock):
    Migrator(store).apply()
    store.insert("price_points", POINTS)
    store.insert("price_books", [{"book_version": 1, "published_at": clock(), "points": 16}])
    store.run_text("SYSTEM RELOAD DICTIONARY price_points_dictionary", tag="reload")
    return store


@pytest.fixture
def charge(priced_store, tmp_path, clock):
    """Store one call; give its charges by meter."""
    sender = Sender(priced_store, tmp_path, clock)

    def stored(provider, model, **usage):
        named = {f"gen_ai.usage.{key.replace('__', '.')}": value for key, value in usage.items()}
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider}
        attributes |= {"gen_ai.response.model": model, **named}
        sender.spans({"start_ns": clock() - HOUR_NS, "attributes": attributes})
        with priced_store.handle() as client:
            text = (
                "SELECT meter, state, state_reason, quantity, cost, events, unpriced "
                "FROM charges FINAL"
            )
            found = client.query(text)
            names = found.column_names
            rows = [dict(zip(names, row, strict=True)) for row in found.result_rows]
        return {row["meter"]: row for row in rows}

    return stored


def quantities(rows):
    return {meter: int(row["quantity"]) for meter, row in rows.items() if row["events"]}


def total(rows):
    return sum(row["cost"] for row in rows.values())


def test_openai_counts_cached_tokens_inside_the_input(charge):
    rows = charge(
        "openai", "GPT-X", input_tokens=1000, cache_read__input_tokens=400, output_tokens=500
    )
    assert quantities(rows) == {"input": 600, "cache_read": 400, "output": 500}
    assert total(rows) == Decimal("0.0070")


def test_anthropic_counts_cached_tokens_beside_the_input(charge):
    rows = charge(
        "anthropic",
        "claude-x",
        input_tokens=100,
        cache_read__input_tokens=10_000,
        cache_creation__input_tokens=2_000,
        output_tokens=50,
    )
    expected = {"input": 100, "cache_read": 10_000, "cache_write": 2000, "output": 50}
    assert quantities(rows) == expected
    assert total(rows) == Decimal("0.01155")


def test_vertex_counts_thoughts_beside_the_output(charge):
    rows = charge(
        "gcp.vertex_ai",
        "gemini-x",
        input_tokens=2000,
        cache_read__input_tokens=1000,
        output_tokens=300,
        reasoning__output_tokens=200,
        total_tokens=2500,
    )
    expected = {"input": 1000, "cache_read": 1000, "output": 300, "reasoning": 200}
    assert quantities(rows) == expected
    assert total(rows) == Decimal("0.006375")


def test_bedrock_total_says_that_cached_tokens_are_beside_the_input(charge):
    rows = charge(
        "aws.bedrock",
        "claude-b",
        input_tokens=1000,
        cache_read__input_tokens=500,
        output_tokens=100,
        total_tokens=1600,
    )
    assert quantities(rows) == {"input": 1000, "cache_read": 500, "output": 100}
    assert total(rows) == Decimal("0.00465")


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({"input_tokens": -5, "output_tokens": 1}, "negative"),
        ({"input_tokens": 1.5, "output_tokens": 1}, "fractional_tokens"),
        ({"input_tokens": "many", "output_tokens": 1}, "not_a_number"),
        ({"input_tokens": 10, "output_tokens": 1, "total_tokens": 99}, "total_mismatch"),
        ({"total_tokens": 99}, "total_only"),
    ],
)
def test_the_impossible_is_quarantined_and_costs_nothing(charge, usage, reason):
    rows = charge("openai", "gpt-x", **usage)
    quarantined = [row for row in rows.values() if row["state"] == "quarantined"]
    assert [row["state_reason"] for row in quarantined] == [reason]
    assert {row["quantity"] for row in quarantined} == {0}


def test_an_unknown_model_is_unpriced_never_zero_without_a_word(charge):
    rows = charge("openai", "gpt-unheard-of", input_tokens=10, output_tokens=5)
    states = {meter: (row["state"], row["state_reason"]) for meter, row in rows.items()}
    assert states["input"] == states["output"] == ("unpriced", "no_price")
    assert sum(row["unpriced"] for row in rows.values()) == 2
