"""The store side of drift: what the values' view adds to ingest, counting, reading the cube."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stores import AS_INGEST_DOES, DAY_NS, SPANS_AN_INSERT, opened, statement

# The folder holds a drift.py, which would hide the package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift.counting import Counting
from drift.cube import Cube
from drift.parts import DriftParts
from drift.reference import Baseline, FeatureReference, Reference
from drift.references import Definition, References
from drift.settings import DriftSettings

if TYPE_CHECKING:
    from sql.client import Store

HOUR_NS = 3_600_000_000_000
#: Two of ten spans are decisions, with five features each, where the fill has one with one.
DECISIONS = ("step = 2 AS is_decision", "step IN (2, 7) AS is_decision")
FEATURE = "('answerable.feature.words', ('int', '', 0, toInt64(trace % 2000), 0., [], '', ''))"


class Watch:
    """Seconds of processor and of wall time since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        """Give both."""
        return time.process_time() - self._cpu, time.perf_counter() - self._wall


def median(name: str, watched: list[tuple[float, float]]) -> dict[str, float]:
    """Give both medians under names of their own."""
    cpu, wall = (statistics.median(one) for one in zip(*watched, strict=True))
    return {f"{name}_cpu_s": round(cpu, 3), f"{name}_s": round(wall, 3)}


def spans() -> str:
    text = statement("read_api_fill.sql")
    assert DECISIONS[0] in text
    assert FEATURE in text
    value = "('double', '', 0, 0, trace * {} % 997 / 7, [], '', '')"
    numbers = "".join(f", ('answerable.feature.f{i}', {value.format(i + 3)})" for i in range(3))
    language = "['en', 'de', 'fr'][1 + trace % 3]"
    texts = f", ('answerable.feature.language', ('string', {language}, 0, 0, 0., [], '', ''))"
    return text.replace(*DECISIONS).replace(FEATURE, FEATURE + numbers + texts)


def ingest(directory: str, rounds: int) -> dict[str, Any]:
    """Insert the same spans with and without the view, in turn; processor time of the process."""
    with opened(directory, "viewed") as viewed, opened(directory, "plain") as plain:
        plain.run_text("DROP VIEW feature_values_view", tag="bench")
        text, now_ns = spans(), time.time_ns()

        def insert(store: Store, number: int) -> float:
            parameters = {
                "first": number * SPANS_AN_INSERT,
                "spans": SPANS_AN_INSERT,
                "start_ns": now_ns - DAY_NS,
                "trace_step_ns": 1_000_000,
                "received_ns": now_ns,
            }
            begun = time.process_time()
            store.run_text(text, parameters, settings=AS_INGEST_DOES, tag="bench")
            return time.process_time() - begun

        insert(viewed, 0), insert(plain, 0)
        pairs = [(insert(viewed, n), insert(plain, n)) for n in range(1, rounds + 1)]
        view_s = _view_alone(viewed, rounds)
        with viewed.handle() as client:
            (counts,) = client.query(
                "SELECT count(), (SELECT count() FROM decisions) FROM feature_values"
            ).result_rows
    plain_s = statistics.median(pair[1] for pair in pairs)
    each_s = view_s / (rounds + 1)
    return {
        "insert_cpu_s": round(plain_s, 3),
        "view_cpu_s": round(each_s, 4),
        "view_share": round(each_s / plain_s, 4),
        "ingest_overhead_paired": round(statistics.median(a / b for a, b in pairs), 3),
        "values": counts[0],
        "decisions": counts[1],
    }


def _view_alone(store: Store, rounds: int) -> float:
    """Run the view's own statement over every decision; least processor seconds of some tries."""
    with store.handle() as client:
        ((text,),) = client.query(
            "SELECT as_select FROM system.tables "
            "WHERE database = currentDatabase() AND name = 'feature_values_view'"
        ).result_rows
        names = ", ".join(
            row[0] for row in client.query("DESCRIBE TABLE feature_values_view").result_rows
        )
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        insert = f"INSERT INTO feature_values ({names}) {text}"
        store.run_text(insert, settings=AS_INGEST_DOES | {"max_threads": 1}, tag="bench")
        times.append(time.process_time() - begun)
    return min(times)


def counting(directory: str, decisions: int, hours: int) -> dict[str, Any]:
    """Define a reference over everything and count all hours anew, without and with slices."""
    found: dict[str, Any] = {"decisions": decisions, "hours": hours}
    with opened(directory, "counted") as store:
        store.run_text("DROP VIEW feature_values_view", tag="bench")
        settings = DriftSettings(reference_decisions_max=100_000_000)
        parts = DriftParts(store, time.time_ns, lambda: "id", settings)
        start_ns = (time.time_ns() // HOUR_NS - hours) * HOUR_NS
        asked = {"decisions": decisions, "start_ns": start_ns, "hours": hours}
        store.run_text(statement("drift_decisions_fill.sql"), asked, tag="bench")
        for name, dimensions in (("plain", ()), ("sliced", ("model_version", "route"))):
            window = (start_ns, start_ns + hours * HOUR_NS)
            definition = Definition("bench", name, "grader", *window, dimensions=dimensions)
            watch = Watch()
            reference = References(parts).define(definition, "bench")
            found |= median(f"define_{name}", [watch.read()])
            starts = [start_ns // 10**9 + 3600 * hour for hour in range(hours)]
            watch = Watch()
            Counting(parts).count(reference, starts)
            found |= median(f"count_{name}", [watch.read()])
            held = Cube(parts).window(reference, *window)
            total = sum(cells.total for key, cells in held.items() if not key.dimension)
            assert total == decisions * len(reference.features)
    return found


def reading(directory: str, features: int, days: int, rounds: int) -> dict[str, Any]:
    """Read a window of many features, as one sum and by days."""
    with opened(directory, "read") as store:
        start_s = time.time_ns() // DAY_NS * 86_400 - days * 86_400
        asked = {"features": features, "hours": days * 24, "start_s": start_s}
        store.run_text(statement("drift_cube_fill.sql"), asked, tag="bench")
        parts = DriftParts(store, time.time_ns, lambda: "id", DriftSettings())
        names = {f"number_{i}": FeatureReference(f"number_{i}", "number") for i in range(features)}
        window = (start_s * 10**9, (start_s + days * 86_400) * 10**9)
        reference = Reference("bench", "wide", 1, "grader", *window, Baseline(), (), names)
        cube = Cube(parts)
        asked_for = {
            "read_window": lambda: cube.window(reference, *window),
            "read_by_day": lambda: cube.hours(reference, *window, step_s=86_400),
            "read_last_hour": lambda: cube.window(reference, window[1] - HOUR_NS, window[1]),
        }
        found = {"cube_features": features, "cube_days": days}
        for name, ask in asked_for.items():
            watched = []
            for _ in range(rounds):
                watch = Watch()
                assert len(ask()) == features
                watched.append(watch.read())
            found |= median(name, watched)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--hours", type=int, default=100)
    parser.add_argument("--features", type=int, default=1000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--json", action="store_true", help="write one JSON object and no more")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-drift-") as directory:
        found = {
            "ingest": ingest(directory, asked.rounds),
            "counting": counting(directory, asked.decisions, asked.hours),
            "reading": reading(directory, asked.features, asked.days, asked.rounds),
        }
    if asked.json:
        print(json.dumps(found))
        return
    for part, values in found.items():
        print(part)
        for name, value in values.items():
            print(f"  {name:24} {value}")


if __name__ == "__main__":
    main()
