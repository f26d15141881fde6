"""The Reconciliation page: what was billed against what was charged, and why they differ."""

import pytest

from dashboards import reconciliation_chart
from tests.dashboards import meter_answers as a
from tests.dashboards.api_double import Problem


@pytest.fixture
def billed(api):
    """An API with one invoice."""
    api.routes |= {
        "/v1/invoices": a.invoices(a.invoice()),
        "/v1/invoices/inv-1/reconcile": a.reconciled(),
        "/v1/costs": a.coverage,
    }
    return api


def test_without_invoices_it_says_what_to_upload(api, open_page, shown):
    api.routes["/v1/invoices"] = a.invoices()
    app = open_page("reconciliation")
    shown(app)
    assert "OpenAI and Anthropic" in app.info[0].value


def test_variance_by_cause_and_lines(billed, open_page, shown):
    text = shown(open_page("reconciliation"))
    for said in ("110.50 USD", "100.00 USD", "+10.50 USD", "9.5 % of billed", "97.0 % priced"):
        assert said in text
    for said in ("Missing telemetry", "+8.00 USD", "Rounding", "-0.50 USD", "1,200"):
        assert said in text
    for said in ("matched", "billed only", "missing telemetry +8.00, price +2.00"):
        assert said in text
    assert "<script>" not in text
    asked = billed.last("/v1/costs")
    assert (asked["from"], asked["to"], asked["provider"]) == ("2026-11-01", "2026-11-23", "openai")


def test_lines_can_be_narrowed_and_grouped(billed, open_page, shown):
    text = shown(open_page("reconciliation", side="ours", lines="day,model"))
    assert "No line is charged only." in text
    assert billed.last("/v1/invoices/inv-1/reconcile")["group_by"] == "day,model"


def test_an_invoice_without_a_difference(billed, open_page, shown):
    same = a.difference("5", "5", {})
    billed.routes["/v1/invoices/inv-1/reconcile"] = a.reconciled(totals=[same])
    app = open_page("reconciliation")
    shown(app)
    assert app.success[0].value == "No difference."


def test_the_waterfall_leaves_the_variance_to_the_steps_which_add_up():
    total = a.reconciled()["totals"][0]
    (fall,) = reconciliation_chart.waterfall(total).data
    steps = [y for y, kind in zip(fall.y, fall.measure, strict=True) if kind != "total"]
    assert sum(steps) == float(total["variance"])
    assert list(fall.x) == ["Missing telemetry", "Price", "Rounding", "Variance"]


def test_a_cause_of_a_newer_service_keeps_its_name():
    total = a.difference("6", "5", {"weather": "1"})
    assert reconciliation_chart.causes_of(total) == [("weather", "1")]
    assert reconciliation_chart.cause("weather") == "weather"


def test_an_unknown_invoice_in_a_link_is_said(billed, open_page, shown):
    assert "not in the list" in shown(open_page("reconciliation", invoice="gone"))


def _upload(app):
    app.get("file_uploader")[0].upload("openai-2026-11.csv", b"day,amount\n", "text/csv").run()
    return next(one for one in app.button if one.label == "Import").click().run()


def test_an_upload_goes_to_the_api_as_it_is(billed, open_page):
    taken = []

    def take(raw):
        taken.append(raw)
        return {**a.invoice(invoice_id="inv-1"), "created": True}

    billed.posts["/v1/invoices"] = take
    app = _upload(open_page("reconciliation", scope="proj_a:north"))
    assert taken == [b"day,amount\n"]
    assert not app.exception
    assert app.query_params["invoice"] == "inv-1"
    path = next(path for path, _ in billed.sent if path.startswith("/v1/invoices"))
    assert "name=openai-2026-11.csv" in path
    assert "scope=proj_a%3Anorth" in path


def test_a_file_that_cannot_be_read_says_what_is_wrong(billed, open_page):
    billed.posts["/v1/invoices"] = Problem(400, "Invalid input", "line 7: amount is 'x'", "amount")
    app = _upload(open_page("reconciliation"))
    assert "line 7" in app.error[0].value
    assert not app.exception


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/invoices"] = Problem(status, "No", "not here")
    (error,) = open_page("reconciliation").error
    assert said in error.value


def test_service_gone(billed, open_page, shown):
    app = open_page("reconciliation")
    billed.close()
    app.run()
    shown(app)
    assert "answerable up" in app.error[0].value
