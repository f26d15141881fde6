"""Every page with nothing, with one row, and with an API that refuses or is gone."""

import pytest

from tests.dashboards import answers
from tests.dashboards.api_double import KEY

PAGES = {"": "Overview", "live": "Live ingest", "traces": "Traces", "decisions": "Decisions"}
READS = {
    "": "/v1/overview",
    "live": "/v1/ledger",
    "traces": "/v1/traces",
    "decisions": "/v1/decisions",
}


@pytest.mark.parametrize("page", PAGES)
def test_empty_page_says_what_to_send(api, open_page, shown, page):
    app = open_page(page)
    text = shown(app)
    assert app.title[0].value == PAGES[page]
    assert len(app.info) == 1
    assert f'endpoint="{api.url}"' in text
    assert "YOUR_API_KEY" in text


@pytest.mark.parametrize("page", PAGES)
def test_page_reads_the_api_once(api, open_page, page):
    api.fill()
    app = open_page(page)
    app.run()
    asked = [path for path, _ in api.asked]
    # Who one is, is asked once a session; the page's own answer once a run.
    assert asked == ["/v1/me", READS[page], READS[page]]


@pytest.mark.parametrize("page", PAGES)
def test_page_states_window_and_freshness(api, open_page, shown, page):
    api.fill()
    text = shown(open_page(page, window="24h"))
    assert "2026-11-23 21:00:00 to 22:00:00 UTC" in text
    assert "as of 22:00:00 UTC" in text
    assert api.last(READS[page])["from"] == "-24h"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("status", "title", "advice"),
    [
        (403, "Forbidden", "role viewer"),
        (503, "Store unavailable", "its store is not"),
        (400, "Invalid input", ""),
        (500, "Store error", ""),
    ],
)
def test_refusal_is_readable(api, open_page, shown, page, status, title, advice):
    api.fail(status, title, "the tenant *north* is not yours")
    app = open_page(page)
    shown(app)
    (error,) = app.error
    assert f"**{title}** ({status})" in error.value
    assert r"the tenant \*north\* is not yours" in error.value
    assert advice in error.value
    assert [button.label for button in app.button if button.label == "Try again"]


@pytest.mark.parametrize("page", PAGES)
def test_service_gone_after_login(api, open_page, shown, page):
    app = open_page(page)
    api.close()
    app.run()
    shown(app)
    (error,) = app.error
    assert "not reachable" in error.value
    assert "answerable up" in error.value


def test_answer_that_is_not_the_api(api, open_page):
    api.routes["/v1/overview"] = b"<html>hello</html>"
    app = open_page()
    assert "not the Answerable API" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize("page", PAGES)
def test_revoked_key_leads_back_to_the_login(api, open_page, page):
    app = open_page(page)
    api.key = "another key"
    app.run()
    assert [field.label for field in app.text_input] == ["API key"]
    assert "revoked" in app.warning[0].value
    assert "answerable_key" not in app.session_state
    assert not app.exception


def test_overview_shows_the_figures(api, open_page, shown):
    api.fill()
    text = shown(open_page())
    for said in ("56.8 k", "8,970", "1.16 %", "3.22 M", "18.2 k", "claude-5", "812 ms", "0.87"):
        assert said in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>" not in text


def test_live_ingest_shows_every_state(api, open_page, shown):
    api.fill()
    app = open_page("live")
    text = shown(app)
    for state in ("Received", "Stored", "Rejected", "Duplicate", "Quarantined"):
        assert state in text
    for said in ("120,865", "unknown_tenant", "same_body", "bad_value", "req-0003"):
        assert said in text
    assert app.success[0].value.startswith("Balanced")
    assert not app.error


def test_live_ingest_shows_an_imbalance(api, open_page):
    api.routes["/v1/ledger"] = answers.ledger(balanced=False)
    app = open_page("live")
    assert "7 of 120,872 items" in app.error[0].value
    assert not app.success


def test_trace_list_filters_reach_the_api(api, open_page):
    api.fill()
    open_page("traces", service="a", name="b", model="c", min_ms="1.5", errors="true", cursor="x")
    asked = api.last("/v1/traces")
    assert asked == {
        "from": "-1h",
        "service": "a",
        "name": "b",
        "model": "c",
        "min_duration_ns": "1500000",
        "errors": "true",
        "cursor": "x",
    }


def test_nonsense_in_a_filter_is_said_and_not_sent(api, open_page):
    app = open_page("traces", min_ms="soon")
    assert "min_duration_ns" not in api.last("/v1/traces")
    assert "soon" in app.warning[0].value
    open_page("decisions", min="2", max="0.5")
    assert api.last("/v1/decisions") == {"from": "-1h", "max_confidence": "0.5"}


def test_no_match_says_filters(api, open_page):
    assert "filters" in open_page("traces", service="nobody").info[0].value
    assert "filters" in open_page("decisions", outcome="nothing").info[0].value


def test_trace_in_full(api, open_page, shown):
    api.fill()
    app = open_page("traces", trace=answers.TRACE, span=f"{4:016x}")
    text = shown(app)
    for said in (
        "POST /feedback/\\{essay\\}",
        "upstream said 529",
        "gen_ai.request.model",
        "retry",
    ):
        assert said in text
    for said in ("2 events", "array", "812 ms", "host.name", "attempt"):
        assert said in text
    assert api.last(f"/v1/traces/{answers.TRACE}") == {}


def test_trace_of_one_span_without_anything(api, open_page, shown):
    bare = answers.span(
        attributes={}, attribute_types={}, events=[], links=[], resource={}, name="", service=""
    )
    api.routes["/v1/traces/t"] = {**answers.trace(0), "spans": [bare]}
    text = shown(open_page("traces", trace="t"))
    assert "No attributes recorded." in text
    assert "no parent: a root" in text


def test_trace_of_logs_alone(api, open_page, shown):
    api.routes["/v1/traces/t"] = answers.trace(0)
    app = open_page("traces", trace="t")
    assert "only its logs" in app.info[0].value
    assert "attempt" in shown(app)


def test_long_trace_is_paged_and_says_when_it_is_cut(api, open_page, shown):
    api.routes["/v1/traces/t"] = answers.trace(1000, truncated=True)
    text = shown(open_page("traces", trace="t"))
    assert "Spans 1 to 200 of 1,000" in text
    assert "longer than one answer" in text


def test_unknown_trace(api, open_page):
    app = open_page("traces", trace="nope")
    assert "**Not found** (404)" in app.error[0].value


def test_decision_in_full(api, open_page, shown):
    api.fill()
    app = open_page("decisions", decision=answers.DECISION, decision_tenant="north")
    text = shown(app)
    for said in ("essay_words", "grader 2026-11-01", "rubric 14", "warehouse/essays@v12", "auto"):
        assert said in text
    for said in ("publish_grade → gradebook", "gpu_seconds", "production", "feedback-model 4.2.0"):
        assert said in text
    assert api.last(f"/v1/decisions/{answers.DECISION}") == {"tenant": "north"}


def test_decision_without_anything_says_so(api, open_page, shown):
    api.routes["/v1/decisions/bare"] = answers.bare_decision()
    text = shown(open_page("decisions", decision="bare"))
    for said in ("No confidence recorded", "No features recorded", "No tokens recorded"):
        assert said in text
    for said in ("no dataset recorded", "no action recorded", "No trace recorded"):
        assert said in text


def test_key_is_never_in_the_url_or_the_page(api, open_page, shown):
    api.fill()
    app = open_page()
    assert KEY not in str(app.query_params)
    assert KEY not in shown(app)
