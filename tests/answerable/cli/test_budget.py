"""`answerable budget` against the real endpoints over a real port."""

import json
import socket
import threading
import time
from dataclasses import replace

import pytest
import uvicorn
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_NOT_ALLOWED, EXIT_UNREACHABLE, EXIT_USAGE
from cost.api.budgets import Budgets
from cost.api.spending import Spending
from cost.budgets.treasury import treasury
from cost.budgets.upkeep import History
from cost.budgets.watching import Watching
from cost.parts import CostParts
from cost.settings import CostSettings
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.budgets.kit import NOON


@pytest.fixture(scope="module")
def parts(request, tmp_path_factory):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    settings = CostSettings(budget_dir=tmp_path_factory.mktemp("budgets"))
    numbers = iter(range(10**6))
    bare = CostParts(store, FakeClock(NOON), lambda: f"id{next(numbers)}", settings)
    made = replace(bare, budgets=treasury(bare))
    made.treasury.start()
    yield made
    made.treasury.stop()
    databases.clear()


@pytest.fixture(scope="module")
def served(parts):
    api = Api([Spending(parts).router(), Budgets(parts).router()])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    roles = {
        "reader": principal("school"),
        "finance": principal("school", roles=(Role.FINANCE,)),
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
def run(served, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("ANSWERABLE_URL", served)
    monkeypatch.setenv("ANSWERABLE_KEY", "finance")
    return lambda *arguments: CliRunner().invoke(app, ["budget", *map(str, arguments)])


def read(answer):
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_a_budget_is_made_changed_shown_and_removed(run):
    made = read(
        run(
            "set", "maths", "--limit", "500", "--currency", "EUR", "--project", "maths",
            "--period", "month", "--time-zone", "Europe/Paris", "--threshold", "0.8",
            "--threshold", "0.9:downgrade:gpt-5-nano", "--unknown-price", "cap:0.10",
            "--cap", "2", "--reason", "term", "--json",
        )
    )  # fmt: skip
    assert (made["limit"], made["currency"], made["scope"]["project"]) == ("500", "EUR", "maths")
    assert made["thresholds"][1] == {"at": "0.9", "answer": "downgrade", "model": "gpt-5-nano"}
    assert made["unknown_price"] == {"policy": "cap", "cap": "0.10"}
    changed = read(run("set", "maths", "--limit", "400", "--cap", "none", "--soft", "--json"))
    assert (changed["version"], changed["limit"], changed["hard"]) == (2, "400", False)
    assert changed["window"] == made["window"]
    assert changed["thresholds"] == made["thresholds"]
    assert changed["per_request_cap"] is None
    shown = run("show", "maths").output
    for words in ("project maths", "400 EUR a month (Europe/Paris)", "0.9 downgrade to gpt-5-nano"):
        assert words in shown
    assert "maths" in run("list").output
    history = run("history", "maths").output
    assert "term" in history
    assert "is removed" in run("remove", "maths", "--reason", "over").output
    assert run("show", "maths").exit_code == 1
    versions = read(run("history", "maths", "--json"))["versions"]
    assert [one["op"] for one in versions] == ["put", "put", "delete"]


def test_a_suspension_is_shown_and_lifted(run, parts):
    read(run("set", "small", "--limit", "0.000000001", "--suspends", "--json"))
    from decimal import Decimal  # noqa: PLC0415

    from cost.budgets.calls import Actual, Call, Money, Request  # noqa: PLC0415

    engine = parts.treasury.engine
    engine.reserve(Request("r1", Call("school"), Money(Decimal("0.000000001"), "USD")))
    engine.settle("school", "r1", Actual(Money(Decimal(5), "USD")), by="client")
    Watching(parts).run()
    History(parts).run()
    assert "starts no new work until 2026-12-01" in run("list").output
    assert "5" in run("history", "small").output
    assert "allowed again" in run("lift", "small", "--reason", "agreed").output
    Watching(parts).run()
    assert "no new work" not in run("list").output
    run("remove", "small")


def test_the_organisation_s_budget_needs_a_key_of_all_tenants(run, monkeypatch):
    assert run("set", "org", "--limit", "5", "--tenant", "").exit_code == EXIT_NOT_ALLOWED
    monkeypatch.setenv("ANSWERABLE_KEY", "all")
    assert read(run("set", "org", "--limit", "5", "--tenant", "", "--json"))["tenant"] == ""
    assert "(organisation)" in run("list").output
    assert run("remove", "org", "--tenant", "").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("set", "new"), "needs --limit"),
        (("set", "new", "--limit", "-1"), "money is 0 or more"),
        (("set", "new", "--limit", "1", "--threshold", "half"), "decimal number"),
        (("set", "new", "--limit", "1", "--time-zone", "Moon"), "IANA"),
        (("set", "new", "--limit", "1", "--rolling-s", "7200", "--period", "day"), "--rolling-s"),
        (("set", "new", "--limit", "1", "--currency", "EURO"), "ISO 4217"),
    ],
)
def test_what_cannot_be_is_said_and_ends_with_the_code_for_wrong_use(run, arguments, words):
    answer = run(*arguments)
    assert answer.exit_code == EXIT_USAGE
    assert words in " ".join(answer.output.split())


def test_a_reader_may_look_and_not_touch(run, monkeypatch):
    monkeypatch.setenv("ANSWERABLE_KEY", "reader")
    assert run("list").exit_code == 0
    assert run("set", "x", "--limit", "1").exit_code == EXIT_NOT_ALLOWED


def test_a_service_that_is_not_there_is_said(run):
    assert run("list", "--url", "http://127.0.0.1:1").exit_code == EXIT_UNREACHABLE
