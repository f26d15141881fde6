"""`label()` against the real endpoint over a real port."""

import socket
import threading
import time

import numpy as np
import pytest
import uvicorn

import answerable_instrument as answerable
from drift.api.labels import LabelResource
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import drift_parts


@pytest.fixture(scope="module")
def served(request):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    api = Api([LabelResource(drift_parts(store, FakeClock())).router()])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    keys = {
        "one": principal("school-a", roles=(Role.INGEST, Role.VIEWER)),
        "all": principal(roles=(Role.ADMIN,)),
        "reader": principal("school-a"),
    }

    async def keyed(scope, receive, send):
        headers = dict(scope.get("headers", ()))
        key = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        await api._as(keys[key])(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(keyed, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", api
    server.should_exit = True
    thread.join()
    listener.close()
    databases.clear()


@pytest.fixture
def service(served, fresh_counts):
    opened = []

    def made(key, url=served[0]):
        opened.append(answerable.BudgetService(url, key))
        return opened[-1]

    yield made
    for one in opened:
        one.close()


def stored(served, decision_id, reader=None):
    found = served[1].get("/v1/labels", reader or principal("school-a"), decision_id=decision_id)
    return [(one["label"], one["source"], one["labelled_at"]) for one in found["items"]]


def test_a_label_is_stored_when_it_says_so(served, service):
    one = service("one")
    at_ns = 1_763_900_000_000_000_000
    assert answerable.label("d1", "B+", source="marker", at_ns=at_ns, service=one) is True
    assert stored(served, "d1") == [("B+", "marker", "2025-11-23T12:13:20.000000000Z")]
    assert answerable.label("d1", "C", source="marker", at_ns=at_ns, service=one)
    assert [label for label, *_ in stored(served, "d1")] == ["C"]
    assert answerable.warnings_seen() == {}


def test_labels_are_written_as_outcomes_are(served, service):
    one = service("one")
    for name, right, written in (
        ("t", True, "true"),
        ("n", np.float32(0.5), "0.5"),
        ("i", 7, "7"),
        ("s", "é", "é"),
    ):
        assert answerable.label(name, right, service=one)
        assert stored(served, name)[0][0] == written


def test_a_tenant_is_named_or_comes_from_the_context(served, service):
    every = service("all")
    assert not answerable.label("d2", "A", service=every)
    assert answerable.label("d2", "A", tenant="school-b", service=every)
    with answerable.tenant("school-c"):
        assert answerable.label("d3", "A", service=every)
    assert stored(served, "d2", principal("school-b"))
    assert stored(served, "d3", principal("school-c"))


@pytest.mark.parametrize(
    ("given", "more"),
    [
        (("d4", ["a"]), {}),
        (("d4", None), {}),
        (("d4", float("nan")), {}),
        (("", "A"), {}),
        (("d4", ""), {}),
        (("d4", "A"), {"at_ns": -1}),
        (("d4", "A"), {"at_ns": 2**62}),
        (("d4", "A" * 2000), {}),
    ],
)
def test_what_is_no_label_is_counted_and_never_raised(served, service, given, more):
    assert answerable.label(*given, **more, service=service("one")) is False
    assert answerable.warnings_seen() == {"label_unsent": 1}
    assert stored(served, "d4") == []


def test_no_right_and_no_service(served, service):
    assert answerable.label("d5", "A", service=service("reader")) is False
    assert answerable.label("d5", "A", service=service("one", "http://127.0.0.1:1")) is False
    assert answerable.warnings_seen() == {"label_unsent": 2}
    assert stored(served, "d5") == []
