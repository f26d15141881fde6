"""Arguments for every statistic of the catalogue, and what is asked of every result."""

import math

import numpy as np

from drift.statistics.catalog import STATISTICS
from drift.statistics.result import Result

SAMPLES = sorted(name for name, one in STATISTICS.items() if one.takes == "samples")
COUNTS = sorted(name for name, one in STATISTICS.items() if one.takes == "counts")
PAIRS = SAMPLES + COUNTS
#: What stands for no drift where it is not zero.
NONE = {"mann_whitney": 0.5}


def _samples(generator):
    return generator.normal(size=120), generator.normal(0.4, 1.2, size=90)


def _counts(generator):
    return generator.multinomial(400, [0.4, 0.3, 0.2, 0.1]), np.array([100, 110, 60, 30])


def _vectors(generator):
    return generator.normal(size=(60, 4)), generator.normal(0.3, 1.0, size=(50, 4))


def _stream(generator):
    return (np.concatenate([generator.normal(size=300), generator.normal(3, 1, size=300)]),)


def _scores(generator):
    scores = generator.uniform(size=800)
    return scores, (generator.uniform(size=800) < scores).astype(np.int64)


def _labelled(generator):
    return *_scores(generator), generator.uniform(0.1, 1.0, size=600)


def _coins(generator):
    return ((generator.uniform(size=600) < np.repeat([0.5, 0.8], 300)).astype(np.int64),)


_BY_INPUT = {"samples": _samples, "counts": _counts, "vectors": _vectors, "stream": _stream}
_BY_NAME = {"calibration": _scores, "cbpe": _labelled, "doc": _labelled, "e_process": _coins}


def example(name):
    """Arguments of a statistic, the same on every call."""
    made = _BY_NAME.get(name) or _BY_INPUT[STATISTICS[name].takes]
    return made(np.random.default_rng(20))


def call(name, *arguments, **options):
    return STATISTICS[name].function(*arguments, **options)


def check(result, name):
    """Say whether a result is complete and possible."""
    one = STATISTICS[name]
    assert isinstance(result, Result)
    assert result.statistic == name
    assert type(result.estimate) is float
    assert math.isfinite(result.estimate)
    assert type(result.n_reference) is int
    assert type(result.n_current) is int
    assert 0.0 < result.level <= 1.0
    assert result.version >= 1
    assert result.method
    assert all(isinstance(key, str) for key in result.method)
    for value in result.method.values():
        assert value is None or type(value) in {str, int, float, bool}
        assert not (isinstance(value, float) and math.isnan(value))
    assert (result.low is None) == (result.high is None)
    if result.low is not None:
        assert result.low <= result.estimate <= result.high
        assert math.isfinite(result.low)
    if result.p_value is not None:
        assert one.has_p_value
        assert type(result.p_value) is float
        assert 0.0 <= result.p_value <= 1.0
    return result
