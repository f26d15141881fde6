"""A month of triage: what drifts and what does not, and what turns out to be right, late."""

from __future__ import annotations

import json
import threading
from collections import Counter
from statistics import mean

import httpx
import pytest

from answerable.demo.triage import DAYS, Outbox, Verdict
from answerable.demo.watching import Watch, monitors
from answerable.demo.world import DAY_NS, HOUR_NS, TRIAGE_CHANGE, TRIAGE_SCHOOLS
from tests.answerable.demo.conftest import START_NS, month

CHANGED_NS = START_NS - TRIAGE_CHANGE.days * DAY_NS


@pytest.fixture(scope="module")
def played():
    return month()


@pytest.fixture(scope="module")
def essays(played):
    """Spans by (at the campus that changes, since it changed)."""
    found = {(here, since): [] for here in (True, False) for since in (True, False)}
    for span in played[0]:
        seen = span.attributes
        place = (seen["tenant.id"], seen["answerable.feature.campus"])
        here = place == (TRIAGE_CHANGE.school, TRIAGE_CHANGE.campus)
        found[here, span.start_time >= CHANGED_NS].append(seen)
    return found


def _share(found, language):
    return Counter(seen["answerable.feature.language"] for seen in found)[language] / len(found)


def test_a_month_lies_before_the_start_and_no_essay_comes_twice(played):
    spans, outbox = played
    assert outbox.decisions == len(spans) > 9000
    assert len({span.attributes["answerable.decision.id"] for span in spans}) == len(spans)
    assert min(span.start_time for span in spans) < START_NS - (DAYS - 1) * DAY_NS
    assert START_NS - HOUR_NS < max(span.start_time for span in spans) < START_NS
    assert {span.attributes["tenant.id"] for span in spans} == {*TRIAGE_SCHOOLS}


def test_a_day_is_the_same_whenever_the_demo_is_begun(played):
    later, _ = month(START_NS + DAY_NS)
    first, second = (
        {span.context.span_id: span.start_time for span in spans} for spans in (played[0], later)
    )
    since, until = min(second.values()), START_NS - HOUR_NS
    common = {key: at for key, at in first.items() if since <= at < until}
    assert len(common) > 8000
    assert common == {key: at for key, at in second.items() if at < until}


def test_languages_change_at_one_campus_only(essays):
    unknown = TRIAGE_CHANGE.unknown[0]
    assert len(essays[True, True]) > 250
    assert 0.35 < _share(essays[True, True], unknown) < 0.55
    for place in ((True, False), (False, True), (False, False)):
        assert _share(essays[place], unknown) == 0
        assert _share(essays[place], "en") > 0.75


def test_only_there_the_model_is_less_sure(essays):
    sure = {
        place: mean(seen["answerable.confidence"] for seen in found)
        for place, found in essays.items()
    }
    assert sure[True, False] - sure[True, True] > 0.06
    assert abs(sure[False, False] - sure[False, True]) < 0.02
    levels = [seen["answerable.feature.reading_level"] for seen in essays[True, True]]
    assert abs(mean(levels) - 8.2) < 0.3


def test_verdicts_come_days_later_and_show_what_confidence_does_not(played):
    spans, outbox = played
    decided = {span.attributes["answerable.decision.id"]: span for span in spans}
    rights = {True: [], False: []}
    for verdict in outbox.verdicts:
        span = decided[verdict.decision_id]
        assert 19 < (verdict.due_ns - span.start_time) / HOUR_NS < 71
        seen = span.attributes
        strange = seen["answerable.feature.language"] == TRIAGE_CHANGE.unknown[0]
        right = verdict.label == seen["answerable.decision.outcome"]
        rights[strange].append(right - seen["answerable.confidence"])
    assert 0.85 < len(outbox.verdicts) / len(spans) < 0.95
    assert abs(mean(rights[False])) < 0.02
    assert mean(rights[True]) < -0.05


class Service:
    """Answers as a service that has everything, and remembers what was posted."""

    def __init__(self, status=200, decisions=100):
        self.status = status
        self.decisions = decisions
        self.posted = []
        self.looked = 0
        self.stop = threading.Event()
        self.outbox = Outbox(decisions=100)
        self.outbox.month.set()

    def __call__(self, request):
        if request.method == "POST":
            self.posted.append((request.url.path, json.loads(request.read())))
            if len(self.posted) == 15:
                self.stop.set()
            return httpx.Response(201, json={})
        if request.url.path == "/v1/drift/models":
            item = {"model": "essay-triage", "decisions": self.decisions}
            return httpx.Response(self.status, json={"items": [item]})
        if request.url.path == "/v1/drift/features":
            self.looked += 1
            cells = [{"n": 3}, {"n": self.looked > 1}, {"n": 0}]
            return httpx.Response(200, json={"features": [{"cells": cells}]})
        return httpx.Response(404, json={})

    def keep(self):
        with httpx.Client(base_url="http://demo", transport=httpx.MockTransport(self)) as http:
            Watch(http, self.outbox, self.stop, START_NS).keep()


def test_labels_that_are_due_references_monitors_and_searches_are_sent():
    service = Service()
    verdicts = [Verdict(START_NS + s, "northgate-high", str(s), "ready") for s in (5, -9, -7)]
    verdicts.append(Verdict(START_NS - 8, "riverside-academy", "other", "revise"))
    service.outbox.verdicts.extend(verdicts)
    threading.Timer(2.5, service.stop.set).start()
    service.keep()
    assert service.looked == 3
    paths = [path for path, _ in service.posted]
    assert paths[:4] == ["/v1/labels", "/v1/labels", "/v1/references", "/v1/references"]
    assert paths.count("/v1/monitors") == len(monitors())
    assert paths.count("/v1/slices/find") == 2
    sent = [(body["tenant"], len(body["items"])) for _, body in service.posted[:2]]
    assert sent == [("northgate-high", 2), ("riverside-academy", 1)]


@pytest.mark.parametrize("status", [404, 403, 501])
def test_a_receiver_without_the_api_is_left_alone(status):
    service = Service(status)
    service.keep()
    assert service.posted == []


def test_nothing_is_compared_before_the_month_has_arrived():
    service = Service(decisions=20)
    threading.Timer(0.3, service.stop.set).start()
    service.keep()
    assert service.posted == []
