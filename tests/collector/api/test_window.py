"""Times as callers write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.api import buckets
from sql.errors import InvalidInputError
from web.render import timestamp
from web.window import LATEST_NS, Window, instant, parse

NOW = 1_795_471_200_000_000_000  # 2026-11-23T22:00:00Z
SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("-15m", NOW - 900 * SECOND),
        ("-1h", NOW - 3600 * SECOND),
        ("-7d", NOW - 7 * 86_400 * SECOND),
        ("-2w", NOW - 14 * 86_400 * SECOND),
        ("-250ms", NOW - SECOND // 4),
        ("+5m", NOW + 300 * SECOND),
        (" 5m", NOW + 300 * SECOND),
        ("-0s", NOW),
        ("-999999999w", 0),
        ("0", 0),
        ("1795471200", NOW),
        (str(NOW), NOW),
        (str(NOW + 1), NOW + 1),
        ("2026-11-23T22:00:00Z", NOW),
        ("2026-11-23t22:00:00z", NOW),
        ("2026-11-23T22:00:00", NOW),
        ("2026-11-23 22:00:00Z", NOW),
        ("2026-11-23T23:00:00+01:00", NOW),
        ("2026-11-23T23:00:00 01:00", NOW),
        ("2026-11-23T16:30:00-05:30", NOW),
        ("2026-11-23T22:00:00.000000001Z", NOW + 1),
        ("2026-11-23T22:00:00.5Z", NOW + SECOND // 2),
        ("2026-11-23", NOW - 22 * 3600 * SECOND),
        ("2100-01-01", LATEST_NS),
    ],
)
def test_times_are_read(text, expected):
    assert instant(text, NOW, "from") == expected


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "1h",
        "-1y",
        "-1.5h",
        "-h",
        "1795471200000",  # Milliseconds.
        "1795471200.5",
        "-1795471200",
        "99999999999999999999",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "2026-11-23T24:61:00Z",
        "2026-11-23T22:00Z",
        "2026-11-23T22:00:00.1234567890Z",
        "2026-11-23T22:00:00+99:00",
        "1969-12-31T23:59:59Z",
        "2100-01-01T00:00:00.000000001Z",
        "٣",
        "now'; DROP",
    ],
)
def test_anything_else_names_the_parameter(text):
    with pytest.raises(InvalidInputError) as raised:
        instant(text, NOW, "to")
    assert raised.value.field == "to"


@pytest.mark.parametrize(("start", "end"), [("now", "now"), ("-1h", "-2h"), ("2027-01-01", "now")])
def test_an_empty_window_is_refused(start, end):
    with pytest.raises(InvalidInputError, match="must be earlier") as raised:
        parse(start, end, NOW)
    assert raised.value.field == "from"


@given(st.integers(0, LATEST_NS))
def test_what_is_rendered_is_read_back(ns):
    text = timestamp(ns)
    assert instant(text, NOW, "from") == ns
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ns // SECOND)
    assert text.startswith(whole.isoformat()[:19])


@given(st.integers(0, LATEST_NS - 1), st.integers(1, LATEST_NS))
def test_buckets_cover_the_window_and_are_few(start, length):
    window = Window(start, min(LATEST_NS, start + length))
    size = buckets.length_s(window)
    found = list(buckets.starts(window, size))
    assert 1 <= len(found) <= buckets.BUCKETS_MAX
    assert found[0][1] <= window.from_ns < found[0][1] + size * SECOND
    assert found[-1][1] < window.to_ns <= found[-1][1] + size * SECOND
