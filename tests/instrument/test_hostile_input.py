"""Property: no value of any kind makes the library raise, or a span that cannot be encoded."""

import datetime as dt
import decimal
import enum
import fractions
import uuid

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import answerable_instrument as answerable
from answerable_instrument import runtime


class Hostile:
    """Raise on everything a recorder might try."""

    def __str__(self):
        raise RuntimeError("str")

    __repr__ = __float__ = __int__ = __iter__ = __len__ = __bool__ = __hash__ = __eq__ = __str__

    def __getattr__(self, name):
        raise RuntimeError(name)


class HostileText(str):
    """A text that lies about itself."""

    __slots__ = ()

    def __str__(self):
        raise RuntimeError("str")

    def encode(self, *args):
        raise RuntimeError("encode")

    def isascii(self):
        raise RuntimeError("isascii")


class Colour(enum.Enum):
    RED = "red"
    NOTHING = object()


class Item:
    """Look like a NumPy scalar and return itself."""

    ndim = 0

    def item(self):
        return self


class HostileError(Exception):
    def __str__(self):
        raise RuntimeError("str")


# Drawn by index: Hypothesis shows its strategies, and most of these cannot be shown.
SPECIAL = [
    10**5000,
    Hostile(),
    HostileText("a"),
    Hostile,
    Item(),
    Colour.RED,
    Colour.NOTHING,
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    fractions.Fraction(10**400, 3),
    dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    uuid.UUID(int=1),
    np.float32(0.5),
    np.int64(3),
    np.float64("nan"),
    np.array([1, 2]),
    np.datetime64("NaT", "s"),
    1j,
    lambda: None,
]
surrogates = st.text(st.characters(categories=["Cs", "Lu", "So"]), max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**62, max_value=2**70),
    st.floats(),
    st.text(max_size=8),
    surrogates,
    st.binary(max_size=8),
    st.just("x" * 100_000),
    st.just("\ud800" * 20_000),
    st.integers(0, 18).map(lambda index: SPECIAL[index]),
)
weird = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.one_of(st.text(max_size=5), surrogates, st.integers(), st.none(), st.binary(max_size=3))
# The spans fixture is shared by the examples on purpose: it is emptied by each.
relaxed = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def assert_encodable(spans, count):
    recorded = spans.all()
    spans.exporter.clear()
    assert len(recorded) == count
    encode_spans(recorded).SerializeToString()


@relaxed
@given(name=weird, value=weird, mapping=st.dictionaries(keys, weird, max_size=5))
def test_decisions_swallow_anything(spans, caplog, name, value, mapping):
    opened = answerable.decision(
        name,
        id=value,
        subject=value,
        model=value,
        model_version=value,
        datasets=value,
        route=value,
        confidence=value,
        features=mapping,
        tenant=value,
    )
    with opened as decision:
        decision.features(value).features(mapping).features(x=value).usage(value).usage(mapping)
        decision.outcome(value).confidence(value).route(value).action(value, value)
        decision.tokens(input=value, output=value, reasoning=value, model=value, provider=value)
        decision.dataset(value, value).tenant(value).model(value, value).subject(value)
        decision.prompt(value, value).policy(value, value)
    assert isinstance(decision.id, str)
    assert_encodable(spans, 1)


@relaxed
@given(value=weird)
@example(value=2.0**64)
@example(value=1e308)
@example(value=2**63 - 1)
def test_connector_calls_reviews_and_tenants_swallow_anything(spans, caplog, value):
    opened = answerable.connector_call(
        value, value, version=value, credential_id=value, schema_hash=value, synthetic=value
    )
    with answerable.tenant(value), opened as call:
        call.status(value).retry(value).http_status(value).schema_hash(value).version(value)
    answerable.review(
        value,
        reviewer=value,
        verdict=value,
        queue_ms=value,
        duration_ms=value,
        reason=value,
        tenant=value,
        at_ns=value,
    )
    assert_encodable(spans, 2)


@pytest.mark.parametrize(
    "error", [HostileError(), ValueError("\ud800"), ValueError(b"\xff"), ValueError("x" * 10**6)]
)
def test_hostile_exceptions_come_through_unchanged(spans, error):
    with pytest.raises(type(error)) as caught, answerable.decision("grade"):
        raise error
    assert caught.value is error
    with pytest.raises(type(error)), answerable.connector_call("a", "b"):
        raise error
    assert_encodable(spans, 2)


def test_wrong_arguments_of_setters_are_swallowed(spans):
    with answerable.decision("grade") as decision:
        decision.outcome().confidence(1, 2, 3).tokens(bogus=1)
    assert answerable.warnings_seen() == {"internal": 3}


def test_a_tracer_that_raises_costs_only_the_record(fresh_counts):
    class Broken:
        def start_span(self, *args, **kwargs):
            raise RuntimeError("broken")

    runtime.install(runtime.Runtime(tracer=Broken()))
    try:
        with answerable.decision("grade") as decision:
            decision.outcome("x")
    finally:
        runtime.install(None)
    assert answerable.warnings_seen()["internal"] == 1
