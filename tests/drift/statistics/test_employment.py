"""Estimates without labels on real census data, against the labels.

The data come in nannyml's wheel (Apache-2.0): ANSWERABLE_NANNYML_WHEEL names it, or
`python bench/label_free.py` fetches it into the cache folder.
"""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from drift.statistics import encoding
from drift.statistics.cbpe import cbpe
from drift.statistics.density_ratio import density_ratio
from drift.statistics.doc import doc

_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "answerable"
WHEEL = Path(os.environ.get("ANSWERABLE_NANNYML_WHEEL", _CACHE / "nannyml-0.13.1-py3-none-any.whl"))
CHUNK = 5000
#: From here on institutions come in, which the reference hardly has.
SHIFTED = slice(135_000, 140_000)

pytestmark = pytest.mark.skipif(
    not WHEEL.exists(), reason=f"no wheel at {WHEEL}; run bench/label_free.py to fetch it"
)


@pytest.fixture(scope="module")
def rows():
    found = {}
    with zipfile.ZipFile(WHEEL) as archive:
        for name in ("reference", "analysis", "analysis_target"):
            body = archive.read(f"nannyml/datasets/data/employment_MA_{name}.pq")
            found[name] = pa.parquet.read_table(io.BytesIO(body))
    return found


@pytest.fixture(scope="module")
def scores(rows):
    labels = rows["analysis_target"]["employed"].to_numpy()
    assert rows["analysis"]["id"].equals(rows["analysis_target"]["id"])
    score = "predicted_probability"
    reference = rows["reference"]
    return (
        reference[score].to_numpy(),
        reference["employed"].to_numpy(),
        rows["analysis"][score].to_numpy(),
        labels,
    )


def area(labels, values):
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[where]
    ones = labels.sum()
    return (ranks[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones))


def right(labels, values):
    return ((values >= 0.5) == labels).mean()


@pytest.mark.parametrize(
    ("metric", "truth", "error_max", "covered_min"),
    [("auc", area, 0.00405, 0.85), ("accuracy", right, 0.00515, 0.9)],
)
def test_is_as_near_as_the_method_is_elsewhere(scores, metric, truth, error_max, covered_min):
    before, labels, later, told = scores
    errors, covered = [], []
    for start in range(0, len(later) - CHUNK + 1, CHUNK):
        part = slice(start, start + CHUNK)
        result = cbpe(before, labels, later[part], metric=metric)
        real = truth(told[part], later[part])
        errors.append(abs(result.estimate - real))
        covered.append(result.low <= real <= result.high)
    assert len(errors) == 41
    assert np.mean(errors) <= error_max
    assert np.mean(covered) >= covered_min


def test_the_change_of_confidence_comes_near_too(scores):
    before, labels, later, told = scores
    sure, surer = np.maximum(before, 1 - before), np.maximum(later, 1 - later)
    errors = [
        abs(
            doc(sure, (before >= 0.5) == labels, surer[start : start + CHUNK]).estimate
            - right(told[start : start + CHUNK], later[start : start + CHUNK])
        )
        for start in range(0, len(later) - CHUNK + 1, CHUNK)
    ]
    assert np.mean(errors) <= 0.0053


def test_weights_mend_the_worst_chunk(rows, scores):
    before, labels, later, told = scores
    names = [name for name in rows["analysis"].column_names if name.isupper()]
    encode = encoding.fit(columns(rows["reference"], names))
    matrices = [
        np.column_stack([np.log(score / (1 - score)), encode(columns(table, names))])
        for table, score in (
            (rows["reference"], before),
            (rows["analysis"].slice(SHIFTED.start, CHUNK), later[SHIFTED]),
        )
    ]
    ratio = density_ratio(*matrices)
    real = area(told[SHIFTED], later[SHIFTED])
    plain = cbpe(before, labels, later[SHIFTED], metric="auc")
    weighted = cbpe(before, labels, later[SHIFTED], metric="auc", weights=ratio.weights)
    assert ratio.usable
    assert abs(plain.estimate - real) > 0.03
    assert abs(weighted.estimate - real) < 0.015
    assert weighted.low <= real <= weighted.high


def columns(table, names):
    found = {}
    for name in names:
        column = table[name].combine_chunks()
        numeric = pa.types.is_floating(column.type)
        found[name] = column.cast(pa.float64() if numeric else pa.string()).to_numpy(
            zero_copy_only=False
        )
    return found
