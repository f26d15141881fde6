"""Human units, checked by example and by properties."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import formatters as f

FACTORS = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "min": 6e10, "h": 3.6e12, "d": 8.64e13}
SCALES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
BYTES = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (None, f.ABSENT),
        (0, "0 ns"),
        (850, "850 ns"),
        (12_340_000, "12.3 ms"),
        (999_999, "1 ms"),
        (1_500_000_000, "1.5 s"),
        (60_000_000_000, "1 min"),
        (200_000_000_000, "3 min 20 s"),
        (7_500_000_000_000, "2 h 5 min"),
        (86_400_000_000_000 * 3 + 4_000_000_000, "3 d"),
        (-1_000, "-1 µs"),
    ],
)
def test_durations(ns, text):
    assert f.duration(ns) == text


@given(st.integers(1, 10**18))
def test_duration_is_within_a_hundredth_or_its_last_unit(ns):
    parts = f.duration(ns).split(" ")
    read = sum(
        float(n.replace(",", "")) * FACTORS[u] for n, u in zip(parts[::2], parts[1::2], strict=True)
    )
    smallest = FACTORS[parts[-1]] if len(parts) > 2 or parts[-1] in {"min", "h", "d"} else 0
    assert abs(read - ns) <= max(0.0051 * ns, smallest, 1e9 if ns >= 6e10 else 0)


@given(st.integers(0, 10**15))
def test_count_is_within_half_a_hundredth(value):
    number, _, unit = f.count(value).partition(" ")
    assert abs(float(number.replace(",", "")) * SCALES[unit] - value) <= 0.0051 * value
    assert len(re.sub(r"\D", "", number)) <= 4


@given(st.integers(0, 2**50))
def test_size_is_within_half_a_hundredth(octets):
    number, unit = f.size(octets).split(" ")
    assert abs(float(number.replace(",", "")) * BYTES[unit] - octets) <= 0.0051 * octets


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_share_is_zero_only_for_nothing_and_whole_only_for_all(part, whole):
    part = min(part, whole)
    text = f.share(part, whole)
    assert (text == "0.00 %") == (part == 0)
    assert (text == "100.0 %") == (part == whole)


def test_share_of_nothing_is_absent():
    assert f.share(0, 0) == f.ABSENT


@given(st.integers(0, 9_000_000_000), st.integers(0, 999_999_999))
def test_time_ns_keeps_every_digit(seconds, ns):
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    text = when.strftime("%Y-%m-%dT%H:%M:%S") + f".{ns:09d}Z"
    assert f.time_ns(text) == seconds * 10**9 + ns
    assert f.clock(text).endswith(f".{ns // 1_000_000:03d}")


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T02:00:00.000000001+02:00", 1),
        ("2026-11-23T22:00:00.123456789123Z", 1_795_471_200_123_456_789),
    ],
)
def test_time_ns_reads_what_rfc_3339_allows(text, ns):
    assert f.time_ns(text) == ns


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23", "2026-11-23T22:00:00", "-1h"])
def test_no_time_is_an_error(text):
    with pytest.raises(ValueError, match=r"isoformat|lacks a zone"):
        f.parse_time(text)


def test_ago():
    now = datetime(2026, 11, 23, 22, tzinfo=UTC)
    said = [f.ago(now - timedelta(seconds=s), now) for s in (-5, 0, 12, 185, 90_000)]
    assert said == ["just now", "just now", "12 s ago", "3 min 5 s ago", "1 d 1 h ago"]


def test_between_names_the_second_date_only_when_it_differs():
    first, second = "2026-11-23T21:00:00Z", "2026-11-23T22:00:00Z"
    assert f.between(first, second) == "2026-11-23 21:00:00 to 22:00:00 UTC"
    later = "2026-11-24T22:00:00Z"
    assert f.between(first, later) == "2026-11-23 21:00:00 to 2026-11-24 22:00:00 UTC"


@given(st.text(max_size=50), st.integers(1, 20))
def test_shorten_never_exceeds_and_never_lies(text, length):
    cut = f.shorten(text, length)
    assert len(cut) <= length
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


@given(st.text(st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=40))
def test_plain_escapes_reversibly(text):
    assert re.sub(r"\\(.)", r"\1", f.plain(text)) == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[<$:]", f.plain(text))


def test_values_and_versions():
    assert f.value("x") == "x"
    assert f.value({"b": [1, None], "a": True}) == '{"a":true,"b":[1,null]}'
    assert f.version({"name": "m", "version": ""}) == "m"
    assert f.version({"name": "", "version": ""}) == f.version(None) == "not recorded"
    assert (f.confidence(None), f.confidence(0.876)) == ("not recorded", "0.88")
    assert (f.number(412), f.number(0.31415926), f.number(-0.21)) == ("412", "0.314159", "-0.21")
