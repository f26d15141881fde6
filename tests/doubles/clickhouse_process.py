"""Starts, kills and restarts the ClickHouse double; a test holds one of these."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SCRIPT = Path(__file__).with_name("clickhouse_http.py")
START_TIMEOUT_S = 30.0


class ClickhouseProcess:
    """A ClickHouse double in a process of its own, on one port for its whole life.

    Parameters
    ----------
    directory
        Where its engine keeps data; it is there again after a restart.
    password
        What a client must send; empty accepts everybody.
    """

    def __init__(self, directory: Path, *, password: str = "") -> None:
        self._directory = directory
        self._password = password
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def dsn(self) -> str:
        """The address of the store, without a database."""
        user = f"default:{self._password}@" if self._password else ""
        return f"clickhouse://{user}127.0.0.1:{self.port}"

    def start(self) -> ClickhouseProcess:
        """Start it, on its former port if it had one, and wait until it answers."""
        command = [sys.executable, str(SCRIPT), "--directory", str(self._directory)]
        command += ["--port", str(self.port), "--password", self._password]
        self._directory.mkdir(parents=True, exist_ok=True)
        # The engine keeps inline schemas in the working directory.
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=self._directory
        )
        timer = threading.Timer(START_TIMEOUT_S, self._process.kill)
        timer.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        timer.cancel()
        if not line.strip():
            raise RuntimeError(f"the ClickHouse double did not start: rc {self._process.wait()}")
        self.port = int(line)
        return self

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def fault(self, **params: Any) -> None:
        """Make the next requests fail; see clickhouse_faults.py for the parameters."""
        url = f"http://127.0.0.1:{self.port}/__fault?{urlencode(params)}"
        with urllib.request.urlopen(
            urllib.request.Request(url, method="POST"), timeout=10
        ) as answer:
            assert answer.status == 200

    def __enter__(self) -> ClickhouseProcess:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.kill()
