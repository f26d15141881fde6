"""`answerable cost-explain` over the real endpoint, by way of the application instead of a port."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_USAGE, fail
from answerable.cli.remote import Remote
from sql.migrate import Migrator
from tests.conftest import HOUR_NS
from tests.cost.explain.worlds import Api, Ledger


@pytest.fixture
def run(embedded, clock, monkeypatch):
    store = embedded.open()
    Migrator(store).apply()
    ledger = Ledger(store, clock)
    for time_ns, tokens in ((clock() - 36 * HOUR_NS, 100), (clock() - 12 * HOUR_NS, 350)):
        ledger.call(time_ns, tokens=tokens, project="maths")
    api = Api(store, clock)

    def get(self, path):
        asked = {f"{name}_": value for name, value in parse_qsl(urlsplit(path).query)}
        answer = api.response(**asked)
        return answer.json() if answer.is_success else fail(answer.json()["detail"], EXIT_USAGE)

    monkeypatch.setattr(Remote, "get", get)
    monkeypatch.setenv("COLUMNS", "120")
    return lambda *arguments: CliRunner().invoke(app, ["cost-explain", *arguments])


def test_it_says_what_a_change_is_made_of(run):
    answer = run("--from", "-1d")
    assert answer.exit_code == 0, answer.output
    assert "Change +2.5000 USD, of it:" in answer.output
    assert "tokens per call" in answer.output
    assert "maths" in answer.output
    assert "volume" not in answer.output


def test_json_has_every_digit(run):
    answer = json.loads(run("--from", "-1d", "--json", "--by", "project").output)
    assert answer["delta"] == "2.5"
    assert [item["value"] for item in answer["items"]] == ["maths"]


def test_a_wrong_question_is_wrong_usage(run):
    answer = run("--by", "colour")
    assert answer.exit_code == EXIT_USAGE
    assert "colour" in answer.output
