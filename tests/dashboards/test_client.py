"""The client against a real server: parameters, problems, timeouts."""

import socket

import pytest

from dashboards.client import ApiClient, open_transport
from dashboards.errors import ApiError, ApiUnreachableError, DashboardError
from tests.dashboards import answers
from tests.dashboards.api_double import KEY, Problem


@pytest.fixture
def client(api):
    with open_transport(api.url, timeout_s=5, connections=2) as http:
        yield ApiClient(http, KEY)


def test_reads_and_sends_only_what_is_set(api, client):
    api.fill()
    assert client.me()["name"] == "ops laptop"
    assert client.overview({"from": "-1h", "tenant": ""})["totals"]["spans"] == 56_790
    assert api.last("/v1/overview") == {"from": "-1h"}
    assert client.trace(answers.TRACE, {})["spans"][0]["parent_span_id"] is None
    assert client.decision("d-1", {})["features"]["essay_words"] == 412
    assert client.ledger({})["balanced"] is True
    assert client.traces({})["items"][0]["trace_id"] == answers.TRACE
    assert client.decisions({})["next_cursor"] is None


def test_an_id_cannot_reach_another_path(api, client):
    with pytest.raises(ApiError):
        client.decision("../me?x=1#y", {})
    assert [path for path, _ in api.asked] == ["/v1/decisions/..%2Fme%3Fx%3D1%23y"]


def test_problem_body_becomes_an_error_with_its_parts(api, client):
    api.routes["/v1/overview"] = Problem(400, "Invalid input", "from is not before to", "from")
    with pytest.raises(ApiError) as caught:
        client.overview({})
    error = caught.value
    assert (error.status, error.title, error.field) == (400, "Invalid input", "from")
    assert str(error) == "Invalid input: from is not before to"


def test_wrong_key(api):
    with open_transport(api.url, timeout_s=5, connections=1) as http:
        with pytest.raises(ApiError) as caught:
            ApiClient(http, "wrong").me()
        assert caught.value.status == 401
        assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff"])
def test_what_is_not_ours_is_said(api, client, body):
    api.routes["/v1/overview"] = body
    with pytest.raises(ApiUnreachableError, match="not the Answerable API"):
        client.overview({})


def test_refused_connection():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with (
        open_transport(url, timeout_s=1, connections=1) as http,
        pytest.raises(ApiUnreachableError, match="not reachable"),
    ):
        ApiClient(http, None).me()


def test_silence_ends_at_the_timeout():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(1)
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with (
            open_transport(url, timeout_s=0.2, connections=1) as http,
            pytest.raises(DashboardError, match="slow"),
        ):
            ApiClient(http, None).me()


def test_loopback_ignores_a_proxy(api, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with open_transport(api.url, timeout_s=5, connections=1) as http:
        assert ApiClient(http, KEY).me()["key_id"] == "k1"
