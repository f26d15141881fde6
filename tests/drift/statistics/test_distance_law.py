"""The law of a distance where there is no drift, against simulation and closed forms."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics import distance_law
from drift.statistics.distance_law import noise, noises
from drift.statistics.l_infinity import l_infinity
from drift.statistics.steps import merge


def uniform(size):
    share = np.arange(1, size) / size
    return (share, share, share), np.full(size - 1, 1 / size)


def bridges(size, count, seed=1):
    generator = np.random.default_rng(seed)
    motion = np.cumsum(generator.normal(size=(count, size)) / np.sqrt(size), axis=1)
    return motion[:, :-1] - np.outer(motion[:, -1], np.arange(1, size) / size)


@pytest.mark.parametrize("tail", [0.5, 0.1, 0.05, 0.01])
def test_area_under_a_bridge(tail):
    shares, measure = uniform(300)
    law = noise(shares, measure, (1, 10**9), 1).absolute()
    areas = np.abs(bridges(300, 20_000)) @ measure
    assert law.exceeded(float(np.quantile(areas, 1 - tail))) == pytest.approx(tail, rel=0.15)
    # Shepp 1982: the mean is sqrt(pi / 32).
    assert law.unit * law.mean == pytest.approx(np.sqrt(np.pi / 32), rel=0.01)


@pytest.mark.parametrize("tail", [0.1, 0.05, 0.01, 0.001])
def test_square_under_a_bridge(tail):
    shares, measure = uniform(300)
    law = noise(shares, measure, (1, 10**9), 2).squared()
    published = {0.1: 0.34730, 0.05: 0.46136, 0.01: 0.74346, 0.001: 1.16786}[tail]
    assert law.exceeded(np.sqrt(published)) == pytest.approx(tail, rel=0.1)
    assert law.quantile(1 - tail) == pytest.approx(np.sqrt(published), rel=0.02)


@pytest.mark.parametrize("power", [1, 2])
def test_quantile_and_tail_are_inverse(power):
    shares, measure = uniform(50)
    made = noise(shares, measure, (40, 60), power)
    law = made.absolute() if power == 1 else made.squared()
    for level in (0.5, 0.9, 0.95, 0.99):
        assert law.exceeded(law.quantile(level)) == pytest.approx(1 - level, rel=1e-6)
    assert law.exceeded(0.0) == 1.0
    assert law.exceeded(1e3 * law.quantile(0.99)) < 1e-100


@pytest.mark.parametrize("power", [1, 2])
def test_thinned_points_give_the_same_law(power, monkeypatch):
    generator = np.random.default_rng(2)
    values = np.sort(generator.lognormal(0, 2, 200_000))
    share = np.arange(1, values.size) / values.size
    arguments = ((share, share, share), np.diff(values), (10**5, 10**5), power)
    thin = noise(*arguments)
    monkeypatch.setattr(distance_law, "MANY", 10**9)
    full = noise(*arguments)
    laws = [one.absolute() if power == 1 else one.squared() for one in (thin, full)]
    assert laws[0].quantile(0.95) == pytest.approx(laws[1].quantile(0.95), rel=2e-3)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("shift", [0.0, 1.0, 300.0])
def test_points_in_common_give_the_laws_of_points_of_their_own(power, shift):
    generator = np.random.default_rng(4)
    steps = merge(generator.normal(size=900), generator.standard_t(3, 300) + shift)
    left, right, together = (share[:-1] for share in steps.shares())
    gaps, sizes = steps.gaps("test"), (900, 300)
    for made, functions in zip(
        noises((left, right, together), gaps, sizes, power),
        ((left, right, together), (together, together, together)),
        strict=True,
    ):
        own = noise(functions, gaps, sizes, power, most=1200)
        laws = [one.absolute() if power == 1 else one.squared() for one in (made, own)]
        for level in (0.5, 0.95, 0.999):
            assert laws[0].quantile(level) == pytest.approx(laws[1].quantile(level), rel=1.5e-2)


def test_nothing_strays_where_all_values_are_one():
    empty = np.empty(0)
    made = noise((empty, empty, empty), empty, (5, 5), 1)
    for law in (made.absolute(), made.squared()):
        assert law.quantile(0.95) == 0.0
        assert (law.exceeded(0.0), law.exceeded(1e-9)) == (1.0, 0.0)


def test_the_interval_of_l_infinity_holds_for_a_small_sample():
    generator = np.random.default_rng(3)
    even = np.full(10, 0.1)
    held = sum(
        l_infinity(generator.multinomial(50, even), generator.multinomial(500, even)).low <= 0.0
        for _ in range(300)
    )
    assert held / 300 >= stats.binom.ppf(0.001, 300, 0.95) / 300
