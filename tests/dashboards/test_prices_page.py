"""The Prices page: what holds, what was believed, and what changing it moved."""

import pytest

from dashboards import price_chart
from dashboards.tables import Column, html_table
from tests.dashboards import meter_answers as a
from tests.dashboards.api_double import Problem

KEY = {
    "p_provider": "openai",
    "p_model": "gpt-5-mini | gpt-5-mini-2025-08-07",
    "p_meter": "input",
}


@pytest.fixture
def book(api):
    """An API with a price book."""
    api.routes |= {
        "/v1/prices": a.prices(a.price(), next_cursor="more"),
        "/v1/prices/history": a.price_history(),
        "/v1/prices/resolve": a.resolved(),
        "/v1/costs/restatements": a.restatements(),
        "/v1/costs": a.bookings(),
    }
    return api


def test_an_empty_book_says_how_to_fill_it(api, open_page, shown):
    api.routes["/v1/prices"] = a.prices()
    app = open_page("prices")
    shown(app)
    assert "answerable prices import" in app.info[0].value


def test_what_holds_and_what_was_restated(book, open_page, shown):
    app = open_page("prices")
    text = shown(app)
    row = app.dataframe[0].value.iloc[0]
    assert (row["Price"], row["For"], row["Valid from"]) == (
        "0.25 USD / M tokens",
        "everybody",
        "open",
    )
    for said in ("contract signed late", "cfo", "1,200", "-12.50 USD, +3.00 EUR", "as known at"):
        assert said in text
    assert [button.label for button in app.button if not button.disabled] == ["Next", "Log out"]


def test_bookings_of_the_window_are_told_by_kind(book, open_page, shown):
    text = shown(open_page("prices", window="7d"))
    assert "correction: another price holds" in text
    assert "-2.50 USD" in text
    assert book.last("/v1/costs") == {"from": "-7d", "group_by": "kind", "limit": "1000"}


def test_a_key_of_one_tenant_still_sees_its_own_bookings(book, open_page, shown):
    book.fail(403, "Forbidden", "restatements concern all tenants", ["/v1/costs/restatements"])
    text = shown(open_page("prices"))
    assert "your key may not read it" in text
    assert "-2.50 USD" in text


def test_filters_and_both_clocks_go_to_the_api(book, open_page):
    open_page("prices", provider="openai", model="gpt-5", valid_at="2026-11-01", known_at="-7d")
    asked = book.last("/v1/prices")
    assert (asked["provider"], asked["model"]) == ("openai", "gpt-5")
    assert (asked["as_of"], asked["known_at"]) == ("2026-11-01", "-7d")


def test_history_shows_both_clocks_who_why_and_only_that_price(book, open_page, shown):
    text = shown(open_page("prices", **KEY, known_at="-1d"))
    for said in ("contract of 1 November", "cfo", "by a later row", "0.2 USD / M tokens"):
        assert said in text
    assert "0.1 USD" not in text
    assert 'href="https://openai.com/api/pricing/"' in text
    assert "javascript:" not in text
    assert book.last("/v1/prices/history")["known_at"] == "-1d"


def test_a_named_model_shows_what_a_call_costs_and_why(book, open_page, shown):
    text = shown(open_page("prices", model="gpt-5-mini", tenant="north"))
    for said in ("list price", "0.25 USD / M tokens", "p-1"):
        assert said in text
    asked = book.last("/v1/prices/resolve")
    assert (asked["meter"], asked["tenant"]) == ("input", "north")


def test_no_price_says_why_not(book, open_page, shown):
    book.routes["/v1/prices"] = a.prices()
    nothing = {"amount": None, "rule": None, "rows": [], "why_not": "no row names this model"}
    book.routes["/v1/prices/resolve"] = a.resolved(**nothing)
    text = shown(open_page("prices", model="mystery-1"))
    assert "no row names this model" in text
    assert "No price matches these filters" in text


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/prices"] = Problem(status, "No", "not here")
    (error,) = open_page("prices").error
    assert said in error.value


def test_service_gone(book, open_page, shown):
    app = open_page("prices")
    book.close()
    app.run()
    shown(app)
    assert "answerable up" in app.error[0].value


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "0.25 USD / M tokens"),
        ({"kind": "factor", "amount": "0.9"}, "factor 0.9"),
        ({"kind": "withdrawn"}, "withdrawn"),
        ({"unit": "seconds", "amount": "0.0007"}, "0.0007 USD / second"),
        ({"unit": "count", "amount": "0.01"}, "0.01 USD / unit"),
    ],
)
def test_amounts_in_the_unit_people_quote(changes, said):
    assert price_chart.per(a.price(**changes)) == said


def test_what_holds_lies_above_what_was_replaced():
    rows = [row for row in a.price_history()["items"] if not row["service_tier"]]
    figure = price_chart.steps(rows, "2026-01-01", "2026-12-01")
    assert [line.name for line in figure.data] == ["replaced", "recorded last"]
    assert list(figure.data[0].x) == ["2026-01-01", "2026-12-01"]
    assert list(figure.data[1].y) == [0.2, 0.2]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", "data:text/html,x", "//x.org"])
def test_only_a_web_address_becomes_a_link(address):
    table = html_table([Column("x", lambda _: "text", link=lambda _: address)], [{}])
    assert "href" not in table
