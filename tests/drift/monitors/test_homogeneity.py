"""The test of a window: its level, its interval, its groups, and nothing that divides by zero."""

import doctest

import numpy as np
import pytest
from scipy import stats

from drift import codes
from drift.monitors import coarsening, corrections, effects, history, homogeneity, shares, webhook
from drift.reference import FeatureReference

LEVELS = np.stack([coarsening.NUMBER_LEVELS, coarsening.TEXT_LEVELS])


def run(reference, current, kind=0):
    reference, current = np.atleast_2d(reference), np.atleast_2d(current)
    kinds = np.full(reference.shape[0], kind)
    return homogeneity.tested(reference, current, LEVELS, kinds, coarsening.ORDINARY)


def shares_of(**special):
    share = np.zeros(coarsening.GROUPS)
    share[: coarsening.ORDINARY] = np.diff((0.0, *coarsening.QUANTILES, 1.0))
    for place, value in special.items():
        share[int(place[1:])] = value
    return share / share.sum()


@pytest.mark.parametrize(
    "module",
    [coarsening, corrections, effects, history, homogeneity, shares, webhook],
    ids=lambda module: module.__name__,
)
def test_examples_hold(module):
    assert doctest.testmod(module).failed == 0


def test_it_is_scipys_likelihood_ratio_corrected():
    rng = np.random.default_rng(1)
    one, two = rng.multinomial(9000, shares_of()), rng.multinomial(3000, shares_of())
    found = run(one, two)
    table = np.stack([one, two])[:, one + two > 0]
    plain = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert found.freedom[0] == plain.dof
    total, rows, columns = table.sum(), table.sum(axis=1), table.sum(axis=0)
    q = 1 + (total * (1 / rows).sum() - 1) * (total * (1 / columns).sum() - 1) / (
        6 * total * plain.dof
    )
    assert found.statistic[0] == pytest.approx(plain.statistic / q, rel=1e-12)
    assert found.p[0] == pytest.approx(stats.chi2.sf(plain.statistic / q, plain.dof), rel=1e-9)


@pytest.mark.parametrize(
    ("n", "m"), [(60, 10_000), (100, 300), (400, 5000), (2000, 50_000), (5000, 5000)]
)
def test_the_level_holds_far_out(n, m):
    rng = np.random.default_rng(n)
    tests = 60_000
    share = shares_of(_19=0.001)
    found = run(rng.multinomial(m, share, tests), rng.multinomial(n, share, tests))
    for level in (0.05, 0.01, 0.001):
        expected = tests * level
        assert (found.p <= level).sum() <= expected * 1.1 + 4 * np.sqrt(expected)
    assert (found.p <= 1e-4).sum() <= 6 + 4 * np.sqrt(6)
    assert (found.p <= 0.05).mean() > 0.02


def test_a_thin_cell_with_a_few_does_not_shout():
    share = shares_of()
    one = np.round(10_000 * share).astype(int)
    two = np.round(500 * share).astype(int)
    two[coarsening.ORDINARY + 2] = 2
    # Two unseen values in 500 where the reference has none of 10,000 happen in one of 440 windows.
    assert run(one, two).p[0] > 1e-4
    two[coarsening.ORDINARY + 2] = 40
    assert run(one, two).p[0] < 1e-12


def test_fewer_decisions_are_tested_in_fewer_groups():
    share = shares_of()
    reference = np.round(100_000 * share).astype(int)
    levels = [
        int(run(reference, np.random.default_rng(2).multinomial(n, share)).level[0])
        for n in (3000, 200, 40)
    ]
    assert levels == [0, 1, 2]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param([0] * 20, [5] * 20, id="no reference"),
        pytest.param([5] * 20, [0] * 20, id="no window"),
        pytest.param([0] * 20, [0] * 20, id="nothing"),
    ],
)
def test_nothing_to_compare_is_no_p_value(one, two):
    found = run(one, two)
    assert np.isnan(found.p[0])
    assert effects.effects("population_stability", found).low[0] == 0


def test_a_constant_has_no_freedom():
    one = np.zeros(20, dtype=int)
    one[4] = 900
    found = run(one, one // 9)
    assert (found.freedom[0], found.p[0]) == (0, 1.0)
    for name in effects.EFFECTS:
        measured = effects.effects(name, found)
        assert (measured.estimate[0], measured.low[0]) == (0.0, 0.0)


@pytest.mark.parametrize("statistic", list(effects.EFFECTS))
def test_the_lower_bound_is_rarely_above_the_truth(statistic):
    rng = np.random.default_rng(4)
    p, shift = shares_of(), np.linspace(-0.25, 0.25, coarsening.GROUPS)
    q = p * np.exp(shift)
    q /= q.sum()
    function = effects.EFFECTS[statistic][0]
    truth = function(p[None, :14] + 0, q[None, :14])[0]
    tests = 4000
    found = run(rng.multinomial(50_000, p, tests), rng.multinomial(4000, q, tests))
    measured = effects.effects(statistic, found)
    assert (measured.low > truth).mean() < 0.035
    assert (measured.high < truth).mean() < 0.035
    assert (measured.low > 0).mean() > 0.5
    assert (measured.low <= measured.estimate).all()


@pytest.mark.parametrize("statistic", list(effects.EFFECTS))
def test_the_tolerance_by_chance_is_what_chance_shows(statistic):
    rng = np.random.default_rng(6)
    p, tests = shares_of(), 3000
    found = run(rng.multinomial(20_000, p, tests), rng.multinomial(2000, p, tests))
    measured = effects.effects(statistic, found)
    # The square of a distance is a share of the divergence; its mean is that of chi-square.
    assert measured.by_chance.mean() == pytest.approx(measured.estimate.mean(), rel=0.06)
    assert (measured.low > measured.by_chance).mean() < 0.001


def test_groups_keep_tails_and_every_value():
    rng = np.random.default_rng(8)
    values = rng.lognormal(size=10_000)
    inner = np.quantile(values, np.linspace(0, 1, 63))
    edges = tuple(np.unique([np.nextafter(inner[0], -np.inf), *inner[1:-1], inner[-1]]))
    reference = FeatureReference("x", "number", edges=edges)
    counts = codes.counted(codes.of_numbers(values, edges))
    cut = coarsening.groups(reference, counts)
    held = coarsening.grouped(counts[None], cut)[0]
    assert held.sum() == 10_000
    assert (np.diff(cut[1 : len(edges)]) >= 0).all()
    assert held[coarsening.ORDINARY :].sum() == 0
    share = held[: coarsening.ORDINARY] / 10_000
    assert share[0] < 0.04
    assert share[-1] < 0.04
    assert share.max() < 0.15


def test_a_swap_of_rare_categories_is_seen():
    reference = FeatureReference("t", "text", categories=tuple(map(str, range(60))))
    before = np.zeros(codes.CODES, dtype=np.int64)
    before[:60] = 10_000 // np.arange(1, 61)
    now = before // 2
    now[[12, 30]] = [0, now[12] + now[30]]
    cut = coarsening.groups(reference, before)
    one, two = coarsening.grouped(np.stack([before, now]), cut)
    assert run(one, two, kind=1).p[0] < 1e-4
    assert coarsening.groups(reference, before)[codes.UNSEEN] == coarsening.ORDINARY + 2


def test_large_statistics_have_an_interval_that_joins_the_exact_one():
    low, high = homogeneity.noncentrality(np.array([999.9, 1000.1]), np.array([13, 13]))
    assert low[1] == pytest.approx(low[0], rel=0.005)
    assert high[1] == pytest.approx(high[0], rel=0.005)
    assert stats.ncx2.sf(999.9, 13, low[0]) == pytest.approx(0.025, rel=1e-6)
    assert stats.ncx2.cdf(999.9, 13, high[0]) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize(
    ("before", "n", "now", "m"), [(0, 1000, 0, 50), (0, 1000, 50, 50), (5, 10_000, 3, 60)]
)
def test_shares_stay_within_their_bounds(before, n, now, m):
    found = shares.share(before, n, now, m)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    exact = stats.fisher_exact([[before, n - before], [now, m - now]]).pvalue
    assert found.p_value == pytest.approx(exact, rel=0.6) or found.p_value < 1e-20
