"""Conversion of values: what keeps its type, what is unwrapped, what is refused."""

import datetime as dt
import decimal
import enum
import pathlib
import uuid

import numpy as np
import pytest

from answerable_instrument.guard import UnfitError
from answerable_instrument.values import as_count, as_probability, as_scalar, as_text, clean_text


class Grade(enum.IntEnum):
    GOOD = 2


class Word(enum.StrEnum):
    YES = "yes"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (True, True),
        (0.5, 0.5),
        ("a", "a"),
        (2**63 - 1, 2**63 - 1),
        (Grade.GOOD, 2),
        (Word.YES, "yes"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("s"), "s"),
        (decimal.Decimal("1.5"), 1.5),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (pathlib.PurePosixPath("/a"), "/a"),
    ],
)
def test_scalars(value, expected):
    found = as_scalar(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, [1], {"a": 1}, b"x", 1j, object(), None])
def test_what_cannot_be_a_scalar(value):
    with pytest.raises(UnfitError):
        as_scalar(value)


def test_text_of_scalars():
    assert [as_text(v) for v in (3, 1.5, True, "x")] == ["3", "1.5", "true", "x"]


@pytest.mark.parametrize("value", [-1, 1.5, True, "3", float("nan"), float("inf"), 2**63])
def test_what_is_no_count(value):
    with pytest.raises(UnfitError):
        as_count(value)


def test_counts_and_probabilities():
    assert as_count(12.0) == 12
    assert type(as_count(12.0)) is int
    assert (as_probability(0), as_probability(1), as_probability(np.float32(0.5))) == (0, 1, 0.5)


def test_clean_text_leaves_good_text_alone():
    good = "naïve ☕"
    assert clean_text(good, 100) is good
    assert clean_text("abcdef", 3) == "abc"
    assert clean_text("a\ud800b", 10) == "a?b"
    # Cutting between characters never makes a new surrogate.
    assert clean_text("😀😀", 1) == "😀"
