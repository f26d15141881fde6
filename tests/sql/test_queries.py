"""Statements are found by name, without their header."""

from __future__ import annotations

import pytest

from sql import queries
from sql.errors import PermanentStoreError


def test_a_statement_comes_without_its_header() -> None:
    text = queries.load("sql/records_history")
    assert text.startswith("SELECT")
    assert "--" not in text
    assert not text.endswith(";")
    assert queries.load("sql/records_history") is text


def test_body_keeps_what_only_looks_like_a_comment() -> None:
    assert queries.body("-- head\n  -- more\nSELECT '--x' -- tail\n;\n") == "SELECT '--x' -- tail"


@pytest.mark.parametrize(
    "name",
    ["sql/record_history", "../sql/records_history", "sql/../../errors", "/etc/passwd", "", "sql"],
)
def test_an_unknown_name(name: str) -> None:
    with pytest.raises(PermanentStoreError, match="There is no query"):
        queries.load(name)


def test_near_names_are_listed() -> None:
    with pytest.raises(PermanentStoreError, match="near it: sql/records_history"):
        queries.load("sql/record_history")


def test_names_are_listed() -> None:
    assert "sql/records_state" in queries.names()
    assert all(queries.load(name) for name in queries.names())
