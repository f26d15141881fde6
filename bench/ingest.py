"""Ingest, end to end over HTTP: this service beside a naive receiver, on the same bodies.

    python bench/ingest.py --json

Each receiver runs in a process of its own with an empty embedded store; this process sends.
Processor seconds are those of the receiving process, merges included until they have settled.
The naive receiver decodes with upb, walks the objects in Python and inserts each request into
the same `spans` table with clickhouse-connect; `naive_batched` does so for up to 32 requests at
once. Neither writes anything but spans, so both do less than the service.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
from bodies import SPANS_PER_BODY, BodyFactory
from http_sender import HttpSender
from process_meter import ProcessMeter

ADMIN_KEY = "0123456789abcdef" * 4
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Result:
    """What one receiver did with one load."""

    spans: int
    seconds: float
    spans_per_s: float
    cpu_s: float
    spans_per_cpu_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    peak_memory_mib: float
    refused: int


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def command(kind: str, port: int, data: Path) -> list[str]:
    """Build the command line of a receiver."""
    if kind == "ours":
        return [
            *(sys.executable, "-m", "answerable", "up", "--no-dashboards"),
            *("--data", str(data), "--http-port", str(port), "--grpc-port", str(free_port())),
        ]
    batch = "32" if kind == "naive_batched" else "1"
    script = str(HERE / "naive_receiver.py")
    return [sys.executable, script, "--port", str(port), "--data", str(data), "--batch", batch]


async def wait_ready(client: httpx.AsyncClient) -> None:
    """Wait until the receiver answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if (await client.get("/readyz")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise SystemExit("the receiver did not become ready in 60 s")


async def ingest_key(client: httpx.AsyncClient) -> str:
    """Make a key that may only send, for one tenant."""
    answer = await client.post(
        "/v1/keys",
        json={"name": "bench", "roles": ["ingest"], "tenants": ["bench"]},
        headers={"authorization": f"Bearer {ADMIN_KEY}", "content-type": "application/json"},
    )
    return str(answer.raise_for_status().json()["key"])


async def wait_priced(client: httpx.AsyncClient) -> None:
    """Wait until a first start has imported its price list, which is not ingest."""
    headers = {"authorization": f"Bearer {ADMIN_KEY}"}
    for _ in range(600):
        answer = await client.get("/v1/costs/restatements", headers=headers)
        if any(item["state"] != "due" for item in answer.raise_for_status().json()["items"]):
            return
        await asyncio.sleep(0.1)
    raise SystemExit("the price list was not imported in 60 s")


async def load(
    port: int,
    headers: dict[str, str],
    *,
    requests: int,
    senders: int,
    rate_per_s: float | None,
) -> tuple[list[float], int]:
    """Send `requests` bodies over `senders` connections; return times and refusals."""
    factory = BodyFactory(seed=1)
    remaining = iter(range(requests))
    times: list[float] = []
    refused = 0
    started = time.perf_counter()

    async def sender() -> None:
        nonlocal refused
        connection = HttpSender(port, "/v1/traces", headers)
        for number in remaining:
            if rate_per_s:
                await asyncio.sleep(max(0.0, started + number / rate_per_s - time.perf_counter()))
            body = factory.make(time.time_ns())
            begun = time.perf_counter()
            refused += await connection.post(body) != 200
            times.append(time.perf_counter() - begun)
        connection.close()

    await asyncio.gather(*(sender() for _ in range(senders)))
    return times, refused


def percentile(times: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return round(sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000, 1)


async def measure(
    kind: str, *, requests: int, senders: int, rate_per_s: float | None = None
) -> Result:
    """Start a receiver, load it, and read its meters once merges have settled."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: ASYNC220  Nothing else runs yet.
            command(kind, port, Path(folder)),
            env={**ProcessMeter.clean_environment(), "ANSWERABLE_ADMIN_KEY": ADMIN_KEY},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            headers = {"content-type": "application/x-protobuf", "x-tenant": "bench"}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                await wait_ready(client)
                if kind == "ours":
                    headers["authorization"] = f"Bearer {await ingest_key(client)}"
                    await wait_priced(client)
            warm_up = min(senders, requests)
            await load(port, headers, requests=warm_up, senders=warm_up, rate_per_s=None)
            meter = ProcessMeter(process.pid)
            begun = time.perf_counter()
            times, refused = await load(
                port, headers, requests=requests, senders=senders, rate_per_s=rate_per_s
            )
            seconds = time.perf_counter() - begun
            cpu_s = meter.settled_cpu_s()
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=60)
            if process.returncode not in (0, -15):
                sys.stderr.write(errors.decode()[-2000:])
    spans = (len(times) - refused) * SPANS_PER_BODY
    return Result(
        spans=spans,
        seconds=round(seconds, 2),
        spans_per_s=round(spans / seconds),
        cpu_s=round(cpu_s, 2),
        spans_per_cpu_s=round(spans / cpu_s) if cpu_s else 0,
        ack_p50_ms=percentile(times, 0.50),
        ack_p99_ms=percentile(times, 0.99),
        peak_memory_mib=meter.peak_memory_mib,
        refused=refused,
    )


async def run(options: argparse.Namespace) -> dict[str, object]:
    """Measure ours, ours again at half of its peak, and the naive ones."""
    ours = await measure("ours", requests=options.requests, senders=options.senders)
    half = await measure(
        "ours",
        requests=options.requests // 2,
        senders=options.senders,
        rate_per_s=ours.spans_per_s / SPANS_PER_BODY / 2,
    )
    slow = options.naive_requests
    naive = await measure("naive", requests=slow, senders=options.senders)
    batched = await measure("naive_batched", requests=slow, senders=options.senders)
    return {
        "ours": asdict(ours),
        "ours_at_half_of_peak": asdict(half),
        "naive": asdict(naive),
        "naive_batched": asdict(batched),
        "ratio": round(ours.spans_per_cpu_s / naive.spans_per_cpu_s, 2),
        "ratio_batched": round(ours.spans_per_cpu_s / batched.spans_per_cpu_s, 2),
        "ratio_wall": round(ours.spans_per_s / naive.spans_per_s, 2),
    }


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--requests", type=int, default=2400, help="bodies of 512 spans for us")
    parser.add_argument("--naive-requests", type=int, default=240, help="bodies for the naive ones")
    parser.add_argument("--senders", type=int, default=256, help="clients sending at once")
    options = parser.parse_args()
    result = asyncio.run(run(options))
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:22} {value}")


if __name__ == "__main__":
    main()
