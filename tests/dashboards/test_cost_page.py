"""The Cost page with data, without, in several currencies, and where it may not be read."""

import pytest

from tests.dashboards import answers
from tests.dashboards import cost_answers as c
from tests.dashboards.api_double import Problem


@pytest.fixture
def spent(api):
    """An API that knows the money of a small world."""
    api.routes |= {
        "/v1/costs": c.sums,
        "/v1/costs/unit": c.units,
        "/v1/costs/explain": c.explanation(),
        "/v1/costs/unpriced": c.unpriced(),
    }
    return api


def test_without_charges_it_says_what_to_send(api, open_page, shown):
    api.routes["/v1/costs"] = c.costs()
    app = open_page("cost")
    text = shown(app)
    assert "gen_ai.usage.input_tokens" in app.info[0].value
    assert f'endpoint="{api.url}"' in text
    assert [path for path, _ in api.asked] == ["/v1/me", "/v1/costs"]


def test_every_sum_has_its_coverage(spent, open_page, shown):
    text = shown(open_page("cost"))
    for said in ("7.50 USD", "80.0 % priced", "9.00 USD", "40 of 200 lack a price", "Impossible"):
        assert said in text
    # Tiles and tables: no money in them stands alone.
    for fragment in text.split("<tr>")[1:] + text.split('class="an-tile"')[1:]:
        cell = fragment.split("</tr>")[0].split('class="an-tile"')[0]
        if " USD" in cell:
            assert "priced" in cell, cell


def test_unpriced_usage_says_why(spent, open_page, shown):
    app = open_page("cost")
    text = shown(app)
    for said in ("mystery-1", "the price book has no price for it", "18.3 k tokens"):
        assert said in text
    assert "40 charges have no price (80.0 % priced)" in app.expander[0].label


def test_the_change_is_split_and_carried(spent, open_page, shown):
    text = shown(open_page("cost")).replace("\\", "")
    for said in ("Change: +3.00 USD", "rubric@7", "4 others", "No recorded change", "Volume"):
        assert said in text
    asked = spent.last("/v1/costs/explain")
    assert {name: asked[name] for name in ("from", "to")} == c.WINDOW
    assert asked["by"] == "prompt"
    assert "baseline_from" not in asked


def test_a_change_since_a_day_earlier_compares_the_same_stretch(spent, open_page):
    open_page("cost", baseline="day", why="model")
    asked = spent.last("/v1/costs/explain")
    assert (asked["baseline_from"], asked["baseline_to"]) == (
        "2026-11-22T21:00:00Z",
        "2026-11-22T22:00:00Z",
    )


def test_causes_are_named_once_there_are_some(spent, open_page, shown):
    cause = {"change_id": "c-9", "title": "prompt rubric 8", "reason": "longer examples"}
    spent.routes["/v1/costs/explain"] = c.explanation(causes=[cause])
    markdown = "".join(one.value for one in open_page("cost").markdown)
    assert "c\\-9 · prompt rubric 8 · longer examples" in markdown


def test_unit_costs_are_known_or_unknown(spent, open_page, shown):
    text = shown(open_page("cost", per="review"))
    for said in ("0.00625 USD", "One reviewed decision", "0.01 USD", "unknown", "rubric 7"):
        assert said in text
    assert spent.last("/v1/costs/unit")["per"] == "review"


def test_unit_costs_say_what_they_are_not_narrowed_by(spent, open_page, shown):
    text = shown(open_page("cost", project="grading", model="claude-5"))
    assert "Not narrowed by project" in text
    asked = spent.last("/v1/costs/unit")
    assert asked["model"] == "claude-5"
    assert "project" not in asked


def test_reports_are_offered_and_made_only_when_asked_for(spent, open_page):
    app = open_page("cost", by="user")
    assert [one.label for one in app.get("download_button")] == ["CSV", "Page to print", "Parquet"]
    assert not [path for path, _ in spent.asked if path == "/v1/costs/report"]


def test_choices_go_from_the_url_to_the_api(spent, open_page):
    open_page(
        "cost", by="user", nest="tenant,project,user", currency="eur", project="p", window="7d"
    )
    trend, tree = (query for path, query in spent.asked if path == "/v1/costs")
    assert trend["group_by"] == "day,user"
    assert tree["group_by"] == "tenant,project,user"
    assert (trend["currency"], trend["project"], trend["from"]) == ("EUR", "p", "-7d")


def test_a_mistyped_choice_becomes_the_default(spent, open_page):
    open_page("cost", by="colour")
    assert spent.asked[1][1]["group_by"] == "hour,model"


def test_several_currencies_stand_apart(spent, open_page, shown):
    hour = {"hour": "2026-11-23T21:00:00.000000000Z", "model": "m"}
    place = {"tenant": "north", "project": ""}
    both = [c.money("1", "EUR"), c.money("2", "USD")]
    spent.routes["/v1/costs"] = c.costs([{**hour, **place, **one} for one in both], both)
    app = open_page("cost")
    text = shown(app)
    assert "never added up" in app.info[0].value
    assert len(app.get("plotly_chart")) == 5
    assert "1.00 EUR" in text
    assert "2.00 USD" in text
    assert "3.00" not in text.split("Why did it change?")[0]


def test_pages_of_sums_are_read_to_a_bound_and_the_rest_is_said(spent, open_page, shown):
    def endless(query):
        page = c.sums(query)
        return {**page, "next_cursor": "more"} if query["group_by"] == "hour,model" else page

    spent.routes["/v1/costs"] = endless
    text = shown(open_page("cost"))
    trend = [q for path, q in spent.asked if path == "/v1/costs" and q["group_by"] == "hour,model"]
    assert len(trend) == 5
    assert trend[4]["cursor"] == "more"
    assert "more groups than fit" in text


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "does not offer it"), (403, "your key may not read it"), (400, "Invalid")],
)
def test_a_part_that_cannot_be_read_leaves_the_rest(spent, open_page, shown, status, said):
    spent.fail(status, "Invalid", "not for *you*", ["/v1/costs/explain", "/v1/costs/unit"])
    app = open_page("cost")
    text = shown(app)
    assert said in text
    assert "7.50 USD" in text
    assert not app.error


def test_an_older_service_is_named_as_such(api, open_page):
    api.routes["/v1/costs"] = Problem(404, "Not Found", "There is nothing at /v1/costs.")
    (error,) = open_page("cost").error
    assert "Update it" in error.value


def test_without_the_role_it_says_which(api, open_page):
    api.routes["/v1/costs"] = Problem(403, "Forbidden", "needs a reading role")
    (error,) = open_page("cost").error
    assert "role viewer" in error.value


def test_a_key_that_ends_between_two_parts_leads_to_the_login(spent, open_page):
    spent.fail(401, "Unauthenticated", "", ["/v1/costs/explain"])
    app = open_page("cost")
    assert [field.label for field in app.text_input] == ["API key"]


def test_service_gone(spent, open_page, shown):
    app = open_page("cost")
    spent.close()
    app.run()
    shown(app)
    assert "answerable up" in app.error[0].value


def test_what_somebody_sent_is_escaped(spent, open_page, shown):
    item = {"dimension": "prompt", "value": answers.HOSTILE, "values": 1, **c.moved()}
    spent.routes["/v1/costs/explain"] = c.explanation(items=[item])
    assert "<script>" not in shown(open_page("cost"))
