"""`answerable slices` against the real endpoint over a real port."""

import json
import socket
import threading
import time

import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE
from drift.api.slices import Slices
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, decide, decision, drift_parts


@pytest.fixture(scope="module")
def served(request):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    clock = FakeClock()
    rows = [
        decision(
            clock() - HOUR_NS + at,
            features={"language": ("[en]", "[fr]")[at % 2]},
            confidence=(0.9, 0.4)[at % 2] + at % 7 / 100,
        )
        for at in range(400)
    ]
    decide(store, rows)
    api = Api([Slices(drift_parts(store, clock)).router()])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(api._as(principal("school-a")), lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()
    databases.clear()


@pytest.fixture
def run(served, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("ANSWERABLE_URL", served)
    return lambda *arguments: CliRunner().invoke(app, ["slices", *map(str, arguments)])


def test_a_search_is_made_listed_and_shown(run):
    made = run("find", "grader", "--json")
    assert made.exit_code == 0, made.output
    search = json.loads(made.output)
    listed = run("list", "--model", "grader")
    assert listed.exit_code == 0, listed.output
    assert search["id"] in listed.output
    shown = run("show", search["id"])
    assert shown.exit_code == 0, shown.output
    assert "language = '[fr]'" in shown.output
    assert "yes" in shown.output
    assert json.loads(run("show", search["id"], "--json").output) == search


def test_nothing_found_says_why(run):
    answer = run("find", "no-such-model")
    assert answer.exit_code == 0, answer.output
    assert "No slices: no decision" in answer.output


def test_errors_are_messages_and_codes(run):
    assert run("find", "grader", "--target", "luck").exit_code == EXIT_USAGE
    assert run("show", "gone").exit_code == EXIT_FAILED
    assert run("list", "--url", "http://127.0.0.1:9").exit_code == EXIT_UNREACHABLE
