"""The allocator keeps freed blocks instead of returning them to the kernel."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from answerable import allocator
if sys.argv[1] == "tuned":
    assert allocator.tune()
def churn():
    for _ in range(20):
        bodies = [b"x" * 100_000 for _ in range(200)]
        del bodies
churn()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
churn()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")
def test_freed_bodies_are_reused() -> None:
    assert faults("tuned") * 10 < faults("default")
