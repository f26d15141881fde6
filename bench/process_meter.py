"""Processor time and peak memory of another process, read from /proc."""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class ProcessMeter:
    """Counts a process and its children from now on.

    Parameters
    ----------
    pid
        The process; its children are counted with it.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._start_s = self._cpu_s()
        self.peak_memory_mib = 0.0

    @staticmethod
    def clean_environment() -> dict[str, str]:
        """Return the environment without settings of the service."""
        return {key: value for key, value in os.environ.items() if "ANSWERABLE" not in key}

    def settled_cpu_s(self) -> float:
        """Wait until the process idles, background merges done, and return what it used."""
        used = self._cpu_s()
        quiet = 0
        while quiet < 3:
            time.sleep(1)
            now = self._cpu_s()
            quiet = quiet + 1 if now - used < 0.15 else 0
            used = now
        self.peak_memory_mib = self._peak_memory_mib()
        return used - self._start_s

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(ticks) for ticks in fields[11:15]) * _TICK_S

    def _peak_memory_mib(self) -> float:
        for line in Path(f"/proc/{self._pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
        return 0.0
