"""Reserve and settle over HTTP, against a service of its own: latency with one and more clients.

    python bench/budgets_http.py [--seconds 5] [--clients 1 8] [--redis redis://...]

Prints JSON: for each number of clients, milliseconds of a pair (reserve, then settle) and of each
request, and pairs a second. Clients are processes that hold one connection each and ask without a
pause; every call counts in four budgets.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "bench-key-0123456789abcdef0123456789"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
TENANT = "bench"
WARM_UP_S = 0.5
#: A first start imports the price list.
SETTLE_S = 5.0


@contextlib.contextmanager
def service(redis_url: str = "") -> Iterator[tuple[int, int]]:
    """Start `answerable up` on free ports in a folder of its own; give HTTP port and process."""
    ports = [_free_port(), _free_port()]
    environ = {name: value for name, value in os.environ.items() if "ANSWERABLE" not in name}
    environ |= {"ANSWERABLE_ADMIN_KEY": KEY, "ANSWERABLE_LOG_LEVEL": "warning"}
    if redis_url:
        environ["ANSWERABLE_BUDGET_REDIS_URL"] = redis_url
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as folder:
        command = [sys.executable, "-m", "answerable", "up", "--no-dashboards", "--data", folder]
        command += ["--http-port", str(ports[0]), "--grpc-port", str(ports[1])]
        log = Path(folder) / "bench.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(command, env=environ, stdout=sink, stderr=sink)
        try:
            _await_ready(ports[0], process, log)
            time.sleep(SETTLE_S)
            yield ports[0], process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def define(port: int) -> None:
    """Make the budgets every call counts in."""
    scopes: dict[str, dict[str, str]] = {
        "tenant": {},
        "project": {"project": "p"},
        "user": {"project": "p", "user": "u"},
        "model": {"model": "gpt-5*"},
    }
    for name, scope in scopes.items():
        body = {"budget_id": name, "tenant": TENANT, "limit": "1000000", "scope": scope}
        body |= {"thresholds": [{"at": "0.5"}, {"at": "0.9", "answer": "defer"}]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/budgets", json.dumps(body).encode(), HEADERS
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201


def spend(port: int, seconds: float, name: str) -> dict[str, list[float]]:
    """Reserve and settle without a pause over one connection; milliseconds of each."""
    times: dict[str, list[float]] = {"pair": [], "reserve": [], "settle": []}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    assert connection.sock is not None
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    call = {"tenant": TENANT, "project": "p", "user": "u", "model": "gpt-5-mini", "amount": "0.01"}
    began, number = time.perf_counter(), 0
    while (now := time.perf_counter()) - began < seconds + WARM_UP_S:
        number += 1
        named = {"tenant": TENANT, "reservation_id": f"{name}-{number}"}
        made = _post(connection, "reserve", {**call, **named})
        between = time.perf_counter()
        assert made["decision"] == "allow", made
        settled = _post(connection, "settle", {**named, "amount": "0.008"})
        after = time.perf_counter()
        assert settled["state"] == "settled", settled
        if now - began >= WARM_UP_S:
            times["pair"].append((after - now) * 1000)
            times["reserve"].append((between - now) * 1000)
            times["settle"].append((after - between) * 1000)
    connection.close()
    return times


def measure(port: int, pid: int, clients: int, seconds: float) -> dict[str, Any]:
    """Let some client processes spend at once."""
    cpu_before = _cpu_s(pid)
    command = [sys.executable, __file__, "--client", str(port), "--seconds", str(seconds)]
    processes = [
        subprocess.Popen(
            [*command, "--name", f"c{clients}-{index}"], stdout=subprocess.PIPE, text=True
        )
        for index in range(clients)
    ]
    found = [json.loads(process.communicate()[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    pairs = sum(len(times["pair"]) for times in found)
    summary = {
        what: _percentiles([ms for times in found for ms in times[what]])
        for what in ("pair", "reserve", "settle")
    }
    # Of the whole service, its jobs and the pairs of the warm-up included.
    cpu_ms = (_cpu_s(pid) - cpu_before) * 1000 / max(1, pairs) * seconds / (seconds + WARM_UP_S)
    return {
        "clients": clients,
        "pairs": pairs,
        "pairs_per_s": round(pairs / seconds, 1),
        **summary,
        "server_cpu_ms_per_pair": round(cpu_ms, 3),
    }


def run(clients: tuple[int, ...] = (1, 8), seconds: float = 5.0, redis_url: str = "") -> Any:
    """Start a service and measure; what `main` prints."""
    with service(redis_url) as (port, pid):
        define(port)
        results = [measure(port, pid, number, seconds) for number in clients]
    return {"ledger": "redis" if redis_url else "memory", "budgets": 4, "results": results}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--redis", default="")
    parser.add_argument("--client", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--name", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        print(json.dumps(spend(given.client, given.seconds, given.name)))
        return
    print(json.dumps(run(tuple(given.clients), given.seconds, given.redis), indent=2))


def _post(connection: http.client.HTTPConnection, what: str, body: dict[str, Any]) -> Any:
    connection.request("POST", f"/v1/budgets/{what}", json.dumps(body), HEADERS)
    answer = connection.getresponse()
    read = answer.read()
    assert answer.status == 200, read
    return json.loads(read)


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49], 3), "p99_ms": round(cuts[98], 3)}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").close()
            return
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{log.read_text()[-4000:]}")


if __name__ == "__main__":
    main()
