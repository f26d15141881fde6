"""The Drift page: features over time, one of them in full, and how to begin."""

import json
import math
import time

import pytest

from dashboards import distribution_chart, drift_charts
from dashboards import drift_words as w
from dashboards.formatters import ABSENT
from dashboards.views import drift_feature
from dashboards.window import Window
from tests.dashboards import drift_answers as d
from tests.dashboards.answers import HOSTILE, at
from tests.dashboards.api_double import Problem


@pytest.fixture
def drifting(api):
    """An API with one reference and a language that drifted."""
    api.routes |= {
        "/v1/references": d.references(d.reference()),
        "/v1/drift/models": d.models(d.model()),
        "/v1/drift/features": d.heat(),
        "/v1/drift/distribution": d.languages(),
    }
    return api


def test_without_decisions_it_says_what_to_send(api, open_page, shown):
    api.routes |= {"/v1/references": d.references(), "/v1/drift/models": d.models()}
    app = open_page("drift")
    assert "YOUR_API_KEY" in shown(app)
    assert "answerable.feature.NAME" in app.info[0].value


def test_the_past_can_be_made_a_reference(drifting, open_page, shown):
    drifting.routes["/v1/references"] = d.references()
    taken = []

    def define(raw):
        taken.append(json.loads(raw))
        drifting.routes["/v1/references"] = d.references(d.reference())
        return d.reference()

    drifting.posts["/v1/references"] = define
    app = open_page("drift", window="7d")
    assert "essay-triage" in shown(app)
    next(one for one in app.button if one.label.startswith("Make a reference")).click().run()
    assert taken == [{"tenant": "north", "model": "essay-triage", **d.WINDOW}]
    assert app.query_params["reference"] == "north/autumn"
    assert "Population stability" in shown(app)


def test_a_refused_reference_says_why(drifting, open_page, shown):
    drifting.routes["/v1/references"] = d.references()
    drifting.posts["/v1/references"] = Problem(403, "Forbidden", "needs the role operator")
    app = open_page("drift", window="7d")
    next(one for one in app.button if one.label.startswith("Make a reference")).click().run()
    shown(app)
    assert "needs the role operator" in app.error[0].value


def test_the_feature_that_moved_most_comes_first_and_in_full(drifting, open_page, shown):
    text = shown(open_page("drift", window="7d"))
    assert "as of 22:00:00 UTC" in text
    assert [one.value for one in open_page("drift").subheader][1] == "language"
    for said in (
        "0.41",
        "0.3 to 0.55",
        "&lt; 0.0001",
        f"{ABSENT} to ∞ *",
        "20.0 %",
        "texts the reference",
    ):
        assert said in text
    assert "text where numbers were" not in text
    assert "Wasserstein" in text
    assert "<script>" not in text
    asked = drifting.last("/v1/drift/distribution")
    assert asked["feature"] == "language"
    # Without a cell in the link it is the one in which it moved most.
    assert (asked["from"], asked["to"]) == (d.STARTS[2], "2026-11-22T23:00:00Z")
    asked = drifting.last("/v1/drift/features")
    # An hour ago, from the start of that hour.
    begun = int(asked.pop("from"))
    assert begun % 3600 == 0
    assert 3600 <= time.time() - begun < 7300
    assert asked == {
        "tenant": "north",
        "reference": "autumn",
        "statistic": "population_stability",
        "step": "hour",
    }


def test_a_link_opens_a_cell_of_a_slice(drifting, open_page, shown):
    drifting.routes["/v1/drift/distribution"] = d.words()
    app = open_page(
        "drift",
        window="30d",
        feature="words",
        at=d.STARTS[1],
        dimension="feature:language",
        value="es",
    )
    text = shown(app)
    assert "below the reference" in text
    assert "above the reference" in text
    asked = drifting.last("/v1/drift/distribution")
    assert (asked["from"], asked["to"]) == (d.STARTS[1], d.STARTS[2])
    assert (asked["dimension"], asked["value"]) == ("feature:language", "es")
    assert drifting.last("/v1/drift/features")["step"] == "day"
    next(one for one in app.button if one.label == "The whole window").click().run()
    assert app.query_params["at"] == "all"
    asked = drifting.last("/v1/drift/distribution")
    assert (asked["from"], asked["to"]) == (d.WINDOW["from"], d.WINDOW["to"])


def test_values_of_a_feature_are_offered_and_others_may_be_written(drifting, open_page, shown):
    app = open_page("drift", dimension="feature:language", value="uk")
    shown(app)
    offered = next(one for one in app.selectbox if one.label == "Slice").options
    assert offered[:3] == ["choose or write", "en", "es"]
    assert offered[-1] == "uk"
    assert drifting.last("/v1/drift/features")["value"] == "uk"
    open_page("drift", dimension="feature:language")
    assert "dimension" not in drifting.last("/v1/drift/features")


def test_the_last_cell_ends_after_its_step():
    window = drift_feature.cell_window(d.WINDOW, d.STARTS, d.STARTS[-1], "6h")
    assert window == {"from": d.STARTS[-1], "to": "2026-11-23T04:00:00Z"}
    assert drift_feature.cell_window(d.WINDOW, d.STARTS, "", "6h") == d.WINDOW


def test_no_traffic_is_said(drifting, open_page, shown):
    empty = d.heat()
    for row in empty["features"]:
        row["cells"] = [d.heat_cell(start, None, n=0) for start in d.STARTS]
    drifting.routes["/v1/drift/features"] = empty
    app = open_page("drift")
    shown(app)
    assert "No decision of this model" in app.info[0].value


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/references"] = Problem(status, "No", "not here")
    (error,) = open_page("drift").error
    assert said in error.value


def test_a_distribution_that_fails_leaves_the_map(drifting, open_page, shown):
    drifting.routes["/v1/drift/distribution"] = Problem(400, "Invalid input", "no such feature")
    app = open_page("drift")
    shown(app)
    assert "no such feature" in app.warning[0].value
    assert not app.error


def test_the_map_has_a_mark_to_click_on_every_cell_and_no_number_where_there_is_none():
    rows = drift_charts.ranked(d.heat()["features"], 3)
    figure = drift_charts.heat(rows, "population_stability", 24, sure=False)
    levels, marks = figure.data
    assert [row["feature"] for row in rows] == ["language", "@confidence", "words"]
    assert list(levels.z[0]) == [0.02, None, 0.41]
    assert len(marks.x) == 9
    # A cell lies over the time it stands for.
    assert len(levels.x) == 4
    assert levels.x[0] < marks.x[0] < levels.x[1]
    assert tuple(marks.customdata[2]) == ("language", d.STARTS[2])
    assert "fewer than 30 decisions" in marks.text[1]
    assert drift_charts.heat(rows, "hellinger", 24, sure=True).data[0].z[0][2] == 0.205
    assert figure.layout.yaxis.ticktext[1] == "confidence"


def test_what_few_decisions_show_is_no_colour_and_no_rank():
    loud = {"feature": "loud", "kind": "text", "cells": [d.heat_cell(d.STARTS[0], 9.0, n=3)]}
    by_chance = d.heat_cell(d.STARTS[1], 0.3, low=0.0)
    quiet = {"feature": "quiet", "kind": "text", "cells": [by_chance]}
    moved = {"feature": "moved", "kind": "text", "cells": [d.heat_cell(d.STARTS[2], 0.2)]}
    ranked = drift_charts.ranked([loud, quiet, moved], 3)
    assert [row["feature"] for row in ranked] == ["moved", "quiet", "loud"]
    assert [drift_charts.strongest(row) for row in ranked] == [d.STARTS[2], "", ""]
    assert drift_charts.heat([loud], "hellinger", 1, sure=False).data[0].z[0][0] is None


def test_many_cells_are_merged_without_losing_a_decision():
    cells = d.words(200)["cells"][1:-1]
    bins = distribution_chart.merged(cells, 40)
    assert len(bins) <= 40
    assert sum(one["reference"] for one in bins) == 4000
    assert sum(one["current"] for one in bins) == 800
    assert (bins[0]["from"], bins[-1]["to"]) == (0.0, 2000.0)
    ends = [one["to"] for one in bins[:-1]]
    assert ends == [one["from"] for one in bins[1:]]


def test_a_cell_without_width_goes_to_the_next():
    narrow = {"label": "0", "from": -5e-324, "to": 0.0, "reference": 900, "current": 9}
    cells = [narrow, *d.words(20)["cells"][1:-1]]
    bins = distribution_chart.merged(cells, 40)
    assert all(one["to"] - one["from"] > 1 for one in bins)
    heights = distribution_chart.distribution({**d.words(), "cells": cells}).data[0].y
    assert all(math.isfinite(height) for height in heights)


def test_texts_are_bars_and_numbers_an_outline_whose_area_is_the_share():
    bars = distribution_chart.distribution(d.languages())
    assert [trace.type for trace in bars.data] == ["bar", "bar"]
    assert bars.data[1].y == (50.0, 30.0, 20.0, 0.0, 0.0)
    labels = [label for label, _ in bars.data[1].customdata]
    assert (labels[2], labels[4]) == ("not in the reference", "missing")
    assert HOSTILE not in str(bars.to_dict())
    reference = distribution_chart.distribution(d.words()).data[0]
    widths = [b - a for a, b in zip(reference.x[:-1], reference.x[1:], strict=True)]
    area = sum(w * h for w, h in zip(widths, reference.y[:-1], strict=True))
    assert area == pytest.approx(100)


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ABSENT), (0.0, "0"), (0.04123, "0.0412"), ("Infinity", "∞"), (2e9, "2.00e+09")],
)
def test_figures(value, said):
    assert w.figure(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, ABSENT), (0, "< 0.0001"), (0.05, "0.05"), (1.0, "1")]
)
def test_probabilities(value, said):
    assert w.probability(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, ABSENT), (0, "0.0 %"), (0.0001, "0.01 %"), (0.123, "12.3 %")]
)
def test_shares(value, said):
    assert w.percent(value) == said


def test_cells_suit_the_window():
    ends = {"start": at(-5 * d.DAY), "end": at()}
    windows = [Window("1h"), Window("7d"), Window("30d"), Window("custom", **ends)]
    assert [w.step(one) for one in windows] == ["hour", "6h", "day", "6h"]
