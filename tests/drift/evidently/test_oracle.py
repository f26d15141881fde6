"""Evidently 0.7.23 as a second opinion: where it agrees with ours, and where it is wrong.

What is wrong is asserted, so that a release that mends it fails here and docs/evidently.md is
written anew.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from drift.statistics.chi_square import chi_square
from drift.statistics.energy_distance import energy_distance
from drift.statistics.g_test import g_test
from drift.statistics.hellinger import hellinger
from drift.statistics.jensen_shannon import jensen_shannon
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.kullback_leibler import kullback_leibler
from drift.statistics.mann_whitney import mann_whitney
from drift.statistics.population_stability import population_stability
from drift.statistics.wasserstein import wasserstein

PYTHON = os.environ.get("ANSWERABLE_EVIDENTLY_PYTHON", "")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="ANSWERABLE_EVIDENTLY_PYTHON names no interpreter with Evidently"
)

RUNS = 200
WORDS = [*"abcde"]


def numbers(seed, size, *, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, size)


def words(seed, size, shares=(0.3, 0.25, 0.2, 0.15, 0.1)):
    return np.random.default_rng(seed).choice(WORDS, size, p=shares)


def counted(sample):
    return [int((sample == word).sum()) for word in WORDS]


def lognormal(seed, size, *, factor=1.0):
    return factor * np.random.default_rng(seed).lognormal(0, 2, size)


MOVED = numbers(1, 700), numbers(2, 500, shift=0.2)
CHANGED = words(3, 800), words(4, 600, (0.2, 0.25, 0.25, 0.15, 0.15))
HEAVY = [(lognormal(20 + at, 5000), lognormal(50 + at, 5000, factor=np.exp(0.5))) for at in (0, 1)]
SMALL = [(numbers(100 + at, 1001), numbers(200 + at, 100)) for at in range(40)]
SAME = [(words(1000 + at, 500), words(5000 + at, 500)) for at in range(RUNS)]


def cases():
    made = {}

    def add(name, test, pair, *, numeric=True):
        reference, current = (one.tolist() for one in pair)
        made[name] = {
            "test": test,
            "numeric": numeric,
            "reference": reference,
            "current": current,
        }

    for test in ("ks", "wasserstein", "ed"):
        add(test, test, MOVED)
    for test in ("psi", "kl_div", "jensenshannon", "hellinger"):
        add(test, test, CHANGED, numeric=False)
    add("up", "mannw", (numbers(7, 500), numbers(8, 500, shift=1.0)))
    add("down", "mannw", (numbers(7, 500), numbers(8, 500, shift=-1.0)))
    add("g unequal", "g_test", CHANGED, numeric=False)
    add("new", "chisquare", (words(5, 500), np.append(words(6, 500), "f")), numeric=False)
    add("gap", "hellinger", (np.append(MOVED[0], np.nan), MOVED[1]))
    for at, pair in enumerate(HEAVY):
        add(f"heavy {at}", "psi", pair)
    for at, pair in enumerate(SMALL):
        add(f"small {at}", "psi", pair)
    for at, pair in enumerate(SAME):
        add(f"same {at}", "chisquare", pair, numeric=False)
    return made


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """What Evidently says of every case, asked once: it takes seconds to import."""
    folder = tmp_path_factory.mktemp("evidently")
    asked, said = folder / "cases.json", folder / "said.json"
    asked.write_text(json.dumps(cases()))
    environment = {"PATH": os.environ["PATH"], "DO_NOT_TRACK": "1", "HOME": str(folder)}
    judge = Path(__file__).with_name("judge.py")
    done = subprocess.run(
        [PYTHON, "-I", judge, asked, said], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(said.read_text())


def test_distances_of_numbers_agree(theirs):
    assert kolmogorov_smirnov(*MOVED).p_value == pytest.approx(theirs["ks"]["value"], rel=1e-9)
    # Theirs is in standard deviations of the reference.
    ours = wasserstein(*MOVED).estimate / np.std(MOVED[0])
    assert ours == pytest.approx(theirs["wasserstein"]["value"], rel=1e-12)
    assert energy_distance(*MOVED).estimate == pytest.approx(theirs["ed"]["value"], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("psi", lambda a, b: population_stability(a, b, zero_count=1e-9)),
        ("kl_div", lambda a, b: kullback_leibler(a, b, zero_count=1e-9)),
        ("jensenshannon", lambda a, b: jensen_shannon(a, b, base=np.e)),
        ("hellinger", hellinger),
    ],
)
def test_divergences_of_filled_cells_agree(theirs, name, ours):
    counts = [counted(one) for one in CHANGED]
    assert ours(*counts).estimate == pytest.approx(theirs[name]["value"], rel=1e-8)


def test_their_chi_square_takes_a_sample_for_the_truth(theirs):
    """Reference counts stand as exact expectations: without drift a third of windows alarm."""
    alarms = np.mean([theirs[f"same {at}"]["value"] < 0.05 for at in range(RUNS)])
    assert alarms > 0.2
    ours = np.mean([chi_square(counted(a), counted(b)).p_value < 0.05 for a, b in SAME])
    assert ours < 0.05 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_one_new_word_is_certain_drift_to_their_chi_square(theirs):
    assert theirs["new"]["value"] == 0
    reference, current = words(5, 500), np.append(words(6, 500), "f")
    ours = chi_square([*counted(reference), 0], [*counted(current), 1])
    assert ours.p_value > 0.01


def test_their_mann_whitney_looks_one_way_only(theirs):
    assert min(theirs["up"]["value"], theirs["down"]["value"]) < 1e-30
    assert max(theirs["up"]["value"], theirs["down"]["value"]) > 0.99
    for shift in (1.0, -1.0):
        assert mann_whitney(numbers(7, 500), numbers(8, 500, shift=shift)).p_value < 1e-30


def test_their_g_test_cannot_take_samples_of_two_lengths(theirs):
    assert "error" in theirs["g unequal"]
    assert g_test(*(counted(one) for one in CHANGED)).p_value < 0.01


def test_their_cells_of_equal_width_are_blind_to_heavy_tails(theirs):
    """Nearly all values fall in one cell of equal width; quantiles of the reference see them."""
    for at, (reference, current) in enumerate(HEAVY):
        assert not theirs[f"heavy {at}"]["drifted"]
        edges = np.quantile(reference, np.linspace(0, 1, 11)[1:-1])
        counts = [np.bincount(np.searchsorted(edges, one), minlength=10) for one in HEAVY[at]]
        assert population_stability(*counts).low > 0
        assert kolmogorov_smirnov(reference, current).p_value < 1e-6


def test_their_limit_knows_no_sample_size(theirs):
    """Without drift, 100 values against 1,001: most windows are above 0.1, as ours states."""
    alarms = np.mean([theirs[f"small {at}"]["drifted"] for at in range(len(SMALL))])
    assert alarms > 0.5
    edges = np.quantile(SMALL[0][0], np.linspace(0, 1, 11)[1:-1])
    counts = [np.bincount(np.searchsorted(edges, one), minlength=10) for one in SMALL[0]]
    expected = population_stability(*counts).method["expected"]
    assert expected == pytest.approx((1 / 1001 + 1 / 100) * 9, rel=0.2)
    ours = np.mean([kolmogorov_smirnov(*pair).p_value < 0.01 for pair in SMALL])
    assert ours < 0.1


def test_their_hellinger_alters_what_it_is_given(theirs):
    assert theirs["gap"]["altered"]
    assert not theirs["hellinger"]["altered"]
