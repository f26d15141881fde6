"""A file on disk is inserted as it is, with any suffix, format and setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sql import queries
from sql.errors import DataError, PermanentStoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sql.client import Store

SCHEMA = """// A schema of several lines; it isn't "plain": \\ and ' occur.
syntax = "proto3";

message Row {
  string name = 1;
  oneof value { int64 number = 2; string text = 3; }
}
"""
PROTOBUF = {
    "format_schema_source": "string",
    "format_schema": SCHEMA,
    "format_schema_message_name": "Row",
    "input_format_protobuf_oneof_presence": 1,
}


def frame(name: bytes, number: int) -> bytes:
    message = b"\x0a" + bytes([len(name)]) + name + b"\x10" + bytes([number])
    return bytes([len(message)]) + message


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch) -> None:
    """The embedded engine keeps inline schemas in the working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rows(store: Store, monkeypatch):
    """A table that deduplicates, and a way to read it."""
    store.run_text(
        "CREATE TABLE named_numbers (name String, number Int64) ENGINE = MergeTree ORDER BY name"
        " SETTINGS non_replicated_deduplication_window = 100",
        tag="tests",
    )
    real = queries.load
    text = "SELECT name, number FROM named_numbers ORDER BY name, number"
    monkeypatch.setattr(queries, "load", lambda name: text if name == "t/rows" else real(name))
    return lambda: [(row["name"], row["number"]) for row in store.query("t/rows")]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst", ".xz", ".lz4", ".json", ".o'dd name"])
def test_the_suffix_means_nothing(store: Store, rows, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"batch{suffix}"
    path.write_text('{"name": "a", "number": 1}\n')
    store.insert_file("named_numbers", path, "JSONEachRow")
    assert rows() == [("a", 1)]
    assert path.exists()


def test_columns_can_be_named(store: Store, rows, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_text("7\tseven\n")
    store.insert_file("named_numbers", path, "TSV", columns=["number", "name"])
    assert rows() == [("seven", 7)]


def test_protobuf_with_an_inline_schema(store: Store, rows, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_bytes(frame(b"a'b", 5) + frame(b"\xc3\xa9", 6))
    store.insert_file("named_numbers", path, "Protobuf", settings=PROTOBUF)
    assert rows() == [("a'b", 5), ("é", 6)]


@pytest.mark.parametrize(
    "bad", [b"\xff" * 12, frame(b"abc", 1)[:-2], b"\x05hello", frame(b"ok", 1) + b"\x40"]
)
def test_bytes_that_are_not_protobuf(store: Store, rows, tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "batch"
    path.write_bytes(bad)
    with pytest.raises(DataError) as caught:
        store.insert_file("named_numbers", path, "Protobuf", settings=PROTOBUF)
    assert caught.value.code
    assert str(tmp_path) not in caught.value.detail
    assert rows() == []


def test_a_repeated_token_inserts_once(store: Store, rows, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_text('{"name": "a", "number": 1}\n')
    for token in ("one'", "one'", "two"):
        settings = {"insert_deduplication_token": token}
        store.insert_file("named_numbers", path, "JSONEachRow", settings=settings)
    assert rows() == [("a", 1), ("a", 1)]


def test_a_large_file(store: Store, rows, tmp_path: Path) -> None:
    path = tmp_path / "batch"
    path.write_text("".join(f"n{n}\t{n}\n" for n in range(200_000)))
    store.insert_file("named_numbers", path, "TSV")
    assert len(rows()) == 200_000


def test_a_missing_file(store: Store, rows, tmp_path: Path) -> None:
    with pytest.raises(PermanentStoreError, match="absent"):
        store.insert_file("named_numbers", tmp_path / "absent", "TSV")
    assert rows() == []


def test_an_embedded_insert_may_name_its_schema_by_path(embedded, tmp_path: Path) -> None:
    """An inline schema is cached in the working directory, which may be read-only."""
    store = embedded.open()
    store.run_text("CREATE TABLE numbers_in (number Int64) ENGINE = Null", tag="tests")
    schema, path = tmp_path / "it's.proto", tmp_path / "batch"
    schema.write_text(SCHEMA)
    path.write_bytes(frame(b"a", 5))
    settings = {"format_schema": f"{schema}:Row"}
    store.insert_file("numbers_in", path, "Protobuf", settings=settings)
    path.write_bytes(b"\xff" * 12)
    with pytest.raises(DataError):
        store.insert_file("numbers_in", path, "Protobuf", settings=settings)
