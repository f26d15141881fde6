"""Errors say whether to retry, to fix the data or to fix the code, and leak nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from clickhouse_connect.driver import exceptions as driver

from sql import failures
from sql.errors import DataError, PermanentStoreError, RetryableStoreError

if TYPE_CHECKING:
    from sql.client import Store

NESTED = (
    "Code: 444. DB::Exception: Code: 444. DB::Exception: Protobuf messages are corrupted or don't"
    " match the provided schema: (in file/uri /var/spool/secret name.bin): While executing"
    " ProtobufRowInputFormat: data for INSERT was parsed from file. (UNKNOWN_PROTOBUF_FORMAT)"
    " (version 26.9.2.1 (official build)). (UNKNOWN_PROTOBUF_FORMAT)"
)


def run(store: Store, text: str, **settings: object) -> None:
    with store.handle() as client:
        client.query(text, settings=settings)


def test_codes_have_the_engines_names(store: Store) -> None:
    listed = failures.RETRYABLE | failures.DATA
    assert not failures.RETRYABLE.keys() & failures.DATA.keys()
    with store.handle() as client:
        result = client.query(
            "SELECT toString(errorCodeToName(arrayJoin({codes:Array(Int32)}))) AS name",
            parameters={"codes": list(listed)},
        )
    assert [name for (name,) in result.result_rows] == list(listed.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT a FROM nowhere", 60),
        ("SELECT nothing", 47),
        ("SELEC 1", 62),
        ("SELECT nosuchfunction(1)", 46),
        ("SELECT {x:String}", 456),
        ("SELECT 1 SETTINGS nosuchsetting = 1", 115),
    ],
)
def test_wrong_statements_are_permanent(store: Store, text: str, code: int) -> None:
    with pytest.raises(PermanentStoreError) as caught:
        run(store, text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT toUInt8('abc')", 6),
        ("SELECT toDateTime('yesterday')", 41),
        ("SELECT toUUID('x')", 376),
        ("SELECT toDecimal32('99999999999', 0)", 69),
        ("SELECT throwIf(number = 1, 'bad row') FROM numbers(3)", 395),
    ],
)
def test_wrong_values_are_data_errors(store: Store, text: str, code: int) -> None:
    with pytest.raises(DataError) as caught:
        run(store, text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "settings", "code"),
    [
        ("SELECT groupArray(number) FROM numbers(10000000)", {"max_memory_usage": 5_000_000}, 241),
        ("SELECT sleepEachRow(0.05) FROM numbers(40)", {"max_execution_time": 0.3}, 159),
    ],
)
def test_exhaustion_is_retryable(store: Store, text: str, settings: dict, code: int) -> None:
    with pytest.raises(RetryableStoreError) as caught:
        run(store, text, **settings)
    assert caught.value.code == code


GREEDY = """
import sys
from sql.client import Store
from sql.errors import RetryableStoreError
from sql.settings import StoreSettings
with Store.open(StoreSettings(store=sys.argv[1], store_max_memory_mib=400)) as store:
    store.ping()
    try:
        with store.handle() as client:
            client.query("SELECT length(groupArray(number)) FROM numbers(100000000)")
    except RetryableStoreError as error:
        print(error.code, store.ping())
"""


def test_the_embedded_engine_keeps_to_its_memory(tmp_path) -> None:
    command = [sys.executable, "-c", GREEDY, f"chdb://{tmp_path}/store"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["241", "True"]


def test_too_many_parts_is_retryable(store: Store) -> None:
    store.run_text(
        "CREATE TABLE parts (n UInt64) ENGINE = MergeTree ORDER BY n"
        " SETTINGS parts_to_throw_insert = 1, parts_to_delay_insert = 0",
        tag="tests",
    )
    store.run_text("SYSTEM STOP MERGES parts", tag="tests")
    store.insert("parts", [{"n": 1}])
    with pytest.raises(RetryableStoreError) as caught:
        store.insert("parts", [{"n": 1}])
    assert caught.value.code == 252


def test_a_violated_constraint_is_a_data_error(store: Store) -> None:
    store.run_text(
        "CREATE TABLE strict (n Int64, CONSTRAINT positive CHECK n > 0) ENGINE = Memory",
        tag="tests",
    )
    with pytest.raises(DataError, match="positive"):
        store.insert("strict", [{"n": -1}])


def test_an_error_leaves_the_handle_usable(databases) -> None:
    store = databases.open(store_handles=1)
    for _ in range(5):
        with pytest.raises(PermanentStoreError):
            run(store, "SELECT a FROM nowhere", max_execution_time=5)
    assert store.ping()
    assert store.busy_handles == 0


def test_messages_are_short_and_plain(store: Store) -> None:
    with pytest.raises(DataError) as caught:
        run(store, f"SELECT toUInt8('{'x' * 5000}')")
    assert len(caught.value.detail) <= failures.MESSAGE_CHARS_MAX + 40
    assert "version" not in caught.value.detail
    assert "DB::Exception" not in caught.value.detail


def test_nested_messages_keep_their_core() -> None:
    error = driver.DatabaseError(NESTED, code=444, name="UNKNOWN_PROTOBUF_FORMAT")
    told = failures.translate(error)
    assert isinstance(told, DataError)
    assert told.detail.startswith("Protobuf messages are corrupted")
    assert told.detail.endswith("(UNKNOWN_PROTOBUF_FORMAT)")
    assert told.detail.count("UNKNOWN_PROTOBUF_FORMAT") == 1
    assert "spool" not in told.detail
    assert "26.9" not in told.detail


def test_a_stack_trace_is_cut() -> None:
    text = "Code: 60. DB::Exception: No table. Stack trace:\n\n0. main @ 0x1\n1. x (UNKNOWN_TABLE)"
    told = failures.translate(driver.DatabaseError(text, code=60, name="UNKNOWN_TABLE"))
    assert told.detail == "No table (UNKNOWN_TABLE)"


def test_a_password_is_cut() -> None:
    error = driver.OperationalError("cannot reach http://user:hunter2@host:8123")
    told = failures.translate(error, secret="hunter2", where="clickhouse://user@host:8123/db")
    assert isinstance(told, RetryableStoreError)
    assert "hunter2" not in told.detail
    assert "clickhouse://user@host:8123/db does not answer" in told.detail


@pytest.mark.parametrize(
    "text",
    [
        "Code: 1001. DB::Exception: std::exception: No space left on device",
        "Code: 76. DB::ErrnoException: Cannot open x: , errno: 24, strerror: Too many open files",
        "Code: 1000. DB::Exception: write, errno: 28",
    ],
)
def test_a_full_disk_is_retryable(text: str) -> None:
    told = failures.translate(
        driver.DatabaseError(text, code=int(text[6:].split(".", maxsplit=1)[0]))
    )
    assert isinstance(told, RetryableStoreError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(503, RetryableStoreError), (502, RetryableStoreError), (404, PermanentStoreError)],
)
def test_a_status_without_a_code(status: int, kind: type[Exception]) -> None:
    told = failures.translate(driver.DatabaseError(f"HTTP driver received HTTP status {status}"))
    assert type(told) is kind


def test_silence_has_a_message() -> None:
    assert failures.translate(driver.DatabaseError("")).detail == "the store gave no reason"
