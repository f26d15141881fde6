"""Features as columns of numbers."""

import doctest

import numpy as np
import pytest

from drift.statistics import encoding


def test_its_example_runs():
    assert doctest.testmod(encoding).failed == 0


def test_thousands_of_new_categories_add_no_column():
    encode = encoding.fit({"name": np.array(["a", "b"] * 10)})
    columns = encode({"name": np.array([f"new-{one}" for one in range(5000)])})
    assert columns.shape == (5000, 2)
    assert columns.sum() == 0


def test_keeps_the_most_frequent_categories():
    names = np.array(["rare"] + ["often"] * 5 + ["some"] * 3, dtype=object)
    assert encoding.fit({"x": names}, categories_max=2).features["x"].categories == (
        "often",
        "some",
    )


def test_infinite_missing_and_constant_numbers_stay_finite():
    encode = encoding.fit({"x": np.full(4, 2.0), "y": np.full(4, np.nan), "z": np.arange(4)})
    columns = encode(
        {"x": np.array([2.0, 9e99]), "y": np.array([1.0, np.nan]), "z": np.array([np.inf, 1])}
    )
    assert np.isfinite(columns).all()
    assert np.abs(columns).max() <= encoding.FAR**2


def test_refuses_absent_features_and_no_column():
    with pytest.raises(ValueError, match="columns lack y"):
        encoding.fit({"y": np.arange(3)})({"x": np.arange(3)})
    with pytest.raises(ValueError, match="at least one feature"):
        encoding.fit({})
