"""References of a window: exact edges and counts, versions that stay, bad input named."""

import itertools
import math

import numpy as np
import pytest

from drift import codes
from drift.references import Baseline, Definition, Key, References
from sql.client import Store
from sql.errors import InvalidInputError, NotFoundError
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decisions, drift_parts


def definition(clock, **more):
    asked = {
        "tenant": "school-a",
        "id": "base",
        "model": "grader",
        "from_ns": clock.now_ns - DAY_NS,
        "to_ns": clock.now_ns,
    }
    return Definition(**(asked | more))


def test_edges_and_counts_are_those_of_every_value(parts, clock):
    rng = np.random.default_rng(7)
    values = np.round(rng.lognormal(size=500), 2)
    rows = decisions(
        clock.now_ns - 5 * HOUR_NS,
        500,
        30 * SECOND_NS,
        lambda i: {"length": values[i], "subject": ["maths", "art", "maths"][i % 3]},
        confidence=0.5,
    )
    decide(parts.store, rows)
    references = References(parts)
    made = references.define(definition(clock, cells=12), "ann")
    length = made.features["length"]
    # The inverted empirical distribution is what the edges are, tie for tie.
    levels = np.arange(1, 11) / 10
    expected = np.unique(np.quantile(values, levels, method="inverted_cdf"))
    assert np.array_equal(length.edges[1:], expected)
    assert length.edges[0] == np.nextafter(values.min(), -np.inf)
    assert made.features["subject"].categories == ("maths", "art")
    assert (made.version, made.defined_by, made.defined_ns) == (1, "ann", clock.now_ns)
    counts = references.counts(made)
    held = counts[Key("length")]
    assert held.counts.tolist() == codes.counted(codes.of_numbers(values, length.edges)).tolist()
    assert held.counts[0] == 0
    assert held.numbers == 500
    assert held.mean == pytest.approx(values.mean(), rel=1e-12)
    assert held.deviation == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert (held.least, held.greatest) == (values.min(), values.max())
    assert counts[Key("subject")].counts[:2].tolist() == [333, 167]
    assert counts[Key("@confidence")].counts[1] == 500


ODD = {
    "constant": ([3.0] * 5, [0, 5, 0]),
    "one_row": ([1.0], [0, 1, 0]),
    "few_distinct": ([1.0, 2.0, 2.0, 7.0], [0, 1, 2, 1, 0]),
    "zeros": ([-0.0, 0.0], [0, 2, 0]),
    "infinities": ([math.inf, -math.inf, 4.0], [1, 1, 1]),
    "not_one_number": ([math.nan, math.nan], [0]),
}


def test_odd_numbers(parts, clock):
    most = max(len(values) for values, _ in ODD.values())

    def features(i):
        return {name: values[i] for name, (values, _) in ODD.items() if i < len(values)}

    decide(parts.store, decisions(clock.now_ns - HOUR_NS, most, SECOND_NS, features))
    references = References(parts)
    made = references.define(definition(clock), "ann")
    for name, (values, cells) in ODD.items():
        assert made.features[name].cells == len(cells), name
        held = references.counts(made)[Key(name)]
        assert held.counts[: len(cells)].tolist() == cells, name
        assert held.counts[codes.NAN] == sum(math.isnan(value) for value in values)
        assert held.missing == most - len(values)


def test_mixed_types_take_the_kind_that_dominates(parts, clock):
    rows = decisions(
        clock.now_ns - HOUR_NS, 9, SECOND_NS, lambda i: {"mark": 1.0 if i % 3 else "one"}
    )
    rows += decisions(clock.now_ns - HOUR_NS, 1, SECOND_NS, lambda i: {"other": 1.0})
    decide(parts.store, rows)
    references = References(parts)
    made = references.define(definition(clock), "ann")
    assert made.features["mark"].kind == "number"
    held = references.counts(made)[Key("mark")]
    assert held.counts[codes.WRONG_KIND] == 3
    assert held.missing == 1
    assert held.total == 10


def test_thousands_of_categories_have_the_most_frequent_as_cells(parts, clock):
    def features(i):
        return {"word": "the" if i % 4 == 0 else f"w{i}"}

    decide(parts.store, decisions(clock.now_ns - HOUR_NS, 3000, SECOND_NS // 10, features))
    references = References(parts)
    made = references.define(definition(clock), "ann")
    assert len(made.features["word"].categories) == codes.CELLS_MAX
    assert made.features["word"].categories[0] == "the"
    held = references.counts(made)[Key("word")]
    assert held.counts[0] == 750
    assert held.counts[codes.UNSEEN] == 3000 - 750 - 249


def test_a_new_version_leaves_the_old_as_it_was(parts, clock):
    references = References(parts)
    start = clock.now_ns - HOUR_NS
    decide(parts.store, decisions(start, 10, SECOND_NS, lambda i: {"x": float(i)}))
    first = references.define(definition(clock), "ann")
    decide(parts.store, decisions(start, 10, SECOND_NS, lambda i: {"x": 100.0 + i}))
    second = references.define(definition(clock), "bea", "more traffic")
    assert (first.version, second.version) == (1, 2)
    assert references.get("school-a", "base").version == 2
    again = references.get("school-a", "base", 1)
    assert again == first
    assert references.counts(again)[Key("x")].total == 10
    assert references.counts(second)[Key("x")].total == 20


def test_a_deleted_reference_is_not_found_but_by_version(parts, clock):
    references = References(parts)
    decide(parts.store, decisions(clock.now_ns - HOUR_NS, 3, SECOND_NS, lambda i: {"x": i}))
    made = references.define(definition(clock), "ann")
    clock.step(seconds=1)
    references.delete("school-a", "base", "ann", "no longer needed")
    clock.step(seconds=1)
    with pytest.raises(NotFoundError, match="deleted"):
        references.get("school-a", "base")
    assert references.list([]) == []
    assert references.get("school-a", "base", 1) == made
    assert references.counts(made)[Key("x")].total == 3
    with pytest.raises(NotFoundError):
        references.get("school-a", "base", 2)
    assert references.define(definition(clock), "ann").version == 3


def test_references_of_another_tenant_are_not_listed(parts, clock):
    references = References(parts)
    for tenant in ("school-a", "school-b"):
        rows = decisions(clock.now_ns - HOUR_NS, 3, SECOND_NS, lambda i: {"x": i}, tenant=tenant)
        decide(parts.store, rows)
        references.define(definition(clock, tenant=tenant), "ann")
    assert [one.tenant for one in references.list(["school-b"])] == ["school-b"]
    assert len(references.list([])) == 2
    held = references.counts(references.get("school-a", "base"))
    assert held[Key("x")].total == 3


def test_a_version_that_was_not_finished_leaves_the_one_before(parts, clock):
    references = References(parts)
    decide(parts.store, decisions(clock.now_ns - HOUR_NS, 3, SECOND_NS, lambda i: {"x": i}))
    made = references.define(definition(clock), "ann")
    body = parts.records.get("reference", "base", "school-a").body
    # A process that died between the record and the cells left these.
    for name in ("base", "other"):
        parts.records.put("reference", name, body, tenant="school-a", actor="ann", reason="")
    assert references.get("school-a", "base") == made
    assert references.list([]) == [made]
    with pytest.raises(NotFoundError, match="define it again"):
        references.get("school-a", "base", 2)
    with pytest.raises(NotFoundError, match="define it again"):
        references.get("school-a", "other")
    assert references.define(definition(clock), "ann").version == 3


class CutOffError(Exception):
    """Stands for a process that died."""


def writes(monkeypatch, look):
    """Call `look` with the number of each write before it is made."""
    counted = itertools.count()
    for name in ("insert", "execute"):
        method = getattr(Store, name)

        def called(self, *asked, method=method, **more):
            look(next(counted))
            return method(self, *asked, **more)

        monkeypatch.setattr(Store, name, called)


def test_wherever_defining_is_cut_off_the_version_before_holds(parts, clock, monkeypatch):
    references = References(parts)
    start = clock.now_ns - 2 * HOUR_NS
    rows = decisions(start, 6, 1000 * SECOND_NS, lambda i: {"x": i, "y": "abc"[i % 3]})
    decide(parts.store, rows)
    wanted = definition(clock, dimensions=("feature:y",))
    first = references.define(wanted, "ann")
    held = references.counts(first)
    number = 0
    while True:

        def look(count, last=number):
            assert references.list([]) == [first]
            if count == last:
                raise CutOffError

        with monkeypatch.context() as patched:
            writes(patched, look)
            try:
                new = references.define(wanted, "bea")
            except CutOffError:
                number += 1
            else:
                break
        assert references.get("school-a", "base") == first
    # The record, the cells, the hours, the slices' counts, and what makes it readable.
    assert number >= 5
    assert references.get("school-a", "base") == new
    counts = references.counts(new)
    assert counts.keys() == held.keys()
    assert all(np.array_equal(counts[key].counts, held[key].counts) for key in held)


def test_an_unfinished_version_after_a_deletion_does_not_bring_it_back(parts, clock):
    references = References(parts)
    decide(parts.store, decisions(clock.now_ns - HOUR_NS, 3, SECOND_NS, lambda i: {"x": i}))
    references.define(definition(clock), "ann")
    body = parts.records.get("reference", "base", "school-a").body
    clock.step(seconds=1)
    references.delete("school-a", "base", "ann")
    parts.records.put("reference", "base", body, tenant="school-a", actor="ann", reason="")
    assert references.list([]) == []
    with pytest.raises(NotFoundError):
        references.get("school-a", "base")


BAD = [
    ({"id": "a b"}, "id"),
    ({"model": ""}, "model"),
    ({"model": "unheard"}, "from"),
    ({"cells": 3}, "cells"),
    ({"cells": 251}, "cells"),
    ({"to_ns": 0}, "from"),
    ({"baseline": Baseline("rolling", days=0)}, "baseline"),
    ({"baseline": Baseline("seasonal")}, "baseline"),
    ({"dimensions": ("colour",)}, "dimensions"),
    ({"dimensions": ("feature:",)}, "dimensions"),
    ({"dimensions": ("route", "route")}, "dimensions"),
    ({"features": ("y",)}, "features"),
]


def test_what_cannot_be_defined_names_the_field(parts, clock):
    decide(parts.store, decisions(clock.now_ns - HOUR_NS, 3, SECOND_NS, lambda i: {"x": i}))
    for asked, field in BAD:
        with pytest.raises(InvalidInputError) as caught:
            References(parts).define(definition(clock, **asked), "ann")
        assert caught.value.field == field
    assert References(parts).list([]) == []


def test_a_window_that_holds_too_much_is_refused(drift_store, clock):
    rows = decisions(clock.now_ns - HOUR_NS, 1500, 1, lambda i: {"x": i, "y": i})
    decide(drift_store, rows)
    for setting in ("reference_decisions_max", "reference_values_max"):
        parts = drift_parts(drift_store, clock, **{setting: 1000})
        with pytest.raises(InvalidInputError, match="choose a shorter one") as caught:
            References(parts).define(definition(clock), "ann")
        assert caught.value.field == "from"
    parts = drift_parts(drift_store, clock, reference_features_max=1)
    with pytest.raises(InvalidInputError, match="list those that matter"):
        References(parts).define(definition(clock), "ann")
    assert References(parts).define(definition(clock, features=("x",)), "ann").version == 1
