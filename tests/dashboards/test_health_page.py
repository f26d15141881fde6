"""The Model health page: confidence, estimated and realised performance, calibration, labels."""

import pytest

from dashboards import health_charts
from tests.dashboards import drift_answers as d
from tests.dashboards.api_double import Problem


@pytest.fixture
def healthy(api):
    """An API with one model, labels for all but its last day."""
    api.routes |= {
        "/v1/drift/models": d.models(d.model()),
        "/v1/drift/performance": d.performance(),
        "/v1/drift/calibration": d.calibration(),
    }
    return api


def test_without_decisions_it_says_what_to_send(api, open_page, shown):
    api.routes["/v1/drift/models"] = d.models()
    app = open_page("model-health")
    assert "YOUR_API_KEY" in shown(app)


def test_without_confidence_it_says_what_to_send(healthy, open_page, shown):
    rows = [d.health_row(at_, confidence=None, estimated=None) for at_ in d.STARTS]
    healthy.routes["/v1/drift/performance"] = d.performance(items=rows)
    app = open_page("model-health")
    shown(app)
    assert "answerable.confidence" in app.info[0].value


def test_estimates_and_what_labels_showed(healthy, open_page, shown):
    text = shown(open_page("model-health", window="7d"))
    assert "as of 22:00:00 UTC" in text
    for said in ("0.861", "86.0 %", "95 %: 84.0 % to 88.0 %", "83.0 %", "95 %: 78.0 % to 88.0 %"):
        assert said in text
    for said in ("20.0 %", "240 of 1,200", "2.4 %", "240 labelled decisions"):
        assert said in text
    asked = healthy.last("/v1/drift/performance")
    where = {"from": "-7d", "tenant": "north", "model": "essay-triage"}
    assert asked == {**where, "step": "6h", "reference": "autumn"}
    assert healthy.last("/v1/drift/calibration") == where
    assert "900 labels of reference autumn" in text


def test_what_estimates_were_weighted_by_is_said(healthy, open_page, shown):
    rows = [d.health_row(at_) for at_ in d.STARTS]
    text = shown(open_page("model-health"))
    assert f"{len(rows)} of {len(rows)} points, the last as 642 equal ones" in text
    rows[-1]["estimated"]["weighing"] = d.weighing("decisions of the baseline have no features")
    healthy.routes["/v1/drift/performance"] = d.performance(items=rows)
    text = shown(open_page("model-health"))
    assert f"{len(rows) - 1} of {len(rows)} points" in text
    assert "decisions of the baseline have no features" in text


def test_a_last_step_without_decisions_leaves_the_one_before(healthy, open_page, shown):
    rows = [d.health_row(at_) for at_ in d.STARTS]
    rows[-1] |= {"n": 0, "confidence": None, "estimated": None, "realised": None, "residual": None}
    healthy.routes["/v1/drift/performance"] = d.performance(items=rows)
    text = shown(open_page("model-health"))
    for said in ("0.861", "86.0 %", "83.0 %"):
        assert said in text


def test_estimates_and_labels_that_part_are_said(healthy, open_page, shown):
    found = {"alarm": True, "start": d.STARTS[1], "tolerance": 0.02}
    healthy.routes["/v1/drift/performance"] = d.performance(concept_drift=found)
    app = open_page("model-health")
    shown(app)
    assert "since 2026-11-21 22:00 UTC" in app.warning[0].value
    assert "2.0 %" in app.warning[0].value


def test_without_labels_that_is_said(healthy, open_page, shown):
    rows = [d.health_row(at_, labelled=False) for at_ in d.STARTS]
    healthy.routes["/v1/drift/performance"] = d.performance(items=rows)
    healthy.routes["/v1/drift/calibration"] = d.calibration(0)
    text = shown(open_page("model-health"))
    assert "needs labels" in text
    assert "No label yet" in text
    assert "0.00 %" in text


def test_a_calibration_that_fails_leaves_the_rest(healthy, open_page, shown):
    healthy.routes["/v1/drift/calibration"] = Problem(404, "Not Found", "nothing")
    app = open_page("model-health")
    text = shown(app)
    assert "does not offer it" in text
    assert "86.0 %" in text
    assert not app.error


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/drift/models"] = Problem(status, "No", "not here")
    (error,) = open_page("model-health").error
    assert said in error.value


def test_the_band_is_the_interval_and_points_have_bars():
    figure = health_charts.performance(d.performance()["items"], "accuracy")
    high, low, line, points = figure.data
    assert list(high.y) == pytest.approx([88.0] * 3)
    assert list(low.y) == pytest.approx([84.0] * 3)
    assert list(line.y) == pytest.approx([86.0] * 3)
    assert list(points.x) == d.STARTS[:2]
    assert list(points.error_y.array) == pytest.approx([5.0, 5.0])
    # The model has no AUC: nothing is drawn as if it were zero.
    assert [
        len(one.x) for one in health_charts.performance(d.performance()["items"], "auc").data
    ] == [0]


def test_empty_bins_are_no_points_of_the_calibration():
    diagonal, points = health_charts.calibration(d.calibration()["bins"]).data
    assert list(diagonal.x) == [0, 100]
    assert list(points.x) == pytest.approx([55.0, 86.0])
    assert list(points.y) == pytest.approx([50.0, 84.0])


def test_labels_stand_in_front_of_decisions():
    decisions, labelled = health_charts.coverage(d.performance()["items"]).data
    assert list(decisions.y) == [400, 400, 400]
    assert list(labelled.y) == [120, 120, 0]


def test_a_step_of_a_few_labels_is_left_out():
    few = d.health_row(d.STARTS[0])
    few["realised"] |= {"n": 3}
    few["residual"] |= {"n": 3}
    assert health_charts.measured(few, "realised", "accuracy") is None
    assert list(health_charts.residual([few]).data[0].x) == []
    assert list(health_charts.coverage([few]).data[1].y) == [3]


def test_residuals_have_bars_and_are_grey_where_they_calibrate_themselves():
    (bars,) = health_charts.residual(d.performance()["items"]).data
    assert list(bars.y) == [3.0, 3.0]
    assert list(bars.error_y.array) == pytest.approx([2.0, 2.0])
    assert bars.marker.color[0] != bars.marker.color[1]
