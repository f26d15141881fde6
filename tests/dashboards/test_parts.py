"""The small pure parts: windows, tables, charts, snippets, the command line, settings."""

import ast
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dashboards import charts, launch, snippets, tables, theme, window
from dashboards.settings import DashboardSettings
from dashboards.views.decision_detail import numeric_features
from dashboards.views.overview_page import route_rows
from dashboards.views.span_detail import attribute_rows
from tests.dashboards import answers

ENDPOINT = "http://127.0.0.1:4318"


@given(st.text(max_size=12), st.text(max_size=25), st.text(max_size=25))
def test_any_url_gives_a_window(name, start, end):
    found = window.from_url(name, start, end)
    assert found.name in window.CHOICES
    assert found.label
    assert window.from_url(**_url(found)) == found


def _url(found):
    return {"name": found.name, "start": found.start, "end": found.end}


def test_window_between_two_times_must_run_forward():
    early, late = "2026-11-23T21:00:00Z", "2026-11-23T22:00:00Z"
    assert window.from_url("custom", early, late).params == {"from": early, "to": late}
    assert window.from_url("custom", late, early).params == {"from": "-1h"}


@given(st.text(max_size=30))
def test_cells_are_escaped(text):
    html = tables.html_table([tables.Column("x", lambda row: row["x"])], [{"x": text}])
    inner = html.split('<td class="text">')[1].split("</td>")[0]
    assert "<" not in inner
    assert '"' not in inner


def test_arrow_columns_keep_types_and_absence():
    rows = [answers.decision_row(0), answers.decision_row(6, tokens=None)]
    table = tables.arrow(
        rows,
        {
            "time": lambda items: tables.times(items, "time"),
            "sure": lambda items: tables.floats(items, lambda row: row["confidence"]),
            "none": lambda items: tables.integers(items, lambda row: row["tokens"] and 1),
        },
    )
    assert [str(field.type) for field in table.schema] == [
        "timestamp[ms, tz=UTC]",
        "double",
        "int64",
    ]
    assert table["sure"].to_pylist()[1] is None


def test_selected_row_by_box_or_cell():
    nothing = {"rows": [], "columns": [], "cells": []}
    assert tables.selected_row({"selection": nothing}) is None
    assert tables.selected_row({"selection": {**nothing, "rows": [3]}}) == 3
    assert tables.selected_row({"selection": {**nothing, "cells": [(2, "Name")]}}) == 2


def test_ledger_chart_stacks_fates_and_leaves_out_received():
    answer = answers.ledger()
    figure = charts.ledger(answer["series"], answer["window"], 60)
    assert list(figure.layout.xaxis.range) == [answer["window"]["from"], answer["window"]["to"]]
    assert [trace.name for trace in figure.data] == ["stored", "rejected"]
    assert figure.data[0].marker.color == theme.STATE_COLOURS["stored"]


def test_charts_take_one_point_and_none():
    point = answers.overview()["series"][:1]
    for series in (point, []):
        assert charts.activity(series, 30).to_json()
        assert charts.tokens(series).to_json()
        assert charts.ledger([], answers.framed()["window"], 60).to_json()


def test_gauge_without_confidence_says_so():
    assert "not recorded" in charts.gauge(None).to_json()
    assert charts.gauge(0.0).data[0].mode == "gauge+number"


def test_features_with_names_cut_alike_stay_apart():
    long = "a" * 40
    figure = charts.features({f"{long}1": 1.0, f"{long}2": -2.0})
    assert list(figure.data[0].y) == [0, 1]
    assert list(figure.data[0].customdata) == [f"{long}1", f"{long}2"]


def test_truth_values_are_not_numbers():
    features = {"b": True, "n": 2, "f": 0.5, "s": "x"}
    assert numeric_features(features) == {"f": 0.5, "n": 2}


def test_attribute_rows_name_the_type():
    given_types = {"a": "bytes"}
    rows = attribute_rows({"b": True, "a": "AQ==", "c": None, "d": {"x": 1}, "e": 1.5}, given_types)
    assert [row["type"] for row in rows] == ["bytes", "bool", "none", "kvlist", "double"]


def test_route_rows_take_counts_and_objects():
    assert route_rows({"auto": 1, "human": 3})[0] == {
        "route": "human",
        "decisions": 3,
        "confidence": None,
        "share": "75.0 %",
    }
    (row,) = route_rows({"auto": {"decisions": 2, "mean_confidence": 0.5}})
    assert (row["decisions"], row["confidence"]) == (2, 0.5)


@pytest.mark.parametrize("needs_key", [True, False])
def test_snippets_hold_endpoint_and_key(needs_key):
    for snippet in snippets.snippets(ENDPOINT, needs_key=needs_key):
        assert ENDPOINT in snippet.text
        assert (snippets.KEY_PLACEHOLDER in snippet.text) is needs_key


@pytest.mark.parametrize("needs_key", [True, False])
def test_python_snippets_parse_and_shell_splits(needs_key):
    for snippet in snippets.snippets(ENDPOINT, needs_key=needs_key):
        if snippet.language == "python":
            ast.parse(snippet.text)
        if snippet.language == "bash":
            words = shlex.split(snippet.text, comments=True)
            assert words.count("export") == 3 + needs_key


def test_command_line_is_closed_to_the_world():
    argv = launch.command("http://127.0.0.1:4318", 8501)
    for flag in (
        "--server.address=127.0.0.1",
        "--server.port=8501",
        "--server.headless=true",
        "--server.enableXsrfProtection=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
    ):
        assert flag in argv
    own = argv[argv.index("--") + 1 :]
    assert launch.api_url_argument(own) == "http://127.0.0.1:4318"
    assert launch.api_url_argument(["-q", "tests"]) is None


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_port_out_of_range(port):
    with pytest.raises(ValueError, match="port"):
        launch.command(ENDPOINT, port)


def test_settings_read_the_environment_and_hide_the_key(monkeypatch):
    monkeypatch.setenv("ANSWERABLE_API_URL", "http://10.0.0.1:4318/")
    monkeypatch.setenv("ANSWERABLE_DASHBOARD_KEY", "secret-key")
    settings = DashboardSettings()
    assert settings.otlp_endpoint == "http://10.0.0.1:4318"
    assert "secret-key" not in repr(settings)
    assert all(field.description for field in DashboardSettings.model_fields.values())


@pytest.mark.parametrize("wrong", [{"api_url": "ftp://x"}, {"dashboard_timeout_s": 0}, {"typo": 1}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        DashboardSettings(**wrong)


def test_colours_of_services_are_stable_by_order():
    assert theme.service_colours(["a", "b", "a"]) == {"a": theme.BLUE, "b": theme.GREEN}
    assert len(theme.service_colours(map(str, range(40)))) == 40
