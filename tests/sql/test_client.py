"""The store keeps values, parameters and settings intact over every transport."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sql import queries
from sql.errors import DataError, PermanentStoreError

if TYPE_CHECKING:
    from sql.client import Store

HOSTILE = [
    "plain",
    "",
    "it's",
    'say "x"',
    "back\\slash",
    "\\' OR 1=1 --",
    "'; DROP TABLE victims; --",
    "tab\tnewline\nreturn\r",
    "{x:String}",
    "%s %(x)s $1",
    "naïve — 漢字 🙂",
    "\\N",
    "NULL",
]


@pytest.fixture
def named(monkeypatch):
    """Give statements names without adding files to the package."""
    texts = {}
    real = queries.load
    monkeypatch.setattr(queries, "load", lambda name: texts.get(name) or real(name))
    return texts


def test_native_types_round_trip(store: Store, named) -> None:
    store.run_text(
        "CREATE TABLE kinds (s String, l LowCardinality(String), u UInt64, i Int64, f Float64,"
        " b Bool, d Decimal(38, 12), t DateTime64(9, 'UTC'), e Enum8('put' = 1, 'delete' = 2),"
        " a Array(String), m Map(String, Float64), n Nullable(String), x FixedString(4), g UUID)"
        " ENGINE = MergeTree ORDER BY u",
        tag="tests",
    )
    row = {
        "s": "naïve\n'x'",
        "l": "low",
        "u": 2**64 - 1,
        "i": -(2**63),
        "f": 0.1,
        "b": True,
        "d": Decimal("12345678901234567890.123456789012"),
        "t": 1_700_000_000_123_456_789,
        "e": "delete",
        "a": ["", "a'b", "ü"],
        "m": {"k'": 1.5},
        "n": None,
        "x": b"\x00\x01\xfe\xff",
        "g": uuid.UUID(int=7),
    }
    store.insert("kinds", [row])
    named["t/all"] = (
        "SELECT s, l, u, i, f, b, d, t, e, a, m, n, x, g, toUnixTimestamp64Nano(t) AS ns FROM kinds"
    )
    (back,) = store.query("t/all")
    assert back.pop("ns") == row["t"]
    assert back.pop("t") == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    row.pop("t")
    assert back == row
    assert isinstance(back["d"], Decimal)


@pytest.mark.parametrize("text", HOSTILE)
def test_parameters_arrive_as_they_are(store: Store, named, text: str) -> None:
    named["t/echo"] = (
        "SELECT {x:String} AS x, {xs:Array(String)} AS xs, {n:Nullable(String)} IS NULL AS none"
    )
    (row,) = store.query("t/echo", {"x": text, "xs": [text, "b"], "n": None})
    assert row == {"x": text, "xs": [text, "b"], "none": 1}


def test_typed_parameters(store: Store, named) -> None:
    named["t/typed"] = (
        "SELECT {i:Int64} AS i, {u:UInt64} AS u, {f:Float64} AS f, {b:Bool} AS b,"
        " {us:Array(UInt32)} AS us, {d:Decimal(18, 6)} AS d"
    )
    given = {"i": -(2**63), "u": 2**64 - 1, "f": 1e-300, "b": True, "us": [], "d": Decimal("1.5")}
    assert store.query("t/typed", given) == [given]


def test_a_wrong_parameter_blames_the_value(store: Store, named) -> None:
    named["t/int"] = "SELECT {i:Int64} AS i"
    with pytest.raises(DataError, match="BAD_QUERY_PARAMETER"):
        store.query("t/int", {"i": "seven"})


def test_large_parameters_pass(store: Store, named) -> None:
    named["t/size"] = "SELECT length({x:String}) AS size, length({xs:Array(String)}) AS many"
    given = {"x": "é" * 100_000, "xs": [f"id-{n}" for n in range(5000)]}
    assert store.query("t/size", given) == [{"size": 200_000, "many": 5000}]


def test_arrow_keeps_types(store: Store, named) -> None:
    named["t/arrow"] = (
        "SELECT toString(number) AS s, number AS n, {x:String} AS x,"
        " toDecimal64(number, 2) AS d FROM numbers(3)"
    )
    table = store.query_arrow("t/arrow", {"x": "it's"})
    assert table.to_pydict() == {
        "s": ["0", "1", "2"],
        "n": [0, 1, 2],
        "x": ["it's"] * 3,
        "d": [Decimal("0.00"), Decimal("1.00"), Decimal("2.00")],
    }


def test_an_empty_result_has_no_rows(store: Store, named) -> None:
    named["t/none"] = "SELECT number AS n FROM numbers(3) WHERE n > 5"
    assert store.query("t/none") == []
    assert store.query_arrow("t/none").num_rows == 0


def test_every_statement_carries_its_tag(store: Store, named) -> None:
    named["t/tag"] = "SELECT getSetting('log_comment') AS said"
    said = json.loads(store.query("t/tag")[0]["said"])
    assert said == {"app": "answerable", "query": "t/tag"}
    assert json.loads(store.query("t/tag", tag="it's")[0]["said"])["query"] == "it's"
    arrow = store.query_arrow("t/tag", tag="x").to_pydict()["said"][0]
    assert json.loads(arrow)["query"] == "x"


def test_settings_last_for_one_statement(store: Store, named) -> None:
    named["t/rows"] = "SELECT toUInt64(getSetting('max_result_rows')) AS n"
    assert store.query("t/rows", settings={"max_result_rows": 77}) == [{"n": 77}]
    assert store.query("t/rows") == [{"n": 0}]


def test_execute_runs_a_statement_without_rows(store: Store, named) -> None:
    named["t/make"] = "CREATE TABLE made (n UInt64) ENGINE = MergeTree ORDER BY n"
    named["t/fill"] = "INSERT INTO made SELECT number FROM numbers({n:UInt64})"
    named["t/count"] = "SELECT count() AS n FROM made"
    store.execute("t/make")
    store.execute("t/fill", {"n": 5})
    assert store.query("t/count") == [{"n": 5}]


def test_insert_names_the_missing_column(store: Store) -> None:
    store.run_text("CREATE TABLE pairs (a String, b String) ENGINE = Memory", tag="tests")
    with pytest.raises(DataError, match="'b'"):
        store.insert("pairs", [{"a": "1", "b": "2"}, {"a": "1"}])


def test_insert_blames_a_value_of_the_wrong_type(store: Store) -> None:
    store.run_text("CREATE TABLE counts (n UInt64) ENGINE = Memory", tag="tests")
    with pytest.raises(DataError):
        store.insert("counts", [{"n": "seven"}])
    store.insert("counts", [{"n": 7}])
    store.insert("counts", [])


def test_an_unknown_column_is_an_error_of_the_code(store: Store) -> None:
    store.run_text("CREATE TABLE counts (n UInt64) ENGINE = Memory", tag="tests")
    with pytest.raises(PermanentStoreError, match="nope"):
        store.insert("counts", [{"nope": 1}])


@pytest.mark.parametrize("name", ["a b", "a;", "x.y", "", "a`", "t--"])
def test_a_table_is_a_plain_name(store: Store, name: str, tmp_path) -> None:
    with pytest.raises(PermanentStoreError, match="plain name"):
        store.insert(name, [{"n": 1}])
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises(PermanentStoreError, match="plain name"):
        store.insert_file(name, tmp_path / "f", "JSONEachRow")


def test_version_and_ping(store: Store) -> None:
    assert store.ping()
    assert int(store.version.split(".")[0]) >= 24
    assert store.is_embedded == (store.address.directory is not None)
