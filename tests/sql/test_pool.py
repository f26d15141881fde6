"""Handles are bounded, waited for, replaced when their state is unknown, and drained at close."""

from __future__ import annotations

import threading
import time

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from sql.errors import PermanentStoreError, RetryableStoreError
from sql.pool import HandlePool


class Handle:
    """A handle that only remembers whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def opened():
    return []


@pytest.fixture
def pool(opened):
    def open_one():
        opened.append(Handle())
        return opened[-1]

    return HandlePool(open_one, bound=2, acquire_timeout_s=0.1)


def test_handles_are_opened_when_needed_and_reused(pool, opened) -> None:
    assert opened == []
    for _ in range(5):
        with pool.lend():
            pass
    assert len(opened) == 1


def test_the_bound_holds(pool, opened) -> None:
    with pool.lend(), pool.lend():
        started = time.monotonic()
        with pytest.raises(RetryableStoreError, match="All 2 store handles"), pool.lend():
            pass
        assert 0.09 < time.monotonic() - started < 5
    with pool.lend():
        assert pool.busy == 1
    assert len(opened) == 2


def test_a_waiter_gets_the_handle_that_comes_back(pool, opened) -> None:
    slow = HandlePool(pool._open, bound=1, acquire_timeout_s=10)
    got = threading.Event()

    def wait() -> None:
        with slow.lend():
            got.set()

    with slow.lend():
        thread = threading.Thread(target=wait)
        thread.start()
        assert not got.wait(0.1)
    assert got.wait(5)
    thread.join()
    assert len(opened) == 1


def test_an_engine_error_keeps_the_handle(pool, opened) -> None:
    for _ in range(3):
        with pytest.raises(DatabaseError), pool.lend():
            raise DatabaseError("no")
    assert len(opened) == 1
    assert not opened[0].closed


def test_any_other_error_replaces_the_handle(pool, opened) -> None:
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt), pool.lend():
            raise KeyboardInterrupt
    assert [handle.closed for handle in opened] == [True, True, True]
    assert pool.busy == 0


def test_a_failed_opening_leaves_no_hole() -> None:
    def refuse():
        raise OSError("no")

    pool = HandlePool(refuse, bound=1, acquire_timeout_s=0.1)
    for _ in range(3):
        with pytest.raises(OSError, match="no"), pool.lend():
            pass
    assert pool.busy == 0


def test_close_waits_for_what_runs(pool, opened) -> None:
    done = threading.Event()

    def work() -> None:
        with pool.lend():
            started.set()
            time.sleep(0.2)
            done.set()

    started = threading.Event()
    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(5)
    assert pool.close(5)
    assert done.is_set()
    thread.join()
    assert all(handle.closed for handle in opened)
    with pytest.raises(PermanentStoreError, match="closed"), pool.lend():
        pass


def test_close_does_not_wait_for_ever(pool) -> None:
    with pool.lend() as handle:
        assert not pool.close(0.05)
    assert handle.closed


def test_statements_run_beside_each_other(databases) -> None:
    store = databases.open(store_handles=3)
    assert store.ping()

    def sleep() -> None:
        with store.handle() as client:
            client.query("SELECT sleep(0.5)")

    threads = [threading.Thread(target=sleep) for _ in range(3)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 1.4


def test_a_store_says_which_setting_to_raise(databases) -> None:
    store = databases.open(store_handles=1, store_acquire_timeout_s=0.1)
    refused = pytest.raises(RetryableStoreError, match="ANSWERABLE_STORE_HANDLES")
    with store.handle(), refused, store.handle():
        pass
    assert store.ping()


def test_a_closed_store_refuses(databases) -> None:
    store = databases.open()
    store.close()
    store.close()
    assert not store.ping()
    with pytest.raises(PermanentStoreError, match="closed"):
        store.query("sql/schema_dump")
