"""How near estimates without labels come to what labels said, on data that nannyml's wheel ships.

Reads the wheel named by ANSWERABLE_NANNYML_WHEEL, or fetches nannyml 0.13.1 into a cache folder
with pip; nothing of it is installed.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift.statistics import encoding
from drift.statistics.cbpe import cbpe
from drift.statistics.density_ratio import Ratio, density_ratio
from drift.statistics.doc import doc

WHEEL = "nannyml-0.13.1-py3-none-any.whl"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "answerable"
#: What nannyml's own method reaches on employment_MA, as measured with a second implementation.
PUBLISHED = {"auc": 0.0040, "accuracy": 0.0051}
Floats = npt.NDArray[np.float64]


class Dataset(NamedTuple):
    """Where one data set lies in the wheel, and what its columns are called."""

    reference: str
    analysis: str
    labels: str
    label: str
    score: str
    leave_out: tuple[str, ...]
    chunk: int


DATASETS = {
    "employment_MA": Dataset(
        "employment_MA_reference.pq",
        "employment_MA_analysis.pq",
        "employment_MA_analysis_target.pq",
        "employed",
        "predicted_probability",
        ("id", "year", "prediction"),
        5000,
    ),
    "car_loan": Dataset(
        "synthetic_car_loan_reference.csv",
        "synthetic_car_loan_analysis.csv",
        "synthetic_car_loan_analysis_target.csv",
        "repaid",
        "y_pred_proba",
        ("id", "timestamp", "y_pred"),
        5000,
    ),
    "california": Dataset(
        "california_housing_reference.csv",
        "california_housing_analysis.csv",
        "california_housing_analysis_gt.csv",
        "clf_target",
        "y_pred_proba",
        ("id", "timestamp", "y_pred"),
        500,
    ),
}


def wheel() -> Path:
    """Return the wheel's path, fetching it if nobody named one."""
    named = os.environ.get("ANSWERABLE_NANNYML_WHEEL")
    path = Path(named) if named else CACHE / WHEEL
    if not path.exists() and not named:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", str(CACHE), "nannyml==0.13.1"], check=True)
    return path


def table(archive: zipfile.ZipFile, name: str) -> pa.Table:
    """Read one file of the wheel."""
    body = io.BytesIO(archive.read(f"nannyml/datasets/data/{name}"))
    return pa.parquet.read_table(body) if name.endswith(".pq") else pa.csv.read_csv(body)


def columns(rows: pa.Table, names: list[str]) -> dict[str, encoding.Column]:
    """Return features as arrays of numbers or texts."""
    found = {}
    for name in names:
        column = rows[name].combine_chunks()
        numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
        wanted = pa.float64() if numeric else pa.string()
        found[name] = column.cast(wanted).to_numpy(zero_copy_only=False)
    return found


def auc(labels: Floats, scores: Floats) -> float:
    """Return the area under the curve of labelled scores."""
    _, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    midrank = np.cumsum(counts) - (counts - 1) / 2
    ones = labels.sum()
    wins = midrank[where][labels == 1].sum() - ones * (ones + 1) / 2
    return float(wins / (ones * (len(labels) - ones)))


def right(labels: Floats, scores: Floats) -> float:
    """Return the share of labels that the score is on the right side of."""
    return float(((scores >= 0.5) == labels).mean())


REAL = {"auc": auc, "accuracy": right}


def estimates(
    known: tuple[Floats, Floats], scores: Floats, ratio: Ratio, metric: Any
) -> dict[str, tuple[float, float, float]]:
    """Return (estimate, low, high) of each method for one chunk."""
    before, labels = known
    plain = cbpe(before, labels, scores, metric=metric)
    weighted = cbpe(before, labels, scores, metric=metric, weights=ratio.weights)
    found = {
        "cbpe": plain,
        "weighted": weighted,
        "weighted or not": weighted if ratio.usable else plain,
    }
    if metric == "accuracy":
        sure = np.maximum(before, 1 - before)
        found["doc"] = doc(sure, (before >= 0.5) == labels, np.maximum(scores, 1 - scores))
    return {name: (one.estimate, one.low or 0.0, one.high or 1.0) for name, one in found.items()}


def with_score(matrix: Floats, scores: Floats) -> Floats:
    """Put the log-odds of the score and their square beside the features."""
    odds = np.log(np.clip(scores, 1e-3, 1 - 1e-3) / np.clip(1 - scores, 1e-3, 1 - 1e-3))
    return np.column_stack([odds, odds**2, matrix])


def measure(name: str, archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return one row a metric and method: errors and coverage over the chunks."""
    data = DATASETS[name]
    tables = [table(archive, one) for one in (data.reference, data.analysis, data.labels)]
    dropped = {data.label, data.score, *data.leave_out}
    names = [one for one in tables[0].column_names if one not in dropped]
    encode = encoding.fit(columns(tables[0], names))
    before, scores = (one[data.score].to_numpy().astype(float) for one in tables[:2])
    known, labels = (tables[one][data.label].to_numpy().astype(float) for one in (0, 2))
    if not tables[1]["id"].equals(tables[2]["id"]):
        raise ValueError(f"labels of {name} are in another order than its scores")
    matrix = with_score(encode(columns(tables[0], names)), before)
    later = with_score(encode(columns(tables[1], names)), scores)
    chunks = []
    started = time.perf_counter()
    for start in range(0, len(scores) - data.chunk + 1, data.chunk):
        part = slice(start, start + data.chunk)
        ratio = density_ratio(matrix, later[part])
        for metric, truth in REAL.items():
            found = estimates((before, known), scores[part], ratio, metric)
            found["constant"] = (truth(known, before), 0.0, 1.0)
            chunks.append((metric, truth(labels[part], scores[part]), found))
    seconds = (time.perf_counter() - started) * len(REAL) / len(chunks)
    rows = []
    for metric in REAL:
        mine = [(real, found) for of, real, found in chunks if of == metric]
        rows += [summary(name, metric, method, mine) for method in mine[0][1]]
    return [row | {"seconds": seconds} for row in rows]


def summary(name: str, metric: str, method: str, chunks: list[Any]) -> dict[str, Any]:
    """Return the errors of one method over all chunks."""
    real = np.array([one for one, _ in chunks])
    values, low, high = np.array([found[method] for _, found in chunks]).T
    inside = None if method == "constant" else float(((low <= real) & (real <= high)).mean())
    return {
        "data": name,
        "metric": metric,
        "method": method,
        "chunks": len(chunks),
        "real_min": float(real.min()),
        "real_max": float(real.max()),
        "mae": float(np.abs(values - real).mean()),
        "bias": float((values - real).mean()),
        "worst": float(np.abs(values - real).max()),
        "covered": inside,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--data", choices=DATASETS, action="append", help="all unless named")
    arguments = parser.parse_args()
    with zipfile.ZipFile(wheel()) as archive:
        rows = [row for name in arguments.data or DATASETS for row in measure(name, archive)]
    if arguments.json:
        print(json.dumps({"published": PUBLISHED, "rows": rows}, indent=2))
        return 0
    print(
        "data           metric    method          chunks     mae    bias   worst  covered  s/chunk"
    )
    for row in rows:
        inside = "" if row["covered"] is None else f"{row['covered']:.2f}"
        print(
            f"{row['data']:14} {row['metric']:9} {row['method']:15} {row['chunks']:6d} "
            f"{row['mae']:7.4f} {row['bias']:7.4f} {row['worst']:7.4f} {inside:>8} "
            f"{row['seconds']:8.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
