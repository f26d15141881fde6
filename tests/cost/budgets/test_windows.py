"""Windows: days of 23 and 25 hours, month ends, leap years, zones off the hour, moving windows."""

import pytest

from cost.budgets.windows import CalendarWindow, Period, RollingWindow, slot_of
from sql.errors import InvalidInputError
from tests.cost.budgets.kit import ns

HOUR_NS = 3600 * 10**9


def bounds(period, zone, at_ns):
    span = CalendarWindow(Period(period), zone).at(at_ns)
    assert span.resets_ns == span.to_ns
    return span.from_ns, span.to_ns


@pytest.mark.parametrize(
    ("period", "zone", "at", "start", "end"),
    [
        ("day", "UTC", (2026, 11, 18, 12), (2026, 11, 18), (2026, 11, 19)),
        ("week", "UTC", (2026, 11, 22, 23), (2026, 11, 16), (2026, 11, 23)),
        ("month", "UTC", (2026, 1, 31, 23, 59), (2026, 1, 1), (2026, 2, 1)),
        ("month", "UTC", (2028, 2, 29, 12), (2028, 2, 1), (2028, 3, 1)),
        ("month", "UTC", (2026, 12, 31, 23, 59), (2026, 12, 1), (2027, 1, 1)),
        ("quarter", "UTC", (2026, 11, 18), (2026, 10, 1), (2027, 1, 1)),
        ("quarter", "UTC", (2026, 3, 31, 23), (2026, 1, 1), (2026, 4, 1)),
        ("year", "UTC", (2028, 12, 31, 23), (2028, 1, 1), (2029, 1, 1)),
        # The clocks of Paris go forward on 29 March and back on 25 October.
        ("day", "Europe/Paris", (2026, 3, 29, 12), (2026, 3, 28, 23), (2026, 3, 29, 22)),
        ("day", "Europe/Paris", (2026, 10, 25, 12), (2026, 10, 24, 22), (2026, 10, 25, 23)),
        ("month", "Europe/Paris", (2026, 10, 31, 22, 59), (2026, 9, 30, 22), (2026, 10, 31, 23)),
        ("month", "Europe/Paris", (2026, 10, 31, 23), (2026, 10, 31, 23), (2026, 11, 30, 23)),
        # The clocks of Santiago skip midnight, those of Havana go through it twice.
        ("day", "America/Santiago", (2026, 9, 6, 12), (2026, 9, 6, 4), (2026, 9, 7, 3)),
        ("day", "America/Havana", (2026, 11, 1, 5, 30), (2026, 11, 1, 4), (2026, 11, 2, 5)),
        (
            "day",
            "Asia/Kathmandu",
            (2026, 11, 18, 12),
            (2026, 11, 17, 18, 15),
            (2026, 11, 18, 18, 15),
        ),
        ("month", "Asia/Kolkata", (2026, 2, 11), (2026, 1, 31, 18, 30), (2026, 2, 28, 18, 30)),
        ("day", "Australia/Lord_Howe", (2026, 4, 4, 20), (2026, 4, 4, 13), (2026, 4, 5, 13, 30)),
    ],
)
def test_calendar_windows(period, zone, at, start, end):
    assert bounds(period, zone, ns(*at)) == (ns(*start), ns(*end))


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Havana", "Pacific/Chatham", "UTC"])
@pytest.mark.parametrize("period", [*Period])
def test_windows_follow_each_other_without_a_gap(period, zone):
    window = CalendarWindow(period, zone)
    at, end = ns(2026, 1, 1), ns(2028, 3, 5)
    while at < end:
        span = window.at(at)
        assert span.from_ns <= at < span.to_ns
        assert window.at(span.to_ns - 1) == span
        after = window.at(span.to_ns)
        assert after.from_ns == span.to_ns
        at = span.to_ns


def test_the_day_of_a_change_of_clocks_has_23_or_25_hours():
    spring = bounds("day", "Europe/Paris", ns(2026, 3, 29, 12))
    autumn = bounds("day", "Europe/Paris", ns(2026, 10, 25, 12))
    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (23 * HOUR_NS, 25 * HOUR_NS)


def test_a_rolling_window_never_lets_money_go_too_early():
    window = RollingWindow(3600)
    now = ns(2026, 11, 18, 12, 7)
    span = window.at(now)
    assert span.from_ns <= now - HOUR_NS < span.from_ns + 900 * 10**9
    assert span.to_ns is None
    assert span.resets_ns == ns(2026, 11, 18, 12, 15)
    assert slot_of(now) < span.end


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "utc+1"])
def test_an_unknown_time_zone_is_refused_by_name(zone):
    with pytest.raises(InvalidInputError) as error:
        CalendarWindow(Period.DAY, zone)
    assert error.value.field == "window.time_zone"
    assert repr(zone) in error.value.detail


@pytest.mark.parametrize("duration_s", [0, 3599, 367 * 86_400])
def test_a_rolling_window_too_short_or_long_is_refused(duration_s):
    with pytest.raises(InvalidInputError) as error:
        RollingWindow(duration_s)
    assert error.value.field == "window.duration_s"
