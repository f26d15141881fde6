"""The Slices page: a search, what it found, and searches made before."""

import json

import pytest

from dashboards import slice_charts
from dashboards.formatters import ABSENT
from dashboards.views import slices_page
from tests.dashboards import drift_answers as d
from tests.dashboards.answers import HOSTILE
from tests.dashboards.api_double import Problem


@pytest.fixture
def sliced(api):
    """An API with one model and one search."""
    api.routes |= {
        "/v1/drift/models": d.models(d.model(), d.model(model="other", references=[])),
        "/v1/slices": d.searches(d.search()),
        "/v1/slices/s-1": d.search(),
    }
    return api


def test_without_decisions_it_says_what_to_send(api, open_page, shown):
    api.routes["/v1/drift/models"] = d.models()
    app = open_page("slices")
    assert "YOUR_API_KEY" in shown(app)
    assert "answerable.confidence" in app.info[0].value


def test_without_a_search_it_says_what_one_does(sliced, open_page, shown):
    sliced.routes["/v1/slices"] = d.searches()
    app = open_page("slices")
    shown(app)
    assert "No search yet" in app.info[0].value


def test_a_search_is_shown_with_what_was_confirmed(sliced, open_page, shown):
    text = shown(open_page("slices", window="7d"))
    for said in ("language is es and 100 &lt; words ≤ 240", "15.5 %", "0.42", "x 2.10", "1.9"):
        assert said in text
    for said in (
        "not confirmed",
        "1 confirmed",
        "42 ms",
        "on numpy",
        "18.4 k ruled out",
        "0.405 / 0.17",
    ):
        assert said in text
    assert sliced.last("/v1/slices/s-1") == {"tenant": "north"}
    assert "Searched in 1,200 decisions, tested on 800 others" in text
    assert sliced.last("/v1/slices") == {"tenant": "north", "model": "essay-triage", "limit": "50"}


def test_a_search_is_started_and_opened(sliced, open_page, shown):
    asked = []

    def find(raw):
        asked.append(json.loads(raw))
        return d.search()

    sliced.posts["/v1/slices/find"] = find
    app = open_page("slices", window="30d", target="drift", level="3", k="5")
    next(one for one in app.button if one.label == "Find slices").click().run()
    shown(app)
    assert asked == [
        {
            "tenant": "north",
            "model": "essay-triage",
            "from": "-30d",
            "to": "now",
            "target": "drift",
            "level_max": 3,
            "k": 5,
            "reference": "autumn",
        }
    ]
    assert app.query_params["search"] == "s-1"


def test_drift_needs_a_reference(sliced, open_page, shown):
    app = open_page("slices", target="drift", model="north/other")
    assert "Drift needs a reference" in shown(app)
    assert next(one for one in app.button if one.label == "Find slices").disabled


def test_a_refused_search_says_why(sliced, open_page, shown):
    sliced.posts["/v1/slices/find"] = Problem(400, "Invalid input", "no decision has a label")
    app = open_page("slices", target="error")
    next(one for one in app.button if one.label == "Find slices").click().run()
    shown(app)
    assert "no decision has a label" in app.error[0].value


def test_nothing_found_is_a_result(sliced, open_page, shown):
    sliced.routes["/v1/slices/s-1"] = {**d.search(), "items": []}
    app = open_page("slices")
    shown(app)
    assert "No slice is worse" in app.info[0].value


def test_a_search_that_stopped_at_its_limit_and_tested_nothing_says_so(sliced, open_page, shown):
    untested = d.found_slice(holdout_mean=None, q_value=None, confirmed=None)
    sliced.routes["/v1/slices/s-1"] = {**d.search(), "items": [untested], "complete": False}
    app = open_page("slices")
    assert "not confirmed" in shown(app)
    assert "better slices" in app.warning[0].value


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/drift/models"] = Problem(status, "No", "not here")
    (error,) = open_page("slices").error
    assert said in error.value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"feature": "@outcome", "op": "equals", "value": "revise"}, "outcome is revise"),
        ({"feature": "words", "op": "between", "from": None, "to": 120}, "words ≤ 120"),
        ({"feature": "words", "op": "between", "from": 120, "to": None}, "words > 120"),
        ({"feature": "words", "op": "is_missing"}, "words is missing"),
        ({"feature": "words", "op": "is_nan"}, "words is not a number"),
    ],
)
def test_conditions_are_said_in_words(given, said):
    assert slice_charts.predicate(given) == said


def test_confirmed_slices_are_filled_and_names_escaped():
    hostile = d.found_slice(predicates=[{"feature": HOSTILE, "op": "equals", "value": "x"}])
    figure = slice_charts.found([hostile, d.found_slice(confirmed=False)], 0.2, "doubt")
    sure, unsure = figure.data
    assert (sure.marker.symbol, unsure.marker.symbol) == ("circle", "circle-open")
    assert (list(sure.x), list(sure.y)) == ([15.5], [0.42])
    assert HOSTILE not in str(figure.to_dict())


def test_no_base_has_no_ratio():
    assert slices_page.times(0.4, None) == ABSENT
    assert slices_page.times(0.4, 0.0) == ABSENT
    assert slices_page.times(0.4, 0.2) == "x 2.00"
