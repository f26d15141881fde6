"""Periods: month ends, weeks over new year, and days that clocks make longer or shorter."""

from datetime import date

import pytest

from cost.reports.periods import Every, containing, local_day, named
from sql.errors import InvalidInputError
from web.window import HOUR_NS


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2028-02", date(2028, 2, 1), date(2028, 3, 1)),
        ("2026-11-30", date(2026, 11, 30), date(2026, 12, 1)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_periods_are_read(text, first, after):
    period = named(text)
    assert (period.first, period.after, period.name) == (first, after, text)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-02-30", "2025-W53", "2026-Q5", "26-11", "1969", "2100", "2026-1"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(InvalidInputError, match="period"):
        named(text)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
def test_days_of_summer_time_have_as_many_hours_as_clocks_show(day, hours):
    window = named(day).window("Europe/Paris")
    assert window.to_ns - window.from_ns == hours * HOUR_NS


@pytest.mark.parametrize(
    ("every", "name"),
    [(Every.DAILY, "2027-01-01"), (Every.WEEKLY, "2026-W53"), (Every.MONTHLY, "2027-01")],
)
def test_a_day_lies_in_a_period(every, name):
    assert containing(every, date(2027, 1, 1)).name == name


def test_a_day_is_that_of_the_time_zone():
    at = named("2026-11-30").window().to_ns - HOUR_NS
    assert local_day(at, "UTC") == date(2026, 11, 30)
    assert local_day(at, "Asia/Kolkata") == date(2026, 12, 1)
