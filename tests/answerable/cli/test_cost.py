"""`answerable cost` over the real endpoints, by way of the application instead of a port."""

import csv
import json
from decimal import Decimal
from functools import partial
from urllib.parse import parse_qsl

import httpx
import pytest
from typer.testing import CliRunner

from answerable.cli import app
from answerable.cli.output import EXIT_USAGE
from answerable.cli.remote import Remote
from cost.api.costs import Costs
from cost.api.forecast import CostForecasts
from cost.api.report import CostReports
from cost.api.unit_costs import UnitCosts
from cost.prices.rates import Rates
from cost.reports.limits import RecordedLimits
from sql.migrate import Migrator
from tests.cost.api.kit import Api
from tests.cost.reports.ledger import DAY_NS, HOUR_NS, Ledger, charge, unpriced


@pytest.fixture
def ledger(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    return Ledger(store, clock)


@pytest.fixture
def run(ledger, monkeypatch):
    parts, rates_at = ledger.parts, partial(Rates, ledger.store)
    resources = [
        Costs(parts, rates_at),
        UnitCosts(parts, rates_at),
        CostReports(parts, rates_at),
        CostForecasts(parts, rates_at, RecordedLimits(parts.records)),
    ]
    api = Api([resource.router() for resource in resources])

    def answer(request):
        asked = {f"{name}_": value for name, value in parse_qsl(request.url.query.decode())}
        found = api.response(request.url.path, **asked)
        headers = {"content-type": found.headers["content-type"]}
        return httpx.Response(found.status_code, headers=headers, content=found.content)

    monkeypatch.setattr(
        Remote, "_client", lambda _: httpx.Client(transport=httpx.MockTransport(answer))
    )
    monkeypatch.setenv("COLUMNS", "140")
    return lambda *arguments: CliRunner().invoke(app, ["cost", *arguments])


def test_costs_are_shown_with_their_coverage(run, ledger, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at, model="[bold]odd"), unpriced(at, model="[bold]odd"))
    ledger.book(unpriced(at, model="new"))
    answer = run("show", "--by", "model", "--from", "-1d")
    assert answer.exit_code == 0, answer.output
    for word in ("[bold]odd", "0.0100 USD", "50.00%", "unpriced", "Total 0.0100 USD", "33.33%"):
        assert word in answer.output


def test_json_and_filters(run, ledger, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at, model="a"), charge(at, model="b"))
    answer = json.loads(run("show", "--by", "model", "--only", "model=b", "--json").output)
    assert [item["model"] for item in answer["items"]] == ["b"]


def test_unit_costs(run, ledger, clock):
    ledger.book(charge(clock() - HOUR_NS))
    answer = run("unit", "--by", "tenant")
    assert answer.exit_code == 0, answer.output
    assert "acme" in answer.output


def test_a_forecast_in_words(run, ledger, clock):
    ledger.book(*[charge(clock() - n * DAY_NS, cost=Decimal(10)) for n in range(40)])
    answer = run("forecast", "--limit", "100000")
    assert answer.exit_code == 0, answer.output
    for word in ("at its end", "with 80 %", "not in sight", "0.0% off"):
        assert word in answer.output
    assert "was reached on" in run("forecast", "--limit", "1").output


def test_a_forecast_without_history_says_so(run):
    assert "Not enough history" in run("forecast").output


@pytest.mark.parametrize("form", ["csv", "json", "html", "parquet"])
def test_reports_become_files(run, ledger, clock, tmp_path, form):
    ledger.book(charge(clock(), project="p1"))
    target = tmp_path / f"report.{form}"
    asked = ["--kind", "chargeback", "--by", "tenant,project"]
    answer = run("report", "--out", str(target), *asked, "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["bytes"] == target.stat().st_size > 0
    if form == "csv":
        with target.open(newline="") as file:
            assert [row["project"] for row in csv.DictReader(file)] == ["p1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--by", "shoe"], "shoe"),
        (["show", "--only", "model"], "--only"),
        (["report", "--out", "x.docx"], ".parquet"),
        (["forecast", "--limit", "much"], "limit"),
    ],
)
def test_wrong_usage_is_said(run, arguments, said):
    answer = run(*arguments)
    assert answer.exit_code == EXIT_USAGE
    assert said in answer.output
