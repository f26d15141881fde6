"""Names and values that senders chose, over both transports: nothing breaks and nothing mixes."""

import numpy as np
import pytest

from drift.codes import UNSEEN
from drift.cube import Cube, CubeJob
from drift.references import Definition, Key, References, Slice
from drift.samples import Samples
from sql.migrate import Migrator
from tests.drift.worlds import HOUR_NS, SECOND_NS, decide, decisions, drift_parts

NAMES = [
    "it's",
    'a "b"',
    "back\\slash",
    "tab\tend",
    "line\nend",
    "{x:String}",
    "Ünï✓",
    "a=b",
    "%s",
    "%",
]


@pytest.fixture(params=["embedded", "served"])
def hostile(request, clock):
    """Decisions whose features, values, model and slices are named by what breaks statements."""
    store = request.getfixturevalue(request.param).open()
    Migrator(store).apply()
    parts = drift_parts(store, clock)

    def features(i):
        return {name: float(i) for name in NAMES} | {"word": NAMES[i % len(NAMES)]}

    for route in NAMES:
        rows = decisions(
            clock.now_ns - HOUR_NS, 20, SECOND_NS, features, model='it\'s \\ "m"', route=route
        )
        decide(store, rows)
    return parts


def test_hostile_names_are_names(hostile, clock):
    references = References(hostile)
    start, end = clock.now_ns - HOUR_NS, clock.now_ns
    made = references.define(
        Definition(
            "school-a", "r", 'it\'s \\ "m"', start, end, dimensions=("route", "feature:word")
        ),
        "ann",
    )
    assert set(made.features) == {*NAMES, "word"}
    assert set(made.features["word"].categories) == set(NAMES)
    counts = references.counts(made)
    clock.step(seconds=1)
    CubeJob(hostile).run()
    held = Cube(hostile).window(made, start, end)
    assert held.keys() == counts.keys()
    for name in NAMES:
        assert held[Key(name)].total == held[Key(name)].numbers == 200
        assert held[Key(name, "route", name)].total == 20
        assert held[Key("word", "feature:word", name)].total == 20
        one = Cube(hostile).window(
            made, start, end, features=[name], slices=[Slice("feature:word", name)]
        )
        assert list(one) == [Key(name, "feature:word", name)]
        drawn = Samples(hostile).numbers(
            "school-a", made.model, name, start, end, Slice("feature:word", name)
        )
        assert sorted(np.unique(drawn)) == [NAMES.index(name), NAMES.index(name) + 10]
    assert held[Key("word")].counts[UNSEEN] == 0
    table = Samples(hostile).rows("school-a", made.model, start, end, NAMES)
    assert table.column_names[-1] == f"text:{NAMES[-1]}"
