"""Fixtures every suite shares: a clock to step, stores over each transport, published data.

An embedded engine holds one directory for the life of a process, so the session has one
engine and every test a database of its own.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings
from tests.doubles.clickhouse_process import ClickhouseProcess

HOUR_NS = 3_600_000_000_000
ROOT = Path(__file__).resolve().parents[1]
DOCKER_IMAGE = "clickhouse/clickhouse-server:latest"

_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Forget the size of a terminal, which processes of tests are told though they have none.

    The command line's console would keep it from its import on, whatever a test sets.
    """
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


class FakeClock:
    """A clock that stands still until it is stepped.

    It starts at the last full hour: the engine expires rows by the machine's clock, so a
    date of long ago would lose them to their retention.
    """

    def __init__(self, now_ns: int | None = None) -> None:
        self.now_ns = time.time_ns() // HOUR_NS * HOUR_NS if now_ns is None else now_ns

    def __call__(self) -> int:
        return self.now_ns

    def step(self, *, seconds: float = 0.0, ns: int = 0) -> int:
        """Move forward and return the new time."""
        self.now_ns += round(seconds * 1e9) + ns
        return self.now_ns


@dataclass
class Databases:
    """Opens stores on one fresh database of one engine, and drops it afterwards."""

    address: Callable[[str], str]
    name: str = ""
    opened: list[Store] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return self.address(self.name)

    def open(self, **overrides: Any) -> Store:
        """Open a store on the database with settings of its own."""
        store = Store.open(StoreSettings(store=SecretStr(self.dsn), **overrides))
        self.opened.append(store)
        return store

    def clear(self) -> None:
        first = self.opened[0] if self.opened else None
        for store in self.opened[1:]:
            store.close()
        if first is None:
            return
        first.close()
        cleaner = Store.open(StoreSettings(store=SecretStr(self.address("default"))))
        cleaner.run_text(f"DROP DATABASE IF EXISTS {self.name}", tag="tests")
        cleaner.close()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ANSWERABLE_") and name != "ANSWERABLE_CONFORMANCE_DATA":
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    """A clock in nanoseconds that a test steps."""
    return FakeClock()


@pytest.fixture(scope="session")
def engine_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one directory the embedded engine of this process uses."""
    return tmp_path_factory.mktemp("chdb")


@pytest.fixture(scope="session")
def clickhouse_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickhouseProcess]:
    """A ClickHouse server's HTTP interface over chDB; do not kill the session's one."""
    with ClickhouseProcess(tmp_path_factory.mktemp("clickhouse")) as process:
        yield process


@pytest.fixture(scope="session")
def clickhouse_dsn(clickhouse_process: ClickhouseProcess) -> str:
    """Address of that server, without a database."""
    return clickhouse_process.dsn


@pytest.fixture(scope="session")
def docker_dsn() -> Iterator[str]:
    """Address of a real ClickHouse server in a container."""
    if not os.environ.get("DOCKER_HOST") and not Path("/var/run/docker.sock").exists():
        pytest.skip("no Docker engine: DOCKER_HOST is unset and /var/run/docker.sock is missing")
    from docker.errors import DockerException  # noqa: PLC0415  Only where Docker answers.
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415
    from testcontainers.core.wait_strategies import HttpWaitStrategy  # noqa: PLC0415

    container = DockerContainer(DOCKER_IMAGE).with_exposed_ports(8123)
    container = container.with_env("CLICKHOUSE_SKIP_USER_SETUP", "1")
    try:
        container.waiting_for(HttpWaitStrategy(8123, "/ping")).start()
    except DockerException as error:
        pytest.skip(f"the Docker engine does not answer: {error}")
    try:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8123)
        yield f"clickhouse://{host}:{port}"
    finally:
        container.stop()


def _databases(request: pytest.FixtureRequest, transport: str) -> Databases:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    if transport == "chdb":
        directory = request.getfixturevalue("engine_directory")
        return Databases(lambda database: f"chdb://{directory}?database={database}", name)
    dsn = request.getfixturevalue("clickhouse_dsn" if transport == "http" else "docker_dsn")
    return Databases(lambda database: f"{dsn}/{database}", name)


@pytest.fixture(params=["chdb", "http", pytest.param("docker", marks=pytest.mark.docker)])
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """A fresh database, over each transport in turn."""
    made = _databases(request, request.param)
    yield made
    made.clear()


@pytest.fixture
def embedded(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """A fresh database of the embedded engine only."""
    made = _databases(request, "chdb")
    yield made
    made.clear()


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """A fresh database over HTTP only."""
    made = _databases(request, "http")
    yield made
    made.clear()


@pytest.fixture
def store(databases: Databases) -> Store:
    """An open store on an empty database, over each transport in turn."""
    return databases.open()


@pytest.fixture
def migrated_store(store: Store) -> Store:
    """The same with the whole schema in place."""
    Migrator(store).apply()
    return store


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """Published example payloads and test vectors, which are not part of this repository."""
    default = ROOT.parent / "shared" / "data"
    data = Path(os.environ.get("ANSWERABLE_CONFORMANCE_DATA", default))
    if not data.is_dir():
        pytest.skip(f"no conformance data at {data}; set ANSWERABLE_CONFORMANCE_DATA")
    return data
