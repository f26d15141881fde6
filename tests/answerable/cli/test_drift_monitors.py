"""`answerable drift monitors` and `incidents` against the real endpoints over a real port."""

import json
import socket
import threading
import time

import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_FAILED, EXIT_USAGE
from drift.api.incidents import IncidentResource
from drift.api.monitors import MonitorResource
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.monitors.grader import TENANT, Grader, longer


@pytest.fixture(scope="module")
def grader(request):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    made = Grader(store, FakeClock(), an_hour=80)
    made.reference()
    yield made
    databases.clear()


@pytest.fixture(scope="module")
def served(grader):
    routers = [MonitorResource(grader.parts).router(), IncidentResource(grader.parts).router()]
    reader = principal(TENANT, roles=(Role.OPERATOR,))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(Api(routers)._as(reader), lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def run(served, monkeypatch):
    monkeypatch.setenv("COLUMNS", "180")
    monkeypatch.setenv("ANSWERABLE_URL", served)
    return lambda *arguments: CliRunner().invoke(app, ["drift", *map(str, arguments)])


def done(answer):
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_monitor_from_a_file_to_a_closed_incident(run, grader, tmp_path):
    file = tmp_path / "watch.yaml"
    file.write_text(
        "id: watch\nmodel: grader\nreference: base\nfeatures: [words]\n"
        "trigger: {event: ai.example.retrain}\n"
    )
    assert "There is no monitor" in done(run("monitors", "list"))
    assert "watch" in done(run("monitors", "set", file))
    begin = grader.clock.now_ns
    grader.passes(2, longer)
    span = ("--from", begin, "--to", grader.clock.now_ns)
    tried = done(run("monitors", "try", file, *span))
    assert "2 judged, of 2" in tried
    assert "at most 0.0100% of windows" in tried
    assert "24 windows, it takes 99 to tell alpha" in tried.replace("\n", " ")
    assert "confirmed" in done(run("monitors", "list"))
    shown = done(run("monitors", "results", "watch", *span))
    assert "awaits confirmation" in shown
    # The same file again is the next version.
    changed = json.loads(done(run("monitors", "set", file, "--reason", "again", "--json")))
    assert changed["version"] == 2
    assert "feature of grader: words" in done(run("monitors", "show", "watch"))
    [item] = json.loads(done(run("incidents", "list", "--state", "open", "--json")))["items"]
    assert item["id"] in done(run("incidents", "list"))
    assert "words" in done(run("incidents", "show", item["id"]))
    assert "acknowledged" in done(run("incidents", "acknowledge", item["id"], "--note", "seen"))
    assert "closed" in done(run("incidents", "close", item["id"]))
    assert "2 windows judged: 1 confirmed, 1 suspected" in done(
        run("monitors", "backfill", "watch", *span)
    )
    assert "is removed" in done(run("monitors", "remove", "watch"))
    assert run("monitors", "show", "watch").exit_code == EXIT_FAILED


@pytest.mark.parametrize("text", ["a: [", "- 1", "id: x\nmodel: grader\nreference: none\n"])
def test_a_wrong_file_is_a_wrong_usage(run, tmp_path, text):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    assert run("monitors", "set", file).exit_code == EXIT_USAGE
    assert run("monitors", "set", tmp_path / "none.yaml").exit_code == EXIT_USAGE
