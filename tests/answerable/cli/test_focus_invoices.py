"""`answerable focus` and `answerable invoices` against the real endpoints over a real port."""

import csv
import json
import socket
import threading
import time

import pyarrow.parquet as pq
import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_NOT_ALLOWED, EXIT_UNREACHABLE, EXIT_USAGE
from cost.api.focus import Focus
from cost.api.invoices import InvoiceResource
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.invoices.test_reconcile import NOW, used
from tests.cost.reports.ledger import Ledger


@pytest.fixture(scope="module")
def served(request):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    ledger = Ledger(store, FakeClock(NOW))
    ledger.book(used("input", 1000, "2"), used("output", 10, "1"))
    parts = ledger.parts
    routers = [Focus(parts).router(), InvoiceResource(parts).router()]
    api = Api(routers)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    roles = {"reader": principal(), "finance": principal(roles=(Role.FINANCE,))}

    async def keyed(scope, receive, send):
        headers = dict(scope.get("headers", ()))
        key = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        await api._as(roles.get(key, roles["reader"]))(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(keyed, lifespan="off", log_level="error"))
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
    monkeypatch.setenv("ANSWERABLE_KEY", "finance")
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])


def test_an_export_is_written_whole(run, tmp_path):
    target = tmp_path / "october.parquet"
    answer = run("focus", "export", "--period", "2026-10", "--out", target)
    assert answer.exit_code == 0, answer.output
    assert "FOCUS 1.4" in answer.output
    assert sum(pq.read_table(target)["BilledCost"].to_pylist()) == 3
    target = tmp_path / "october.csv"
    answer = run(
        "focus", "export", "--period", "2026-10", "--version", "1.2", "--out", target, "--json"
    )
    about = json.loads(answer.output)
    assert (about["file"], about["version"], about["coverage"]) == (str(target), "1.2", "1.000000")
    with target.open(newline="", encoding="utf-8") as file:
        assert {row["ProviderName"] for row in csv.DictReader(file)} == {"OpenAI"}


def test_a_refused_export_leaves_no_file(run, tmp_path):
    target = tmp_path / "never.csv"
    answer = run("focus", "export", "--period", "2026-13", "--out", target)
    assert (answer.exit_code, target.exists()) == (EXIT_USAGE, False)
    assert "2026-13" in answer.output
    assert run("focus", "export", "--out", tmp_path / "x.txt").exit_code == EXIT_USAGE
    away = run("focus", "export", "--out", target, "--url", "http://127.0.0.1:9")
    assert away.exit_code == EXIT_UNREACHABLE
    assert list(tmp_path.iterdir()) == []


def test_an_invoice_from_the_file_to_its_causes(run, tmp_path, monkeypatch):
    file = tmp_path / "october.csv"
    file.write_text(
        "day,provider,model,meter,quantity,amount,currency\n"
        "2026-10-05,openai,gpt-x,input,1200,2.4,USD\n"
        "2026-10-05,openai,gpt-x,output,10,1.5,USD\n"
    )
    made = json.loads(run("invoices", "import", file, "--json").output)
    assert made["lines"] == 2
    assert "was imported before" in run("invoices", "import", file).output
    assert "october.csv" in run("invoices", "list").output
    shown = run("invoices", "reconcile", made["invoice_id"])
    assert "missing_telemetry 0.4000, price 0.5000" in shown.output, shown.output
    target = tmp_path / "differences.csv"
    assert (
        run(
            "invoices", "reconcile", made["invoice_id"], "--group-by", "day,meter", "--out", target
        ).exit_code
        == 0
    )
    with target.open(newline="", encoding="utf-8") as differences:
        found = {row["meter"]: row["variance"] for row in csv.DictReader(differences)}
    assert found == {"input": "0.4", "output": "0.5"}
    assert run("invoices", "reconcile", "nothing").exit_code == 1
    assert run("invoices", "import", tmp_path / "missing.csv").exit_code == EXIT_USAGE
    monkeypatch.setenv("ANSWERABLE_KEY", "reader")
    assert run("invoices", "import", file).exit_code == EXIT_NOT_ALLOWED
