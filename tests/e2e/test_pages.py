"""The pages of telemetry in a real Chromium against a running service, empty and with data."""

from __future__ import annotations

import re
import time

import pytest

from tests.e2e.browsing import (
    MARKS,
    PAINT_MAX_S,
    WAIT_MS,
    does_not_scroll_sideways,
    expect,
    settled,
    visit,
)

pytestmark = MARKS

TRACE = "5b8efff798038103d269b633813fc60c"
PAGES = {"": "Overview", "live": "Live ingest", "traces": "Traces", "decisions": "Decisions"}


@pytest.fixture(scope="module")
def keys(service):
    """Keys of a viewer with data and of one without; the data is sent before they are given."""
    sender = service.make_key("pages sender", ["ingest"], ["pages"])
    _send(service, sender)
    return {
        "data": service.make_key("pages viewer", ["viewer"], ["pages"]),
        "empty": service.make_key("pages newcomer", ["viewer"], ["pages-empty"]),
    }


def _send(service, key) -> None:
    """Send one trace with a decision and a failure, and a log of it, as an SDK would."""
    with service.client(key) as client:
        for path, body in (("/v1/traces", _traces()), ("/v1/logs", _logs())):
            answer = client.post(path, json=body)
            assert answer.status_code == 200, answer.text


def _text(key: str, value: str) -> dict:
    return {"key": key, "value": {"stringValue": value}}


def _resource() -> dict:
    return {"attributes": [_text("service.name", "feedback-model")]}


def _span(number: int, parent: int | None, name: str, **more) -> dict:
    start = time.time_ns() - 60_000_000_000 + number * 50_000_000
    return {
        "traceId": TRACE,
        "spanId": f"{number + 1:016x}",
        "parentSpanId": "" if parent is None else f"{parent + 1:016x}",
        "name": name,
        "kind": 2,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + 400_000_000 // (number + 1)),
        **more,
    }


def _traces() -> dict:
    decided = [
        _text("answerable.decision.id", "pages-1"),
        _text("answerable.decision.name", "feedback-grade"),
        _text("answerable.decision.outcome", "B+"),
        _text("answerable.model.name", "grader"),
        _text("gen_ai.request.model", "grader"),
        {"key": "answerable.confidence", "value": {"doubleValue": 0.93}},
        {"key": "answerable.feature.essay_words", "value": {"intValue": "412"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1210"}},
        {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "102"}},
    ]
    spans = [
        _span(0, None, "POST /feedback/{essay}"),
        _span(1, 0, "grade", attributes=decided),
        _span(2, 1, "call", status={"code": 2, "message": "upstream said 529"}),
    ]
    scoped = [{"scope": {"name": "pages"}, "spans": spans}]
    return {"resourceSpans": [{"resource": _resource(), "scopeSpans": scoped}]}


def _logs() -> dict:
    record = {
        "timeUnixNano": str(time.time_ns() - 50_000_000_000),
        "severityNumber": 17,
        "severityText": "ERROR",
        "body": {"stringValue": "<script>alert(1)</script> retrying"},
        "traceId": TRACE,
        "spanId": f"{3:016x}",
    }
    scoped = [{"scope": {"name": "pages"}, "logRecords": [record]}]
    return {"resourceLogs": [{"resource": _resource(), "scopeLogs": scoped}]}


@pytest.mark.parametrize("path", PAGES)
def test_empty_page_says_what_to_send(browser, service, keys, path):
    with visit(browser, service, keys["empty"], path) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
        expect(page.get_by_test_id("stAlert")).to_be_visible()
        snippet = page.get_by_text("answerable.configure")
        expect(snippet.first).to_be_visible()
        assert service.http_url in page.get_by_test_id("stCode").first.inner_text()


@pytest.mark.parametrize("width", [1280, 800])
@pytest.mark.parametrize("path", PAGES)
def test_page_shows_data_without_sideways_scrolling(browser, service, keys, path, width):
    with visit(browser, service, keys["data"], path, width=width) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
        expect(page.get_by_text("as of").first).to_be_visible()
        if path in {"traces", "decisions"}:
            expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        else:
            expect(page.locator(".an-table").first).to_be_visible()
            expect(page.locator(".js-plotly-plot").first).to_be_visible()
        assert does_not_scroll_sideways(page)


def test_overview_names_the_service_and_the_model(browser, service, keys):
    with visit(browser, service, keys["data"]) as page:
        tables = page.locator(".an-table")
        expect(tables.filter(has_text="feedback-model").first).to_be_visible()
        expect(tables.filter(has_text="grader").first).to_be_visible()
        settled(page)
        page.get_by_role("link", name="Traces with errors").click()
        page.wait_for_url(re.compile(r"/traces\?.*errors=true"))
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_live_ingest_balances_and_reads_again_by_itself(browser, service, keys):
    with visit(browser, service, keys["data"], "live") as page:
        expect(page.get_by_text("Balanced")).to_be_visible()
        line = page.get_by_text("reads again every")
        before = line.inner_text()
        page.wait_for_function(
            "before => !document.body.innerText.includes(before)", arg=before, timeout=WAIT_MS
        )


def test_from_the_list_to_a_span_and_back(browser, service, keys):
    with visit(browser, service, keys["data"], "traces") as page:
        settled(page)
        page.get_by_test_id("stDataFrame").click(position={"x": 220, "y": 52})
        page.wait_for_url(re.compile("trace="))
        expect(page.get_by_role("heading", level=1)).to_have_text("POST /feedback/{essay}")
        bars = page.locator(".js-plotly-plot .barlayer .point path")
        expect(bars.first).to_be_visible()
        page.get_by_text("retrying").first.wait_for()
        settled(page)
        bars.last.click(force=True)
        page.wait_for_url(re.compile("span="))
        expect(page.get_by_text("ERROR upstream said 529")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="All traces").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Traces")
        assert "trace=" not in page.url


def test_shared_link_to_a_failed_span(browser, service, keys):
    link = f"traces?trace={TRACE}&span={3:016x}"
    with visit(browser, service, keys["data"], link) as page:
        expect(page.get_by_text("ERROR upstream said 529")).to_be_visible()


def test_decision_in_full_and_the_way_to_its_trace(browser, service, keys):
    with visit(browser, service, keys["data"], "decisions?decision=pages-1") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("feedback-grade → B+")
        for said in ("essay_words", "412", "1,210", "no dataset recorded"):
            expect(page.get_by_text(said, exact=True).first).to_be_visible()
        expect(page.locator(".js-plotly-plot", has_text="0.93").first).to_be_visible()
        settled(page)
        page.get_by_role("link", name="Open its trace").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("POST /feedback/{essay}")


def test_filter_goes_to_the_url_and_back_takes_it_away(browser, service, keys):
    with visit(browser, service, keys["data"], "decisions") as page:
        field = page.get_by_label("Outcome")
        field.fill("C-")
        field.press("Enter")
        page.wait_for_url(re.compile(r"outcome=C-"))
        expect(page.get_by_text("No decision matches these filters")).to_be_visible()
        page.go_back()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        expect(page.get_by_label("Outcome")).to_have_value("")


def test_first_paint(browser, service, keys):
    """The quickest of four, because other tests may use the machine at the same time."""
    took = []
    with visit(browser, service, keys["data"]) as page:
        for name in ("Decisions", "Traces", "Decisions", "Traces"):
            settled(page)
            begun = time.monotonic()
            page.get_by_role("link", name=name, exact=True).first.click()
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            expect(page.get_by_test_id("stDataFrame")).to_be_visible()
            took.append(time.monotonic() - begun)
    assert min(took) < PAINT_MAX_S, took


def test_wrong_key(browser, service):
    page = browser.new_page()
    try:
        page.goto(service.dashboard_url)
        page.get_by_label("API key", exact=True).fill("not a key")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("That key is not valid.")).to_be_visible()
    finally:
        page.close()
