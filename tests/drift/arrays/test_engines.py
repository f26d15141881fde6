"""Every engine against the plain definition; the same tests for NumPy and for CuPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from drift import codes
from drift.arrays.permutations import permutation_marks
from drift.arrays.protocol import Engine

CODES = codes.CODES


def quantile_edges(values: np.ndarray, cells: int) -> np.ndarray:
    numbers = values[np.isfinite(values)].astype(np.float64)
    inner = np.quantile(numbers, np.linspace(0, 1, cells - 1))
    return np.unique(np.concatenate([[np.nextafter(numbers.min(), -np.inf)], inner]))


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(20_261)


@pytest.mark.parametrize("decisions", [0, 1, 15, 4_097, 50_001])
@pytest.mark.parametrize("slice_count", [1, 3, 200])
def test_codes_are_counted_by_feature_and_slice(
    engine: Engine, random: np.random.Generator, decisions: int, slice_count: int
) -> None:
    coded = random.integers(0, 256, (5, decisions), dtype=np.uint8)
    coded[3] = 7
    slices = random.integers(0, slice_count, decisions, dtype=np.uint16)
    counts = engine.count_codes(coded, slices, slice_count)
    assert counts.shape == (5, slice_count, CODES)
    assert counts.dtype == np.int64
    for feature in range(5):
        for one in range(0, slice_count, 37):
            expected = codes.counted(coded[feature, slices == one])
            assert counts[feature, one].tolist() == expected.tolist()
    assert engine.count_codes(coded).sum(axis=2).tolist() == [[decisions]] * 5


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("decisions", [0, 3, 20_003])
def test_numbers_are_counted_as_codes_define_them(
    engine: Engine, random: np.random.Generator, kind: type, decisions: int
) -> None:
    values = np.vstack(
        [
            random.normal(size=decisions),
            random.lognormal(0, 3, decisions),
            random.integers(0, 4, decisions),
            np.full(decisions, np.nan),
            np.where(random.random(decisions) < 0.3, np.nan, random.standard_cauchy(decisions)),
            np.where(random.random(decisions) < 0.3, np.inf, -np.inf),
            np.ones(decisions),
        ]
    ).astype(kind)
    edges = [
        quantile_edges(random.normal(size=5_000), 249),
        quantile_edges(random.lognormal(0, 3, 5_000), 249),
        np.arange(4.0),
        np.arange(3.0),
        quantile_edges(random.standard_cauchy(5_000).astype(kind), 64),
        np.array([-np.inf, 0.0, 1.0]),
        np.array([]),
    ]
    slices = random.integers(0, 4, decisions)
    counts = engine.count_numbers(values, edges, slices, 4)
    for feature, (row, cuts) in enumerate(zip(values, edges, strict=True)):
        coded = codes.of_numbers(row, cuts)
        for one in range(4):
            expected = codes.counted(coded[slices == one])
            assert counts[feature, one].tolist() == expected.tolist(), (feature, one)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_numbers_on_an_edge_belong_below_it(engine: Engine, kind: type) -> None:
    cuts = np.sort(np.random.default_rng(5).normal(size=200).astype(kind)).astype(np.float64)
    on = cuts.astype(kind)
    values = np.concatenate([on, np.nextafter(on, kind(np.inf)), np.nextafter(on, kind(-np.inf))])
    values = np.tile(values, 20)[None]
    # Edges that single precision does not have lie between its numbers.
    between = cuts + 1e-12
    for edges in (cuts, between):
        counts = engine.count_numbers(values, [edges])
        assert counts[0, 0].tolist() == codes.counted(codes.of_numbers(values[0], edges)).tolist()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_distances_equal_scipy_and_leave_missing_numbers_out(
    engine: Engine, random: np.random.Generator, kind: type
) -> None:
    reference = np.vstack(
        [
            random.normal(size=6_001),
            random.integers(0, 5, 6_001),
            np.where(random.random(6_001) < 0.2, np.nan, random.random(6_001)),
            np.where(random.random(6_001) < 0.2, np.inf, -0.0),
            np.where(random.random(6_001) < 0.5, -0.0, -1.0),
            np.full(6_001, np.nan),
        ]
    ).astype(kind)
    zeros = np.where(random.random(4_000) < 0.5, 0.0, 1.0)
    normal = random.normal(size=(4, 4_000))
    current = np.vstack(
        [normal[:1] + 0.1, random.integers(1, 6, 4_000), normal[1:3], zeros, normal[3]]
    )
    current = current.astype(kind)
    distances = engine.kolmogorov_smirnov(reference, current)
    for feature in range(5):
        first = reference[feature][~np.isnan(reference[feature])]
        expected = stats.ks_2samp(first, current[feature], method="asymp").statistic
        assert distances.estimates[feature] == pytest.approx(expected, rel=1e-12)
        assert distances.n_reference[feature] == first.size
    assert np.isnan(distances.estimates[5])
    assert distances.n_reference[5] == 0
    assert distances.n_current.tolist() == [4_000] * 6


@pytest.mark.parametrize("sizes", [(40, 25), (1_500, 800)], ids=str)
def test_kernel_sums_equal_the_kernel_matrix(
    engine: Engine, random: np.random.Generator, sizes: tuple[int, int]
) -> None:
    rows = random.normal(3.0, 1.0, (sum(sizes), 6))
    marks = permutation_marks(*sizes, 20, seed=9)
    kernel = np.exp(-0.3 * cdist(rows, rows, "sqeuclidean"))
    sums = engine.kernel_sums(rows, marks, 0.3)
    z = marks.astype(float)
    assert sums.total == pytest.approx(kernel.sum(), rel=1e-12)
    assert sums.within == pytest.approx(np.einsum("ip,ij,jp->p", z, kernel, z), rel=1e-12)
    assert sums.marked == pytest.approx(kernel.sum(axis=0) @ z, rel=1e-12)


def test_pairs_of_conditions_are_counted_with_their_errors(
    engine: Engine, random: np.random.Generator
) -> None:
    members = random.random((20_000, 30)) < 0.2
    errors = random.random(20_000)
    pairs = engine.pairs(members, errors)
    both = members[:, 4] & members[:, 11]
    assert pairs.sizes[4, 11] == pairs.sizes[11, 4] == both.sum()
    assert pairs.errors[4, 11] == pytest.approx(errors[both].sum(), rel=1e-12)
    assert np.diagonal(pairs.sizes).tolist() == members.sum(axis=0).tolist()


NUMBERS = np.zeros((2, 3))
BYTES = np.zeros((2, 3), dtype=np.uint8)
BAD_CALLS = [
    ("count_codes", (NUMBERS,), "codes has shape"),
    ("count_codes", (BYTES[0],), "codes has shape"),
    ("count_codes", (BYTES, np.zeros(2, int), 2), "slices has shape"),
    ("count_codes", (BYTES, np.zeros(3), 2), "slices has shape"),
    ("count_codes", (BYTES, np.array([0, 1, 2]), 2), "slices go from 0 to 2; give 0 to 1"),
    ("count_codes", (BYTES, np.array([0, -1, 1]), 2), "slices go from -1"),
    ("count_codes", (BYTES, None, 0), "slice_count is 0"),
    ("count_numbers", (BYTES, [[0.0]] * 2), "values has shape"),
    ("count_numbers", (NUMBERS, [[0.0]]), "edges are of 1 features"),
    ("count_numbers", (NUMBERS, [[0.0], [1.0, 0.0]]), r"edges\[1\] do not ascend"),
    ("count_numbers", (NUMBERS, [[0.0], [np.nan]]), r"edges\[1\] do not ascend"),
    ("count_numbers", (NUMBERS, [np.arange(250.0)] * 2), "at most 249"),
    ("kolmogorov_smirnov", (NUMBERS, NUMBERS[:1]), "2 features and current 1"),
    ("kolmogorov_smirnov", (NUMBERS.astype(int), NUMBERS), "reference has shape"),
    ("kernel_sums", (NUMBERS, BYTES, 0.0), "gamma is 0"),
    ("kernel_sums", (NUMBERS, BYTES[:1], 1.0), "marks has shape"),
    ("kernel_sums", (NUMBERS, BYTES + np.uint8(2), 1.0), "marks hold 2"),
    ("kernel_sums", (NUMBERS * np.nan, BYTES, 1.0), "rows hold NaN"),
    ("pairs", (BYTES, np.zeros(2)), "members has shape"),
    ("pairs", (BYTES > 0, np.zeros(3)), "errors has shape"),
    ("pairs", (BYTES > 0, np.array([-1.0, 0.0])), "errors hold"),
]


@pytest.mark.parametrize(("method", "arguments", "message"), BAD_CALLS)
def test_bad_input_is_named(
    engine: Engine, method: str, arguments: tuple[object, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(engine, method)(*arguments)


def test_features_in_fortran_order_count_the_same(
    engine: Engine, random: np.random.Generator
) -> None:
    table = random.integers(0, 9, (1_000, 4), dtype=np.uint8)
    wanted = engine.count_codes(np.ascontiguousarray(table.T))
    assert engine.count_codes(table.T).tolist() == wanted.tolist()
    assert engine.count_codes(np.asfortranarray(table).T).tolist() == wanted.tolist()
