"""A cursor brings back what was put in and refuses everything else."""

from __future__ import annotations

import base64
import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sql import cursor
from sql.errors import InvalidInputError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
VALUES = st.lists(st.one_of(TEXT, st.integers(-(2**70), 2**70)), max_size=5)


@given(VALUES)
def test_values_come_back(values: list[int | str]) -> None:
    text = cursor.encode(values)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert list(cursor.decode(text, [type(value) for value in values])) == values


@given(st.text(max_size=200))
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        cursor.decode(text, [int, str])
    assert caught.value.field == "cursor"


def made(held: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(held)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "a",
        cursor.encode([1]),
        cursor.encode(["x", "y"]),
        cursor.encode([1, "y", 3]),
        made([0, "1", "y"]),
        made([1, 1, "y"]),
        made([1, ["1"], "y"]),
        made({"1": "y"}),
        made([1, "1e3", "y"]),
        made([1, "1.5", "y"]),
        cursor.encode([1, "y" * 5000]),
        cursor.encode([1, "y"])[:-2],
        cursor.encode([1, "ü"])[:-1] + "ü",
    ],
)
def test_a_cursor_of_another_list_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        cursor.decode(text, [int, str])
