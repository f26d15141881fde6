"""Held-out tests are what scipy's are, keep their level, and correct for how many there are."""

import numpy as np
import pytest
from scipy import stats

from drift.slices.confirmation import benjamini_hochberg, checked, held_out


def test_a_share_is_held_out_by_id_alone():
    hashes = np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)
    held = held_out(hashes, 0.3, seed=7)
    assert held.mean() == pytest.approx(0.3, abs=0.015)
    order = np.random.default_rng(2).permutation(len(hashes))
    assert (held_out(hashes[order], 0.3, seed=7) == held[order]).all()
    assert held_out(hashes, 0.3, seed=8).tolist() != held.tolist()
    assert not held_out(hashes, 0.0, seed=7).any()


def test_the_split_is_even_among_decisions_sampled_by_the_same_hash():
    hashes = np.random.default_rng(1).integers(0, 2**64, 40_000, dtype=np.uint64)
    sampled = hashes[hashes % 4 == 0]
    assert held_out(sampled, 0.5, seed=0).mean() == pytest.approx(0.5, abs=0.02)


def test_shares_are_tested_as_fisher_does():
    rng = np.random.default_rng(3)
    errors = (rng.random(400) < 0.3).astype(float)
    mask = rng.random(400) < 0.2
    [check] = checked(errors, [mask])
    both = [[int((errors[m] == one).sum()) for one in (1, 0)] for m in (mask, ~mask)]
    expected = stats.fisher_exact(both, alternative="greater").pvalue
    assert check.test == "hypergeometric"
    assert check.p_value == pytest.approx(expected, rel=1e-9)


def test_means_are_tested_as_welch_does():
    rng = np.random.default_rng(4)
    errors, mask = rng.random(300), rng.random(300) < 0.3
    [check] = checked(errors, [mask])
    expected = stats.ttest_ind(errors[mask], errors[~mask], equal_var=False, alternative="greater")
    assert check.test == "welch"
    assert check.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert check.mean == pytest.approx(errors[mask].mean())


@pytest.mark.parametrize("size", [0, 1, 300])
def test_what_cannot_be_tested_has_no_p_value(size):
    errors = np.random.default_rng(4).random(300)
    [check] = checked(errors, [np.arange(300) < size])
    assert (check.p_value, check.q_value) == (None, None)
    assert check.size == size


def test_without_variance_there_is_no_test():
    errors = np.full(20, 0.5)
    [check] = checked(errors, [np.arange(20) < 10])
    assert check.p_value is None


def test_p_values_are_corrected_as_scipy_does():
    p_values = np.random.default_rng(5).random(40) ** 2
    expected = stats.false_discovery_control(p_values)
    assert benjamini_hochberg(p_values.tolist()) == pytest.approx(expected.tolist(), rel=1e-12)
    assert benjamini_hochberg([]) == []


def test_without_anything_in_it_a_slice_is_hardly_ever_confirmed():
    """Slices chosen on one half are bad there by chance; the other half knows nothing of it."""
    rng = np.random.default_rng(6)
    rejected = 0
    for _ in range(400):
        errors = (rng.random(600) < 0.2).astype(float)
        codes = rng.integers(0, 20, 600)
        half = np.arange(600) < 300
        worst = max(range(20), key=lambda code: errors[half & (codes == code)].mean())
        [check] = checked(errors[~half], [codes[~half] == worst])
        rejected += check.p_value is not None and check.p_value <= 0.05
    assert rejected <= 400 * 0.05 + 3 * np.sqrt(400 * 0.05 * 0.95)
