"""First paint of every page in a real Chromium, over a store of many spans.

    python bench/pages.py [--spans 10000000] [--rounds 5] [--window 24h] [--json]

Fills a store as the traces path does (a tenth of the spans are decisions of a model), starts the
service on it, defines a reference and a monitor, and opens every page in a session that is logged
in. `content_s` is the time from asking for a page to its first table, chart or figure; `settled_s`
to the end of its script. Both include the browser, on the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from drift_store import spans as spans_statement
from playwright.sync_api import sync_playwright
from stores import AS_INGEST_DOES, fill_spans, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

KEY = "bench-key-0123456789abcdef0123456789"
TENANT = "tenant-1"
MODEL = "essay-grader"
PAGES = (
    "Overview",
    "Live ingest",
    "Traces",
    "Decisions",
    "Cost",
    "Budgets",
    "Prices",
    "Reconciliation",
    "Drift",
    "Slices",
    "Model health",
    "Monitors",
)
#: What a page shows first of what it is for.
CONTENT = ", ".join(
    f"[data-testid=stMain] [data-testid={name}]"
    for name in ("stDataFrame", "stPlotlyChart", "stVegaLiteChart", "stMetric", "stAlert")
)
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def fill(directory: str, count: int) -> None:
    """Fill the store of a service, in the day up to now."""
    text, now_ns = spans_statement(), time.time_ns()
    with opened(f"{directory}/store", "answerable") as store:
        fill_spans(store, text, count, now_ns, AS_INGEST_DOES)


@contextmanager
def service(directory: str) -> Iterator[dict[str, str]]:
    """Start `answerable up` with its pages; give what it says of its addresses."""
    environ = {name: value for name, value in os.environ.items() if "ANSWERABLE" not in name}
    environ |= {"ANSWERABLE_ADMIN_KEY": KEY, "ANSWERABLE_SELF_TELEMETRY": "false"}
    command = [sys.executable, "-m", "answerable", "up", "--json", "--data", directory]
    command += ["--http-port", "0", "--grpc-port", "0", "--dashboard-port", "0"]
    with (Path(directory) / "bench.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            started = json.loads(process.stdout.readline())
            yield started
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def await_true(what: Any, timeout_s: float = 300.0) -> None:
    """Ask every half second until it is so."""
    end = time.monotonic() + timeout_s
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(f"{what.__name__} did not come true in {timeout_s:g} s")
        time.sleep(0.5)


def watch(http: httpx.Client) -> dict[str, float]:
    """Define a reference over half of the day and a monitor; wait until all is counted."""
    now_s = int(time.time())
    window = {"from": str(now_s - 86_400), "to": str(now_s - 43_200)}
    reference = {"id": "morning", "tenant": TENANT, "model": MODEL, **window}
    begun = time.perf_counter()
    answer = http.post("/v1/references", json=reference, timeout=120)
    assert answer.is_success, answer.text
    defined_s = time.perf_counter() - begun
    monitor = {"id": "inputs", "model": MODEL, "tenant": TENANT, "reference": "morning"}
    answer = http.post("/v1/monitors", json=monitor)
    # A folder that was kept has it already.
    assert answer.is_success or answer.status_code == httpx.codes.CONFLICT, answer.text
    asked = {"tenant": TENANT, "reference": "morning", "from": "-26h", "features": "words"}

    def decided() -> int:
        answer = http.get("/v1/drift/models", params={"tenant": TENANT, "from": "-26h"})
        return sum(one["decisions"] for one in answer.raise_for_status().json()["items"])

    def counted() -> bool:
        answer = http.get("/v1/drift/features", params=asked).raise_for_status()
        (row,) = answer.json()["features"]
        return sum(cell["n"] for cell in row["cells"]) >= 0.99 * expected

    expected = decided()
    await_true(counted)
    return {"decisions": expected, "define_s": defined_s, "counted_s": time.perf_counter() - begun}


def visited(page: Page, name: str) -> tuple[float, float]:
    """Open a page; give the seconds until its first content and until its script ended."""
    begun = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", level=1, name=name, exact=True).wait_for()
    page.locator(CONTENT).first.wait_for(state="visible")
    content_s = time.perf_counter() - begun
    page.locator(IDLE).wait_for()
    assert page.get_by_test_id("stException").count() == 0, name
    return content_s, time.perf_counter() - begun


def browse(url: str, rounds: int, shots: str) -> dict[str, dict[str, float]]:
    """Log in at an address that names tenant and window, and open every page some times over."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto(url)
        page.get_by_label("API key", exact=True).fill(KEY)
        page.get_by_role("button", name="Log in").click()
        page.locator(CONTENT).first.wait_for(state="visible")
        for _ in range(rounds):
            for name in PAGES:
                found[name].append(visited(page, name))
                if shots:
                    page.screenshot(path=f"{shots}/{name}.png")
        browser.close()
    return {
        name: {
            "content_s": round(statistics.median(one[0] for one in times), 2),
            "settled_s": round(statistics.median(one[1] for one in times), 2),
            "content_max_s": round(max(one[0] for one in times), 2),
        }
        for name, times in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--window", default="24h", help="of every page, as its address names it")
    parser.add_argument("--data", default="", help="a folder to keep, filled if it is empty")
    parser.add_argument("--shots", default="", help="a folder for a picture of every page")
    parser.add_argument("--fill", action="store_true", help="fill the folder and no more")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.fill:
        fill(chosen.data, chosen.spans)
        return 0
    directory = chosen.data or tempfile.mkdtemp(prefix="bench-pages-")
    if not (Path(directory) / "store").exists():
        # The engine holds its folder for the life of a process.
        again = [sys.executable, __file__, "--fill", "--spans", str(chosen.spans)]
        subprocess.run([*again, "--data", directory], check=True)
    with service(directory) as started:
        api = started["http_url"]
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=api, headers=headers, timeout=60, trust_env=False) as http:
            await_true(lambda: http.get("/readyz").is_success)
            drift = watch(http)
        url = f"{started['dashboard_url']}/?window={chosen.window}&tenant="
        pages = {
            tenant or "all tenants": browse(url + tenant, chosen.rounds, chosen.shots)
            for tenant in ("", TENANT)
        }
    if not chosen.data:
        shutil.rmtree(directory)
    if chosen.json:
        print(json.dumps({"spans": chosen.spans, "drift": drift, "pages": pages}))
        return 0
    print(f"{chosen.spans:,} spans; {drift}")
    for scope, found in pages.items():
        print(scope)
        for name, times in found.items():
            print(f"  {name:16}" + "".join(f"  {key} {value:6.2f}" for key, value in times.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
