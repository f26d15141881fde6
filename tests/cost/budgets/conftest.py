"""A Redis server of the session, both ledgers, and a desk with budgets in front of one."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from itertools import count

import pytest
import redis

from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from cost.budgets.redis_ledger import RedisLedger
from tests.cost.budgets.kit import Desk

WATERMARK_NS = 1_000
_prefixes = count(1)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """Address of a server started here, on a free port of this machine."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + 20
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@dataclass
class Ledgers:
    """Opens ledgers of one kind; two opened with one name are one ledger to those who share it."""

    kind: str
    folder: object
    request: object

    def open(self, **bounds):
        if self.kind == "memory":
            sizes = {"segment_bytes": 1 << 20, "total_bytes": 1 << 24}
            sizes |= {name: bounds.pop(name) for name in [*sizes] if name in bounds}
            journal = Journal(self.folder / "budgets", **sizes)
            ledger = MemoryLedger(journal, **{"reservations_max": 10_000, **bounds})
        else:
            url = self.request.getfixturevalue("redis_url")
            ledger = RedisLedger(url, prefix=str(self.folder), events_max=100_000, timeout_s=10)
        ledger.start(WATERMARK_NS)
        return ledger


@pytest.fixture(params=["memory", "redis"])
def ledgers(request, tmp_path):
    return Ledgers(request.param, tmp_path, request)


@pytest.fixture
def ledger(ledgers):
    opened = ledgers.open()
    yield opened
    opened.close()


@pytest.fixture
def desk(ledger):
    """An engine over each ledger in turn, at a fixed time."""
    return Desk(ledger)
