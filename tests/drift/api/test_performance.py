"""`/v1/drift/performance`: decisions first, labels later, estimates against what came true."""

import numpy as np
import pytest

from drift.api.labels import LabelResource
from drift.api.performance import Performance
from drift.references import Definition, References
from sql.access import Role
from tests.cost.api.kit import Api, principal
from tests.drift.performance.models import draw, store
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decision, drift_parts
from web.render import timestamp

SENDER = principal("school-a", roles=(Role.INGEST,))
PATH = "/v1/drift/performance"


def health_api(parts):
    routers = [Performance(parts).router(), LabelResource(parts).router()]
    return Api(routers, reader=principal("school-a"))


@pytest.fixture
def api(parts):
    return health_api(parts)


def send(api, labels, reader=SENDER, **more):
    items = [{"decision_id": name, "label": label, **more} for name, label in labels]
    answer = api.response("/v1/labels", reader, "POST", json={"items": items})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(api, from_ns, to_ns, model="loan", **more):
    window = {"from": timestamp(from_ns), "to": timestamp(to_ns)}
    return api.get(PATH, model=model, **window, **more)


def inside(number, value):
    return number["low"] <= value <= number["high"]


def test_estimates_come_first_and_labels_agree_under_covariate_shift(parts, api, clock):
    rng = np.random.default_rng(1)
    now = clock() // DAY_NS * DAY_NS
    known = store(parts, "base", now - 6 * DAY_NS, now - 4 * DAY_NS, draw(rng, 6000))
    send(api, known)
    shifted = draw(rng, 6000, shift=1.5)
    later = store(parts, "late", now - 4 * DAY_NS, now, shifted)

    before = ask(api, now - 4 * DAY_NS, now)
    assert before["calibration"]["method"] == "isotonic"
    assert before["calibration"]["n"] == 6000
    assert before["classes"] == ["no", "yes"]
    assert [one["n"] for one in before["items"]] == [1500] * 4
    assert all(one["realised"] is None for one in before["items"])
    assert before["concept_drift"] == {
        "alarm": False,
        "start": None,
        "tolerance": 0.02,
        "alpha": 0.01,
        "residual": None,
    }

    # Labels of the first two days come first: two clocks.
    send(api, later[:3000], labelled_at=timestamp(now))
    half = ask(api, now - 4 * DAY_NS, now)
    assert [one["realised"] is None for one in half["items"]] == [False, False, True, True]
    send(api, later, labelled_at=timestamp(now))
    after = ask(api, now - 4 * DAY_NS, now)
    assert after["concept_drift"]["alarm"] is False
    right = shifted.right.reshape(4, 1500)
    for number, one in enumerate(after["items"]):
        realised = one["realised"]["accuracy"]["estimate"]
        assert realised == pytest.approx(right[number].mean(), abs=1e-12)
        assert one["estimated"] == before["items"][number]["estimated"]
        assert one["estimated"]["accuracy"]["estimate"] == pytest.approx(realised, abs=0.03)
        assert one["estimated"]["auc"]["estimate"] == pytest.approx(
            one["realised"]["auc"]["estimate"], abs=0.05
        )
        assert one["realised"]["share"] == 1
        assert one["running"]["alarm"] is False
        assert one["in_baseline"] is False
    first = after["items"][0]
    assert first["realised"]["delay_s"]["median"] == pytest.approx(3.5 * 86400, abs=600)
    assert first["confidence"]["mean"] == pytest.approx(shifted.confidence[:1500].mean())


def test_estimates_say_how_they_were_weighted(parts, api, clock):
    rng = np.random.default_rng(9)
    now = clock() // DAY_NS * DAY_NS
    features = {"words": rng.normal(size=2000).tolist()}
    send(api, store(parts, "base", now - 3 * DAY_NS, now - DAY_NS, draw(rng, 2000)))
    store(parts, "bare", now - DAY_NS, now, draw(rng, 1000))
    [bare] = ask(api, now - DAY_NS, now)["items"]
    weighing = bare["estimated"]["weighing"]
    assert weighing["method"] == "unweighted"
    assert weighing["reason"] == "decisions of the baseline have no features"
    made = store(parts, "more", now - 3 * DAY_NS, now - DAY_NS, draw(rng, 2000), features=features)
    send(api, made)
    store(parts, "now", now - DAY_NS, now, draw(rng, 2000), model="other", features=features)
    later = now + DAY_NS
    store(parts, "later", now, later, draw(rng, 2000), features=features)
    [one] = ask(api, now, later)["items"]
    # Half of the baseline lacks the feature: no weight of those rows helps, and few are given any.
    assert one["estimated"]["weighing"]["method"] == "weighted"
    assert one["estimated"]["weighing"]["reason"] is None
    assert 1500 < one["estimated"]["weighing"]["effective"] < 2500
    assert one["estimated"]["weighing"]["imbalance"] < 0.1


def test_concept_drift_is_what_labels_alone_can_see(parts, api, clock):
    rng = np.random.default_rng(2)
    now = clock() // DAY_NS * DAY_NS
    send(api, store(parts, "base", now - 6 * DAY_NS, now - 4 * DAY_NS, draw(rng, 6000)))
    send(api, store(parts, "same", now - 4 * DAY_NS, now - 2 * DAY_NS, draw(rng, 2000)))
    other = store(parts, "turn", now - 2 * DAY_NS, now, draw(rng, 2000, flipped=0.4))
    quiet = ask(api, now - 4 * DAY_NS, now)
    assert quiet["concept_drift"]["alarm"] is False
    send(api, other)
    loud = ask(api, now - 4 * DAY_NS, now)
    assert loud["concept_drift"]["alarm"] is True
    assert loud["concept_drift"]["start"] == timestamp(now - 2 * DAY_NS)
    assert [one["running"]["alarm"] for one in loud["items"]] == [False, False, True, True]
    assert not inside(loud["items"][3]["residual"], 0)
    assert inside(loud["items"][1]["residual"], 0)
    assert loud["items"][3]["estimated"] == quiet["items"][3]["estimated"]
    lenient = ask(api, now - 4 * DAY_NS, now, tolerance=0.5)
    assert lenient["concept_drift"]["alarm"] is False
    hours = ask(api, now - 4 * DAY_NS, now, step="6h")
    assert len(hours["items"]) == 16
    assert timestamp(now - 2 * DAY_NS) <= hours["concept_drift"]["start"]


def test_late_corrected_repeated_and_strange_labels(parts, api, clock):
    now = clock()
    rows = [
        decision(now - HOUR_NS + n * SECOND_NS, decision_id=f"x{n}", model="loan")
        | {"outcome": "yes", "confidence": 0.8}
        for n in range(10)
    ]
    decide(parts.store, rows)
    # One decision sent twice, as span and as log record: it is one decision.
    decide(parts.store, [{**rows[0], "source": "log", "confidence": 0.1}])
    labels = [(f"x{n}", "yes") for n in range(6)]
    send(api, [*labels, ("never-seen", "yes")])
    send(api, labels)
    [first] = ask(api, now - 2 * HOUR_NS, now, step="day")["items"][-1:]
    assert (first["n"], first["realised"]["n"]) == (10, 6)
    assert first["confidence"]["mean"] == pytest.approx(0.8)
    assert first["realised"]["accuracy"]["estimate"] == 1
    clock.step(seconds=5)
    assert send(api, [("x0", "no"), ("x1", "no")])["corrected"] == 2
    decide(parts.store, [{**rows[0], "decision_id": "never-seen", "time": now - HOUR_NS}])
    last = ask(api, now - 2 * HOUR_NS, now, step="day")["items"][-1]
    assert (last["n"], last["realised"]["n"]) == (11, 7)
    assert last["realised"]["accuracy"]["estimate"] == pytest.approx(5 / 7)


def test_without_labels_confidence_is_taken_as_it_is(parts, api, clock):
    now = clock()
    drawn = draw(np.random.default_rng(3), 400)
    labels = store(parts, "x", now - HOUR_NS, now, drawn)
    answer = ask(api, now - HOUR_NS, now, step="hour")
    assert answer["calibration"]["method"] == "none"
    assert "no labels" in answer["calibration"]["assumption"]
    [one] = answer["items"]
    assert one["estimated"]["accuracy"]["estimate"] == pytest.approx(drawn.confidence.mean())
    assert one["estimated"]["doc"] is None
    assert one["estimated"]["auc_reason"] == "it takes labels of the baseline"
    assert one["estimated"]["weighing"] == {
        "method": "none",
        "reason": "no labels calibrate confidence",
        "effective": 0,
        "imbalance": None,
        "columns": 0,
    }
    # A false boast is then no concept drift: nothing was calibrated.
    send(api, [(name, "maybe") for name, _ in labels])
    boast = ask(api, now - HOUR_NS, now, step="hour")
    assert boast["items"][0]["running"]["alarm"] is True
    assert boast["concept_drift"]["alarm"] is False
    assert boast["items"][0]["realised"]["auc_reason"] == "there are more than two classes"
    assert len(boast["classes"]) == 3


def test_another_tenants_labels_decisions_and_models_stay_out(parts, api, clock):
    now = clock()
    rng = np.random.default_rng(4)
    mine = store(parts, "x", now - HOUR_NS, now, draw(rng, 50))
    neighbour = principal("school-b", roles=(Role.INGEST,))
    send(api, [(name, "wrong") for name, _ in mine], neighbour)
    store(parts, "y", now - HOUR_NS, now, draw(rng, 30), tenant="school-b")
    store(parts, "z", now - HOUR_NS, now, draw(rng, 20), model="other")
    [one] = ask(api, now - HOUR_NS, now, step="hour")["items"]
    assert (one["n"], one["realised"]) == (50, None)
    theirs = principal("school-b")
    [one] = api.get(PATH, theirs, model="loan", from_=timestamp(now - HOUR_NS), to=timestamp(now))[
        "items"
    ][-1:]
    assert one["realised"] is None
    assert one["n"] == 30
    assert api.problem(PATH, theirs, model="loan", tenant="school-a")["status"] == 403
    every = principal(roles=(Role.VIEWER,))
    assert api.problem(PATH, every, model="loan")["field"] == "tenant"
    assert api.problem(PATH, SENDER, model="loan")["status"] == 403


def test_slices_are_judged_by_themselves(parts, api, clock):
    now = clock()
    rng = np.random.default_rng(5)
    send(api, store(parts, "a", now - HOUR_NS, now, draw(rng, 40), version="1"))
    bad = store(parts, "b", now - HOUR_NS, now, draw(rng, 30), version="2")
    send(api, [(name, "wrong") for name, _ in bad])
    sliced = {"step": "hour", "dimension": "model_version"}
    [two] = ask(api, now - HOUR_NS, now, value="2", **sliced)["items"]
    assert (two["n"], two["realised"]["accuracy"]["estimate"]) == (30, 0)
    [one] = ask(api, now - HOUR_NS, now, value="1", **sliced)["items"]
    assert (one["n"], one["realised"]["n"]) == (40, 40)
    [none] = ask(api, now - HOUR_NS, now, value="3", **sliced)["items"]
    assert none["n"] == 0
    problem = api.problem(PATH, model="loan", dimension="colour")
    assert "colour" in problem["detail"]


def test_a_text_feature_slices_what_was_labelled_and_what_is_estimated(parts, api, clock):
    now = clock() // DAY_NS * DAY_NS
    rng = np.random.default_rng(6)
    regions = ["north", "south"] * 1500
    words = rng.normal(size=3000).tolist()
    held = {"region": regions, "words": words}
    made = store(parts, "past", now - 3 * DAY_NS, now - DAY_NS, draw(rng, 3000), features=held)
    send(api, made)
    made = store(parts, "now", now - DAY_NS, now, draw(rng, 3000), features=held)
    send(api, [(name, "wrong" if at % 2 else truth) for at, (name, truth) in enumerate(made)])
    for value, bad in (("north", False), ("south", True)):
        asked = {"dimension": "feature:region", "value": value}
        [one] = ask(api, now - DAY_NS, now, **asked)["items"]
        assert one["realised"]["n"] == 1500
        assert (one["realised"]["accuracy"]["estimate"] == 0) == bad
        # Of its own past alone, which was good in both.
        assert one["estimated"]["accuracy"]["estimate"] > 0.7
        assert one["estimated"]["weighing"]["method"] == "weighted"
        assert one["estimated"]["weighing"]["effective"] < 1600
    problem = api.problem(PATH, model="loan", dimension="feature:")
    assert "feature:<name of a text>" in problem["detail"]


def test_no_traffic_no_confidence_one_class_one_row(parts, api, clock):
    now = clock()
    [empty] = ask(api, now - HOUR_NS, now, step="hour", model="nobody")["items"]
    assert (empty["n"], empty["confidence"], empty["estimated"]) == (0, None, None)
    assert (empty["realised"], empty["residual"]) == (None, None)
    bare = [
        decision(now - SECOND_NS, decision_id=f"b{n}", model="bare", outcome="yes")
        for n in range(5)
    ]
    decide(parts.store, bare)
    send(api, [(f"b{n}", "yes") for n in range(4)])
    [one] = ask(api, now - HOUR_NS, now, step="hour", model="bare")["items"]
    assert (one["n"], one["confidence"], one["estimated"], one["residual"]) == (5, None, None, None)
    assert one["realised"]["n"] == 4
    assert one["realised"]["ece"] is None
    assert one["realised"]["auc_reason"] == "there is one class only"
    single = decision(now - SECOND_NS, decision_id="s", model="single", outcome="yes")
    decide(parts.store, [{**single, "confidence": 0.7}])
    send(api, [("s", "no")])
    [one] = ask(api, now - HOUR_NS, now, step="hour", model="single")["items"]
    assert one["estimated"]["accuracy"]["estimate"] == pytest.approx(0.7)
    assert one["realised"]["accuracy"]["estimate"] == 0
    assert one["realised"]["auc_reason"] == "labels of one class only"
    silent = decision(now - SECOND_NS, decision_id="q", model="silent")
    decide(parts.store, [{**silent, "confidence": 0.7}])
    send(api, [("q", "no")])
    [one] = ask(api, now - HOUR_NS, now, step="hour", model="silent")["items"]
    assert (one["realised"], one["residual"]) == (None, None)


def test_what_is_no_probability_is_left_out(parts, api, clock):
    now = clock()
    stated = [0.5, 0.9, 1.0, 0.0, 1.5, -0.1, float("nan"), float("inf"), None]
    rows = [
        {**decision(now - SECOND_NS, decision_id=f"c{n}", model="odd"), "confidence": value}
        for n, value in enumerate(stated)
    ]
    decide(parts.store, rows)
    [one] = ask(api, now - HOUR_NS, now, step="hour", model="odd")["items"]
    assert (one["n"], one["confidence"]["n"]) == (9, 4)
    assert one["confidence"]["mean"] == pytest.approx(0.6)


def test_numbers_are_right_as_numbers(parts, api, clock):
    now = clock()
    rows = [
        decision(now - SECOND_NS, decision_id=f"n{n}", model="score", outcome=outcome)
        | {"confidence": 0.9}
        for n, outcome in enumerate(["7", "7.0", "8", "true", "8"])
    ]
    decide(parts.store, rows)
    send(api, [("n0", 7.0), ("n1", "7"), ("n2", 7), ("n3", True), ("n4", "8.00")])
    [one] = ask(api, now - HOUR_NS, now, step="hour", model="score")["items"]
    assert one["realised"]["accuracy"]["estimate"] == pytest.approx(4 / 5)


def test_of_many_decisions_a_share_is_read_by_hash(parts, clock):
    api = health_api(drift_parts(parts.store, clock, performance_rows_max=1000))
    now = clock()
    drawn = draw(np.random.default_rng(6), 5000)
    send(api, store(parts, "m", now - HOUR_NS, now, drawn))
    answer = ask(api, now - HOUR_NS, now, step="hour")
    assert answer["read_share"] == pytest.approx(0.2)
    [one] = answer["items"]
    assert one["n"] == 5000
    assert 850 < one["confidence"]["n"] < 1150
    assert one["realised"]["share"] == 1
    assert inside(one["realised"]["accuracy"], drawn.right.mean())
    assert ask(api, now - HOUR_NS, now, step="hour") == answer


def test_questions_have_bounds(parts, clock):
    api = health_api(drift_parts(parts.store, clock, performance_steps_max=10))
    problem = api.problem(PATH, model="loan", step="hour", **{"from": "-7d"})
    assert problem["field"] == "step"
    assert "at most 10" in problem["detail"]
    assert api.problem(PATH)["field"] == "model"
    assert api.problem(PATH, model="loan", step="minute")["field"] == "step"
    assert api.problem(PATH, model="loan", alpha=0)["field"] == "alpha"
    assert api.problem(PATH, model="loan", **{"from": "now"})["field"] == "from"


def test_calibration_of_a_boast(parts, api, clock):
    now = clock()
    nothing = api.get("/v1/drift/calibration", model="loan")
    assert (nothing["n"], nothing["ece"], nothing["bins"]) == (0, None, [])
    drawn = draw(np.random.default_rng(7), 3000, boast=3.0)
    send(api, store(parts, "x", now - HOUR_NS, now, drawn)[:2000])
    answer = api.get("/v1/drift/calibration", model="loan", **{"from": "-2h"})
    assert answer["n"] == 2000
    assert answer["ece"]["low"] > 0.05
    assert inside(answer["ece"], answer["ece"]["estimate"])
    assert answer["p_value"] < 1e-6
    assert sum(one["n"] for one in answer["bins"]) == 2000
    assert answer["mean_confidence"] - answer["accuracy"]["estimate"] > 0.05
    for one in answer["bins"]:
        assert one["from"] <= one["confidence"] <= one["to"]
        assert one["low"] <= one["accuracy"] <= one["high"]


def test_every_question_and_answer_is_described(api):
    document = api.app.openapi()
    assert set(document["paths"]) == {
        PATH,
        "/v1/drift/calibration",
        "/v1/labels",
        "/v1/labels/history",
    }
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"]
            assert operation["summary"]
    for name, schema in document["components"]["schemas"].items():
        if "ValidationError" in name:
            continue
        assert schema["description"], name
        for field, shape in schema["properties"].items():
            told = {"examples", "description", "$ref", "enum", "items"} & set(shape)
            nested = any("$ref" in one for one in shape.get("anyOf", []))
            assert told or nested, (name, field)


def test_a_reference_calibrates_and_does_not_move(parts, api, clock):
    rng = np.random.default_rng(8)
    now = clock() // DAY_NS * DAY_NS
    start = now - 60 * DAY_NS
    send(api, store(parts, "base", start, start + DAY_NS, draw(rng, 1000, boast=3.0)))
    store(parts, "now", now - DAY_NS, now, draw(rng, 300, boast=3.0))
    define = References(parts).define
    define(Definition("school-a", "spring", "loan", start, start + DAY_NS), "ann")
    bare = ask(api, now - DAY_NS, now)
    assert (bare["calibration"]["method"], bare["calibration"]["reference"]) == ("none", None)
    used = ask(api, now - DAY_NS, now, reference="spring")
    assert used["calibration"]["method"] == "isotonic"
    assert (used["calibration"]["reference"], used["calibration"]["version"]) == ("spring", 1)
    assert used["calibration"]["from"] == timestamp(start)
    boastful, honest = (one["items"][0]["estimated"]["accuracy"] for one in (bare, used))
    assert boastful["estimate"] > honest["high"]
    itself = ask(api, start, start + DAY_NS, reference="spring")
    assert [one["in_baseline"] for one in itself["items"]] == [True]
    assert api.problem(PATH, model="loan", reference="gone")["status"] == 404
    assert api.problem(PATH, model="other", reference="spring")["field"] == "reference"
    neighbour = principal("school-b")
    assert api.problem(PATH, neighbour, model="loan", reference="spring")["status"] == 404
