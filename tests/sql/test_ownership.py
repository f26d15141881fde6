"""An embedded store belongs to one process, which a second one is told."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr

from sql import ownership
from sql.client import Store
from sql.errors import PermanentStoreError
from sql.settings import StoreSettings

OPEN = """
import sys
from sql.client import Store
from sql.errors import StoreError
from sql.settings import StoreSettings
try:
    store = Store.open(StoreSettings(store="chdb://" + sys.argv[1]))
    store.run_text("CREATE TABLE IF NOT EXISTS kept (n UInt8) ENGINE = Log", tag="t")
    store.insert("kept", [{"n": 1}])
    print("open", flush=True)
    sys.stdin.read()
except StoreError as error:
    print("refused", error, flush=True)
"""


def open_elsewhere(directory) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_is_refused(tmp_path) -> None:
    ownership.take(tmp_path)
    try:
        with open_elsewhere(tmp_path) as other:
            said = other.communicate(timeout=60)[0]
    finally:
        ownership.release(tmp_path)
    assert said.startswith("refused")
    assert str(tmp_path) in said
    assert f"process {os.getpid()}." in said


def test_a_killed_process_leaves_the_directory_free(tmp_path) -> None:
    for _ in range(2):
        with open_elsewhere(tmp_path) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "open\n"
            with pytest.raises(PermanentStoreError, match=f"process {other.pid}"):
                ownership.take(tmp_path)
            other.kill()
    ownership.take(tmp_path)
    ownership.release(tmp_path)


def test_one_process_opens_it_several_times(embedded) -> None:
    first, second = embedded.open(), embedded.open()
    assert first.ping()
    assert second.ping()
    first.close()
    assert second.ping()


def test_an_unusable_directory_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    dsn = f"chdb://{tmp_path}/file"
    with pytest.raises(PermanentStoreError, match="file cannot be used"):
        Store.open(StoreSettings(store=SecretStr(dsn)))
