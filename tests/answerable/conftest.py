"""A keyring on a real store, and the application around it without a network."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.trace import NoOpTracer
from pydantic import SecretStr
from starlette.types import ASGIApp

from answerable.app import Parts, create_app
from answerable.auth import Gate
from answerable.doors import CountingDoor
from answerable.keyring import Keyring
from answerable.metrics import ServiceMetrics
from answerable.readiness import Readiness
from collector.component import ReceiverContext, new_admission
from collector.models import Receipt, Signal, Submission
from collector.receivers.otlp_http import OtlpHttpReceiver
from collector.receivers.settings import ReceiverSettings
from cost.parts import CostParts
from cost.settings import CostSettings
from drift.parts import DriftParts
from drift.settings import DriftSettings
from sql.client import Store
from sql.migrate import Migrator
from sql.records import Records
from sql.settings import StoreSettings

ADMIN_KEY = "admin-key-for-tests"


class Entropy:
    """Bytes that never repeat and are the same in every run."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self, length: int) -> bytes:
        return next(self._numbers).to_bytes(length, "big")


class RecordingDoor:
    """Keeps what was submitted and refused."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.refusals: list[str] = []

    async def submit(self, submission: Submission) -> Receipt:
        self.submissions.append(submission)
        return Receipt()

    def refuse(self, signal: Signal, tenant: str, reason: str, *, wire_bytes: int) -> None:
        del signal, tenant, wire_bytes
        self.refusals.append(reason)


class Client:
    """Calls an application in this process, one request at a time."""

    def __init__(self, app: ASGIApp, peer: str) -> None:
        self._transport = httpx.ASGITransport(
            app, raise_app_exceptions=False, client=(peer, 50_000)
        )

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self._transport, base_url="http://127.0.0.1"
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@dataclass
class Application:
    """The parts of one application, and a client that calls it in the process."""

    keyring: Keyring
    door: RecordingDoor
    readiness: Readiness
    client: Client

    def key(self, *roles: Any, tenants: tuple[str, ...] = ()) -> dict[str, str]:
        """Make a key and return the header that carries it."""
        _, secret = self.keyring.create(
            "test", roles, tenants, all_tenants=not tenants, expires_at_ns=None, actor="test"
        )
        return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="session")
def shared_store(engine_directory: Path) -> Iterator[Store]:
    """One migrated store for every test here: migrating takes longer than any of them."""
    address = SecretStr(f"chdb://{engine_directory}?database=answerable_tests")
    with Store.open(StoreSettings(store=address)) as store:
        Migrator(store).apply()
        yield store


@pytest.fixture
def key_store(shared_store: Store) -> Store:
    """The same without a key in it."""
    shared_store.run_text("TRUNCATE TABLE records", tag="tests")
    return shared_store


@pytest.fixture
def new_keyring(key_store: Store, clock: Any) -> Callable[..., Keyring]:
    """Makes keyrings on one store, as several processes have them."""
    entropy = Entropy()

    def make(keys_max: int = 100) -> Keyring:
        keyring = Keyring(Records(key_store, clock), clock, entropy, keys_max=keys_max)
        keyring.refresh()
        return keyring

    return make


@pytest.fixture
def new_application(
    key_store: Store, new_keyring: Callable[..., Keyring], clock: Any, tmp_path: Path
) -> Callable[..., Application]:
    """Makes applications."""

    def make(*, anonymous: bool = False, peer: str = "127.0.0.1") -> Application:
        keyring = new_keyring()
        gate = Gate(keyring, clock, admin_key=ADMIN_KEY, allow_anonymous_local=anonymous)
        door, metrics, settings = RecordingDoor(), ServiceMetrics(), ReceiverSettings()
        context = ReceiverContext(
            door=CountingDoor(door, metrics),
            authenticator=gate,
            admission=new_admission(settings, random.Random(7)),
            settings=settings,
            metrics=metrics,
            clock_ns=clock,
            monotonic_ns=clock,
        )
        readiness = Readiness(key_store, lambda: True, tmp_path, disk_free_min_mib=0)
        numbers = count(1)
        parts = Parts(
            store=key_store,
            cost=CostParts(key_store, clock, lambda: f"c{next(numbers)}", CostSettings()),
            drift=DriftParts(key_store, clock, lambda: f"d{next(numbers)}", DriftSettings()),
            keyring=keyring,
            gate=gate,
            readiness=readiness,
            metrics=metrics,
            receiver=OtlpHttpReceiver(context),
            clock=clock,
            monotonic_ns=clock,
            ids=lambda: f"id{next(numbers)}",
            tracer=NoOpTracer(),
            traced=lambda: False,
        )
        client = Client(create_app(parts, http_threads=2), peer)
        return Application(keyring, door, readiness, client)

    return make
