"""The Monitors page: how they stand, what they found, incidents, and the editor."""

import json

import pytest
import yaml

from dashboards import monitor_charts, monitor_draft
from dashboards.views import incident_list, monitor_detail, monitor_dry_run
from tests.dashboards import drift_answers as d
from tests.dashboards.answers import HOSTILE
from tests.dashboards.api_double import Problem


@pytest.fixture
def watched(api):
    """An API with one monitor that alarmed."""
    api.routes |= {
        "/v1/drift/models": d.models(d.model()),
        "/v1/references": d.references(d.reference()),
        "/v1/monitors": d.monitors(d.monitor()),
        "/v1/monitors/languages/results": d.results(
            d.result(d.STARTS[0]), d.result(d.STARTS[2], "confirmed", value=HOSTILE, dimension="x")
        ),
        "/v1/drift/incidents": {"items": [d.incident()]},
    }
    api.posts["/v1/monitors/dry-run"] = d.dry_run()
    return api


def _press(app, label):
    return next(one for one in app.button if one.label == label).click().run()


def _sent(api, path):
    asked = []
    answer = api.posts[path]

    def take(raw):
        asked.append(json.loads(raw))
        return answer

    api.posts[path] = take
    return asked


def test_without_monitors_it_says_what_one_does_and_offers_the_editor(watched, open_page, shown):
    watched.routes["/v1/monitors"] = d.monitors()
    app = open_page("monitors")
    shown(app)
    assert "No monitor yet" in app.info[0].value
    assert yaml.safe_load(app.text_area[0].value)["id"] == "my-monitor"


def test_monitors_with_their_state_and_results(watched, open_page, shown):
    app = open_page("monitors", window="30d")
    text = shown(app)
    table = app.dataframe[0].value
    assert table["State"].to_list() == ["alarm"]
    assert table["Watches"].to_list() == ["every feature, by language"]
    assert table["Last window (UTC)"].to_list() == ["2026-11-22 22:00: 2 of 9 not by chance"]
    for said in ("essay-triage of north against autumn", "above 0.1", "confirmed 1 more time"):
        assert said in text.replace("\\", "")
    assert text.index("language, x &lt;script&gt;") < text.index(">quiet<")
    assert "<script>" not in text
    assert watched.last("/v1/monitors/languages/results")["from"] == "-30d"


def test_an_incident_is_acknowledged(watched, open_page, shown):
    done = []
    watched.posts["/v1/drift/incidents/i-7/acknowledge"] = lambda raw: (
        done.append(raw) or d.incident()
    )
    app = open_page("monitors")
    said = incident_list.told(d.incident())
    assert "Population stability (PSI) 0.41 (0.3 to 0.5)" in said
    assert "language and 2 more" in said
    _press(app, "Acknowledge")
    shown(app)
    assert done == [b"{}"]


def test_an_incident_that_may_not_be_closed_says_why(watched, open_page, shown):
    watched.posts["/v1/drift/incidents/i-7/close"] = Problem(403, "Forbidden", "needs operator")
    app = open_page("monitors")
    _press(app, "Close")
    shown(app)
    assert "needs operator" in app.error[0].value


def test_the_draft_is_the_monitor_without_what_the_service_adds(watched, open_page):
    draft = yaml.safe_load(open_page("monitors").text_area[0].value)
    assert draft["id"] == "languages"
    assert draft["slices"] == ["feature:language"]
    assert not {"version", "state", "trigger", "name"} & set(draft)


def test_a_dry_run_says_how_often_it_would_have_alarmed(watched, open_page, shown):
    asked = _sent(watched, "/v1/monitors/dry-run")
    app = open_page("monitors", window="30d")
    _press(app, "Dry run")
    text = shown(app)
    assert (asked[0]["from"], asked[0]["to"]) == ("-30d", "now")
    assert asked[0]["monitor"]["alpha"] == 0.01
    assert "version" not in asked[0]["monitor"]
    for said in ("one in 14.0 windows", "judged, of 30", "1.0 %", "0.5 %", "95 %: 0.0 % to 2.0 %"):
        assert said in text
    assert "<script>" not in text


def suggestion(**changes):
    """Make a tolerance that a dry run suggests."""
    return {
        "windows": 168,
        "windows_needed": 99,
        "enough": True,
        "tolerance": 0.0712,
        "factor": 2.113,
        "suspicions": {"expected": 0.0059, "high": 0.0177},
        "alarms": {"expected": 0.0059, "high": 0.0177},
        "driven_by": None,
        "by_finding": [],
        **changes,
    }


def test_a_dry_run_gives_a_tolerance_to_copy(watched, open_page):
    watched.posts["/v1/monitors/dry-run"] = d.dry_run(suggested_tolerance=suggestion())
    app = open_page("monitors")
    _press(app, "Dry run")
    assert [one.value for one in app.code] == ["tolerance: 0.0712", "tolerance: reference"]
    assert "at most 0.6 % are then suspected" in monitor_dry_run.suggested(suggestion())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (suggestion(tolerance=None), "needs no tolerance"),
        (suggestion(enough=False), "it takes 99"),
        (None, ""),
    ],
)
def test_a_dry_run_says_when_there_is_none_or_little_to_go_by(
    watched, open_page, shown, found, said
):
    watched.posts["/v1/monitors/dry-run"] = d.dry_run(suggested_tolerance=found)
    app = open_page("monitors")
    _press(app, "Dry run")
    assert said in shown(app)
    assert len(app.code) == (2 if found and found["tolerance"] else 0)


def test_the_form_keeps_a_tolerance_of_the_reference(watched, open_page):
    watched.routes["/v1/monitors"] = d.monitors(d.monitor(tolerance="reference"))
    app = open_page("monitors")
    _press(app, "Write into the YAML")
    assert yaml.safe_load(app.text_area[0].value)["tolerance"] == "reference"
    assert "above what windows of the reference show" in monitor_detail.rule(
        d.monitor(tolerance="reference")
    )


def test_a_text_that_is_no_monitor_is_not_sent(watched, open_page, shown):
    asked = _sent(watched, "/v1/monitors/dry-run")
    app = open_page("monitors")
    app.text_area[0].set_value("id: [one").run()
    _press(app, "Dry run")
    shown(app)
    assert "line 1" in app.error[0].value
    assert asked == []


def test_a_refusal_of_the_service_names_the_field(watched, open_page, shown):
    watched.posts["/v1/monitors/dry-run"] = Problem(400, "Invalid input", "alpha is 3; write less")
    app = open_page("monitors")
    _press(app, "Dry run")
    shown(app)
    assert "alpha is 3" in app.error[0].value


def test_a_monitor_is_changed_from_the_version_that_was_read(watched, open_page, shown):
    done = []

    def change(raw):
        done.append(json.loads(raw))
        return d.monitor(version=4)

    watched.posts["/v1/monitors/languages"] = change
    app = open_page("monitors")
    _press(app, "Save")
    shown(app)
    assert (done[0]["version"], done[0]["alpha"]) == (3, 0.01)


def test_a_monitor_is_removed_after_it_was_asked_for(watched, open_page, shown):
    app = open_page("monitors")
    watched.posts["/v1/monitors/languages"] = {"id": "languages", "tenant": "north"}
    _press(app, "Remove languages")
    shown(app)
    assert any(path.startswith("/v1/monitors/languages?tenant=north") for path, _ in watched.sent)


def test_a_new_name_makes_a_monitor(watched, open_page, shown):
    watched.posts["/v1/monitors"] = d.monitor(id="second", version=1)
    asked = _sent(watched, "/v1/monitors")
    app = open_page("monitors")
    draft = yaml.safe_load(app.text_area[0].value) | {"id": "second"}
    app.text_area[0].set_value(yaml.safe_dump(draft)).run()
    _press(app, "Save")
    shown(app)
    assert asked[0]["id"] == "second"
    assert app.query_params["monitor"] == "second"


def test_the_form_writes_the_text(watched, open_page, shown):
    app = open_page("monitors")
    app.number_input(key="monitor_form.tolerance=0.1").set_value(0.25)
    app.selectbox(key="monitor_form.window=1d").set_value("6h")
    app.selectbox(key="monitor_form.kind=feature").set_value("missing")
    _press(app, "Write into the YAML")
    shown(app)
    draft = yaml.safe_load(app.text_area[0].value)
    assert (draft["tolerance"], draft["window"]) == (0.25, "6h")
    assert draft["cool_down"] == "24h"
    assert (draft["kind"], "statistic" in draft) == ("missing", False)


@pytest.mark.parametrize(
    "odd", ["{alpha: x, tolerance: .nan, slices: 7}", "{confirmations: 1e999, window: [1]}", "7"]
)
def test_the_form_stands_whatever_the_text_says(watched, open_page, shown, odd):
    app = open_page("monitors")
    app.text_area[0].set_value(odd).run()
    shown(app)
    assert next(one for one in app.button if one.label == "Write into the YAML")


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/monitors"] = Problem(status, "No", "not here")
    (error,) = open_page("monitors").error
    assert said in error.value


@pytest.mark.parametrize(
    "text",
    ["- a list", "one word", "a: &a [*a", "\x00", "x: " + "[" * 5000, "x" * 30_000, "? {}: b"],
)
def test_what_is_no_monitor_is_refused(text):
    with pytest.raises(monitor_draft.DraftError):
        monitor_draft.read(text)
    assert monitor_draft.lenient(text) == {}


def test_what_the_form_leaves_empty_goes():
    draft = {"id": "a", "tolerance": 0.2, "cool_down": "7d"}
    assert monitor_draft.merged(draft, {"tolerance": None, "reference": "", "slices": []}) == {
        "id": "a",
        "cool_down": "7d",
        "slices": [],
    }


def test_the_strip_has_a_colour_a_state_and_keeps_states_it_does_not_know():
    windows = [
        *d.dry_run()["by_window"],
        {"start": d.STARTS[0], "state": "odd", "significant": None},
    ]
    names = [bar.name for bar in monitor_charts.strip(windows).data]
    assert names == ["quiet", "suspected", "alarm", "odd"]


def test_alarms_are_crosses():
    rows = [
        d.result(d.STARTS[1]),
        d.result(d.STARTS[2], "confirmed"),
        d.result(d.STARTS[0], estimate=None),
    ]
    (line,) = monitor_charts.results(rows).data
    assert list(line.marker.symbol) == ["circle", "x"]


def test_rules_and_frequencies_in_words():
    plain = d.monitor(kind="confidence", tolerance=None, confirmations=0, features=["*"])
    assert monitor_detail.watched(plain) == "confidence"
    assert "above" not in monitor_detail.rule(plain)
    assert monitor_dry_run.often(0, 30) == "none in this window"
