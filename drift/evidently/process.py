"""The other interpreter: started for one report, with a private folder, few variables, a limit."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from drift.evidently.errors import (
    EvidentlyAbsentError,
    EvidentlyFailedError,
    EvidentlySlowError,
)
from drift.evidently.tables import Tables

if TYPE_CHECKING:
    from drift.settings import DriftSettings

Format = Literal["html", "snapshot"]

#: What the runner writes, by format.
FILES: dict[Format, str] = {"html": "report.html", "snapshot": "snapshot.json"}

#: Variables the other interpreter may need; never a key or an address of ours.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH")

#: Characters of an error that are told.
_ERROR_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class Ask:
    """One report.

    Parameters
    ----------
    timestamp
        When it is of, RFC 3339: the end of the window.
    metadata
        What a snapshot says about itself.
    """

    tables: Tables
    format: Format
    name: str
    timestamp: str
    metadata: Mapping[str, Any]


class Interpreter:
    """Runs Evidently.

    Parameters
    ----------
    settings
        Which interpreter, and for how long at most.
    """

    def __init__(self, settings: DriftSettings) -> None:
        self._python = settings.evidently_python
        self._timeout_s = settings.evidently_timeout_s
        self._bytes_max = settings.evidently_report_mb_max * 1_000_000

    def draw(self, ask: Ask) -> bytes:
        """Draw a report; blocking.

        Raises
        ------
        EvidentlyAbsentError, EvidentlyFailedError, EvidentlySlowError
        """
        if not self._python:
            raise EvidentlyAbsentError(f"No interpreter with Evidently is named. {how_to()}")
        with tempfile.TemporaryDirectory(prefix="answerable-evidently-") as name:
            folder = Path(name)
            _write(ask, folder)
            self._run(folder)
            return self._read(folder / FILES[ask.format])

    def _run(self, folder: Path) -> None:
        runner = resources.files("drift.evidently") / "runner.py"
        try:
            with resources.as_file(runner) as path:
                subprocess.run(
                    # Isolated: neither this folder's modules nor the user's shadow its own.
                    [self._python, "-I", path, folder],
                    env=_environment(folder),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=True,
                    timeout=self._timeout_s,
                )
        except OSError as error:
            raise EvidentlyAbsentError(
                f"ANSWERABLE_EVIDENTLY_PYTHON is {self._python!r}, which cannot be started: "
                f"{error.strerror}. {how_to()}"
            ) from None
        except subprocess.TimeoutExpired:
            raise EvidentlySlowError(
                f"Evidently took longer than {self._timeout_s:g} s; take a shorter window or fewer "
                "features, or raise ANSWERABLE_EVIDENTLY_TIMEOUT_S."
            ) from None
        except subprocess.CalledProcessError as error:
            raise self._failure(error.stderr.decode(errors="replace")) from None

    def _failure(self, stderr: str) -> EvidentlyAbsentError | EvidentlyFailedError:
        lines = [line.strip() for line in stderr.splitlines() if line.strip()]
        last = lines[-1][:_ERROR_CHARS_MAX] if lines else "it said nothing"
        if last.startswith(("ModuleNotFoundError", "ImportError")):
            return EvidentlyAbsentError(
                f"The interpreter {self._python!r} cannot import Evidently: {last}. {how_to()}"
            )
        return EvidentlyFailedError(f"Evidently could not draw this report: {last}")

    def _read(self, file: Path) -> bytes:
        if not file.is_file():
            raise EvidentlyFailedError(
                f"{self._python!r} ended well but wrote no report; is it a Python with Evidently?"
            )
        size = file.stat().st_size
        if size > self._bytes_max:
            raise EvidentlyFailedError(
                f"The report has {size / 1e6:.0f} MB, more than ANSWERABLE_EVIDENTLY_REPORT_MB_MAX "
                f"({self._bytes_max / 1e6:.0f}); name fewer features."
            )
        return file.read_bytes()


def how_to() -> str:
    """Say how Evidently is installed."""
    text = (resources.files("drift.evidently") / "requirements.txt").read_text(encoding="utf-8")
    wanted = [line for line in text.splitlines() if line and not line.startswith("#")]
    shown = " ".join(f"'{line}'" for line in wanted)
    return (
        f"Install it apart: python3 -m venv /opt/evidently && /opt/evidently/bin/pip install "
        f"{shown}, then set ANSWERABLE_EVIDENTLY_PYTHON=/opt/evidently/bin/python."
    )


def _write(ask: Ask, folder: Path) -> None:
    tables = ask.tables
    pq.write_table(tables.reference, folder / "reference.parquet")
    pq.write_table(tables.current, folder / "current.parquet")
    facts = {
        "format": ask.format,
        "name": ask.name,
        "timestamp": ask.timestamp,
        "metadata": dict(ask.metadata),
        "numbers": [*tables.numbers],
        "texts": [*tables.texts],
    }
    (folder / "ask.json").write_bytes(orjson.dumps(facts))


def _environment(folder: Path) -> dict[str, str]:
    held = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # Evidently sends usage to its makers unless told not to, and keeps an id in the home folder.
    return {**held, "DO_NOT_TRACK": "1", "HOME": str(folder), "MPLCONFIGDIR": str(folder)}
