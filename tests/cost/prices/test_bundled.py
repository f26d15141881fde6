"""The bundled list, row for row against what genai-prices itself computes."""

import time
from collections import Counter
from datetime import UTC, date, datetime
from datetime import time as daytime
from decimal import Decimal

import pytest
from genai_prices import types
from genai_prices.data import providers as listed_providers
from genai_prices.data_snapshot import get_snapshot

from cost.patterns import Pattern
from cost.prices import bundled, clauses, points, providers
from cost.prices.book import Book, pattern
from cost.prices.price import Price
from cost.prices.resolution import Resolver

KEYS = {"input": "input_mtok", "output": "output_mtok", "cache_read": "cache_read_mtok"}
KEYS |= {"cache_write": "cache_write_mtok", "cache_write_1h": "cache_write_1h_mtok"}

#: Prices by time of day, of which the book has the one for the rest of the day.
BY_HOUR = {"deepseek-chat", "deepseek-reasoner", "deepseek-flash", "deepseek-v4-flash"}
BY_HOUR |= {"deepseek-v4-pro"}


@pytest.fixture(scope="module")
def listed():
    return bundled.read()


@pytest.fixture(scope="module")
def book(listed):
    return Book(listed.prices)


def model(**more):
    price = types.ModelPrice(input_mtok=Decimal(2), output_mtok=Decimal(8))
    values = {"id": "m", "match": types.ClauseEquals("m"), "prices": price, **more}
    return types.Provider("acme", "Acme", "x", models=[types.ModelInfo(**values)])


def resolved(provider, name="m", **more):
    found = bundled.read([provider])
    made = Resolver(Book(found.prices)).points(("", "acme", name))
    return {(p.meter, p.service_tier, p.valid_from): p for p in made}, found.skipped


def ns(*day):
    return int(datetime(*day, tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("day", "context"),
    [
        ((2025, 3, 1), {}),
        ((2026, 6, 1), {}),
        ((2026, 11, 24), {}),
        ((2026, 11, 24), {"processing": "batch"}),
        ((2026, 11, 24), {"service_tier": "priority"}),
    ],
)
def test_every_spelled_out_model_has_the_price_genai_prices_gives_it(book, day, context):
    """Precedence of patterns, dates, tiers and steps, over the whole list."""
    at, tier = ns(*day), next(iter(context.values()), "")
    when, resolver, compared = datetime(*day, tzinfo=UTC), Resolver(book), Counter()
    for group in book.groups:
        for name in sorted(pattern(group.model).names):
            _, info = get_snapshot().find_provider_model(name, None, group.provider, None)
            if info.id in BY_HOUR:
                continue
            prices = info.get_prices(when, context)
            standard = info.get_prices(when)
            if tier and prices == standard:
                continue
            found = resolver.points(("", group.provider, name))
            for meter, key in KEYS.items():
                wanted = getattr(prices, key)
                if wanted is None:
                    continue
                mine = [p for p in found if (p.meter, p.service_tier) == (meter, tier)]
                steps = [wanted] if isinstance(wanted, Decimal) else [wanted.base]
                steps += [] if isinstance(wanted, Decimal) else [t.price for t in wanted.tiers]
                amounts = [amount * 10**6 for amount in points.at(mine, at).amounts]
                # The list has a few prices that were doubles once.
                assert [round(a, 9) for a in amounts] == [round(s, 9) for s in steps], name
                compared[meter] += 1
    assert compared["input"] > (50 if tier else 2000)


def test_nothing_of_the_list_is_lost_in_silence(listed):
    """Every price of every model is a row, or is named among what was skipped."""
    rows = Counter((row.provider, row.meter) for row in listed.prices)
    skipped = Counter((one.provider, one.what) for one in listed.skipped)
    for provider in listed_providers:
        for info in provider.models:
            prices = info.prices if isinstance(info.prices, list) else []
            prices = [one.prices for one in prices] or [info.prices]
            for key in {key for one in prices for key, price in vars(one).items() if price}:
                usage, _ = bundled._UNITS[key]
                meter = bundled._TOKENS.get(usage, usage)
                named = (provider.id, f"price {key}") in skipped
                assert rows[provider.id, meter] or named, (provider.id, info.id, key)


def test_most_of_the_list_can_be_said_and_the_rest_has_a_reason(listed):
    models = {one.model for one in listed.skipped if one.what == "model"}
    assert not models, models
    assert len(listed.prices) > 7000
    assert len(listed.skipped) < 100
    assert all(one.reason for one in listed.skipped)


def test_the_list_is_read_in_less_than_a_second():
    start = time.thread_time()
    bundled.read()
    assert time.thread_time() - start < 5


def test_clauses_match_what_their_patterns_match(listed):
    """Every model's pattern over the names of all models, and over endings that are likely."""
    names = sorted(
        {name for group in Book(listed.prices).groups for name in pattern(group.model).names}
    )
    names = names[::40]
    endings = ("", "-20260101", "-2026-01-01", "-tts", "-tts-1", "@20260101", "-mini", ":free")
    for provider in listed_providers:
        for info in provider.models[::3]:
            made = [Pattern(text) for text in clauses.patterns(info.match)]
            for name in [info.id.lower(), *names]:
                for ending in endings:
                    tried = name + ending
                    mine = any(one.matches(tried) for one in made)
                    assert mine is info.is_match(tried), (info.id, tried)


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (types.ClauseRegex(r"^x-\d{4}-\d{2}$"), ["x-####-##"]),
        (types.ClauseRegex(r"^x[-@]\d$"), ["x-# | x@#"]),
        (types.ClauseRegex(r"^(acme/)?x(-\d{2})?$"), ["x | x-## | acme/x | acme/x-##"]),
        (types.ClauseRegex(r"x\.1"), ["*x.1*"]),
        (
            types.ClauseAnd([types.ClauseContains("a"), types.ClauseRegex(r"^(?!.*-tts(?:$|-))")]),
            ["*a* & !*-tts & !*-tts-*"],
        ),
    ],
)
def test_a_regular_expression_is_translated_where_the_grammar_can_say_it(clause, expected):
    assert clauses.patterns(clause) == expected


@pytest.mark.parametrize("text", ["^a.b$", "^a+$", "^(a|b)$", "^[a-f]$", "^a(?=b)"])
def test_a_regular_expression_beyond_the_grammar_is_refused(text):
    with pytest.raises(clauses.UntranslatableError):
        clauses.patterns(types.ClauseRegex(text))
    _, skipped = resolved(model(match=types.ClauseRegex(text)))
    assert [(one.what, one.provider) for one in skipped] == [("model", "acme")]


def test_a_pattern_too_long_is_split():
    many = types.ClauseOr([types.ClauseEquals(f"model-{n:04d}") for n in range(200)])
    made = clauses.patterns(many)
    assert len(made) > 1
    assert {name for text in made for name in Pattern(text).names} == {
        f"model-{n:04d}" for n in range(200)
    }


def test_dated_prices_hold_from_midnight_utc():
    new = types.ModelPrice(input_mtok=Decimal(1), output_mtok=Decimal(8))
    start = types.StartDateConstraint(date(2026, 5, 1))
    old = types.ModelPrice(input_mtok=Decimal(2), output_mtok=Decimal(8))
    prices = [types.ConditionalPrice(prices=old), types.ConditionalPrice(start, prices=new)]
    found, skipped = resolved(model(prices=prices))
    assert found["input", "", 0].valid_to == ns(2026, 5, 1) - 1
    assert found["input", "", ns(2026, 5, 1)].amounts == (Decimal("0.000001"),)
    assert found["output", "", 0].valid_to == points.FOREVER_NS
    assert not skipped


def test_a_price_by_the_hour_is_skipped_and_said_to_be():
    peak = types.TimeOfDateConstraint(daytime(1), daytime(4))
    base = types.ModelPrice(input_mtok=Decimal(2))
    prices = [types.ConditionalPrice(prices=base)]
    prices += [types.ConditionalPrice(peak, prices=types.ModelPrice(input_mtok=Decimal(4)))]
    found, skipped = resolved(model(prices=prices))
    assert found["input", "", 0].amounts == (Decimal("0.000002"),)
    assert [one.what for one in skipped] == ["price by time of day"]


def test_variants_become_service_tiers():
    def variant(when, **prices):
        made = {key: Decimal(price) for key, price in prices.items()}
        return types.PriceVariant(when, types.ModelPrice(**made))

    variants = [
        variant({"processing": "batch"}, input_mtok="1"),
        variant({"service_tier": "default"}),
        variant({"speed": "fast"}, input_mtok="12"),
        variant({"route": "eu"}, input_mtok="3"),
        variant({"processing": "batch", "route": "eu"}, input_mtok="2"),
    ]
    found, skipped = resolved(model(price_variants=variants))
    assert {tier for _, tier, _ in found} == {"", "batch", "fast"}
    assert found["input", "batch", 0].amounts == (Decimal("0.000001"),)
    # A variant states what differs; the rest stays as it is.
    assert found["output", "batch", 0].amounts == (Decimal("0.000008"),)
    assert [one.what for one in skipped] == [
        "variant route=eu",
        "variant processing=batch, route=eu",
    ]


def test_units_other_than_tokens_are_priced_by_one():
    price = types.ModelPrice(
        requests_kcount=Decimal(5), web_searches_kcount=Decimal(10), audio_hours=Decimal("0.36")
    )
    found, _ = resolved(model(prices=price))
    made = {meter: point.amounts[0] for (meter, _, _), point in found.items()}
    assert made["requests"] == Decimal("0.005")
    assert made["web_searches"] == Decimal("0.01")
    assert made["audio_seconds"] == Decimal("0.0001")


def test_fallbacks_and_developers_are_those_of_the_installed_list():
    """A newer genai-prices may name others; then the table follows it."""
    named = {one.id: tuple(one.fallback_model_providers or ()) for one in listed_providers}
    assert {name: behind for name, behind in named.items() if behind} == providers.FALLBACKS
    assert set(providers.DEVELOPERS) <= set(named)
    known = {*providers.CONVENTIONAL, *providers.SPELLINGS.values()} - {"ibm.watsonx.ai"}
    assert known <= set(named)


def test_a_conventional_provider_name_leads_to_its_list(book):
    names = ("openai", "gcp.vertex_ai", "aws.bedrock", "azure.ai.openai", "x_ai", "mistral_ai")
    listed = ("openai", "google", "aws", "azure", "x-ai", "mistral")
    assert tuple(providers.listed(name) for name in names) == listed


def test_the_list_can_be_read_as_prices(listed):
    first = listed.prices[0]
    assert isinstance(first, Price)
    assert first.source.startswith("genai-prices 0.")
    assert first.source_url.startswith("https://")
