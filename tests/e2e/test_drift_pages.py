"""The four pages that watch models in a real Chromium, against a running service with drift."""

from __future__ import annotations

import re
import time

import pytest

from tests.e2e.browsing import MARKS, does_not_scroll_sideways, expect, settled, visit

pytestmark = MARKS

TENANT = "watched"
PAGES = {
    "drift": "Drift",
    "slices": "Slices",
    "model-health": "Model health",
    "monitors": "Monitors",
}
#: What each page says while there is nothing.
EMPTY = {
    "drift": "No model decided in this window",
    "slices": "No model decided in this window",
    "model-health": "No model decided in this window",
    "monitors": "No monitor yet",
}
HOURS = 30
AN_HOUR = 40
#: Of these last hours every second essay is in a language the hours before did not have.
CHANGED_H = 6
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def keys(service):
    """Keys of who watches and of who may not; drift is counted before they are given."""
    watcher = service.make_key("drift watcher", ["operator", "ingest"], [TENANT])
    now = int(time.time()) // 3600 * 3600
    with service.client(watcher) as client:
        answer = client.post("/v1/traces", json=_traces(now))
        assert answer.status_code == 200, answer.text
        service.wait_for(lambda: _decided(client) == HOURS * AN_HOUR, timeout_s=60)
        _set_up(client, now)
        service.wait_for(lambda: _counted(client), timeout_s=120)
    return {
        "data": watcher,
        "empty": service.make_key("drift newcomer", ["viewer"], ["watched-empty"]),
        "sender": service.make_key("drift sender", ["ingest"], [TENANT]),
    }


def _set_up(client, now: int) -> None:
    reference = {
        "id": "before",
        "model": "grader",
        "from": str(now - HOURS * 3600),
        "to": str(now - (CHANGED_H + 2) * 3600),
        "dimensions": ["feature:language"],
    }
    labels = [
        {"decision_id": f"d-{number}", "label": "pass" if number % 5 else "fail"}
        for number in range(AN_HOUR * (HOURS - CHANGED_H))
    ]
    monitor = {
        "id": "inputs",
        "model": "grader",
        "reference": "before",
        "window": "1h",
        "rows_min": 20,
    }
    for path, body in (
        ("/v1/references", reference),
        ("/v1/labels", {"items": labels}),
        ("/v1/monitors", monitor),
    ):
        answer = client.post(path, json=body)
        assert answer.is_success, answer.text


def _decided(client) -> int:
    items = client.get("/v1/drift/models", params={"from": "-40h"}).json()["items"]
    return sum(one["decisions"] for one in items)


def _counted(client) -> bool:
    asked = {"reference": "before", "from": f"-{HOURS + 1}h", "step": "hour", "features": "words"}
    (row,) = client.get("/v1/drift/features", params=asked).json()["features"]
    return sum(cell["n"] for cell in row["cells"]) == HOURS * AN_HOUR


def _attribute(key: str, value) -> dict:
    if isinstance(value, str):
        return {"key": key, "value": {"stringValue": value}}
    return {"key": key, "value": {"doubleValue": value}}


def _decision(number: int, now: int) -> dict:
    hour, place = divmod(number, AN_HOUR)
    start = (now - (HOURS - hour) * 3600 + place * 60) * 1_000_000_000
    changed = hour >= HOURS - CHANGED_H
    named = {
        "answerable.decision.id": f"d-{number}",
        "answerable.decision.name": "grade",
        "answerable.decision.outcome": "pass",
        "answerable.model.name": "grader",
        "answerable.confidence": 0.75 + (number * 7 % 20) / 100 - 0.2 * (changed and place % 2),
        "answerable.feature.words": 300.0 + number * 37 % 400,
        "answerable.feature.language": HOSTILE if changed and place % 2 else "en",
        "answerable.feature.kind": "essay" if number % 3 else "note",
    }
    return {
        "traceId": f"{0xD21F7000 + number:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "grade",
        "kind": 1,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 30_000_000),
        "attributes": [_attribute(*one) for one in named.items()],
    }


def _traces(now: int) -> dict:
    spans = [_decision(number, now) for number in range(HOURS * AN_HOUR)]
    resource = {"attributes": [_attribute("service.name", "grading")]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}


@pytest.mark.parametrize("path", EMPTY)
def test_empty_page_says_what_to_send(browser, service, keys, path):
    with visit(browser, service, keys["empty"], path) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
        expect(page.get_by_text(EMPTY[path]).first).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_without_a_reading_role_the_page_says_which(browser, service, keys, path):
    with visit(browser, service, keys["sender"], path) as page:
        expect(page.get_by_text("role viewer").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("path", ["drift", "model-health", "monitors"])
def test_page_shows_data_without_sideways_scrolling(browser, service, keys, path, width):
    with visit(browser, service, keys["data"], f"{path}?window=7d", width=width) as page:
        mark = "[data-testid=stDataFrame]" if path == "monitors" else ".js-plotly-plot"
        expect(page.locator(mark).first).to_be_visible()
        settled(page)
        # Charts are drawn once at a width of their own before they take the page's.
        service.wait_for(lambda: does_not_scroll_sideways(page))
        assert page.get_by_test_id("stAlertContentError").count() == 0


def test_a_cell_of_the_heat_map_leads_to_its_distribution(browser, service, keys):
    # Which feature moved most, and so comes first, depends on the hour of the day.
    asked = "drift?window=7d&step=6h&feature=language"
    with visit(browser, service, keys["data"], asked) as page:
        expect(page.get_by_role("heading", name="language")).to_be_visible()
        expect(page.get_by_text("texts the reference does not know")).to_be_visible()
        settled(page)
        cells = page.locator(".js-plotly-plot .nsewdrag").first
        box = cells.bounding_box()
        # The right end of the second row: a feature in the last hours.
        cells.click(position={"x": box["width"] - 8, "y": box["height"] * 0.3})
        page.wait_for_url(re.compile("at=.*feature=|feature=.*at="))
        expect(page.get_by_role("button", name="The whole window")).to_be_visible()


def test_slices_are_searched_and_a_hostile_value_is_text(browser, service, keys):
    with visit(browser, service, keys["data"], "slices?window=7d") as page:
        expect(page.get_by_text("No search yet")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Find slices").click()
        page.wait_for_url(re.compile("search="))
        expect(page.get_by_text(f"language is {HOSTILE}").first).to_be_visible()
        expect(page.get_by_text("confirmed", exact=True).first).to_be_visible()


def test_a_monitor_is_tried_on_the_past(browser, service, keys):
    with visit(browser, service, keys["data"], "monitors?window=7d") as page:
        expect(page.get_by_role("heading", name="inputs")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Dry run").click()
        alarms = page.locator(".an-tile", has_text="Alarms").first
        expect(alarms).to_be_visible(timeout=120_000)
        expect(page.locator(".an-table", has_text="language").first).to_be_visible()
