"""What charts of money are made of: nothing is added up across currencies, or lost."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards import cost_charts
from dashboards import cost_dimensions as d
from dashboards.window import CHOICES, CUSTOM, Window
from tests.dashboards import answers
from tests.dashboards.cost_answers import EFFECTS, explanation, money, sums

ROWS = st.lists(
    st.builds(
        lambda hour, model, cost: (
            {"hour": f"2026-11-23T{hour:02}:00:00Z", "model": model}
            | money(f"{cost:f}", events=2, unpriced=1)
        ),
        st.integers(0, 23),
        st.sampled_from("abcdefghijklmnop"),
        st.decimals(-5, 50, places=6),
    ),
    max_size=40,
)


@given(ROWS)
def test_layers_add_up_to_the_rows_whatever_is_folded(rows):
    layers = d.series(rows, "hour", "model")
    assert len(layers) <= d.SERIES_MAX
    assert sum(layer.total for layer in layers) == sum(Decimal(row["cost"]) for row in rows)
    for layer in layers:
        assert list(layer.times) == sorted(set(layer.times))


def test_a_group_without_a_price_is_no_layer_and_listed_last():
    rows = sums({"group_by": "hour,model"})["items"]
    assert [layer.name for layer in d.series(rows, "hour", "model")] == ["claude-5", "gpt-5-mini"]
    ranked = d.ranked(rows, "model")
    assert [(row["label"], row["cost"]) for row in ranked] == [
        ("claude-5", Decimal(7)),
        ("gpt-5-mini", Decimal("0.5")),
        ("mystery-1", None),
    ]
    assert [row["share"] for row in ranked] == ["93.3 %", "6.7 %", "\u2013"]
    assert ranked[2]["coverage"] == "0.000000"


def test_two_currencies_are_never_added_up():
    rows = [{"model": "a", **money("1", "USD")}, {"model": "a", **money("1", "EUR")}]
    ranked = d.ranked(rows, "model")
    assert [(row["cost"], row["currency"], row["share"]) for row in ranked] == [
        (1, "USD", "100.0 %"),
        (1, "EUR", "100.0 %"),
    ]
    assert d.of_currency(rows, "EUR") == rows[1:]


def test_what_needs_no_price_is_no_row():
    assert d.ranked([{"model": "", **money("0", None, events=0)}], "model") == []


@pytest.mark.parametrize(
    ("dimension", "row", "text"),
    [
        ("prompt", {"prompt": "rubric", "prompt_version": "7"}, "rubric 7"),
        ("prompt", {"prompt": "", "prompt_version": ""}, "no prompt version"),
        ("tier", {"tier": ""}, "standard"),
        ("project", {"project": ""}, "no project"),
        ("model", {"model": "gpt-5"}, "gpt-5"),
    ],
)
def test_labels(dimension, row, text):
    assert d.label(row, dimension) == text


def test_step_follows_the_window_and_users_have_no_hours():
    found = {name: d.step(Window(name), "model") for name in CHOICES if name != CUSTOM}
    assert found == dict.fromkeys(("15m", "1h", "6h", "24h"), "hour") | {"7d": "day", "30d": "day"}
    assert d.step(Window("1h"), "user") == "day"
    years = Window(CUSTOM, "2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert d.step(years, "model") == "month"


def test_trend_hovers_with_coverage_and_escapes_names():
    row = {"hour": "2026-11-23T21:00:00Z", "model": answers.HOSTILE}
    layers = d.series([{**row, **money("2", events=10, unpriced=3)}], "hour", "model")
    (bar,) = cost_charts.trend(layers, "USD", "hour").data
    assert bar.customdata[0].endswith("2.00 USD (70.0 % priced)")
    assert "<script>" not in cost_charts.trend(layers, "USD", "hour").to_json()


def test_treemap_levels_add_up_and_what_is_negative_has_no_area():
    place = {"tenant": "north", "project": "p"}
    rows = [
        {**place, "model": "a", **money("2")},
        {**place, "model": "b", **money("1")},
        {**place, "model": "c", **money("-4")},
    ]
    (tree,) = cost_charts.treemap(rows, "tenant,project,model", "USD").data
    values = dict(zip(tree.labels, tree.values, strict=True))
    assert values == {"north": 3.0, "p": 3.0, "a": 2.0, "b": 1.0}
    assert "100 % priced" in tree.customdata[0]
    assert cost_charts.treemap([], "tenant,project,model", "USD").to_json()


def test_the_waterfall_leaves_its_total_to_the_steps_which_add_up():
    found = explanation()
    (fall,) = cost_charts.split(found).data
    steps = [y for y, kind in zip(fall.y, fall.measure, strict=True) if kind != "total"]
    assert sum(steps) == float(found["current"])
    assert fall.y[-1] is None
    assert list(fall.x) == [
        "Before", "Volume", "Tokens per call", "Cache share", "Retries", "Price", "Now",
    ]  # fmt: skip
    assert fall.customdata[-1] == "7.50 USD"


def test_an_effect_of_a_newer_server_is_drawn_by_its_name():
    effects = {**EFFECTS, "weather": "1", "mix": "-1"}
    assert cost_charts.effects_of(effects)[-1] == "weather"
    (fall,) = cost_charts.split(explanation(effects=effects)).data
    assert "weather" in fall.x


# Plotly's first figure takes longer than the default deadline on a busy machine.
@settings(deadline=None, max_examples=25)
@given(ROWS)
def test_any_rows_make_a_chart(rows):
    layers = d.series(rows, "hour", "model")
    assert cost_charts.trend(layers, "USD", "hour").to_json()
