"""`/v1/labels` over a real store: what is taken, what is refused, whose it is, what is told."""

import asyncio
import json

import httpx
import pytest

from drift.api.labels import LabelResource, tenant_of
from sql.access import Role
from sql.errors import InvalidInputError
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import DAY_NS, SECOND_NS, decide, decision, drift_parts
from web.render import timestamp

SENDER = principal("school-a", roles=(Role.INGEST,))


def labels_api(parts):
    return Api([LabelResource(parts).router()], reader=principal("school-a"))


@pytest.fixture
def labels(parts):
    return labels_api(parts)


def send(api, items, reader=SENDER, **body):
    answer = api.response("/v1/labels", reader, "POST", json={"items": items, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(api, items, reader=SENDER, status=400, **body):
    problem = api.problem("/v1/labels", reader, method="POST", json={"items": items, **body})
    assert problem["status"] == status
    return problem


def item(name, label="A", **more):
    return {"decision_id": name, "label": label, **more}


def rows(api, **query):
    return {one["decision_id"]: one for one in api.get("/v1/labels", **query)["items"]}


def test_labels_are_stored_and_joined_with_their_decisions(parts, labels, clock):
    at = clock() - DAY_NS
    decide(
        parts.store,
        [
            decision(at, decision_id="x", outcome="B+", confidence=0.9),
            decision(at, decision_id="y", outcome="7", confidence=0.4),
            decision(at, decision_id="z", outcome="", confidence=0.4),
        ],
    )
    later = timestamp(at + 3600 * SECOND_NS)
    answer = send(
        labels,
        [
            item("x", "C", labelled_at=later, source="second-marker"),
            item("y", 7.0),
            item("z", True),
            item("w", "A"),
        ],
    )
    assert (answer["stored"], answer["unchanged"], answer["waiting"]) == (4, 0, 1)
    assert answer["waiting_ids"] == ["w"]
    found = rows(labels)
    assert found["x"]["decision"] == {
        "time": timestamp(at),
        "model": "grader",
        "outcome": "B+",
        "confidence": 0.9,
        "right": False,
        "delay_s": 3600.0,
    }
    assert (found["x"]["source"], found["x"]["key_id"]) == ("second-marker", "k1")
    assert (found["y"]["label"], found["y"]["number"]) == ("7.0", 7.0)
    assert found["y"]["decision"]["right"] is True
    assert (found["z"]["label"], found["z"]["decision"]["right"]) == ("true", None)
    assert found["w"]["decision"] is None
    assert found["w"]["labelled_at"] == timestamp(clock())


def test_the_same_batch_twice_changes_nothing(parts, labels, clock):
    items = [item("x"), item("y", 1), item("z", labelled_at=timestamp(clock()))]
    assert send(labels, items)["stored"] == 3
    before = rows(labels)
    clock.step(seconds=60)
    assert send(labels, items) | {"searched_from": ""} == {
        "stored": 0,
        "corrected": 0,
        "unchanged": 3,
        "superseded": 0,
        "waiting": 3,
        "waiting_ids": ["x", "y", "z"],
        "searched_from": "",
    }
    assert rows(labels) == before


def test_what_was_received_last_holds_also_within_a_batch(labels, clock):
    later = timestamp(clock())
    send(labels, [item("x", "A", labelled_at=later)])
    clock.step(seconds=1)
    answer = send(labels, [item("x", "B"), item("x", "C", labelled_at=timestamp(clock() - DAY_NS))])
    assert (answer["stored"], answer["corrected"], answer["superseded"]) == (1, 1, 1)
    found = rows(labels)
    assert [one["label"] for one in found.values()] == ["C"]
    assert found["x"]["labelled_at"] == timestamp(clock() - DAY_NS)


def test_a_label_of_another_tenant_meets_no_decision(parts, labels, clock):
    decide(parts.store, [decision(clock() - SECOND_NS, decision_id="x", outcome="A")])
    neighbour = principal("school-b", roles=(Role.INGEST,))
    assert send(labels, [item("x", "B")], neighbour)["waiting_ids"] == ["x"]
    assert rows(labels) == {}
    both = principal(roles=(Role.ADMIN,))
    [theirs] = labels.get("/v1/labels", both)["items"]
    assert (theirs["tenant"], theirs["decision"]) == ("school-b", None)
    assert "school-b" in refused(labels, [item("x")], tenant="school-b", status=403)["detail"]
    assert refused(labels, [item("x")], both)["field"] == "tenant"
    assert send(labels, [item("x", "A")], both, tenant="school-a")["waiting"] == 0
    assert rows(labels)["x"]["decision"]["right"] is True
    assert [one["label"] for one in labels.get("/v1/labels", tenant="school-a")["items"]] == ["A"]


def test_only_those_who_may_send_do(labels):
    refused(labels, [item("x")], principal("school-a", roles=(Role.VIEWER,)), status=403)
    assert labels.problem("/v1/labels", SENDER)["status"] == 403
    assert send(labels, [item("x")], principal("school-a", roles=(Role.OPERATOR,)))["stored"] == 1


WRONG = [
    ({"label": "A"}, "items.1.decision_id", "None"),
    (item(7), "items.1.decision_id", "7"),
    (item(""), "items.1.decision_id", "''"),
    (item("x" * 1001), "items.1.decision_id", "1000 characters"),
    (item("x\0"), "items.1.decision_id", "control"),
    (item("x", ""), "items.1.label", "''"),
    (item("x", None), "items.1.label", "None"),
    (item("x", [1]), "items.1.label", "[1]"),
    (item("x", 10**2000), "items.1.label", "finite"),
    (item("x", labelled_at="soon"), "items.1.labelled_at", "soon"),
    (item("x", labelled_at=True), "items.1.labelled_at", "True"),
    (item("x", labelled_at=1.5), "items.1.labelled_at", "1.5"),
    (item("x", labelled_at="2099-01-01T00:00:00Z"), "items.1.labelled_at", "has come"),
    (item("x", source=4), "items.1.source", "4"),
    (item("x", lable="A"), "items.1.lable", "decision_id, label, labelled_at, source"),
    ("x,A", "items.1", "x,A"),
]


@pytest.mark.parametrize(("wrong", "field", "told"), WRONG)
def test_a_wrong_item_is_named_and_nothing_is_stored(shared_labels, wrong, field, told):
    problem = refused(shared_labels, [item("fine"), wrong])
    assert problem["field"] == field
    assert f"{field} is" in problem["detail"]
    assert told in problem["detail"]
    assert rows(shared_labels) == {}


@pytest.fixture(scope="module")
def shared_labels(request):
    """One store for requests that must store nothing."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    yield labels_api(drift_parts(store, FakeClock(), labels_batch_max=50))
    databases.clear()


def test_what_json_has_no_word_for_is_refused(shared_labels):
    for label in (float("nan"), float("inf"), "\ud800"):
        body = json.dumps({"items": [item("x", label)]})
        answer = post_text(shared_labels, body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["field"] == "items.0.label"


def post_text(api, body):
    async def ask():
        transport = httpx.ASGITransport(api._as(SENDER))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            headers = {"Content-Type": "application/json"}
            return await client.post("/v1/labels", content=body, headers=headers)

    return asyncio.run(ask())


def test_a_batch_has_bounds(shared_labels):
    assert "empty" in refused(shared_labels, [])["detail"]
    many = refused(shared_labels, [item(f"d{n}") for n in range(51)])
    assert "51 labels; send at most 50" in many["detail"]
    assert refused(shared_labels, "all of them")["field"] == "items"
    assert refused(shared_labels, [item("x")], colour="red")["field"] == "colour"


def test_the_first_ten_mistakes_are_told(shared_labels):
    problem = refused(shared_labels, [item("x", None)] * 25)
    assert problem["detail"].count("items.") == 10
    assert "15 more items are wrong. Nothing was stored." in problem["detail"]


def test_a_list_pages_by_receipt_and_filters(parts, labels, clock):
    for number in range(7):
        clock.step(seconds=1)
        send(labels, [item(f"d{number}", "AB"[number % 2], source=f"s{number % 3}")])
    assert send(labels, [item("same-time"), item("same-time-too")])["stored"] == 2
    paged = labels.pages("/v1/labels", 2)
    assert [one["decision_id"] for one in paged] == [
        "same-time-too",
        "same-time",
        *(f"d{number}" for number in range(6, -1, -1)),
    ]
    assert {one["decision_id"] for one in labels.pages("/v1/labels", 2, label="B")} == {
        "d1",
        "d3",
        "d5",
    }
    assert list(rows(labels, source="s2")) == ["d5", "d2"]
    assert list(rows(labels, decision_id="d4")) == ["d4"]
    assert rows(labels, from_="-30d", to="-1d") == {}
    assert labels.problem("/v1/labels", cursor="nonsense")["field"] == "cursor"


def test_thousands_of_long_names_fit_into_statements(parts, clock):
    api = labels_api(parts)
    names = [f"{number:04d}-{'n' * 900}%&+" for number in range(1000)]
    decide(parts.store, [decision(clock(), decision_id=name) for name in names[:400]])
    answer = send(api, [item(name) for name in names])
    assert (answer["stored"], answer["waiting"]) == (1000, 600)
    assert len(answer["waiting_ids"]) == 100
    assert send(api, [item(name) for name in names])["unchanged"] == 1000


def test_an_outage_stores_nothing_and_says_try_again(parts, labels):
    parts.store.run_text("RENAME TABLE labels TO labels_away", tag="tests")
    problem = labels.problem("/v1/labels", SENDER, method="POST", json={"items": [item("x")]})
    assert problem["status"] in {500, 503}
    parts.store.run_text("RENAME TABLE labels_away TO labels", tag="tests")
    assert send(labels, [item("x")])["stored"] == 1


HISTORY = "/v1/labels/history"


def told(answer):
    return [(one["version"], one["label"], one["holds"]) for one in answer["items"]]


def test_every_label_a_decision_had_is_told(labels, clock):
    first = clock()
    send(labels, [item("x", "A", source="first-marker"), item("y", "A")])
    clock.step(seconds=60)
    send(labels, [item("x", "A", source="first-marker")])
    assert told(labels.get(HISTORY, decision_id="x")) == [(1, "A", True)]
    again = principal("school-a", roles=(Role.OPERATOR,))
    send(labels, [item("x", 7, source="appeal", labelled_at=timestamp(first))], again)
    answer = labels.get(HISTORY, decision_id="x")
    assert told(answer) == [(2, "7", True), (1, "A", False)]
    assert (answer["versions"], answer["next_before"]) == (2, None)
    newest, oldest = answer["items"]
    assert newest == {
        "tenant": "school-a",
        "version": 2,
        "holds": True,
        "label": "7",
        "number": 7,
        "source": "appeal",
        "key_id": "k1",
        "labelled_at": timestamp(first),
        "received_at": timestamp(first + 60 * SECOND_NS),
    }
    assert (oldest["source"], oldest["received_at"]) == ("first-marker", timestamp(first))
    # Back to what it was: a third version, not the first one again.
    clock.step(seconds=60)
    send(labels, [item("x", "A", source="first-marker")])
    assert told(labels.get(HISTORY, decision_id="x"))[0] == (3, "A", True)


def test_versions_outlive_merges_and_an_insert_that_was_sent_again(parts, labels, clock):
    for label in "ABC":
        send(labels, [item("x", label)])
        clock.step(seconds=1)
    with parts.store.handle() as client:
        [held] = client.query("SELECT count() FROM label_versions").result_rows
        assert held == (3,)
    row = {"tenant": "school-a", "decision_id": "x", "label": "C", "number": None, "source": ""}
    at = clock() - SECOND_NS
    parts.store.insert("labels", [row | {"key_id": "k1", "labelled_at": at, "received_at": at}])
    for table in ("labels", "label_versions"):
        parts.store.run_text(f"OPTIMIZE TABLE {table} FINAL", tag="tests")
    assert told(labels.get(HISTORY, decision_id="x")) == [
        (3, "C", True),
        (2, "B", False),
        (1, "A", False),
    ]
    assert rows(labels)["x"]["label"] == "C"


def test_a_clock_set_back_does_not_undo_a_correction(labels, clock):
    send(labels, [item("x", "A")])
    clock.step(seconds=-3600)
    assert send(labels, [item("x", "B")])["corrected"] == 1
    assert send(labels, [item("x", "B")])["unchanged"] == 1
    assert send(labels, [item("x", "C")])["corrected"] == 1
    clock.step(seconds=3600)
    assert rows(labels)["x"]["label"] == "C"
    assert told(labels.get(HISTORY, decision_id="x")) == [
        (3, "C", True),
        (2, "B", False),
        (1, "A", False),
    ]


def test_a_history_is_of_one_tenant_and_comes_in_parts(labels, clock):
    for number in range(5):
        send(labels, [item("x", f"L{number}")])
        clock.step(seconds=1)
    neighbour = principal("school-b", roles=(Role.INGEST, Role.VIEWER))
    send(labels, [item("x", "theirs")], neighbour)
    assert told(labels.get(HISTORY, neighbour, decision_id="x")) == [(1, "theirs", True)]
    assert labels.problem(HISTORY, neighbour, decision_id="x", tenant="school-a")["status"] == 403
    assert labels.problem(HISTORY, SENDER, decision_id="x")["status"] == 403
    every = principal(roles=(Role.VIEWER,))
    assert labels.problem(HISTORY, every, decision_id="x")["field"] == "tenant"
    assert labels.get(HISTORY, every, decision_id="x", tenant="school-b")["versions"] == 1
    newest = labels.get(HISTORY, decision_id="x", limit=2)
    assert told(newest) == [(5, "L4", True), (4, "L3", False)]
    assert (newest["versions"], newest["next_before"]) == (5, 4)
    older = labels.get(HISTORY, decision_id="x", limit=50, before=4)
    assert told(older) == [(3, "L2", False), (2, "L1", False), (1, "L0", False)]
    assert older["next_before"] is None
    nothing = labels.get(HISTORY, decision_id="no/such?x&y")
    assert (nothing["versions"], nothing["items"]) == (0, [])
    assert labels.problem(HISTORY)["field"] == "decision_id"
    assert labels.problem(HISTORY, decision_id="x", limit=0)["field"] == "limit"


def test_a_missing_tenant_is_an_input_error():
    with pytest.raises(InvalidInputError, match="tenant is missing"):
        tenant_of(principal("a", "b", roles=(Role.INGEST,)), None)
    assert tenant_of(principal("a", "b", roles=(Role.INGEST,)), "b") == "b"
