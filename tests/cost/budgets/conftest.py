"""Both ledgers, and a desk with budgets in front of one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from cost.budgets.redis_ledger import RedisLedger
from tests.cost.budgets.kit import Desk

WATERMARK_NS = 1_000


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
