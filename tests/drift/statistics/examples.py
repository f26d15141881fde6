"""Arguments with which every statistic of the catalogue gives a result."""

import numpy as np

from drift.statistics.catalog import STATISTICS


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
