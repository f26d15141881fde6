"""Signals come back newest first, filtered, in pages without gaps."""

from __future__ import annotations

import pytest

from sql.errors import InvalidInputError
from sql.signals import START, Severity, Signals


@pytest.fixture
def signals(base_store, clock) -> Signals:
    return Signals(base_store, clock)


def raised(signals: Signals, subject: str = "m", **options):
    given = {"tenant": "acme", "value": 1.0, "threshold": 0.5, "severity": Severity.WARNING}
    return signals.raise_(options.pop("kind", "drift"), subject, **{**given, **options})


def window(signals: Signals, clock, tenants=(), **options):
    end = options.pop("end_ns", clock.now_ns + 1)
    return signals.list(tenants, start_ns=options.pop("start_ns", 0), end_ns=end, **options)


def test_a_signal_reads_back(signals, clock) -> None:
    written = raised(
        signals, "it's a model", link="/drift?x=1", body={"p": 0.01, "why": "naïve"}, value=-1e300
    )
    assert written.severity == "warning"
    assert written.time_ns == written.recorded_at_ns == clock.now_ns
    assert window(signals, clock) == [written]


def test_its_own_time_is_kept(signals, clock) -> None:
    written = raised(signals, time_ns=clock.now_ns - 5)
    assert (written.time_ns, written.recorded_at_ns) == (clock.now_ns - 5, clock.now_ns)
    assert window(signals, clock, end_ns=clock.now_ns - 5) == []
    assert window(signals, clock, start_ns=clock.now_ns - 5) == [written]


def test_filters(signals, clock) -> None:
    first = raised(signals, "a", tenant="acme")
    second = raised(signals, "b", tenant="beta", kind="cost", severity=Severity.CRITICAL)
    assert window(signals, clock, ["acme"]) == [first]
    assert window(signals, clock, ["nobody"]) == []
    assert window(signals, clock, kinds=["cost"]) == [second]
    assert window(signals, clock, severities=[Severity.CRITICAL, Severity.INFO]) == [second]
    assert window(signals, clock, subjects=["a"]) == [first]
    assert window(signals, clock, kinds=["cost"], subjects=["a"]) == []


def test_pages_have_no_gap_and_no_repeat(signals, clock) -> None:
    start, written = clock.now_ns, []
    for step in range(4):
        clock.step(ns=1)
        at = start + step // 2
        written += [raised(signals, name, time_ns=at) for name in ("a", "b", "ü")]
    seen, position = [], START
    while page := window(signals, clock, before=position, limit=5):
        seen += page
        position = page[-1].position
    assert [signal.position for signal in seen] == sorted(
        (signal.position for signal in written), reverse=True
    )


def test_a_kind_is_required(signals) -> None:
    with pytest.raises(InvalidInputError) as caught:
        raised(signals, kind="")
    assert caught.value.field == "kind"


def test_an_unknown_severity_is_refused(signals) -> None:
    with pytest.raises(ValueError, match="fatal"):
        raised(signals, severity="fatal")


def test_limits_are_bounded(signals, clock) -> None:
    with pytest.raises(InvalidInputError):
        window(signals, clock, limit=0)
