"""Maps of decisions become arrays by feature, whatever blocks they arrive in."""

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest

from drift.slices.rows import MISSING, NUMBER, _by_feature, _text

NUMBERS = pa.map_(pa.string(), pa.float64())
TEXTS = pa.map_(pa.string(), pa.string())

DECISIONS = [
    ({"words": 3.0}, {"language": "en"}),
    ({}, {}),
    ({"words": math.nan, "age": 7.0}, {"language": "fr", "kind": ""}),
    ({"age": math.inf}, {"words": "many", "language": "en"}),
    ({"words": 5.0}, {"language": "de"}),
]


def plain(name):
    """Give a feature of every decision by looking at each in turn."""
    return [texts.get(name, numbers.get(name)) for numbers, texts in DECISIONS]


def read(values):
    shown = []
    for number, text in zip(values.numbers.tolist(), values.texts.tolist(), strict=True):
        known = {NUMBER: number, MISSING: None}
        shown.append(known[text] if text < 0 else values.words[text])
    return shown


def alike(first, second):
    return [str(one) for one in first] == [str(one) for one in second]


@pytest.mark.parametrize("cuts", [[0, 5], [0, 2, 5], [0, 1, 1, 4, 5]])
@pytest.mark.parametrize("offset", [0, 2])
def test_every_value_is_where_its_decision_is(cuts, offset):
    before = [({"other": 1.0}, {"language": "xx"})] * offset
    columns = []
    for at, kind in enumerate((NUMBERS, TEXTS)):
        held = pa.array([[*one[at].items()] for one in [*before, *DECISIONS]], type=kind)
        parts = [
            held.slice(offset + start, stop - start) for start, stop in itertools.pairwise(cuts)
        ]
        columns.append(pa.chunked_array(parts))
    found = _by_feature(pa.table(columns, names=["numbers", "texts"]))
    names = {name for numbers, texts in DECISIONS for name in (*numbers, *texts)}
    assert set(found) - {"other"} == names
    for name in names:
        assert alike(read(found[name]), plain(name)), name


def test_an_empty_text_of_a_column_is_missing():
    values = _text(pa.chunked_array([["a", ""], ["b", "a"]]))
    assert read(values) == ["a", None, "b", "a"]


def test_no_decisions_have_no_features():
    empty = pa.table({"numbers": pa.array([], NUMBERS), "texts": pa.array([], TEXTS)})
    assert _by_feature(empty) == {}
    assert np.array_equal(_text(pa.chunked_array([pa.array([], pa.string())])).texts, [])
