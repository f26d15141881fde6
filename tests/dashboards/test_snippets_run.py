"""The Python snippets, run as a reader would paste them, send a trace with the key."""

import os
import subprocess
import sys

import pytest

from dashboards.snippets import KEY_PLACEHOLDER, snippets


@pytest.mark.parametrize("title", ["Python", "Python, bare OpenTelemetry"])
@pytest.mark.parametrize("needs_key", [True, False])
def test_python_snippet_sends(api, tmp_path, title, needs_key):
    offered = {one.title: one for one in snippets(api.url, needs_key=needs_key)}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", offered[title].text],
        env=clean | {"NO_PROXY": "127.0.0.1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ("/v1/traces", f"Bearer {KEY_PLACEHOLDER}" if needs_key else None) in api.sent
