"""Three data sets that nannyml's wheel ships: two where estimates hold, one where meaning changed.

ANSWERABLE_NANNYML_WHEEL names the wheel, or `python bench/label_free.py` fetches it.
"""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from drift.performance import realised
from drift.performance.calibrator import Calibrator
from drift.performance.residual import running
from drift.performance.scores import Scores

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "answerable"
WHEEL = Path(os.environ.get("ANSWERABLE_NANNYML_WHEEL", _CACHE / "nannyml-0.13.1-py3-none-any.whl"))

pytestmark = pytest.mark.skipif(
    not WHEEL.exists(), reason=f"no wheel at {WHEEL}; run bench/label_free.py to fetch it"
)


def column(archive, file, name):
    body = io.BytesIO(archive.read(f"nannyml/datasets/data/{file}"))
    rows = pa.parquet.read_table(body) if file.endswith(".pq") else pa.csv.read_csv(body)
    return rows[name].to_numpy().astype(float)


def scores_of(positive, truth, chunk):
    right = ((positive >= 0.5) == truth).astype(float)
    step = np.arange(len(positive)) // chunk
    sure = np.maximum(positive, 1 - positive)
    return Scores(step, sure, right, positive, truth, np.zeros(len(positive)))


def follow(stem, suffix, target, label, score, chunk):
    """Give errors of accuracy and AUC by chunk, and what the residual said."""
    with zipfile.ZipFile(WHEEL) as archive:
        known = [column(archive, f"{stem}_reference.{suffix}", name) for name in (score, label)]
        positive = column(archive, f"{stem}_analysis.{suffix}", score)
        truth = column(archive, f"{stem}_{target}.{suffix}", label)
    calibrator = Calibrator(scores_of(*known, len(known[0])), 0, 1, 100)
    whole = scores_of(positive, truth, chunk)
    steps = [whole.at(number) for number in range(len(positive) // chunk)]
    accuracy = [calibrator.accuracy(one.confidence).estimate - one.right.mean() for one in steps]
    area = [
        calibrator.auc(one.positive).estimate - realised.auc(one.positive, one.truth).estimate
        for one in steps
    ]
    followed = running(calibrator, steps, tolerance=0.02, alpha=0.01)
    return np.abs(accuracy).mean(), np.abs(area).mean(), [one.e_value for one in followed]


def test_employment_is_estimated_well_and_stays_quiet():
    accuracy, area, evidence = follow(
        "employment_MA", "pq", "analysis_target", "employed", "predicted_probability", 5000
    )
    assert len(evidence) == 41
    assert accuracy <= 0.0051 + 5e-5
    assert area <= 0.0040 + 5e-5
    assert max(evidence) < 100


def test_car_loans_are_estimated_well_and_stay_quiet():
    accuracy, area, evidence = follow(
        "synthetic_car_loan", "csv", "analysis_target", "repaid", "y_pred_proba", 5000
    )
    assert accuracy <= 0.003
    assert area <= 0.003
    assert max(evidence) < 100


def test_california_means_something_else_elsewhere_and_labels_say_so_at_once():
    accuracy, area, evidence = follow(
        "california_housing", "csv", "analysis_gt", "clf_target", "y_pred_proba", 500
    )
    assert accuracy > 0.1
    assert area > 0.05
    assert evidence[2] >= 100
