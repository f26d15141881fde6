"""A running service: `answerable up` as a process of its own, the way an operator starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
ADMIN_KEY = "admin-key-of-the-tests-0123456789abcdef"


@dataclass
class RunningService:
    """One `answerable up` with a data directory of its own, on free ports.

    `restart` keeps both; `kill` is `kill -9`.
    """

    data_dir: Path
    environ: dict[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    admin_key: str = ADMIN_KEY
    http_port: int = 0
    grpc_port: int = 0
    dashboard_port: int = 0
    with_dashboards: bool = False
    started: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def grpc_target(self) -> str:
        return f"127.0.0.1:{self.grpc_port}"

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def log_path(self) -> Path:
        return self.data_dir.with_suffix(".log")

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    @property
    def command(self) -> list[str]:
        words = [sys.executable, "-m", "answerable", "up", "--json", "--data", str(self.data_dir)]
        words += ["--http-port", str(self.http_port), "--grpc-port", str(self.grpc_port)]
        words += ["--dashboard-port", str(self.dashboard_port), *self.flags]
        return words if self.with_dashboards else [*words, "--no-dashboards"]

    def start(self) -> RunningService:
        """Start it and wait until it is ready."""
        with self.log_path.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environ() | {"ANSWERABLE_ADMIN_KEY": self.admin_key} | self.environ,
            )
        watchdog = threading.Timer(START_TIMEOUT_S, self.process.kill)
        watchdog.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        watchdog.cancel()
        if not line:
            self.process.wait()
            self.process.stdout.close()
            pytest.fail(f"the service ended with {self.process.returncode}:\n{self.log}")
        self.started = json.loads(line)
        self.http_port = _port(self.started["http_url"])
        self.grpc_port = _port(self.started["grpc_target"])
        if self.with_dashboards:
            self.dashboard_port = _port(self.started["dashboard_url"])
        self._wait_ready()
        return self

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        return self.end(signal.SIGTERM)

    def kill(self) -> int:
        """kill -9; return the exit code."""
        return self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait_end()

    def wait_end(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Wait until it has ended; return the exit code."""
        process = self.process
        assert process is not None
        try:
            code = process.wait(timeout_s)
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        return code

    def restart(self) -> RunningService:
        """Stop it, if it runs, and start it again on the same data and ports."""
        if self.is_running:
            assert self.stop() == 0, self.log
        return self.start()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def headers(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self.admin_key}"}

    def client(self, key: str | None = None) -> httpx.Client:
        """A client with a key, the admin's by default; close it."""
        return httpx.Client(
            base_url=self.http_url, headers=self.headers(key), timeout=30, trust_env=False
        )

    def get(self, path: str, key: str | None = None, **params: str) -> dict[str, Any]:
        """Read a path as JSON; the answer must be 200."""
        with self.client(key) as client:
            answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def make_key(self, name: str, roles: list[str], tenants: list[str] | None = None) -> str:
        """Make a key for some tenants, or for all of them, and return it."""
        body = {"name": name, "roles": roles, "tenants": tenants or [], "all_tenants": not tenants}
        with self.client() as client:
            answer = client.post("/v1/keys", json=body)
        assert answer.status_code == 201, answer.text
        key: str = answer.json()["key"]
        return key

    def wait_for(self, what: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait until `what` holds; fail with the log when it does not in time."""
        end = time.monotonic() + timeout_s
        while not what():
            if time.monotonic() > end:
                pytest.fail(f"did not come true in {timeout_s:g} s; the service says:\n{self.log}")
            time.sleep(0.05)

    def _wait_ready(self) -> None:
        with self.client() as client:
            self.wait_for(lambda: client.get("/readyz").status_code == 200)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def clean_environ() -> dict[str, str]:
    """The environment without settings of whoever runs the tests, and quiet about itself."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSWERABLE_", "OTEL_"))
    }
    # Its own telemetry would stand beside what the tests count.
    return kept | {"ANSWERABLE_SELF_TELEMETRY": "false"}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for the whole run, dashboards included; use tenants of your own."""
    directory = tmp_path_factory.mktemp("service") / "data"
    running = RunningService(directory, with_dashboards=True).start()
    yield running
    if running.is_running:
        assert running.stop() == 0, running.log


@pytest.fixture
def new_service(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Makes services of a test's own; not started, and ended with the test."""
    made: list[RunningService] = []

    def make(**overrides: Any) -> RunningService:
        running = RunningService(tmp_path / f"data{len(made)}", **overrides)
        made.append(running)
        return running

    yield make
    for running in made:
        if running.is_running:
            running.stop()


@pytest.fixture(scope="module")
def browser(service: RunningService) -> Iterator[Any]:
    """A browser; the pages, a process of their own, answer before it starts."""
    browsing = pytest.importorskip("tests.e2e.browsing")

    def healthy() -> bool:
        try:
            return httpx.get(f"{service.dashboard_url}/_stcore/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    service.wait_for(healthy, timeout_s=60)
    with browsing.chromium() as started:
        yield started
