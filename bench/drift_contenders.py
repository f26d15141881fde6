"""What a table is compared by in bench/drift.py: ours, a loop over scipy, and Evidently."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from drift.comparison import compare

if TYPE_CHECKING:
    from types import TracebackType

HERE = Path(__file__).parent
INTERPRETER = HERE.parent / ".bench" / "evidently" / "bin" / "python"
REQUIREMENTS = ("evidently==0.7.23", "pandas<3.1")
DECILES = np.arange(1, 10) / 10

Table = np.ndarray[Any, Any]
Values = dict[str, dict[str, float]]


@dataclass
class Times:
    """Seconds of each round."""

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def add(self, wall_s: float, cpu_s: float) -> None:
        """Note one round."""
        self.wall_s.append(wall_s)
        self.cpu_s.append(cpu_s)

    def medians(self) -> tuple[float, float]:
        """Give the median wall and processor time."""
        return float(np.median(self.wall_s)), float(np.median(self.cpu_s))


def ours(reference: Table, current: Table, threads: int | None) -> Values:
    """Five statistics a column, each with its interval and its test."""
    columns = compare(reference, current, threads=threads)
    return {
        f"c{one.name}": {name: result.estimate for name, result in one.results.items()}
        | {"p_value": float(one.results["kolmogorov_smirnov"].p_value or 0.0)}
        | {"reference_std": float(one.results["wasserstein"].method["reference_std"] or 0.0)}
        for one in columns
    }


def scipy_loop(reference: Table, current: Table) -> Values:
    """Take the same from scipy, column by column; it has no interval but that of the mean."""
    return {
        f"c{place}": scipy_column(reference[:, place], current[:, place])
        for place in range(reference.shape[1])
    }


def scipy_column(first: Table, second: Table) -> dict[str, float]:
    test = stats.ks_2samp(first, second, method="asymp")
    edges = np.quantile(first, DECILES, method="inverted_cdf")
    # Cells hold their upper edge, those of numpy.histogram their lower one.
    ends = np.concatenate([[-np.inf], np.nextafter(edges, np.inf), [np.inf]])
    counts = [np.histogram(one, ends)[0] for one in (first, second)]
    p, q = ((one + 0.5) / (one.sum() + 0.5 * one.size) for one in counts)
    welch = stats.ttest_ind(second, first, equal_var=False)
    welch.confidence_interval()
    unit = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    return {
        "kolmogorov_smirnov": float(test.statistic),
        "p_value": float(test.pvalue),
        "wasserstein": float(stats.wasserstein_distance(first, second)),
        "population_stability": float((q - p) @ np.log(q / p)),
        "jensen_shannon": float(jensenshannon(*counts, base=2)),
        "standardised_mean_difference": float((second.mean() - first.mean()) / unit),
    }


class Evidently:
    """Evidently in an interpreter of its own, made on first use: its pins are not ours."""

    def __init__(self, reference: Table, current: Table, columns: int, directory: Path) -> None:
        install()
        np.save(directory / "reference.npy", reference)
        np.save(directory / "current.npy", current)
        command = [INTERPRETER, HERE / "drift_evidently.py", directory, str(columns)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment | {"DO_NOT_TRACK": "1"},
        )
        self._line()

    def __enter__(self) -> Evidently:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def run(self) -> dict[str, Any]:
        """Make one report; give its time and what it says of each column."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Evidently's interpreter ended with {self._process.wait()}")
        return line


def install() -> None:
    """Make the interpreter, about 1 GB."""
    if INTERPRETER.exists():
        return
    home = INTERPRETER.parent.parent
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run(
        [INTERPRETER, "-m", "pip", "install", "--quiet", *REQUIREMENTS],
        check=True,
        stdout=sys.stderr,
    )


def timed(times: Times, work: Any, *arguments: Any) -> Any:
    """Call something and note its wall and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*arguments)
    times.add(time.perf_counter() - wall, time.process_time() - cpu)
    return result
