"""Chi-square, G and Fisher against scipy, and the rule for small cells."""

from functools import partial
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from drift.statistics.cell_counts import CellCounts, cell_counts
from drift.statistics.chi_square import chi_square
from drift.statistics.fisher import fisher
from drift.statistics.g_test import g_test
from drift.statistics.homogeneity import homogeneity
from drift.statistics.likelihood_mean import likelihood_mean


def tables(cells, n=900, m=500, count=20):
    generator = np.random.default_rng(cells)
    for _ in range(count):
        first, second = generator.dirichlet(np.full(cells, 30.0), size=2)
        yield generator.multinomial(n, first), generator.multinomial(m, second)


@pytest.mark.parametrize("cells", [2, 5, 12])
@pytest.mark.parametrize(
    ("ours", "family"),
    [(chi_square, "pearson"), (partial(g_test, correction="none"), "log-likelihood")],
    ids=["chi", "g"],
)
def test_statistic_and_p_value_are_scipys(cells, ours, family):
    for reference, current in tables(cells):
        mine = ours(reference, current)
        theirs = stats.chi2_contingency([reference, current], correction=False, lambda_=family)
        assert mine.method["cells_merged"] == 0
        assert mine.method["statistic"] == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-11)
        assert mine.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
        assert mine.method["degrees"] == theirs.dof


def test_chi_square_is_cramers_v():
    reference, current = next(tables(4))
    theirs = stats.contingency.association([reference, current], method="cramer")
    assert chi_square(reference, current).estimate == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("n", [5, 30, 3000])
def test_fisher_of_two_cells_is_scipys(n):
    generator = np.random.default_rng(n)
    for _ in range(30):
        reference, current = generator.integers(0, n, size=(2, 2)) + np.eye(2, dtype=int)
        mine, theirs = fisher(reference, current), stats.fisher_exact([reference, current])
        assert mine.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
        if np.isfinite(theirs.statistic):
            assert mine.method["odds_ratio"] == pytest.approx(theirs.statistic)
        else:
            assert mine.method["odds_ratio"] is None


def test_fisher_of_large_counts_adds_up_its_far_tail():
    mine = fisher([500_000, 500_000], [505_000, 495_000])
    theirs = stats.fisher_exact([[500_000, 500_000], [505_000, 495_000]])
    assert mine.p_value == pytest.approx(theirs.pvalue, rel=1e-6)
    assert 0.0 < fisher([300, 0], [0, 200]).p_value < 1e-100


def test_fisher_of_more_cells_is_the_share_of_tables():
    reference, current = [4, 3, 0, 1], [0, 2, 5, 2]
    shuffles = stats.fisher_exact(
        [reference, current], method=stats.PermutationMethod(rng=np.random.default_rng(1))
    )
    mine = fisher(reference, current)
    assert mine.method["variant"] == "monte_carlo"
    assert mine.p_value == pytest.approx(shuffles.pvalue, abs=0.015)
    assert fisher(reference, current, seed=1) == fisher(reference, current, seed=1)
    assert fisher(reference, current, seed=1) != mine


def test_small_cells_are_merged_by_their_totals_until_each_expects_five():
    counts = cell_counts([400, 300, 3, 2, 1, 1, 2, 1], [200, 150, 4, 3, 2, 1, 1, 2])
    tested = homogeneity(counts)
    smaller = min(tested.counts.n, tested.counts.m)
    totals = tested.counts.reference + tested.counts.current
    assert tested.merged == counts.cells - tested.counts.cells > 0
    assert (totals * smaller / (counts.n + counts.m) >= 5).all()
    assert totals.sum() == counts.n + counts.m
    swapped = homogeneity(cell_counts(counts.current, counts.reference))
    assert swapped.statistic == pytest.approx(tested.statistic, rel=1e-12)


def test_two_cells_too_small_are_exact():
    result = chi_square([8, 2], [1, 5])
    assert result.method["variant"] == "exact"
    assert result.p_value == pytest.approx(stats.fisher_exact([[8, 2], [1, 5]]).pvalue)


def test_more_cells_too_small_are_tables_of_the_same_margins():
    result = chi_square([6, 2, 1, 0], [1, 2, 2, 3], draws=20_000)
    assert result.method["variant"] == "monte_carlo"
    assert (result.method["draws"], result.method["seed"]) == (20_000, 0)
    method = stats.MonteCarloMethod(n_resamples=20_000, rng=np.random.default_rng(3))
    theirs = stats.chi2_contingency([[6, 2, 1, 0], [1, 2, 2, 3]], correction=False, method=method)
    assert result.p_value == pytest.approx(theirs.pvalue, abs=0.015)
    with pytest.raises(ValueError, match="draws is 0"):
        chi_square([6, 2, 1, 0], [1, 2, 2, 3], draws=0)


@pytest.mark.parametrize(("n", "m"), [(60, 60), (2000, 30), (500, 5000)])
def test_level_holds_with_rare_cells(n, m):
    generator = np.random.default_rng(7)
    shares = np.array([0.5, 0.3, 0.1, 0.05, 0.03, 0.01, 0.01])
    rejected = sum(
        chi_square(generator.multinomial(n, shares), generator.multinomial(m, shares)).p_value
        <= 0.05
        for _ in range(800)
    )
    assert 0.02 <= rejected / 800 <= 0.075


@pytest.mark.parametrize(("cells", "n", "m"), [(50, 300, 300), (50, 300, 3000)])
def test_level_of_g_holds_with_many_small_cells(cells, n, m):
    generator = np.random.default_rng(cells)
    shares = np.full(cells, 1 / cells)
    p_values = np.array(
        [
            g_test(generator.multinomial(n, shares), generator.multinomial(m, shares)).p_value
            for _ in range(2000)
        ]
    )
    # Three standard errors; the textbook law has 7.1 and 7.9 % here.
    assert 0.035 <= np.mean(p_values <= 0.05) <= 0.0647
    assert np.mean(p_values <= 0.01) <= 0.0167


@pytest.mark.parametrize(
    ("totals", "n"), [([5, 3, 4], 6), ([9, 2, 1], 3), ([1, 1, 1], 1), ([7, 20, 6], 8)]
)
def test_mean_of_g_is_that_of_all_tables_with_the_margins(totals, n):
    weight = mean = 0.0
    for row in product(*(range(total + 1) for total in totals)):
        if sum(row) == n:
            table = np.array([row, np.array(totals) - row])
            chance = np.prod([comb(t, x) for t, x in zip(totals, row, strict=True)])
            theirs = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
            mean += chance * theirs.statistic
            weight += chance
    # Any table with the margins will do.
    first = np.diff(np.minimum(np.cumsum(totals), n), prepend=0)
    counts = CellCounts(first, np.array(totals) - first)
    assert likelihood_mean(counts) == pytest.approx(mean / weight, rel=1e-12)
    swapped = CellCounts(counts.current, counts.reference)
    assert likelihood_mean(swapped) == pytest.approx(mean / weight, rel=1e-12)


@pytest.mark.parametrize(("n", "m"), [(900, 900), (400, 90_000), (5000, 3000)])
def test_mean_of_g_in_larger_cells_is_expanded(n, m):
    shares = np.array([0.45, 0.2, 0.2, 0.15])
    counts = CellCounts((n * shares).astype(int), (m * shares).astype(int))
    summed, expanded = (likelihood_mean(counts, below) for below in (np.inf, 0.0))
    assert expanded == pytest.approx(summed, abs=4 * 0.0002)
    assert expanded > 3 * (n + m) / (n + m - 1) + 0.0008


def test_g_states_its_correction():
    reference, current = [12, 9, 8, 6], [8, 12, 6, 9]
    mine, plain = g_test(reference, current), g_test(reference, current, correction="none")
    assert (mine.method["variant"], plain.method["variant"]) == ("limit, bartlett", "limit")
    assert mine.method["statistic"] == plain.method["statistic"]
    corrected = mine.method["statistic"] / mine.method["factor"]
    assert mine.p_value == pytest.approx(stats.chi2.sf(corrected, 3), rel=1e-12)
    assert mine.p_value > plain.p_value
    with pytest.raises(ValueError, match="correction is 'williams'"):
        g_test(reference, current, correction="williams")
