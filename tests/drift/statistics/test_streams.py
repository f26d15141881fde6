"""Detectors of one series: by hand, against what river 0.26.1 answered, and without drift."""

import doctest
import math

import numpy as np
import pytest

from drift.statistics import adwin as adwin_module
from drift.statistics import cusum as cusum_module
from drift.statistics import kswin as kswin_module
from drift.statistics import page_hinkley as page_hinkley_module
from drift.statistics.adwin import Adwin, adwin
from drift.statistics.cusum import Cusum, cusum, run_length, threshold_for
from drift.statistics.kswin import Kswin, kswin
from drift.statistics.page_hinkley import PageHinkley, page_hinkley
from drift.statistics.stream import watched

MODULES = (adwin_module, cusum_module, kswin_module, page_hinkley_module)
DETECTORS = {
    "adwin": Adwin,
    "cusum": lambda: Cusum(mean=0.5, deviation=0.3),
    "cusum, learning": lambda: Cusum(warm_up=100),
    "kswin": Kswin,
    "page_hinkley": lambda: PageHinkley(threshold=10),
}
FUNCTIONS = {one.__name__: one for one in (adwin, cusum, kswin, page_hinkley)}

each = pytest.mark.parametrize("name", sorted(DETECTORS))
every = pytest.mark.parametrize("name", sorted(FUNCTIONS))


def streams():
    rng = np.random.default_rng(7)
    coin = (rng.random(3000) < np.repeat([0.5, 0.7, 0.4], 1000)).astype(float)
    uniform = rng.random(3000)
    ramp = np.r_[rng.random(1500), rng.random(1500) * 0.5 + np.linspace(0, 0.5, 1500)]
    normal = np.r_[rng.normal(0, 1, 1000), rng.normal(1, 1, 1000), rng.normal(-1, 2, 1000)]
    return {"coin": coin, "uniform": uniform, "ramp": ramp, "normal": normal}


def alarms(detector, values):
    return list(watched(detector, values).at)


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("stream", "usual", "eager"),
    [
        ("coin", [1343, 2143], [1046, 2020]),
        ("uniform", [], [1188, 1639]),
        ("ramp", [1599, 2111, 2751], [1530, 1897, 2240, 2684]),
        ("normal", [1055, 2015], [477, 1014, 2009, 2441, 2725, 2975]),
    ],
)
def test_adwin_alarms_where_river_does(stream, usual, eager):
    values = streams()[stream]
    assert alarms(Adwin(), values) == usual
    assert alarms(Adwin(0.3, clock=1), values) == eager


@pytest.mark.parametrize(
    ("stream", "usual", "eager"),
    [
        ("coin", [1150, 2130], [1137, 2068]),
        ("uniform", [], []),
        ("ramp", [1653, 2440], [1601, 2317]),
        ("normal", [761, 1052, 2022, 2345, 2698, 2891], None),
    ],
)
def test_page_hinkley_alarms_where_river_does(stream, usual, eager):
    values = streams()[stream]
    assert alarms(PageHinkley(), values) == usual
    if eager is not None:
        assert alarms(PageHinkley(0.05, 20.0), values) == eager


def test_page_hinkley_by_hand():
    detector = PageHinkley(0.0, 1.0, alpha=1.0, least=1)
    told = []
    for x in (0.0, 0.0, 2.0, 2.0):
        detector.update(x)
        told.append((round(detector._up, 3), detector.drift_detected))
    # Deviations from the running mean: 0, 0, 2 - 2/3; the alarm, then a new mean of 2.
    assert told == [(0.0, False), (0.0, False), (1.333, True), (0.0, False)]


def test_cusum_by_hand():
    detector = Cusum(mean=10.0, deviation=2.0, shift=1.0, length=100.0)
    ups = []
    for x in (12.0, 9.0, 14.0):
        detector.update(x)
        ups.append(detector._up)
    assert ups == [0.5, 0.0, 1.5]
    assert detector.estimate == 14.0


def test_adwin_keeps_the_sums_of_its_window():
    rng = np.random.default_rng(1)
    values = rng.random(5000)
    detector = Adwin()
    for x in values:
        detector.update(x)
    assert detector.width == 5000
    assert detector.estimate == pytest.approx(values.mean(), rel=1e-12)
    assert detector.variance == pytest.approx(values.var(), rel=1e-9)
    assert sum(len(row) for row in detector._rows) <= 5 * math.log2(5000)


def test_adwin_without_restart_keeps_the_new_values():
    values = np.r_[np.zeros(640), np.ones(320)]
    kept = Adwin(restart=False)
    assert alarms(kept, values)[0] == 671
    # Sums drop whole, so a few old values may stay in the oldest.
    assert kept.estimate > 0.9
    assert kept.width >= 320
    assert alarms(Adwin(), values) == [671]


def test_adwin_seldom_alarms_without_drift():
    rng = np.random.default_rng(2)
    fair = [len(alarms(Adwin(), rng.integers(0, 2, 3200))) for _ in range(40)]
    # 4,000 checks at 0.002 would give 8 if they were independent and the bound were tight.
    assert sum(fair) <= 4


def test_the_span_is_what_keeps_adwin_quiet_on_rare_large_values():
    rng = np.random.default_rng(3)
    values = 1000.0 * (rng.random(6000) < 0.002)
    assert len(alarms(Adwin(0.05, span=1000.0), values)) <= len(alarms(Adwin(0.05), values))
    assert alarms(Adwin(0.002, span=1000.0), values) == []


@pytest.mark.parametrize(("length", "shift"), [(400, 1.0), (400, 0.5)])
def test_cusum_runs_as_long_as_stated_without_drift(length, shift):
    rng = np.random.default_rng(4)
    threshold, runs = threshold_for(length, shift), 1500
    up, down, ended = np.zeros(runs), np.zeros(runs), np.zeros(runs)
    for value in range(1, 15 * length):
        z = rng.standard_normal(runs)
        up, down = np.maximum(0, up + z - shift / 2), np.maximum(0, down - z - shift / 2)
        ended[(ended == 0) & (np.maximum(up, down) > threshold)] = value
    assert (ended > 0).all()
    assert ended.mean() == pytest.approx(length, rel=0.1)


def test_cusum_is_the_walk_that_was_simulated():
    rng = np.random.default_rng(5)
    lengths = []
    detector = Cusum(mean=0.0, deviation=1.0, length=100.0)
    for x in rng.standard_normal(30_000):
        detector.update(float(x))
        if detector.drift_detected:
            lengths.append(detector.n)
    assert np.mean(lengths) == pytest.approx(100, rel=0.2)


@pytest.mark.parametrize("sign", [-1, 1])
def test_cusum_finds_what_it_is_set_for_soon(sign):
    rng = np.random.default_rng(6)
    delays = []
    for _ in range(100):
        detector = Cusum(mean=0.0, deviation=1.0)
        at = alarms(detector, sign * 1.0 + rng.standard_normal(100))
        delays.append(at[0] + 1)
    # h / (s / 2) at a threshold of 8.
    assert np.mean(delays) < 22
    assert run_length(detector.threshold, 1.0) == pytest.approx(10_000)


def test_kswin_alarms_at_most_as_stated_a_look_and_river_s_way_far_more():
    rng = np.random.default_rng(7)
    values = rng.standard_normal(6000)
    looks = 6000 / 30
    assert len(alarms(Kswin(0.05), values)) <= 0.05 * looks + 3 * (0.05 * looks) ** 0.5
    assert len(alarms(Kswin(0.05, clock=1), values)) > 3 * len(alarms(Kswin(0.05), values))


def test_kswin_finds_a_spread_that_changed():
    rng = np.random.default_rng(8)
    values = np.r_[rng.normal(0, 1, 3000), rng.normal(0, 8, 600)]
    at = alarms(Kswin(0.001, window=400, newest=100), values)
    assert at
    assert at[0] >= 3000


@each
@pytest.mark.parametrize("to", [0.0, 1.0])
def test_finds_a_moved_mean_on_either_side(name, to):
    rng = np.random.default_rng(9)
    values = np.r_[0.5 + 0.3 * rng.standard_normal(900), to + 0.3 * rng.standard_normal(300)]
    detector = DETECTORS[name]()
    at = [one for one in alarms(detector, values) if one >= 900]
    assert at
    assert at[0] < 1020


@each
def test_constant_series_and_one_value_do_not_alarm(name):
    assert alarms(DETECTORS[name](), np.full(500, 0.5)) == []
    detector = DETECTORS[name]()
    detector.update(0.5)
    assert not detector.drift_detected


@each
@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_refused_and_changes_nothing(name, x):
    values = streams()["coin"][:400]
    one, other = DETECTORS[name](), DETECTORS[name]()
    for value in values:
        one.update(value)
        other.update(value)
        with pytest.raises(ValueError, match="x must be finite"):
            one.update(x)
    assert one.drift_detected == other.drift_detected
    assert one.estimate == pytest.approx(other.estimate, nan_ok=True)


@every
def test_function_and_class_agree_and_gaps_are_counted(name):
    values = streams()["coin"]
    gappy = np.insert(values, [5, 5, 2000], math.nan)
    whole, result = FUNCTIONS[name](values), FUNCTIONS[name](gappy)
    assert result.method["left_out"] == 3
    assert result.n_current == 3000
    assert result.estimate == whole.estimate
    assert result.method["first_alarm"] == whole.method["first_alarm"]


@every
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "no number"),
        (["a"], "hold numbers"),
        ([None], "no number"),
        ([math.nan], "no number"),
        ([[1.0]], "one-dim"),
        ([math.inf], "finite"),
    ],
)
def test_refuses_a_series(name, values, message):
    with pytest.raises(ValueError, match=message):
        FUNCTIONS[name](values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Adwin(0.0), "delta must be"),
        (lambda: Adwin(span=0.0), "span must be"),
        (lambda: Adwin(clock=0), "clock"),
        (lambda: PageHinkley(-1), "delta must be"),
        (lambda: PageHinkley(threshold=0), "threshold"),
        (lambda: Cusum(mean=1.0), "together"),
        (lambda: Cusum(mean=1.0, deviation=0.0), "deviation must be"),
        (lambda: Cusum(warm_up=1), "warm_up must be"),
        (lambda: Cusum(shift=0), "shift must be"),
        (lambda: Cusum(length=1), "length must be"),
        (lambda: Kswin(2.0), "alpha must be"),
        (lambda: Kswin(window=50), "newest must be"),
        (lambda: Kswin(clock=0), "clock must be"),
    ],
)
def test_refuses_settings(call, message):
    with pytest.raises(ValueError, match=message):
        call()
