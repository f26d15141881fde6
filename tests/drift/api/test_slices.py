"""`/v1/slices` over a real store: planted slices are found, kept, confirmed, and nobody else's."""

import math

import numpy as np
import pytest

from drift.api.slices import Slices
from drift.references import Definition, References
from sql.access import Role
from sql.errors import NotFoundError
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, decide, decision, drift_parts

ROWS = 1600
SCHOOL = principal("school-a")


def essays(clock, rows=ROWS, *, tenant="school-a", start_h=24, unsure=True, **more):
    """Make decisions whose confidence is low for long essays in French, by phone."""
    rng = np.random.default_rng(7)
    made = []
    for at in range(rows):
        language = ("english", "french", "german")[rng.integers(3)]
        words = float(rng.integers(100, 900))
        route = ("web", "phone")[rng.integers(2)]
        bad = unsure and language == "french" and words > 500
        confidence = float(np.clip(rng.normal(0.55 if bad else 0.9, 0.05), 0, 1))
        made.append(
            decision(
                clock() - start_h * HOUR_NS + at * 1_000_000_000,
                features={"language": language, "words": words},
                tenant=tenant,
                confidence=confidence,
                route=route,
                outcome="pass",
                **more,
            )
        )
    return made


@pytest.fixture
def world(drift_store, clock):
    return drift_store, clock


def api_of(store, clock, **settings):
    return Api([Slices(drift_parts(store, clock, **settings)).router()], SCHOOL)


def find(api, reader=None, **body):
    asked = {"model": "grader", "from": "-2d", "target": "low_confidence", **body}
    answer = api.response("/v1/slices/find", reader, method="POST", json=asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(api, reader=None, **body):
    asked = {"model": "grader", "from": "-2d", "target": "low_confidence", **body}
    answer = api.response("/v1/slices/find", reader, method="POST", json=asked)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.json()


def conditions(item):
    return {one["feature"]: one for one in item["predicates"]}


def label(store, clock, rows, wrong):
    at = clock()
    store.insert(
        "labels",
        [
            {
                "tenant": row["tenant"],
                "decision_id": row["decision_id"],
                "label": "fail" if bad else "pass",
                "number": None,
                "source": "teacher",
                "labelled_at": at,
                "key_id": "k",
                "received_at": at,
            }
            for row, bad in zip(rows, wrong, strict=True)
        ],
    )


def test_low_confidence_is_found_where_it_was_planted_and_confirmed(world):
    store, clock = world
    decide(store, essays(clock))
    found = find(api_of(store, clock))
    best = found["items"][0]
    held = conditions(best)
    assert held["language"]["value"] == "french"
    assert set(held) == {"language", "words"}
    assert held["words"]["from"] > 450
    assert best["confirmed"]
    assert best["q_value"] < 1e-6
    assert best["mean"] == pytest.approx(0.45, abs=0.05)
    assert found["base"] < 0.2
    assert found["rows"] == found["rows_searched"] + found["rows_held_out"] == ROWS
    assert best["share"] == best["size"] / found["rows_searched"]
    assert found["complete"]
    assert found["read_because"] == "every decision was read"


def test_a_search_is_kept_and_read_again_by_its_tenant_only(world):
    store, clock = world
    decide(store, essays(clock, 400))
    api = api_of(store, clock)
    found = find(api)
    assert api.get(f"/v1/slices/{found['id']}") == found
    listed = api.get("/v1/slices", model="grader")["items"]
    assert [one["id"] for one in listed] == [found["id"]]
    assert "items" not in listed[0]
    assert api.get("/v1/slices", model="other")["items"] == []
    assert api.get("/v1/slices", from_="-9d", to="-8d")["items"] == []
    other = principal("school-b")
    assert api.get("/v1/slices", other)["items"] == []
    assert api.problem(f"/v1/slices/{found['id']}", other)["status"] == 404


def test_searches_come_in_pages_newest_first(world):
    store, clock = world
    decide(store, essays(clock, 60))
    api = api_of(store, clock)
    made = []
    for _ in range(5):
        clock.step(seconds=1)
        made.append(find(api, k=1)["id"])
    assert [one["id"] for one in api.pages("/v1/slices", 2)] == made[::-1]


def test_the_same_search_gives_the_same_slices(world):
    store, clock = world
    decide(store, essays(clock, 500))
    api = api_of(store, clock)
    first, second = find(api, seed=3), find(api, seed=3)
    assert first["items"] == second["items"]
    assert first["rows_held_out"] != find(api, seed=4)["rows_held_out"]


def test_errors_need_labels_and_count_what_labels_contradict(world):
    store, clock = world
    rows = essays(clock, 1200, unsure=False)
    decide(store, rows)
    api = api_of(store, clock)
    nothing = find(api, target="error")
    assert (nothing["rows"], nothing["items"], nothing["base"]) == (0, [], None)
    assert "no decision" in nothing["reason"]
    rng = np.random.default_rng(1)
    wrong = [
        rng.random() < (0.6 if row["feature_string"]["language"] == "german" else 0.05)
        for row in rows
    ]
    label(store, clock, rows, wrong)
    found = find(api, target="error")
    assert found["rows"] == len(rows)
    assert conditions(found["items"][0])["language"]["value"] == "german"
    assert found["items"][0]["test"] == "hypergeometric"
    assert found["items"][0]["confirmed"]


def test_drift_is_found_where_traffic_grew_with_both_confidences(world):
    store, clock = world
    decide(store, essays(clock, 800, start_h=72, unsure=False))
    grown = [
        decision(
            clock() - 10 * HOUR_NS + at * 1_000_000_000,
            features={"language": "welsh" if at % 2 else "english", "words": 300.0 + at % 400},
            confidence=0.4 if at % 2 else 0.9,
        )
        for at in range(600)
    ]
    decide(store, grown)
    api = api_of(store, clock)
    found = find(api, **{"from": "-1d"}, target="drift", reference_from="-4d", reference_to="-2d")
    assert found["base"] == pytest.approx(600 / 1400, abs=0.05)
    welsh = [
        one for one in found["items"] if conditions(one).get("language", {}).get("value") == "welsh"
    ]
    assert welsh
    assert welsh[0]["mean"] == 1.0
    assert welsh[0]["confirmed"]
    assert welsh[0]["confidence_reference"] is None
    assert welsh[0]["confidence_current"] == pytest.approx(0.4)
    assert found["reference"]["id"] is None


def test_the_same_traffic_twice_has_no_confirmed_drift(world):
    store, clock = world
    decide(store, essays(clock, 700, start_h=72, unsure=False))
    decide(store, essays(clock, 700, start_h=10, unsure=False))
    found = find(
        api_of(store, clock), **{"from": "-1d"}, target="drift", reference_from="-4d",
        reference_to="-2d",
    )  # fmt: skip
    assert not any(one["confirmed"] for one in found["items"])


def test_of_too_many_decisions_a_share_is_read_and_the_answer_says_so(world):
    store, clock = world
    decide(store, essays(clock, 1000))
    found = find(api_of(store, clock, slices_rows_max=300))
    [read] = found["read"]
    assert read == {"decisions": 1000, "rows": found["rows"], "modulo": 4}
    assert 150 < found["rows"] < 350
    assert "slices_rows_max" in found["read_because"]


def test_a_decision_that_came_twice_counts_once(world):
    store, clock = world
    rows = essays(clock, 300)
    decide(store, rows)
    decide(store, [{**row, "source": "log"} for row in rows])
    assert find(api_of(store, clock))["rows"] == 300


def test_no_holdout_tests_nothing_and_says_so(world):
    store, clock = world
    decide(store, essays(clock, 500))
    found = find(api_of(store, clock), holdout_share=0)
    assert found["rows_searched"] == 500
    assert {one["confirmed"] for one in found["items"]} == {None}
    assert {one["q_value"] for one in found["items"]} == {None}


def test_what_a_decision_has_besides_features_may_be_asked_for(world):
    store, clock = world
    rows = essays(clock, 600, unsure=False)
    for row in rows[::2]:
        row |= {"outcome": "fail", "confidence": 0.3}
    decide(store, rows)
    found = find(api_of(store, clock), features=["@outcome", "words"], dimensions=[])
    assert conditions(found["items"][0])["@outcome"]["value"] == "fail"
    assert found["features"] == ["@outcome", "words"]


def test_bad_values_are_conditions_or_left_out(world):
    """Mixed kinds, infinities, not a number, no number, a constant, new values by the hundred."""
    store, clock = world
    odd = (math.inf, -math.inf, math.nan, "text", 3.0)
    rows = [
        decision(
            clock() - HOUR_NS + at,
            features={
                "odd": odd[at % 5],
                "constant": 1.0,
                "unique": f"v{at}",
                **({"some": 1.0} if at % 3 == 0 else {}),
            },
            confidence=(0.1 if at % 3 else 0.9) if at % 10 else math.nan,
        )
        for at in range(900)
    ]
    decide(store, rows)
    found = find(api_of(store, clock))
    assert found["rows_left_out"] == 90
    best = conditions(found["items"][0])
    assert best["some"]["op"] == "is_missing"
    named = {name for one in found["items"] for name in conditions(one)}
    assert "unique" not in named
    assert "constant" not in named


@pytest.mark.parametrize("rows", [0, 1, 25])
def test_hardly_any_decisions_give_no_slices_and_a_reason(world, rows):
    store, clock = world
    if rows:
        decide(store, essays(clock, rows, unsure=False))
    found = find(api_of(store, clock), target="low_confidence")
    assert found["rows"] == rows
    assert found["items"] == []
    assert found["reason"]


def test_a_search_at_its_limit_says_that_it_stopped(world):
    store, clock = world
    rng = np.random.default_rng(5)
    rows = [
        decision(
            clock() - HOUR_NS + at,
            features={f"f{number}": float(rng.integers(12)) for number in range(12)},
            confidence=float(rng.random() < 0.5),
        )
        for at in range(1500)
    ]
    decide(store, rows)
    found = find(
        api_of(store, clock, slices_evaluated_max=1000), cells=16, holdout_share=0, alpha=1
    )
    assert not found["complete"]
    assert found["evaluated"] <= 1000


def test_other_tenants_decisions_do_not_count(world):
    store, clock = world
    decide(store, essays(clock, 200))
    decide(store, essays(clock, 300, tenant="school-b"))
    api = api_of(store, clock)
    assert find(api)["rows"] == 200
    assert refused(api, tenant="school-b")["status"] == 403
    everyone = principal()
    assert refused(api, everyone)["field"] == "tenant"
    assert find(api, everyone, tenant="school-b")["rows"] == 300


def test_a_key_that_only_sends_may_not_search(world):
    api = api_of(*world)
    sender = principal("school-a", roles=(Role.INGEST,))
    assert refused(api, sender)["status"] == 403
    assert api.problem("/v1/slices", sender)["status"] == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"target": "luck"}, "target"),
        ({"alpha": 0}, "alpha"),
        ({"level_max": 9}, "level_max"),
        ({"k": 0}, "k"),
        ({"holdout_share": 1}, "holdout_share"),
        ({"from": "now", "to": "-1d"}, "from"),
        ({"dimensions": ["colour"]}, "dimensions"),
        ({"surprise": 1}, "surprise"),
        ({"target": "drift"}, "reference"),
        ({"target": "drift", "reference": "r", "reference_from": "-9d"}, "reference"),
        ({"target": "drift", "reference_from": "-1d", "reference_to": "-2d"}, "reference_from"),
        ({"reference": "r"}, "reference"),
    ],
)
def test_a_wrong_question_names_the_field(world, body, field):
    answer = refused(api_of(*world), **body)
    assert (answer["status"], answer["field"]) == (400, field)


def test_a_second_search_is_asked_to_wait(world):
    store, clock = world
    resource = Slices(drift_parts(store, clock))
    assert resource._places.acquire(blocking=False)
    busy = refused(Api([resource.router()], SCHOOL))
    assert busy["status"] == 503
    resource._places.release()
    assert find(Api([resource.router()], SCHOOL))["rows"] == 0


def test_drift_is_found_against_a_reference_by_name(world):
    store, clock = world
    decide(store, essays(clock, 300, start_h=72, unsure=False))
    decide(store, essays(clock, 300, start_h=10, unsure=False))
    parts = drift_parts(store, clock)
    window = (clock() - 96 * HOUR_NS, clock() - 48 * HOUR_NS)
    References(parts).define(Definition("school-a", "term-1", "grader", *window), "k1")
    api = api_of(store, clock)
    found = find(api, **{"from": "-1d"}, target="drift", reference="term-1")
    assert (found["reference"]["id"], found["reference"]["version"]) == ("term-1", 1)
    assert [one["rows"] for one in found["read"]] == [300, 300]
    assert refused(api, target="drift", reference="gone")["status"] == NotFoundError.status
    other = refused(api, target="drift", reference="term-1", model="other")
    assert (other["status"], other["field"]) == (400, "reference")
