"""Benjamini and Hochberg's correction against scipy's."""

import doctest

import numpy as np
import pytest
from scipy import stats

from drift.statistics import false_discovery as module
from drift.statistics.false_discovery import adjusted


def test_values_are_those_of_scipy_along_each_row():
    p = np.random.default_rng(1).random((5, 40)) ** 2
    assert adjusted(p) == pytest.approx(stats.false_discovery_control(p, axis=1), rel=1e-14)


def test_examples():
    assert doctest.testmod(module).failed == 0
