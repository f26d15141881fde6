"""The price book over HTTP: who may say what, what holds, what was said before and why."""

from decimal import Decimal

import pytest

from cost.api.prices import Prices
from sql.access import Role
from tests.cost.api.kit import Api, principal

GPT = {"provider": "openai", "model": "gpt-x", "meter": "input", "currency": "USD"}
GPT |= {"amount": "2.50", "per": "million"}
DISCOUNT = {"tenant": "acme", "amount": "", "per": "", "discount_percent": "10"}
FINANCE = principal(roles=(Role.FINANCE,))


@pytest.fixture
def api(parts):
    return Api([Prices(parts).router()], FINANCE)


@pytest.fixture
def post(api, clock):
    def posted(*prices, reader=FINANCE, path="/v1/prices", **body):
        clock.step(seconds=1)
        body |= {"prices": [{**GPT, **one} for one in prices]} if prices else {}
        answer = api.response(path, reader, "POST", body)
        return answer.status_code, answer.json()

    return posted


@pytest.fixture
def load(post):
    def loaded(text, form="csv", **more):
        return post(path="/v1/prices/import", source=form, content=text, **more)

    return loaded


@pytest.fixture(scope="module")
def empty_api(empty_parts):
    return Api([Prices(empty_parts).router()], FINANCE)


@pytest.fixture
def refused(empty_api):
    """Send what must be refused; give the problem, once nothing was recorded."""

    def asked(path, body, status=400, reader=FINANCE):
        answer = empty_api.response(path, reader, "POST", body)
        assert answer.status_code == status, answer.text
        assert empty_api.get("/v1/prices/history")["items"] == []
        return answer.json()

    return asked


def resolved(api, reader=None, **asked):
    return api.get("/v1/prices/resolve", reader, **{"model": "gpt-x", **asked})


def test_a_price_is_recorded_listed_and_resolved(api, post):
    status, done = post({}, reason="contract", approver="cfo")
    assert (status, done["recorded"], done["book_version"]) == (201, 1, 1)
    item = api.get("/v1/prices")["items"][0]
    assert item == done["items"][0]
    assert (item["amount"], item["per_million"]) == ("0.0000025", "2.5")
    assert (item["actor"], item["approver"], item["reason"]) == ("k1", "cfo", "contract")
    assert (item["valid_from"], item["valid_to"]) == (None, None)
    found = resolved(api, provider="OpenAI")
    assert (found["per_million"], found["rule"]) == ("2.5", "list price")
    assert [row["price_id"] for row in found["rows"]] == [item["price_id"]]


def test_a_price_for_the_past_is_known_from_its_recording_on(api, post, clock):
    post({})
    then = str(clock())
    clock.step(seconds=3600)
    post({"amount": "1", "valid_from": "-30d"})
    assert resolved(api)["per_million"] == "1"
    assert resolved(api, known_at=then)["per_million"] == "2.5"
    assert resolved(api, at="-31d")["per_million"] == "2.5"
    assert [row["per_million"] for row in api.get("/v1/prices", known_at=then)["items"]] == ["2.5"]
    assert api.get("/v1/prices", as_of="-31d")["items"][0]["per_million"] == "2.5"


def test_the_history_tells_every_row_who_recorded_it_and_what_replaced_it(api, post):
    first = post({}, reason="first")[1]["items"][0]
    second = post({"amount": "3"}, reason="second", approver="cfo")[1]["items"][0]
    third = post({"kind": "withdrawn", "amount": None, "per": None})[1]["items"][0]
    items = api.get("/v1/prices/history", provider="openai", model="gpt-x", meter="input")["items"]
    assert [item["kind"] for item in items] == ["withdrawn", "price", "price"]
    assert [item["superseded_by"] for item in items] == [
        [],
        [third["price_id"]],
        [second["price_id"], third["price_id"]],
    ]
    assert items[2]["price_id"] == first["price_id"]
    assert resolved(api)["why_not"] == "No row of the price book is about any provider gpt-x."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"model": "gpt-9"}, "No row of the price book is about openai gpt-9."),
        ({"meter": "output"}, "no price for output of openai gpt-x; it has cache_read,"),
        ({"service_tier": "batch"}, "no batch price for openai gpt-x; it has standard."),
        ({"at": "-400d"}, "but none at 20"),
    ],
)
def test_a_price_that_is_missing_has_a_reason(api, post, asked, expected):
    post({"valid_from": "-300d"})
    found = resolved(api, provider="openai", **asked)
    assert found["amount"] is None
    assert expected in found["why_not"]


def test_a_discount_shows_both_rows_it_comes_from(api, post):
    post({})
    discount = {"tenant": "acme", "model": "*", "meter": "*", "discount_percent": 20}
    post({**discount, "amount": None, "per": None, "currency": None})
    found = resolved(api, provider="openai", tenant="acme")
    assert (found["per_million"], found["list_amount"]) == ("2", "0.0000025")
    assert found["rule"] == "contract factor 0.8 x list price"
    assert [row["kind"] for row in found["rows"]] == ["price", "factor"]


def test_a_list_is_paged_in_order_and_filtered(api, post):
    post(*({"model": f"gpt-{n}"} for n in range(7)), {"model": "o1", "meter": "output"})
    models = [item["model"] for item in api.pages("/v1/prices", 3)]
    assert models == [*(f"gpt-{n}" for n in range(7)), "o1"]
    assert len(api.pages("/v1/prices/history", 3)) == 8
    assert [i["model"] for i in api.get("/v1/prices", model="GPT-3")["items"]] == ["gpt-3"]
    assert [i["model"] for i in api.get("/v1/prices", meter="output")["items"]] == ["o1"]
    assert api.get("/v1/prices", provider="azure")["items"] == []
    assert api.problem("/v1/prices", cursor="bad")["status"] == 400


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"currency": "EUT"}, "currency", "ISO 4217"),
        ({"currency": ""}, "currency", "ISO 4217"),
        ({"amount": "-1"}, "amount", "from 0 to"),
        ({"amount": "cheap"}, "amount", "decimal number"),
        ({"amount": "NaN"}, "amount", "decimal number"),
        ({"amount": "1e-30"}, "amount", "18 decimal places"),
        ({"per": "0"}, "per", "number of units"),
        ({"valid_from": "2026-03-01", "valid_to": "2026-03-01"}, "valid_to", "later than"),
        ({"valid_from": "Europe/Berlin 1 March"}, "valid_from", "RFC 3339"),
        ({"valid_from": "2026-02-30"}, "valid_from", "2026-02-30"),
        ({"meter": "inputs"}, "meter", "did you mean input"),
        ({"meter": "Input Tokens"}, "meter", "answerable.usage."),
        ({"meter": "*"}, "meter", "only a factor"),
        ({"model": "gpt|"}, "model", "empty term"),
        ({"model": ""}, "model", "empty"),
        ({"provider": ""}, "provider", "empty"),
        ({"above": "-5"}, "above", "whole number"),
        ({"kind": "gift"}, "kind", "factor"),
        ({"kind": "factor", "per": "", "amount": "0.5"}, "service_tier", "needs a service_tier"),
        ({"source": "genai-prices 9"}, "source", "imported rows"),
        (
            {"discount_percent": "101", "amount": "", "per": "", "tenant": "a"},
            "discount_percent",
            "0 to 100",
        ),
    ],
)
def test_bad_input_names_the_field_the_value_and_the_fix(refused, fields, field, said):
    problem = refused("/v1/prices", {"prices": [{**GPT, **fields}]})
    assert said in problem["detail"]
    assert problem["detail"].startswith(f"price 1, column {field}: ")


def test_a_change_is_all_or_nothing(refused):
    refused("/v1/prices", {"prices": [GPT, {**GPT, "model": "gpt-y", "amount": "-1"}]})


def test_a_dry_run_changes_nothing(api, post):
    status, done = post({}, dry_run=True)
    assert (status, done["recorded"], done["names_changed"]) == (201, 0, 5)
    assert api.get("/v1/prices/history")["items"] == []


def test_a_change_of_clocks_has_two_hours_and_an_offset_tells_them_apart(api, post):
    """2026-10-25 02:30 happens twice in Berlin; the offset says which."""
    post({"valid_from": "2026-10-25T02:30:00+02:00", "valid_to": "2026-10-25T02:30:00+01:00"})
    asked = [resolved(api, at=f"2026-10-25T00:{m}:00Z")["per_million"] for m in (29, 30, 59)]
    assert asked == [None, "2.5", "2.5"]
    later = [resolved(api, at=f"2026-10-25T01:{m}:00Z")["per_million"] for m in (29, 30)]
    assert later == ["2.5", None]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_a_reader_may_not_change_the_book(refused, role):
    reader = principal(roles=(role,))
    refused("/v1/prices", {"prices": [GPT]}, 403, reader)
    refused("/v1/prices/import", {"source": "genai-prices"}, 403, reader)


def test_a_key_of_one_tenant_neither_sees_nor_changes_another(api, post):
    post({}, {"tenant": "acme", "amount": "2"}, {"tenant": "rival", "amount": "1"})
    acme = principal("acme", roles=(Role.FINANCE,))
    for path in ("/v1/prices", "/v1/prices/history"):
        seen = {item["tenant"] for item in api.get(path, acme)["items"]}
        assert seen == {"", "acme"}
        assert api.problem(path, acme, tenant="rival")["status"] == 403
    assert api.problem("/v1/prices/resolve", acme, model="gpt-x", tenant="rival")["status"] == 403
    assert post({"tenant": "rival"}, reader=acme)[0] == 403
    assert post({}, reader=acme)[0] == 403
    assert post(path="/v1/prices/import", source="genai-prices", reader=acme)[0] == 403
    assert post({"tenant": "acme", "amount": "1.9"}, reader=acme)[0] == 201
    assert resolved(api, acme, tenant="acme", provider="openai")["per_million"] == "1.9"


CSV = """provider,model,meter,amount,per,currency,valid_from,tenant
openai,gpt-x,input,2.50,million,USD,,
openai,gpt-x,output,"10.00",1_000_000,usd,2026-01-01T00:00:00+01:00,

mistral,mistral-x*,input,0.1,million,EUR,,acme
"""


def test_a_csv_file_is_imported_once_and_again_is_unchanged(api, load):
    status, done = load(CSV, name="prices.csv")
    assert (status, done["new"], done["unchanged"]) == (201, 3, 0)
    assert {item["source"] for item in done["items"]} == {"prices.csv"}
    assert load(CSV)[1]["unchanged"] == 3
    assert load(CSV.replace("2.50", "2.60"))[1]["new"] == 1
    assert (
        resolved(api, provider="mistral_ai", model="mistral-x1", tenant="acme")["currency"] == "EUR"
    )


def test_a_yaml_file_is_read_with_its_defaults_and_exactly(api, load):
    text = """
defaults: {provider: openai, currency: USD, per: million}
prices:
  - {model: gpt-x, meter: input, amount: 0.1}
  - {model: gpt-x, meter: output, amount: 0.30000000000000004, valid_from: 2026-01-01}
"""
    assert load(text, "yaml")[0] == 201
    assert resolved(api, meter="input")["amount"] == "0.0000001"
    assert Decimal(resolved(api, meter="output")["amount"]) == Decimal("3.0000000000E-7")


@pytest.mark.parametrize(
    ("text", "form", "said"),
    [
        (CSV.replace("EUR", "EUT"), "csv", "line 5, column currency: currency is 'EUT'"),
        (CSV.replace("0.1,", "0.1x,"), "csv", "line 5, column amount: amount is '0.1x'"),
        (CSV + "openai,gpt-x\n", "csv", "line 6 has 2 values for 8 columns"),
        (CSV.replace("tenant", "client"), "csv", "'client' is no field of a price"),
        (CSV + CSV.splitlines()[1] + "\n", "csv", "line 2 and line 6 hold for the same"),
        ('a,b\n"x', "csv", "cannot be read"),
        ("", "csv", "no rows"),
        ("- {model: [1]}", "yaml", "line 1: model is no plain value"),
        ("a: b", "yaml", "'a' at the top"),
        ("- {a: 1", "yaml", "the YAML cannot be read"),
        ("- &x [*x]", "yaml", "line 1 is no mapping"),
    ],
)
def test_a_bad_file_is_refused_whole_with_line_column_and_value(refused, text, form, said):
    problem = refused("/v1/prices/import", {"source": form, "content": text})
    assert said in problem["detail"]


def test_the_bundled_list_is_imported_as_a_difference_and_own_prices_stay(api, post, clock):
    post({"model": "gpt-5-mini", "amount": "0.2"})
    dry = post(path="/v1/prices/import", source="genai-prices", dry_run=True)[1]
    assert (dry["new"], dry["recorded"]) == (dry["rows_read"], 0)
    done = post(path="/v1/prices/import", source="genai-prices", reason="first")[1]
    assert done["new"] == done["rows_read"] > 7000
    assert {"provider", "model", "what", "reason"} == set(done["skipped"][0])
    again = post(path="/v1/prices/import", source="genai-prices")[1]
    assert (again["unchanged"], again["recorded"]) == (done["rows_read"], 0)
    assert again["book_version"] == done["book_version"]
    assert resolved(api, provider="openai", model="gpt-5-mini")["per_million"] == "0.2"
    other = resolved(api, provider="azure.ai.openai", model="gpt-5-mini", meter="output")
    assert other["rows"][0]["source"].startswith("genai-prices")
    assert other["rows"][0]["source_url"].startswith("https://")
    batch = resolved(
        api, provider="openai", model="gpt-5-mini", meter="output", service_tier="batch"
    )
    assert Decimal(batch["amount"]) * 2 == Decimal(other["amount"])


def test_both_clocks_of_a_list_hold_over_its_pages(api, post):
    post(*({"model": f"gpt-{n}"} for n in range(4)))
    first = api.get("/v1/prices", limit=2)
    post({"model": "gpt-3", "amount": "9"})
    rest = api.get("/v1/prices", limit=2, cursor=first["next_cursor"])
    assert [item["per_million"] for item in rest["items"]] == ["2.5", "2.5"]
