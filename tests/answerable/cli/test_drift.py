"""`answerable drift` against the real endpoints over a real port."""

import json
import socket
import threading
import time

import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_FAILED, EXIT_NOT_ALLOWED, EXIT_UNREACHABLE, EXIT_USAGE
from drift.api.compare import CompareResource
from drift.api.models import ModelResource
from drift.api.references import ReferenceResource
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, decide, decision, drift_parts


@pytest.fixture(scope="module")
def parts(request):
    """A model whose words grew in the last hour; the name of a feature looks like markup."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    clock = FakeClock()
    rows = [
        decision(
            clock() - (1 if at % 2 else 20) * HOUR_NS + at,
            features={"words": float(at % 50 + 30 * (at % 2)), "[lang]": "en"},
        )
        for at in range(600)
    ]
    decide(store, rows)
    clock.step(seconds=1)
    yield drift_parts(store, clock)
    databases.clear()


@pytest.fixture(scope="module")
def served(parts):
    yield from _serve(parts, principal("school-a", roles=(Role.OPERATOR, Role.VIEWER)))


@pytest.fixture(scope="module")
def read_only(parts):
    yield from _serve(parts, principal("school-a"))


def _serve(parts, reader):
    routers = [
        build(parts).router() for build in (ReferenceResource, ModelResource, CompareResource)
    ]
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


def run(url, *words):
    return CliRunner().invoke(app, ["drift", *words, "--url", url], env={"COLUMNS": "200"})


def test_from_models_to_a_comparison(served):
    asked = ["--model", "grader", "--from", "-21h", "--to", "-19h", "--dimension", "route"]
    defined = run(served, "reference", "define", "june", *asked)
    assert defined.exit_code == 0, defined.output
    assert "june version 1" in defined.output
    assert "[lang]" in defined.output
    models = run(served, "models")
    assert "grader" in models.output
    assert "june" in models.output
    listed = json.loads(run(served, "references", "--json").output)
    assert [one["decisions"] for one in listed["items"]] == [300]
    assert "june" in run(served, "references").output
    shown = json.loads(run(served, "reference", "show", "june", "--json").output)
    assert shown == listed["items"][0]
    compared = run(served, "compare", "june", "--from", "-2h", "--feature", "words")
    assert compared.exit_code == 0, compared.output
    assert "kolmogorov_smirnov" in compared.output
    body = json.loads(run(served, "compare", "june", "--from", "-2h", "--json").output)
    words = next(one for one in body["items"] if one["feature"] == "words")
    distance = next(one for one in words["results"] if one["statistic"] == "kolmogorov_smirnov")
    assert distance["estimate"] > 0.5
    rolling = run(served, "reference", "define", "june", *asked, "--rolling-days", "7", "--json")
    made = json.loads(rolling.output)
    assert (made["version"], made["baseline"]["days"]) == (2, 7)


def test_a_reference_is_deleted(served, parts):
    asked = ["--model", "grader", "--from", "-21h"]
    assert run(served, "reference", "define", "old", *asked).exit_code == 0
    parts.clock.step(seconds=1)
    assert "Deleted old" in run(served, "reference", "delete", "old", "--reason", "old").output
    parts.clock.step(seconds=1)
    gone = run(served, "reference", "show", "old")
    assert gone.exit_code == EXIT_FAILED
    assert "no reference" in gone.output
    assert run(served, "reference", "show", "old", "--version", "1").exit_code == 0


def test_errors_are_words_and_codes(served, read_only):
    wrong = run(served, "reference", "define", "a b", "--model", "grader", "--from", "-1d")
    assert (wrong.exit_code, "letters" in wrong.output) == (EXIT_USAGE, True)
    forbidden = run(read_only, "reference", "define", "x", "--model", "grader", "--from", "-1d")
    assert forbidden.exit_code == EXIT_NOT_ALLOWED
    assert run("http://127.0.0.1:9", "models").exit_code == EXIT_UNREACHABLE


def test_nothing_is_said_in_words(read_only):
    assert "No model" in run(read_only, "models", "--from", "-1m").output
