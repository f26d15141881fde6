"""Answers in the shape of the drift API: a model with features, slices, labels and monitors."""

from tests.dashboards.answers import HOSTILE, at

DAY = 86_400
WINDOW = {"from": at(-3 * DAY), "to": at()}
STARTS = [at(-3 * DAY), at(-2 * DAY), at(-DAY)]


def answer(**more):
    return {"window": WINDOW, "as_of": at(), **more}


def models(*items):
    return answer(items=list(items), next_cursor=None)


def model(**changes):
    return {
        "tenant": "north",
        "model": "essay-triage",
        "decisions": 1200,
        "first": at(-3 * DAY),
        "last": at(-60),
        "features": ["words", "language", "@confidence"],
        "references": ["autumn"],
        **changes,
    }


def reference(**changes):
    return {
        "id": "autumn",
        "version": 2,
        "tenant": "north",
        "model": "essay-triage",
        "from": at(-30 * DAY),
        "to": at(-10 * DAY),
        "baseline": {"kind": "fixed", "days": None, "weeks": None},
        "dimensions": ["model_version", "feature:language"],
        "features": [],
        **changes,
    }


def references(*items):
    return {"items": list(items), "as_of": at(), "next_cursor": None}


def heat_cell(start, estimate, **changes):
    return {
        "start": start,
        "n": 400,
        "estimate": estimate,
        "low": None if estimate is None else estimate / 2,
        "high": None if estimate is None else estimate * 2,
        "p_value": 0.001,
        "reason": None if estimate is not None else "fewer than 30 decisions",
        **changes,
    }


def heat(**changes):
    levels = {
        "words": (0.01, 0.02, 0.015),
        "language": (0.02, None, 0.41),
        "@confidence": (0.01, 0.05, 0.2),
        HOSTILE: (0.0, 0.0, 0.0),
    }
    rows = [
        {
            "feature": name,
            "kind": "text" if name == "language" else "number",
            "cells": [heat_cell(at_, level) for at_, level in zip(STARTS, row, strict=True)],
        }
        for name, row in levels.items()
    ]
    return answer(
        reference={"id": "autumn", "version": 2},
        statistic="population_stability",
        starts=STARTS,
        features=rows,
        **changes,
    )


def outcome(**changes):
    return {
        "statistic": "population_stability",
        "estimate": 0.41,
        "low": 0.3,
        "high": 0.55,
        "p_value": 1e-9,
        "n_reference": 2000,
        "n_current": 400,
        "level": 0.95,
        "method": {"cells": 3, "log_base": "e"},
        **changes,
    }


def languages():
    shares = {"en": (1600, 200), "es": (390, 120), HOSTILE: (10, 0)}
    return answer(
        feature="language",
        kind="text",
        n_reference=2000,
        n_current=400,
        cells=[
            {"label": name, "from": None, "to": None, "reference": was, "current": now}
            for name, (was, now) in shares.items()
        ],
        special={
            "unseen": {"reference": 0, "current": 80},
            "wrong_kind": {"reference": 0, "current": 0},
            "nan": {"reference": 0, "current": 0},
            "missing": {"reference": 4, "current": 0},
        },
        results=[outcome(), outcome(statistic="chi_square", low=None, high="Infinity", level=1.0)],
        left_out=[{"statistic": "wasserstein", "reason": "this statistic is of numbers"}],
    )


def words(cells=60):
    """A number in `cells` cells of equal width between two that are open."""
    inner = [
        {
            "label": f"{10 * i} to {10 * i + 10}",
            "from": 10.0 * i,
            "to": 10.0 * i + 10,
            "reference": 20,
            "current": 4,
        }
        for i in range(cells)
    ]
    below = {"label": "below", "from": None, "to": 0.0, "reference": 0, "current": 3}
    above = {"label": "above", "from": 10.0 * cells, "to": None, "reference": 0, "current": 7}
    return {
        **languages(),
        "feature": "words",
        "kind": "number",
        "n_reference": 20 * cells,
        "n_current": 4 * cells + 10,
        "cells": [below, *inner, above],
    }


def found_slice(**changes):
    return {
        "predicates": [
            {"feature": "language", "op": "equals", "value": "es", "from": None, "to": None},
            {"feature": "words", "op": "between", "value": None, "from": 100, "to": 240},
        ],
        "size": 310,
        "share": 0.155,
        "mean": 0.42,
        "score": 1.9,
        "holdout_mean": 0.405,
        "holdout_rest_mean": 0.17,
        "p_value": 1e-6,
        "q_value": 2e-5,
        "confirmed": True,
        **changes,
    }


def search(**changes):
    return answer(
        id="s-1",
        tenant="north",
        model="essay-triage",
        target="low_confidence",
        created_at=at(-60),
        rows=2000,
        rows_searched=1200,
        rows_held_out=800,
        confirmed=1,
        reason=None,
        complete=True,
        read_because="every decision was read",
        base=0.2,
        items=[found_slice(), found_slice(predicates=[], confirmed=False, q_value=0.4)],
        evaluated=5210,
        pruned=18_400,
        seconds=0.042,
        engine="numpy",
        **changes,
    )


def searches(*items):
    return answer(items=list(items), next_cursor=None)


def estimate(level, half=0.02):
    return {"estimate": level, "low": level - half, "high": level + half}


def weighing(reason=None, effective=641.7):
    method = "unweighted" if reason else "weighted"
    return {"method": method, "reason": reason, "effective": effective, "imbalance": 0.02}


def health_row(start, *, labelled=True, **changes):
    realised = {"n": 120, "accuracy": estimate(0.83, 0.05), "auc": None, "ece": 0.03}
    return {
        "start": start,
        "n": 400,
        "confidence": {"n": 400, "mean": 0.861, "p10": 0.6, "median": 0.9, "p90": 0.99},
        "estimated": {"accuracy": estimate(0.86), "auc": None, "weighing": weighing()},
        "realised": realised if labelled else None,
        "residual": {**estimate(0.03), "n": 120} if labelled else None,
        "in_baseline": start == STARTS[0],
        **changes,
    }


def performance(**changes):
    rows = [health_row(at_, labelled=at_ != STARTS[-1]) for at_ in STARTS]
    return answer(
        **{
            "items": rows,
            "calibration": {
                "method": "isotonic",
                "assumption": "What inputs mean has not changed.",
                "n": 900,
                "from": at(-30 * DAY),
                "to": at(-10 * DAY),
                "reference": "autumn",
                "version": 2,
            },
            "concept_drift": {
                "alarm": False,
                "start": None,
                "tolerance": 0.02,
                "alpha": 0.01,
                "residual": None,
            },
            **changes,
        }
    )


def calibration(n=240):
    levels = ((0.5, 0.6, 20, 0.55, 0.5), (0.8, 0.9, 220, 0.86, 0.84), (0.9, 1.0, 0, None, None))
    bins = [
        {
            "from": low,
            "to": high,
            "n": count,
            "confidence": sure,
            "accuracy": right,
            "low": None if right is None else right - 0.1,
            "high": None if right is None else right + 0.1,
        }
        for low, high, count, sure, right in levels
    ]
    return answer(n=n, ece=estimate(0.024, 0.01) if n else None, bins=bins if n else [])


def monitor(**changes):
    return {
        "id": "languages",
        "tenant": "north",
        "name": "",
        "model": "essay-triage",
        "kind": "feature",
        "reference": "autumn",
        "features": ["*"],
        "slices": ["feature:language"],
        "statistic": "population_stability",
        "window": "1d",
        "alpha": 0.01,
        "tolerance": 0.1,
        "traffic_share_min": 0.05,
        "rows_min": 50,
        "confirmations": 1,
        "cool_down": "24h",
        "trigger": None,
        "enabled": True,
        "severity": "warning",
        "version": 3,
        "changed_at": at(),
        "changed_by": "k1",
        "state": {
            "state": "confirmed",
            "start": STARTS[-1],
            "evaluated_at": at(),
            "reason": "",
            "findings": 9,
            "significant": 2,
        },
        **changes,
    }


def monitors(*items):
    return {"items": list(items), "as_of": at(), "next_cursor": None}


def result(start, state="quiet", **changes):
    return {
        "window_start": start,
        "feature": "language",
        "dimension": "",
        "value": "",
        "statistic": "population_stability",
        "estimate": 0.41,
        "low": 0.3,
        "high": 0.5,
        "q_value": 0.0001,
        "traffic_share": 1.0,
        "state": state,
        "state_reason": "",
        **changes,
    }


def results(*items):
    return answer(items=list(items), next_cursor=None)


def incident(**changes):
    return {
        "id": "i-7",
        "tenant": "north",
        "model": "essay-triage",
        "monitor_id": "languages",
        "state": "open",
        "opened_at": at(-3600),
        "drifted": 3,
        **{k: v for k, v in result(STARTS[-1]).items() if k != "state"},
        **changes,
    }


def dry_run(**changes):
    return {
        "windows": 30,
        "judged": 28,
        "alarms": 2,
        "would_alarm": [
            {
                "start": STARTS[-1],
                "feature": "language",
                "dimension": "feature:language",
                "value": HOSTILE,
                "statistic": "population_stability",
                "estimate": 0.41,
                "q_value": 0.0001,
                "state": "confirmed",
            }
        ],
        "false_alarm_rate": {"stated": 0.01, "on_reference": 0.005, "low": 0.0, "high": 0.02},
        "by_window": [
            {"start": start, "state": state, "significant": number}
            for number, (start, state) in enumerate(
                zip(STARTS, ("quiet", "suspected", "confirmed"), strict=True)
            )
        ],
        **changes,
    }
