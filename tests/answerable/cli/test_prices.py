"""`answerable prices` over the real endpoints, by way of the application instead of a port."""

import json

import pytest
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_FAILED, EXIT_NOT_ALLOWED, EXIT_USAGE, fail
from answerable.cli.remote import _CODES, Remote
from cost.api.fx import Fx
from cost.api.prices import Prices
from cost.parts import CostParts
from cost.settings import CostSettings
from sql.access import Role
from sql.migrate import Migrator
from tests.cost.api.kit import Api, principal

GPT = ("set", "openai", "gpt-x", "input", "2.50", "--per", "million")


@pytest.fixture
def api(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    numbers = iter(range(10**6))
    parts = CostParts(store, clock, lambda: f"id{next(numbers)}", CostSettings())
    return Api([Prices(parts).router(), Fx(parts).router()], principal(roles=(Role.FINANCE,)))


@pytest.fixture
def run(api, clock, monkeypatch):
    def ask(method, path, body=None):
        clock.step(seconds=1)
        answer = api.response(path, method=method, json=body)
        if answer.is_success:
            return answer.json()
        return fail(answer.json()["detail"], _CODES.get(answer.status_code, EXIT_FAILED))

    monkeypatch.setattr(Remote, "get", lambda self, path: ask("GET", path))
    monkeypatch.setattr(Remote, "post", lambda self, path, body: ask("POST", path, body))
    monkeypatch.setenv("COLUMNS", "250")
    return lambda *arguments: CliRunner().invoke(app, ["prices", *arguments])


def test_a_price_is_set_listed_and_resolved(run):
    done = run(*GPT, "--reason", "list", "--approver", "cfo")
    assert done.exit_code == 0, done.output
    assert "Book version 1: 5 models have another price" in done.output
    assert "2.5 USD/M" in run("list", "--provider", "openai").output
    found = run("resolve", "gpt-x", "cache_read", "--provider", "openai")
    assert "0.0000025 USD for one of tokens, 2.5 for a million" in found.output
    assert "cache_read charged as input" in found.output
    row = json.loads(run("history", "--json").output)["items"][0]
    assert (row["reason"], row["approver"], row["superseded_by"]) == ("list", "cfo", [])


def test_a_discount_and_a_factor_are_set_and_a_price_withdrawn(run):
    run(*GPT)
    assert run("set", "openai", "*", "*", "--tenant", "acme", "--discount", "10").exit_code == 0
    assert run("set", "openai", "*", "*", "--tier", "batch", "--factor", "0.5").exit_code == 0
    batch = ("resolve", "gpt-x", "--provider", "openai", "--tenant", "acme", "--tier", "batch")
    found = json.loads(run(*batch, "--json").output)
    assert (found["per_million"], found["rule"]) == (
        "1.125",
        "contract factor 0.9 x batch factor 0.5 x list price",
    )
    assert run("set", "openai", "gpt-x", "input", "--withdraw").exit_code == 0
    gone = run(*batch)
    assert gone.exit_code == EXIT_FAILED
    assert "no price" in gone.output or "No row" in gone.output
    assert "withdrawn" in run("history").output


def test_a_file_is_imported_after_a_look(run, tmp_path):
    file = tmp_path / "contract.csv"
    file.write_text("provider,model,meter,amount,per,currency\nmistral,m-*,input,1,million,EUR\n")
    assert "would record 1 new" in run("import", str(file), "--dry-run").output
    assert "recorded 1 new, 0 changed" in run("import", str(file)).output
    assert "recorded 0 new, 0 changed, 0 withdrawn; 1 unchanged" in run("import", str(file)).output
    assert "contract.csv" in run("list").output


def test_the_bundled_list_says_what_it_left_out(run):
    answer = run("import", "genai-prices")
    assert answer.exit_code == 0, answer.output
    assert "0 withdrawn; 0 unchanged. Book version 1:" in answer.output
    assert "things of the list are not in the book:" in answer.output
    assert "more; --json has them all" in answer.output


def test_rates_are_set_imported_and_found(run, tmp_path):
    assert run("fx", "set", "EUR", "USD", "1.25", "--day", "2026-11-20").exit_code == 0
    file = tmp_path / "rates.csv"
    file.write_text("base,quote,day,rate\nEUR,JPY,2026-11-20,160\n")
    assert "recorded 1 rates" in run("fx", "import", str(file)).output
    assert "128" in run("fx", "rate", "USD", "JPY", "--day", "2026-11-21").output
    assert "EUR/JPY" in run("fx", "list").output
    missing = run("fx", "rate", "USD", "CHF")
    assert (missing.exit_code, "answerable prices fx" in missing.output) == (EXIT_FAILED, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*GPT, "--currency", "EUT"), "EUR"),
        (("set", "openai", "gpt-x", "input"), "only one"),
        ((*GPT, "--withdraw"), "only one"),
        (("import", "prices.txt"), "neither genai-prices nor a file"),
        (("import", "nowhere.csv"), "cannot be read"),
        (("list", "--url", "localhost"), "http://"),
    ],
)
def test_wrong_usage_says_what_to_write(run, arguments, said):
    answer = run(*arguments)
    assert answer.exit_code == EXIT_USAGE, answer.output
    assert said in answer.output.replace("\n", " ")


def test_a_key_without_the_right_is_told_so(run, api):
    api.reader = principal()
    assert run(*GPT).exit_code == EXIT_NOT_ALLOWED
