"""`answerable drift report` against the real endpoint, with a stand-in for the interpreter."""

import socket
import sys
import threading
import time

import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_FAILED, EXIT_USAGE
from drift.api.report import DriftReport
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, decide, decision, drift_parts

WINDOWS = ("--model", "grader", "--reference-from", "-4d", "--reference-to", "-2d")


@pytest.fixture(scope="module")
def served(request, tmp_path_factory):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    clock = FakeClock()
    features = {"words": 3.0, "näme": 1.0}
    for start_h, held in ((72, features), (5, {"words": 4.0})):
        decide(
            store, [decision(clock() - start_h * HOUR_NS + at, features=held) for at in range(30)]
        )
    program = tmp_path_factory.mktemp("interpreter") / "python"
    program.write_text(f"#!{sys.executable}\nopen('report.html', 'w').write('<html>')\n")
    program.chmod(0o755)
    parts = drift_parts(store, clock, evidently_python=str(program))
    api = Api([DriftReport(parts).router()])
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
    monkeypatch.setenv("ANSWERABLE_URL", served)
    return lambda *arguments: CliRunner().invoke(app, ["drift", "report", *map(str, arguments)])


def test_a_report_is_written_and_what_it_lacks_is_told(run, tmp_path):
    target = tmp_path / "report.html"
    answer = run("--out", target, *WINDOWS)
    assert answer.exit_code == 0, answer.output
    assert target.read_text() == "<html>"
    assert "written" in answer.stdout
    assert "Left out: näme" in answer.stderr


def test_errors_are_messages_and_leave_no_file(run, tmp_path):
    target = tmp_path / "report.html"
    assert run("--out", target, *WINDOWS, "--format", "pdf").exit_code == EXIT_USAGE
    assert run("--out", target, *WINDOWS, "--format", "snapshot").exit_code == EXIT_FAILED
    assert not target.exists()
