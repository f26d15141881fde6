"""Every stored row can be computed again from what it stores, the reference and the rule."""

import numpy as np
import orjson
import pytest
from scipy import stats

from drift import codes
from drift.cells import Key
from drift.monitors import homogeneity, rule
from drift.monitors.coarsening import ORDINARY, grouped, groups, levels
from drift.monitors.effects import effects
from drift.monitors.shares import share
from drift.references import References
from tests.drift.monitors.grader import TENANT, Grader, longer


@pytest.fixture
def grader(drift_store, clock):
    return Grader(drift_store, clock, an_hour=120)


def recomputed(row, reference, held):
    """Compute a row of kind feature from codes, counts, and what the reference holds."""
    method = orjson.loads(row["method"])
    feature = reference.features[row["feature"]]
    before = held[Key(row["feature"], row["dimension"], row["value"])].counts.copy()
    now = codes.dense(row["codes"], row["counts"])
    before[codes.MISSING] = now[codes.MISSING] = 0
    cut = groups(feature, held[Key(row["feature"])].counts)
    tests = homogeneity.tested(
        grouped(before[None], cut),
        grouped(now[None], cut),
        levels(feature)[None],
        np.zeros(1, dtype=np.int64),
        ORDINARY,
    )
    found = effects(row["statistic"], tests)
    assert method["level"] == tests.level[0]
    assert method["freedom"] == tests.freedom[0]
    assert method["reference_groups"] == ",".join(map(str, tests.reference[0]))
    return {
        "estimate": found.estimate[0],
        "low": found.low[0],
        "high": found.high[0],
        "p_value": tests.p[0],
        "tolerance": found.by_chance[0],
        "n_reference": tests.reference[0].sum(),
        "n_current": tests.current[0].sum(),
    }


def decided_again(rows):
    """Decide upon the rows of one window again."""
    methods = [orjson.loads(row["method"]) for row in rows]
    families = {method["family"]: place for place, method in enumerate(methods)}
    found = rule.Found(
        p=np.array([np.nan if row["p_value"] is None else row["p_value"] for row in rows]),
        matters=np.array(
            [row["low"] is not None and max(row["low"], 0) >= row["tolerance"] for row in rows]
        ),
        likely=np.array(
            [
                row["low"] is not None and (row["low"] + row["high"]) / 2 >= row["tolerance"]
                for row in rows
            ]
        ),
        busy=np.array(
            [
                row["traffic_share"] >= method["traffic_share_min"]
                for row, method in zip(rows, methods, strict=True)
            ]
        ),
        families=np.array([families[method["family"]] for method in methods]),
    )
    memory = rule.Memory(
        np.array([method["evidence_before"] for method in methods]),
        np.array([method["streak_before"] for method in methods]),
    )
    return rule.judge(found, memory, methods[0]["alpha"], methods[0]["confirmations"])


def test_every_row_is_computed_again_to_the_same_numbers(grader):
    grader.reference()
    grader.monitor(slices=("model_version",), rows_min=20)
    grader.passes(2)
    grader.passes(3, longer)
    reference = References(grader.parts).get(TENANT, "base")
    held = References(grader.parts).counts(reference)
    rows = grader.rows()
    assert len(rows) == 5 * 3 * 3
    windows = {}
    for row in rows:
        again = recomputed(row, reference, held)
        assert {name: row[name] for name in again} == pytest.approx(again, rel=1e-12)
        windows.setdefault(row["start_ns"], []).append(row)
    states = set()
    for found in windows.values():
        verdict = decided_again(found)
        assert [row["q_value"] for row in found] == pytest.approx(list(verdict.q), rel=1e-12)
        assert [row["e_value"] for row in found] == pytest.approx(
            list(verdict.memory.evidence), rel=1e-12
        )
        for row, state in zip(found, verdict.state, strict=True):
            again = rule.STATES[int(state)]
            assert row["state"] in ({"confirmed", "cooling"} if again == "confirmed" else {again})
            states.add(row["state"])
    assert {"quiet", "suspected", "confirmed", "cooling"} <= states


def test_a_share_is_computed_again(grader):
    grader.reference()
    grader.monitor(kind="missing", features=("words",))
    grader.passes(2, lambda f, v: f if v == "a" else {"age": f["age"]})
    first, second = grader.rows()
    assert (first["state"], second["state"]) == ("suspected", "confirmed")
    now = codes.dense(first["codes"], first["counts"])
    assert now[codes.MISSING] == 30
    again = share(0, 24 * 120, int(now[codes.MISSING]), int(now.sum()))
    assert first["estimate"] == again.estimate == 0.25
    assert (first["low"], first["high"], first["p_value"]) == (
        again.low,
        again.high,
        again.p_value,
    )
    exact = stats.fisher_exact([[0, 24 * 120], [30, 90]]).pvalue
    assert np.log10(first["p_value"]) == pytest.approx(np.log10(exact), rel=0.05)
