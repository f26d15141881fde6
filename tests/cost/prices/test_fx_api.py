"""Exchange rates over HTTP: recorded whole, paged, and found for a day."""

import pytest

from cost.api.fx import Fx
from sql.access import Role
from tests.cost.api.kit import Api, principal

FINANCE = principal(roles=(Role.FINANCE,))
RATE = {"base": "eur", "quote": "USD", "day": "2026-11-20", "rate": "1.25"}


@pytest.fixture
def api(parts):
    return Api([Fx(parts).router()], FINANCE)


@pytest.fixture
def post(api, clock):
    def posted(*rates, reader=FINANCE, **body):
        clock.step(seconds=1)
        body |= {"rates": [{**RATE, **one} for one in rates]} if rates else {}
        answer = api.response("/v1/fx", reader, "POST", body)
        return answer.status_code, answer.json()

    return posted


def test_rates_are_recorded_corrected_and_listed(api, post, clock):
    assert post({}, {"quote": "JPY", "rate": "160"}, name="ecb")[1] == {"recorded": 2}
    then = str(clock())
    post({"rate": 1.5, "source": "correction"})
    items = api.get("/v1/fx", currency="USD")["items"]
    assert [(item["rate"], item["source"]) for item in items] == [("1.5", "correction")]
    items = api.get("/v1/fx", known_at=then)["items"]
    assert [(item["quote"], item["rate"], item["source"]) for item in items] == [
        ("JPY", "160", "ecb"),
        ("USD", "1.25", "ecb"),
    ]
    found = api.get("/v1/fx/rate", base="USD", quote="JPY", day="2026-11-22", known_at=then)
    assert (found["rate"], found["rate_day"]) == ("128", "2026-11-20")


def test_rates_of_a_file_are_all_recorded_or_none_and_paged(api, post):
    days = [f"2026-10-{day:02d}" for day in range(1, 31)]
    text = "base,quote,day,rate\n" + "".join(f"EUR,USD,{day},1.1\n" for day in days)
    assert post(content=text, name="ecb.csv")[1] == {"recorded": 30}
    assert [item["day"] for item in api.pages("/v1/fx", 7)] == days
    assert [i["day"] for i in api.get("/v1/fx", from_day=days[28])["items"]] == days[28:]
    status, problem = post(content=text.replace("EUR,USD,2026-10-05,1.1", "EUR,USD,2026-10-05,0"))
    assert status == 400
    assert "line 6, column rate: rate is '0'" in problem["detail"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"base": "XXY"}, "column base: base is 'XXY'"),
        ({"quote": "EUR"}, "quote is EUR, as base is"),
        ({"day": "2026-02-30"}, "day is '2026-02-30'"),
        ({"day": "2140-01-01"}, "1970 to today"),
        ({"rate": "-1"}, "rate is '-1'"),
        ({"rate": "Infinity"}, "rate is 'Infinity'"),
    ],
)
def test_bad_rates_are_refused(empty_parts, fields, said):
    api = Api([Fx(empty_parts).router()], FINANCE)
    answer = api.response("/v1/fx", None, "POST", {"rates": [{**RATE, **fields}]})
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    twice = api.response("/v1/fx", None, "POST", {"rates": [RATE, {**RATE, "rate": "2"}]})
    assert "is there twice, as 1.25 and as 2" in twice.json()["detail"]


def test_a_rate_that_is_missing_is_not_found_and_says_what_to_do(empty_parts):
    api = Api([Fx(empty_parts).router()], FINANCE)
    problem = api.problem("/v1/fx/rate", base="EUR", quote="USD", day="2026-11-20")
    assert problem["status"] == 404
    assert "from EUR to USD for 2026-11-20" in problem["detail"]


def test_rates_hold_for_everybody_so_a_key_of_one_tenant_only_reads_them(empty_parts):
    api = Api([Fx(empty_parts).router()], FINANCE)
    assert api.get("/v1/fx", principal("acme"))["items"] == []
    for reader in (principal(), principal("acme", roles=(Role.FINANCE,))):
        assert api.response("/v1/fx", reader, "POST", {"rates": [RATE]}).status_code == 403
