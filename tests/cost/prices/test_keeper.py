"""The keeper records, publishes and drops: what changed, once, and never less than is needed."""

from decimal import Decimal

import pytest

from cost.prices import drafts
from cost.prices.estimate import Estimator
from cost.prices.keeper import Keeper
from cost.prices.sightings import Sightings
from cost.settings import CostSettings
from sql.errors import InvalidInputError
from tests.collector.api.kit import HOUR_NS, Sender

GPT = {"provider": "openai", "model": "gpt-x", "meter": "input", "amount": "2", "per": "million"}
OUT = {**GPT, "meter": "output", "amount": "8"}


def rows(store, text, **parameters):
    with store.handle() as client:
        found = client.query(text, parameters=parameters)
        return [dict(zip(found.column_names, row, strict=True)) for row in found.result_rows]


def versions(store):
    found = rows(store, "SELECT book_version, points FROM price_books ORDER BY book_version")
    return [(row["book_version"], row["points"]) for row in found]


@pytest.fixture
def price(parts, clock):
    estimator = Estimator(parts)

    def found(provider="openai", model="gpt-x", meter="input", tenant="acme", tier=""):
        clock.step(seconds=5)
        one = estimator.price(tenant, provider, model, meter, tier, clock())
        return one and one.amount * 1_000_000

    return found


def test_a_recorded_price_is_published_for_every_conventional_spelling(record, price):
    record({**GPT, "provider": "azure"}, {**OUT, "provider": "azure"})
    spelled = ["azure", "azure.ai.openai", "azure.ai.inference"]
    assert [price(name) for name in spelled] == [2, 2, 2]
    assert price("azure.ai.openai", meter="cache_read") == 2
    assert price("azure.ai.openai", meter="reasoning") == 8


def test_the_change_is_written_beside_its_version_and_beside_its_rows(record, store):
    done = record(GPT)
    book = rows(store, "SELECT change_id, actor, approver, reason FROM price_books")[0]
    row = rows(store, "SELECT change_id, actor, approver, reason FROM prices")[0]
    expected = {"actor": "finance", "approver": "cfo", "reason": "tests"}
    assert book == row == {"change_id": done.change.change_id, **expected}


def test_nothing_is_published_where_nothing_changed(record, store, keeper):
    record(GPT)
    before = versions(store)
    keeper.publish(keeper.change("job"))
    # The same price again is a row of the history and no change of any price.
    again = record({**GPT, "model": "gpt-x"})
    assert len(before) == 1
    assert [version for version, _ in versions(store)] == [1, again.book_version]
    assert keeper.publish(keeper.change("job")).names_changed == 0
    assert len(versions(store)) == 2


def test_a_dry_run_says_what_would_change_and_changes_nothing(record, store, price):
    done = record(GPT, dry_run=True)
    # openai itself, the spans that name no provider, and Azure, which falls back on openai.
    assert done.names_changed == 5
    assert versions(store) == []
    assert rows(store, "SELECT count() AS n FROM prices")[0]["n"] == 0
    assert price() is None


def test_a_version_takes_over_what_a_change_left_alone(record, store, price):
    record(GPT, {**GPT, "model": "gpt-y", "amount": "3"})
    record({**GPT, "amount": "4"})
    assert (price(), price(model="gpt-y")) == (4, 3)
    counts = rows(
        store, "SELECT book_version, count() AS n FROM price_points GROUP BY 1 ORDER BY 1"
    )
    assert [(row["book_version"], row["n"]) for row in counts] == versions(store)


def test_a_withdrawn_price_is_gone_from_its_time_on(record, price, clock, store):
    record(GPT, {**GPT, "model": "gpt-y"})
    record({**GPT, "kind": "withdrawn", "amount": ""})
    assert price() is None
    assert price(model="gpt-y") == 2
    assert (
        versions(store)[-1][1]
        == rows(store, "SELECT count() AS n FROM price_points WHERE book_version = 2")[0]["n"]
    )


def test_the_whole_and_the_changed_part_publish_the_same(record, store, parts):
    """A keeper that resolves every name finds nothing to add to what changes published."""
    record(GPT, OUT, {**GPT, "model": "gpt-*", "amount": "1"})
    record({"tenant": "acme", **GPT, "discount_percent": "10", "amount": "", "per": ""})
    record({**GPT, "model": "gpt-y", "amount": "7"})
    record(
        {**GPT, "model": "*", "service_tier": "batch", "kind": "factor", "amount": ".5", "per": ""}
    )
    fresh = Keeper(parts)
    fresh._publications.sync()
    assert fresh._publications.plan(fresh.book()).changed == {}


def test_what_a_crash_left_unpublished_is_published_by_the_job(record, store, parts, clock):
    record(GPT)
    clock.step(seconds=1)
    price = drafts.price({**GPT, "model": "gpt-z", "currency": "USD"}, clock())
    late = Keeper(parts)
    late.book()
    stamped = late._stamped([price], late.change("finance"))
    store.insert("prices", [one.row() for one in stamped])
    late = Keeper(parts)
    assert late.needs_publishing
    late.publish(late.change("job"))
    assert not late.needs_publishing
    assert rows(store, "SELECT count() AS n FROM price_points_now WHERE model = 'gpt-z'")[0]["n"]


def test_points_of_a_version_that_was_never_published_are_no_part_of_the_next(record, store):
    record(GPT)
    point = rows(store, "SELECT * FROM price_points LIMIT 1")[0]
    store.insert("price_points", [{**point, "book_version": 2, "model": "left by a crash"}])
    record({**GPT, "model": "gpt-y"})
    assert [version for version, _ in versions(store)] == [1, 3]
    found = rows(store, "SELECT DISTINCT model FROM price_points_now ORDER BY model")
    assert [row["model"] for row in found] == ["gpt-x", "gpt-y"]


def test_old_versions_are_kept_until_they_are_restated_for_good(record, store, keeper, clock):
    for amount in range(1, 7):
        record({**GPT, "amount": str(amount)})

    def kept():
        keeper.drop_old()
        found = rows(store, "SELECT DISTINCT book_version AS v FROM price_points ORDER BY v")
        return [row["v"] for row in found]

    def restated(version, final):
        row = {"book_version": version, "final": final, "finished_at": clock()}
        store.insert("price_restatements", [{**row, "late_prices": 0, "corrections": 0}])

    assert kept() == [1, 2, 3, 4, 5, 6]
    for version in (1, 2, 3):
        restated(version, final=True)
    restated(4, final=False)
    # 4 is still compared with 3.
    assert kept() == [3, 4, 5, 6]
    for version in (4, 5, 6):
        restated(version, final=True)
    assert kept() == [4, 5, 6]


def test_a_model_is_priced_from_its_first_sighting_on(record, store, parts, tmp_path, clock, price):
    record({**GPT, "model": "gpt-x-*"})
    sender = Sender(store, tmp_path, clock)

    def send():
        usage = {"gen_ai.provider.name": "OpenAI", "gen_ai.response.model": "GPT-x-2026"}
        usage |= {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 1000}
        sender.spans({"start_ns": clock() - HOUR_NS, "attributes": usage})
        text = "SELECT state FROM charges WHERE meter = 'input' ORDER BY booked_at DESC LIMIT 1"
        return rows(store, text)[0]["state"]

    assert send() == "unpriced"
    job = Sightings(_without_list(parts))
    job.run()
    assert send() == "priced"
    assert price(model="gpt-x-2026") == 2


def _without_list(parts):
    settings = CostSettings(price_list_import=False)
    return type(parts)(parts.store, parts.clock, parts.ids, settings)


def test_a_model_seen_without_a_price_gets_the_price_that_comes_later(record, store, keeper, price):
    record(GPT)
    keeper.publish(keeper.change("job"), [("acme ai", "acme-1")])
    assert price("acme ai", "acme-1") is None
    record({**GPT, "provider": "acme ai", "model": "acme-*", "amount": "5"})
    assert price("acme ai", "acme-1") == 5


def test_more_models_than_allowed_are_not_published(parts, record, keeper, price):
    record({**GPT, "model": "gpt-*"})
    object.__setattr__(keeper, "_settings", CostSettings(price_names_max=6))
    keeper.publish(keeper.change("job"), [("openai", f"gpt-{n}") for n in range(20)])
    assert keeper._publications.names <= 6


def test_a_book_of_too_many_points_is_refused_before_anything_is_recorded(record, store, keeper):
    keeper._publications._points_max = 3
    with pytest.raises(InvalidInputError, match="ANSWERABLE_PRICE_POINTS_MAX"):
        record(GPT)
    assert rows(store, "SELECT count() AS n FROM prices")[0]["n"] == 0


def test_two_prices_of_one_submission_for_one_time_are_refused_naming_both(record):
    with pytest.raises(InvalidInputError, match=r"price 1 and price 3 .*2026-02-01"):
        record(
            {**GPT, "valid_to": "2026-03-01"},
            OUT,
            {**GPT, "valid_from": "2026-02-01", "amount": "3"},
        )
    done = record({**GPT, "valid_to": "2026-03-01"}, {**GPT, "valid_from": "2026-03-01"})
    assert len(done.prices) == 2


def test_a_step_needs_one_above_nothing_and_one_currency(record):
    with pytest.raises(InvalidInputError, match="above 200000 tokens has none above 0"):
        record({**GPT, "above": "200000"})
    record(GPT, {**GPT, "above": "200000", "amount": "4"})
    with pytest.raises(InvalidInputError, match="several currencies"):
        record({**GPT, "above": "200000", "amount": "4", "currency": "EUR"})
    with pytest.raises(InvalidInputError, match="none above 0"):
        record({**GPT, "kind": "withdrawn", "amount": ""})


def test_a_contract_is_published_for_its_tenant_alone(record, price, store):
    record(GPT, OUT)
    record(
        {
            "tenant": "acme",
            "provider": "openai",
            "model": "*",
            "meter": "*",
            "discount_percent": "25",
        }
    )
    assert (price(), price(tenant="other")) == (Decimal("1.5"), 2)
    found = rows(store, "SELECT amounts, list_amounts FROM price_points_now WHERE tenant = 'acme'")
    assert all(row["amounts"][0] * 4 == row["list_amounts"][0] * 3 for row in found)


def test_a_model_no_span_has_carried_yet_is_estimated_from_the_book(record, price, store, clock):
    """A budget is reserved before the first span of a model, which is what gets it published."""
    record({**GPT, "model": "gpt-x-*"}, {**GPT, "model": "*", "amount": "5"})
    assert price(model="gpt-x-2027") == 2
    record({"tenant": "acme", **GPT, "model": "gpt-x-*", "amount": "1"})
    assert (price(model="gpt-x-2027"), price(model="gpt-x-2027", tenant="other")) == (1, 2)
    assert (
        rows(store, "SELECT count() AS n FROM price_points WHERE model = 'gpt-x-2027'")[0]["n"] == 0
    )
