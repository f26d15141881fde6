"""An OTLP/HTTP receiver with small bounds, shared by the tests of this folder."""

from __future__ import annotations

import pytest

from collector.models import Receipt
from tests.collector.receivers.kit import serve


@pytest.fixture(scope="session")
def small_http():
    with serve("otlp_http", max_body_mib=2, max_inflight_tenant_mib=8) as served:
        yield served


@pytest.fixture
def running_http(small_http):
    """The receiver with an empty door; afterwards nothing may be held."""
    small_http.door.outcome = Receipt()
    small_http.door.submissions.clear()
    small_http.door.refusals.clear()
    yield small_http
    small_http.settle()
    assert small_http.held_bytes() == 0
