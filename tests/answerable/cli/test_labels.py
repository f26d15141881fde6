"""`answerable labels` against the real endpoint over a real port."""

import json
import socket
import threading
import time

import numpy as np
import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_NOT_ALLOWED, EXIT_UNREACHABLE, EXIT_USAGE
from drift.api.labels import LabelResource
from drift.api.performance import Performance
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.performance.models import draw, store
from tests.drift.worlds import DAY_NS, SECOND_NS, decide, decision, drift_parts


@pytest.fixture(scope="module")
def parts(request):
    databases = _databases(request, "chdb")
    opened = databases.open()
    Migrator(opened).apply()
    made = drift_parts(opened, FakeClock(), labels_batch_max=50)
    at = made.clock() - SECOND_NS
    decide(opened, [decision(at, decision_id=f"d{n}", outcome="A") for n in range(100)])
    yield made
    databases.clear()


@pytest.fixture(scope="module")
def served(parts):
    api = Api([LabelResource(parts).router(), Performance(parts).router()])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    roles = {
        "sender": principal("school-a", roles=(Role.INGEST,)),
        "operator": principal("school-a", roles=(Role.OPERATOR,)),
        "all": principal(roles=(Role.ADMIN,)),
    }

    async def keyed(scope, receive, send):
        headers = dict(scope.get("headers", ()))
        key = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        await api._as(roles[key])(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(keyed, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def run(served, parts, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("ANSWERABLE_URL", served)
    monkeypatch.setenv("ANSWERABLE_KEY", "operator")
    parts.store.run_text("TRUNCATE TABLE labels SYNC", tag="tests")
    return lambda *arguments: CliRunner().invoke(app, ["labels", *map(str, arguments)])


def read(answer):
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_comes_in_batches_and_twice_without_harm(run, tmp_path):
    lines = "".join(f"d{n},{'AB'[n % 2]},2026-01-0{1 + n % 9}T00:00:00Z\n" for n in range(95))
    path = write(tmp_path, "labels.csv", f"\ufeffdecision_id,label,labelled_at\n{lines}x,A,\n")
    first = read(run("import", path, "--batch", 40, "--source", "marker", "--json"))
    assert first == {"stored": 96, "corrected": 0, "unchanged": 0, "superseded": 0, "waiting": 1}
    again = run("import", path, "--batch", 40, "--source", "marker")
    assert "0 labels stored" in again.output
    assert "96 were known" in again.output
    listed = read(run("list", "--limit", 200, "--json"))["items"]
    assert len(listed) == 96
    assert {one["source"] for one in listed} == {"marker"}
    shown = run("list", "--decision-id", "d1").output
    assert "grader" in shown
    assert "no" in shown
    assert "(waits)" in run("list", "--decision-id", "x").output
    assert "There are more" in run("list", "--limit", 5).output


def test_the_history_of_a_label_is_shown(run, tmp_path):
    for label, source in (("A", "marker"), ("[b]", "appeal")):
        lines = f"decision_id,label,source\nh 1/2,{label},{source}\n"
        read(run("import", write(tmp_path, "labels.csv", lines), "--json"))
    told = read(run("history", "h 1/2", "--json"))
    assert [(one["version"], one["label"], one["holds"]) for one in told["items"]] == [
        (2, "[b]", True),
        (1, "A", False),
    ]
    shown = run("history", "h 1/2").output
    for said in ("2 (holds)", "[b]", "appeal", "marker", "k1"):
        assert said in shown
    assert "There are 2" in run("history", "h 1/2", "--limit", 1).output
    assert "No label was ever received" in run("history", "nobody").output


def test_a_jsonl_keeps_types_and_corrects(run, tmp_path):
    path = write(
        tmp_path,
        "labels.jsonl",
        '{"decision_id": "d0", "label": true}\n\n{"decision_id": "d1", "label": 7.5}\n',
    )
    assert read(run("import", path, "--json"))["stored"] == 2
    path.write_text('{"decision_id": "d1", "label": 8}\n', encoding="utf-8")
    assert read(run("import", path, "--json"))["corrected"] == 1
    found = {one["decision_id"]: one["label"] for one in read(run("list", "--json"))["items"]}
    assert found == {"d0": "true", "d1": "8"}


def test_what_the_service_refuses_names_the_lines(run, tmp_path):
    rows = [f'{{"decision_id": "d{n}", "label": "A"}}' for n in range(20)]
    rows[13] = '{"decision_id": "d13", "label": null}'
    path = write(tmp_path, "labels.jsonl", "\n".join(rows))
    answer = run("import", path, "--batch", 10)
    assert answer.exit_code == EXIT_USAGE
    assert "items.3.label is None" in answer.stderr
    assert "lines 11 to 20" in answer.stderr.replace("\n", " ")
    assert len(read(run("list", "--json"))["items"]) == 10


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "id,label\nx,A\n", "columns id, label"),
        ("a.csv", "", "(none)"),
        ("a.csv", "decision_id,label\nx\n", "Line 2"),
        ("a.csv", "decision_id,label\nx,A,B\n", "Line 2"),
        ("a.jsonl", "{}\nnonsense\n", "Line 2"),
        ("a.jsonl", "[1]\n", "Line 1"),
        ("a.txt", "x,A\n", ".csv or .jsonl"),
    ],
)
def test_a_file_that_is_none_is_refused_before_anything_is_sent(run, tmp_path, name, text, told):
    answer = run("import", write(tmp_path, name, text))
    assert answer.exit_code == EXIT_USAGE
    assert told in answer.stderr.replace("\n", " ")


def test_a_file_in_another_encoding_is_named(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"decision_id,label\nd1,caf\xe9\n")
    answer = run("import", path)
    assert answer.exit_code == EXIT_USAGE
    assert "UTF-8" in answer.stderr


def test_keys_and_addresses(run, tmp_path):
    path = write(tmp_path, "a.csv", "decision_id,label\nd1,A\n")
    assert run("list", "--key", "sender").exit_code == EXIT_NOT_ALLOWED
    assert run("import", path, "--key", "sender").exit_code == 0
    assert run("import", path, "--key", "all").exit_code == EXIT_USAGE
    assert run("import", path, "--key", "all", "--tenant", "school-a").exit_code == 0
    assert run("import", path, "--url", "http://127.0.0.1:1").exit_code == EXIT_UNREACHABLE
    assert "d1" in run("list").output


def test_the_health_of_a_model_is_drawn(run, parts, tmp_path):
    now = parts.clock()
    rng = np.random.default_rng(1)
    lines = ["decision_id,label"]
    for name, begin, flipped in (("base", 6, 0.0), ("turn", 2, 0.6)):
        drawn = draw(rng, 800, flipped=flipped)
        start = now - begin * DAY_NS
        made = store(parts, name, start, start + 2 * DAY_NS, drawn)
        lines += [f"{decision_id},{right}" for decision_id, right in made]
    path = write(tmp_path, "labels.csv", "\n".join(lines))
    nothing = run("health", "loan", "--from", "-2d").output
    assert "no labels say" in " ".join(nothing.split())
    assert run("import", path, "--batch", 50).exit_code == 0
    shown = " ".join(run("health", "loan", "--from", "-2d").output.split())
    assert "Estimates and labels part since" in shown
    assert "alarm" in shown
    answer = read(run("health", "loan", "--from", "-2d", "--step", "6h", "--json"))
    assert answer["concept_drift"]["alarm"] is True
    assert run("health", "loan", "--step", "minute").exit_code == EXIT_USAGE
