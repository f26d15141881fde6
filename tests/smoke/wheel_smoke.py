"""Installs the built wheels into a clean environment and uses them the way an operator would.

`python tests/smoke/wheel_smoke.py DIST`, where DIST holds both wheels. An editable install puts
the repository on sys.path and so hides what a wheel forgot; this does not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from importlib import import_module
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADMIN_KEY = "smoke-admin-key-0123456789"
READ_BACK_S = 30.0
PACKAGES = (
    "answerable",
    "answerable_instrument",
    "collector",
    "cost",
    "dashboards",
    "drift",
    "sql",
    "web",
)


def main() -> int:
    """Make the environment, install, and run this file again inside it."""
    if sys.argv[1] == "--inside":
        inside(Path(sys.argv[2]))
        return 0
    wheels = [str(wheel.resolve()) for wheel in Path(sys.argv[1]).glob("*.whl")]
    if len(wheels) != 2:
        sys.exit(f"expected two wheels in {sys.argv[1]}, found {wheels}")
    with tempfile.TemporaryDirectory(prefix="answerable-smoke-") as made:
        directory = Path(made)
        venv.create(directory / "venv", with_pip=True)
        python = str(directory / "venv" / "bin" / "python")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), *wheels], check=True)
        words = [python, "-I", __file__, "--inside", str(directory)]
        return subprocess.run(words, cwd=directory, check=False, env=environ()).returncode


def environ() -> dict[str, str]:
    """Settings of the run: free ports, a known key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
    ports = {f"ANSWERABLE_{name}_PORT": "0" for name in ("HTTP", "GRPC", "DASHBOARD")}
    return kept | ports | {"ANSWERABLE_ADMIN_KEY": ADMIN_KEY}


def inside(directory: Path) -> None:
    """Check what was installed, and run it."""
    check_contents()
    command = Path(sys.executable).with_name("answerable")
    doctor = [str(command), "doctor", "--json", "--data", str(directory / "data")]
    diagnosis = json.loads(subprocess.run(doctor, check=True, capture_output=True).stdout)
    failed = [check for check in diagnosis["checks"] if check["ok"] is False]
    assert not failed, failed
    words = [str(command), "up", "--json", "--data", str(directory / "data")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            started = json.loads(process.stdout.readline())
            send_and_read_back(started["http_url"])
            wait_for(f"{started['dashboard_url']}/_stcore/health")
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        finally:
            process.kill()
    assert code == 0, f"exit code {code} after SIGTERM"
    sys.stdout.write("the wheels work: installed, started, a trace stored and read, stopped\n")


def check_contents() -> None:
    """Fail where a package does not come from the wheel, or the wheel lacks data files."""
    for name in PACKAGES:
        path = Path(str(import_module(name).__file__))
        assert "site-packages" in path.parts, f"{name} comes from {path}"
    in_tree = {path.relative_to(ROOT / "sql") for path in (ROOT / "sql").rglob("*.sql")}
    in_tree |= {path.relative_to(ROOT / "sql") for path in (ROOT / "sql").rglob("*.proto")}
    missing = [str(path) for path in in_tree if not files("sql").joinpath(str(path)).is_file()]
    assert in_tree, "no SQL files in the tree"
    assert not missing, f"not in the wheel: {missing}"


def send_and_read_back(url: str) -> None:
    """Send one span through the instrument library and wait until the API shows it."""
    # Only the clean environment has them for certain; the outer run is any Python.
    instrument = import_module("answerable_instrument")
    trace = import_module("opentelemetry.trace")
    telemetry = instrument.configure(endpoint=url, key=ingest_key(url), service_name="smoke")
    with trace.get_tracer("smoke").start_as_current_span("smoke") as span:
        trace_id = f"{span.get_span_context().trace_id:032x}"
    telemetry.shutdown()
    found = json.loads(wait_for(f"{url}/v1/traces/{trace_id}"))
    names = [span["name"] for span in found["spans"]]
    assert names == ["smoke"], names


def ingest_key(url: str) -> str:
    """Make a key for one tenant."""
    body = json.dumps({"name": "smoke", "roles": ["ingest"], "tenants": ["smoke"]}).encode()
    headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/keys", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        key: str = json.load(answer)["key"]
    return key


def wait_for(url: str) -> bytes:
    """Read a URL until it answers 200."""
    end = time.monotonic() + READ_BACK_S
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content: bytes = answer.read()
                return content
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > end:
                raise TimeoutError(f"{url} did not answer 200: {error}") from error
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
