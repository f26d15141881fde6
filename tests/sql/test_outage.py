"""A server that fails, vanishes and comes back is a retryable error, and loses no insert."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from sql.client import Store
from sql.errors import PermanentStoreError, RetryableStoreError
from sql.settings import StoreSettings
from tests.doubles.clickhouse_process import ClickhouseProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "hunter2-secret"


@pytest.fixture
def process(tmp_path) -> Iterator[ClickhouseProcess]:
    with ClickhouseProcess(tmp_path / "engine", password=PASSWORD) as process:
        yield process


@pytest.fixture
def store(process) -> Iterator[Store]:
    settings = StoreSettings(
        store=SecretStr(process.dsn), store_connect_timeout_s=1, store_query_timeout_s=5
    )
    with Store.open(settings) as store:
        store.run_text("CREATE TABLE kept (n UInt64) ENGINE = MergeTree ORDER BY n", tag="tests")
        yield store


def count(store: Store) -> int:
    with store.handle() as client:
        return int(client.query("SELECT count() FROM kept").result_rows[0][0])


def test_a_restart_is_survived(process, store) -> None:
    store.insert("kept", [{"n": 1}])
    process.kill()
    assert not store.ping()
    with pytest.raises(RetryableStoreError, match="does not answer"):
        store.insert("kept", [{"n": 2}])
    with pytest.raises(RetryableStoreError):
        count(store)
    process.start()
    assert store.ping()
    store.insert("kept", [{"n": 2}])
    assert count(store) == 2


def test_a_server_that_is_down_at_the_start(process, tmp_path) -> None:
    process.kill()
    with Store.open(StoreSettings(store=SecretStr(process.dsn))) as store:
        assert not store.ping()
        with pytest.raises(RetryableStoreError):
            store.query("sql/schema_dump")
        process.start()
        assert store.query("sql/schema_dump") == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 503}, 0),
        ({"status": 500, "code": 241}, 241),
        ({"status": 500, "code": 999}, 999),
    ],
)
def test_refusals_are_retryable(process, store, fault: dict, code: int) -> None:
    process.fault(count=1, **fault)
    with pytest.raises(RetryableStoreError) as caught:
        store.insert("kept", [{"n": 1}])
    assert caught.value.code == code
    store.insert("kept", [{"n": 1}])
    assert count(store) == 1


def test_an_unknown_outcome_is_not_repeated_by_the_driver(process, store, tmp_path) -> None:
    """The statement runs, the answer is lost: the caller hears of it and decides."""
    path = tmp_path / "rows"
    path.write_text("7\n")
    store.insert_file("kept", path, "TSV")
    process.fault(status=0, after=1, count=1)
    with pytest.raises(RetryableStoreError):
        store.insert_file("kept", path, "TSV")
    assert count(store) == 2


def test_a_slow_server_is_cut_off(process) -> None:
    settings = StoreSettings(store=SecretStr(process.dsn), store_query_timeout_s=1)
    with Store.open(settings) as store:
        assert store.ping()
        started = time.monotonic()
        with pytest.raises(RetryableStoreError), store.handle() as client:
            client.query("SELECT sleepEachRow(0.5) FROM numbers(5)")
        assert time.monotonic() - started < 8


def test_the_password_is_shown_nowhere(process, store, caplog) -> None:
    wrong = process.dsn.replace(PASSWORD, "wrong-secret")
    settings = StoreSettings(store=SecretStr(wrong))
    with Store.open(settings) as refused:
        with pytest.raises(PermanentStoreError) as caught:
            refused.query("sql/schema_dump")
        process.kill()
        with pytest.raises(RetryableStoreError) as down:
            refused.query("sql/schema_dump")
        seen = [repr(settings), repr(refused), repr(refused.address), str(settings.model_dump())]
        seen += [caught.value.detail, down.value.detail, caplog.text]
        seen += [str(caught.getrepr(style="value")), str(down.getrepr(style="value"))]
    assert not any("wrong-secret" in text for text in seen)
