"""A whole table at once gives what each statistic gives by itself, and what scipy gives."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from drift import codes, comparison
from drift.column import OF_CODES, OF_NUMBERS, ColumnComparison
from drift.comparison import compare
from drift.statistics.catalog import STATISTICS
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.result import Result
from drift.statistics.standardised_mean_difference import standardised_mean_difference
from drift.statistics.wasserstein import wasserstein

NUMBERS = {
    "same": lambda r, n: r.normal(size=n),
    "moved": lambda r, n: r.normal(n / 1e5, 1, n),
    "heavy": lambda r, n: r.lognormal(0, 2, n),
    "integers": lambda r, n: r.integers(0, 7, n),
    "single": lambda r, n: r.gamma(2, 3, n).astype(np.float32),
    "zeros": lambda r, n: np.where(r.random(n) < 0.5, 0.0, r.exponential(size=n)),
    "holes": lambda r, n: np.where(r.random(n) < 0.1, np.nan, r.normal(size=n)),
}
N, M = 12_000, 9_000


@pytest.fixture(scope="module")
def tables() -> tuple[list[np.ndarray], list[np.ndarray]]:
    random = np.random.default_rng(11)
    made = [[draw(random, size) for draw in NUMBERS.values()] for size in (N, M)]
    return made[0], made[1]


@pytest.fixture(scope="module")
def compared(tables: tuple[list[np.ndarray], list[np.ndarray]]) -> dict[str, ColumnComparison]:
    return {one.name: one for one in compare(*tables, names=list(NUMBERS), threads=2)}


def known(column: np.ndarray) -> np.ndarray:
    return column[~np.isnan(column)].astype(float)


def alike(ours: Result, single: Result, rel: float = 1e-12, within: float = 1e-12) -> None:
    """Compare what two results say; `within` is for the bounds and the p-value."""
    assert ours.statistic == single.statistic
    assert ours.estimate == pytest.approx(single.estimate, rel=rel, abs=1e-15)
    for part in ("low", "high", "p_value"):
        expected = getattr(single, part)
        assert getattr(ours, part) == pytest.approx(expected, rel=within, abs=1e-12), part
    assert (ours.n_reference, ours.n_current) == (single.n_reference, single.n_current)
    assert (ours.level, ours.version) == (single.level, single.version)


@pytest.mark.parametrize("name", NUMBERS)
def test_each_column_equals_the_single_statistics(
    name: str,
    tables: tuple[list[np.ndarray], list[np.ndarray]],
    compared: dict[str, ColumnComparison],
) -> None:
    place = list(NUMBERS).index(name)
    reference, current = (known(table[place]) for table in tables)
    column = compared[name]
    assert (column.kind, set(column.results), column.left_out) == ("number", set(OF_NUMBERS), {})
    alike(column.results["kolmogorov_smirnov"], kolmogorov_smirnov(reference, current))
    effect = standardised_mean_difference(reference, current)
    alike(column.results["standardised_mean_difference"], effect, rel=1e-9, within=1e-9)
    # The law of the error is taken on stretches, so what it tells is right to a few in a hundred.
    exact, ours = wasserstein(reference, current), column.results["wasserstein"]
    alike(ours, exact, within=0.05)
    assert ours.method["reference_std"] == pytest.approx(exact.method["reference_std"], rel=1e-9)

    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf"))
    assert column.edges == tuple(edges)
    counts = [
        np.diff(np.searchsorted(np.sort(one), edges, "right"), prepend=0, append=one.size)
        for one in (reference, current)
    ]
    for statistic in ("population_stability", "jensen_shannon"):
        alike(column.results[statistic], STATISTICS[statistic].function(*counts))


@pytest.mark.parametrize("name", NUMBERS)
def test_each_column_equals_scipy(
    name: str,
    tables: tuple[list[np.ndarray], list[np.ndarray]],
    compared: dict[str, ColumnComparison],
) -> None:
    place = list(NUMBERS).index(name)
    reference, current = (known(table[place]) for table in tables)
    results = compared[name].results
    test = stats.ks_2samp(reference, current, method="asymp")
    assert results["kolmogorov_smirnov"].estimate == pytest.approx(test.statistic, rel=1e-12)
    if name not in {"integers", "zeros"}:  # scipy takes frequent values for a continuum.
        p_value = results["kolmogorov_smirnov"].p_value
        assert p_value == pytest.approx(test.pvalue, rel=1e-9, abs=1e-12)
    moved = stats.wasserstein_distance(reference, current)
    assert results["wasserstein"].estimate == pytest.approx(moved, rel=1e-12)
    ends = np.concatenate([[-np.inf], compared[name].edges, [np.inf]])
    # Cells hold their upper edge, those of numpy.histogram their lower one.
    shares = [np.histogram(-one, -ends[::-1])[0][::-1] for one in (reference, current)]
    distance = jensenshannon(*shares, base=2)
    assert results["jensen_shannon"].estimate == pytest.approx(distance, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("size", [1e160, 1e305])
def test_numbers_too_large_to_be_squared_leave_out_only_what_needs_squares(size: float) -> None:
    table = np.random.default_rng(0).normal(size=(30_000, 1)) * size
    (column,) = compare(table, table + size)
    assert set(column.results) == set(OF_NUMBERS) - {"standardised_mean_difference"}
    assert list(column.left_out) == ["standardised_mean_difference"]
    moved = column.results["wasserstein"]
    assert moved.estimate / size == pytest.approx(1.0)
    assert moved.method["reference_std"] is None


def test_long_columns_are_shared_between_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.random.default_rng(0).normal(size=(500, 4))
    alone = compare(table, table + 1)
    monkeypatch.setattr("drift.comparison.LONG", 1_000)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    assert compare(table, table + 1) == alone


def test_a_matrix_equals_its_columns_in_any_order_and_kind() -> None:
    random = np.random.default_rng(12)
    reference, current = random.normal(size=(3_000, 5)), random.normal(0.1, 1, (2_000, 5))
    expected = compare(list(reference.T), list(current.T))
    assert compare(reference, current) == expected
    assert compare(np.asfortranarray(reference), np.asfortranarray(current), threads=3) == expected
    assert [one.name for one in expected] == ["0", "1", "2", "3", "4"]
    narrow = compare(reference.astype(np.float32), current.astype(np.float32))
    doubles = compare(
        reference.astype(np.float32).astype(float), current.astype(np.float32).astype(float)
    )
    assert narrow == doubles


def test_codes_are_compared_by_their_counts() -> None:
    random = np.random.default_rng(13)
    reference = random.integers(0, 4, 5_000, dtype=np.uint8)
    current = random.integers(0, 5, 4_000, dtype=np.uint8)
    current[:300], current[300:400], current[400:450] = codes.UNSEEN, codes.MISSING, codes.NAN
    (column,) = compare([reference], [current], names=["plan"])
    assert (column.kind, column.edges) == ("code", ())
    assert (column.missing_reference, column.missing_current) == (0, 150)
    counts = [codes.counted(one) for one in (reference, current)]
    counts[1][[codes.MISSING, codes.NAN]] = 0
    assert set(column.results) == set(OF_CODES)
    for name, result in column.results.items():
        assert result == STATISTICS[name].function(*counts)
        assert result.n_current == 3_850


@pytest.mark.parametrize("name", NUMBERS)
def test_small_tables_have_the_very_results_of_the_single_statistics(name: str) -> None:
    random = np.random.default_rng(16)
    reference, current = (known(NUMBERS[name](random, size)) for size in (700, 900))
    results = compare([reference], [current])[0].results
    for function in (kolmogorov_smirnov, wasserstein, standardised_mean_difference):
        single = function(reference, current)
        assert results[single.statistic] == single


def test_given_edges_are_kept_to() -> None:
    random = np.random.default_rng(14)
    edges = {"b": [-1.0, 0.0, 2.5]}
    table = random.normal(size=(2_000, 2))
    columns = compare(table, table + 0.2, names=["a", "b"], edges=edges)
    assert len(columns[0].edges) == 9
    assert columns[1].edges == (-1.0, 0.0, 2.5)
    assert columns[1].results["population_stability"].method["cells"] == 4


def test_what_cannot_be_compared_says_why() -> None:
    random = np.random.default_rng(15)
    numbers = random.normal(size=500)
    missing = np.full(500, np.nan)
    endless = np.append(numbers, np.inf)
    blank = np.full(9, codes.MISSING, dtype=np.uint8)
    columns = compare(
        [missing, numbers, endless, blank, numbers],
        [numbers, missing, numbers, blank, np.array([])],
    )
    assert set(columns[0].left_out.values()) == {"reference holds no value"}
    assert columns[0].missing_reference == 500
    assert set(columns[1].left_out.values()) == {"current holds no value"}
    assert set(columns[2].left_out) == {"wasserstein", "standardised_mean_difference"}
    assert "infinite" in columns[2].left_out["wasserstein"]
    assert set(columns[2].results) == {
        "kolmogorov_smirnov",
        "population_stability",
        "jensen_shannon",
    }
    assert set(columns[3].left_out) == set(OF_CODES)
    assert columns[4].results == {}


def test_constant_columns_and_single_rows_have_results() -> None:
    same, moved, single = compare(
        [np.ones(50), np.ones(50), np.array([2.0])], [np.ones(60), np.zeros(60), np.array([2.0])]
    )
    assert same.results["kolmogorov_smirnov"].estimate == 0.0
    assert same.results["wasserstein"].estimate == 0.0
    assert same.results["population_stability"].estimate == 0.0
    assert moved.results["kolmogorov_smirnov"].estimate == 1.0
    assert moved.results["wasserstein"].estimate == pytest.approx(1.0)
    assert moved.results["standardised_mean_difference"].estimate == pytest.approx(-2.0, abs=0.01)
    # A cell holds its upper edge: what falls below the only number shares its cell.
    assert moved.edges == (1.0,)
    assert single.results["kolmogorov_smirnov"].p_value == 1.0


def test_bad_tables_are_named() -> None:
    with pytest.raises(ValueError, match="reference has 2 columns and current 1"):
        compare(np.ones((3, 2)), np.ones((3, 1)))
    with pytest.raises(ValueError, match="names has 1 names for 2 columns"):
        compare(np.ones((3, 2)), np.ones((3, 2)), names=["a"])
    with pytest.raises(ValueError, match="a table has 1 dimensions"):
        compare(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="column x has codes on one side"):
        compare([np.ones(3, np.uint8)], [np.ones(3)], names=["x"])
    with pytest.raises(ValueError, match=r"column x has shape \(1,\) of <U1"):
        compare([np.array(["a"])], [np.array(["b"])], names=["x"])
    with pytest.raises(ValueError, match=r"level is 1\.5"):
        compare([np.ones(3)], [np.ones(3)], level=1.5)


def test_the_example_holds() -> None:
    assert doctest.testmod(comparison).failed == 0
