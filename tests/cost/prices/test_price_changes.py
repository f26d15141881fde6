"""A change of the book reaches charges: priced late, corrected, with its reason; and the docs."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from cost.prices import files, providers
from cost.prices.keeper import Keeper
from cost.prices.sightings import Sightings
from cost.restatement import Restatement
from tests.collector.api.kit import HOUR_NS, Sender

DOCS = Path(__file__).resolve().parents[3] / "docs" / "prices.md"
GPT = {"provider": "openai", "model": "gpt-x*", "meter": "input", "amount": "2", "per": "million"}


@pytest.fixture
def call(store, tmp_path, clock):
    sender = Sender(store, tmp_path, clock)

    def sent(model="gpt-x-1", provider="openai", tokens=1_000_000, ago_ns=HOUR_NS, **more):
        usage = {"gen_ai.provider.name": provider, "gen_ai.response.model": model, **more}
        usage |= {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": tokens}
        sender.spans({"start_ns": clock() - ago_ns, "attributes": usage})

    return sent


@pytest.fixture
def charges(store):
    def read():
        text = (
            "SELECT toString(kind), cost, unpriced, reason, approver FROM charges FINAL "
            "WHERE meter = 'input' ORDER BY booked_at, kind"
        )
        with store.handle() as client:
            return client.query(text).result_rows

    return read


def test_an_unpriced_call_is_priced_late_and_corrected_when_its_price_was_wrong(
    parts, record, call, charges
):
    call()
    assert [row[:3] for row in charges()] == [("usage", 0, 1)]
    record(GPT)
    Keeper.of(parts).publish(Keeper.of(parts).change("job"), [("openai", "gpt-x-1")])
    Restatement(parts).run()
    assert [row[:3] for row in charges()] == [("usage", 0, 1), ("late_price", 2, -1)]
    record({**GPT, "amount": "5", "valid_from": "-1d"})
    Restatement(parts).run()
    rows = charges()
    assert rows[-1] == ("correction", 3, 0, "tests", "cfo")
    assert (sum(row[1] for row in rows), sum(row[2] for row in rows)) == (5, 0)


def test_a_price_from_now_on_leaves_the_past_alone(parts, record, call, charges):
    record({**GPT, "model": "gpt-x-1"})
    call()
    record({**GPT, "model": "gpt-x-1", "amount": "9", "valid_from": "now"})
    Restatement(parts).run()
    assert [row[:2] for row in charges()] == [("usage", 2)]


def test_a_fresh_install_prices_well_known_models_at_once(parts, store, call, charges):
    """The bundled list, by the names that OpenTelemetry gives providers."""
    Sightings(parts).run()
    spans = [
        ("openai", "gpt-5-mini", "0.25"),
        ("azure.ai.openai", "gpt-5-mini", "0.25"),
        ("anthropic", "claude-sonnet-4-5", "3"),
        ("gcp.vertex_ai", "gemini-2.5-flash", "0.3"),
        ("gcp.gemini", "gemini-2.5-flash", "0.3"),
        ("mistral_ai", "mistral-large-latest", None),
        ("x_ai", "grok-4-0709", None),
        ("", "gpt-5-mini", "0.25"),
    ]
    for provider, model, _ in spans:
        call(model, provider, 100_000)
    found = charges()
    assert [row[2] for row in found] == [0] * len(spans)
    for (_, _, dollars), row in zip(spans, found, strict=True):
        if dollars:
            assert row[1] == Decimal(dollars) / 10


def test_every_conventional_provider_is_known_by_its_list(parts):
    for listed, names in providers.CONVENTIONAL.items():
        assert {providers.listed(name) for name in (listed, *names)} == {listed}
    assert not set(providers.SPELLINGS) & {n for ns in providers.CONVENTIONAL.values() for n in ns}


def test_the_file_in_the_documentation_can_be_imported(clock):
    text = re.search(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    found, _ = files.prices(text, "yaml", clock(), source="docs")
    assert [(row.kind, str(row.amount.normalize())) for row in found] == [
        ("price", "2.5E-7"),
        ("factor", "0.9"),
        ("factor", "0.5"),
    ]
