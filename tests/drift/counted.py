"""A model with a reference whose window began two days ago, to be counted."""

from drift.references import Definition, Key, References
from tests.drift.worlds import HOUR_NS, SECOND_NS, decisions

START_H = 48


def define(parts, clock, **more):
    """Define a reference from the hour that began START_H hours ago."""
    asked = {
        "tenant": "school-a",
        "id": "base",
        "model": "grader",
        "from_ns": clock.now_ns - START_H * HOUR_NS,
        "to_ns": clock.now_ns - (START_H - 1) * HOUR_NS,
    }
    return References(parts).define(Definition(**(asked | more)), "ann")


def reference_rows(clock, **more):
    start = clock.now_ns - START_H * HOUR_NS
    return decisions(start, 100, SECOND_NS, lambda i: {"x": float(i)}, **more)


def total(cube, reference, clock, key=None, hours=24):
    found = cube.window(reference, clock.now_ns - hours * HOUR_NS, clock.now_ns)
    return found[key or Key("x")].total if found else 0
