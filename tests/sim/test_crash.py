"""kill -9 under load, again and again: what was acknowledged is there, once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.doubles import otlp_bodies
from tests.e2e.conftest import RunningService

CRASHES = 5
SENDERS = 6
SPANS = 30
RECORDS = 10
SEED = 20261123


class Sender(threading.Thread):
    """Sends one body after another, each until it is acknowledged."""

    def __init__(self, service: RunningService, key: str, seed: int) -> None:
        super().__init__(daemon=True)
        self._service = service
        self._key = key
        self._rng = random.Random(seed)
        self.stopping = threading.Event()
        self.acknowledged = {"traces": 0, "logs": 0}
        self.repeated = 0

    def run(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self.stopping.is_set():
                if self._rng.random() < 0.6:
                    self._send(
                        client, "traces", otlp_bodies.traces(self._rng, time.time_ns(), SPANS)
                    )
                else:
                    self._send(client, "logs", otlp_bodies.logs(self._rng, time.time_ns(), RECORDS))

    def _send(self, client: httpx.Client, signal: str, body: bytes) -> None:
        headers = {
            "authorization": f"Bearer {self._key}",
            "content-type": "application/x-protobuf",
        }
        while True:
            try:
                answer = client.post(
                    f"{self._service.http_url}/v1/{signal}", content=body, headers=headers
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                assert answer.content == b""
                self.acknowledged[signal] += 1
                return
            assert answer is None or answer.status_code == 503, answer.text
            self.repeated += 1
            time.sleep(0.05)


@pytest.mark.slow
def test_acknowledged_items_survive_kill_9_once(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    service = RunningService(tmp_path / "data").start()
    interrupted = 0
    try:
        key = service.make_key("crash", ["ingest"], ["crash"])
        senders = [Sender(service, key, rng.randrange(2**32)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(CRASHES):
            time.sleep(0.4 + rng.random())
            service.kill()
            interrupted += len(list((service.data_dir / "journal").glob("*.frames")))
            service.start()
        time.sleep(0.5)
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
        assert service.stop() == 0
    finally:
        if service.is_running:
            service.kill()

    bodies = {
        signal: sum(sender.acknowledged[signal] for sender in senders)
        for signal in ("traces", "logs")
    }
    assert sum(sender.repeated for sender in senders) > 0, "no request met a crash"
    assert interrupted > 0, "no crash met an insert"
    found = rows(service.data_dir / "store")
    assert found["distinct_spans"] == bodies["traces"] * SPANS
    assert found["spans"] == found["distinct_spans"], "a span was written twice"
    assert found["logs"] == bodies["logs"] * RECORDS
    assert found["decisions"] == bodies["traces"] * SPANS // 3
    assert found["usage"] == found["decisions"] * 3
    assert found["stored"] == found["spans"] + found["logs"]
    assert found["received"] == found["ended"], "the ledger does not balance"
    assert list((service.data_dir / "journal").glob("*")) == []


def rows(directory: Path) -> dict[str, int]:
    script = Path(__file__).with_name("count_rows.py")
    done = subprocess.run(
        [sys.executable, str(script), str(directory)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
