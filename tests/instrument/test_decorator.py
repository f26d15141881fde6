"""The decorator: functions, coroutines, generators, asynchronous generators."""

import asyncio

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode

import answerable_instrument as answerable
from answerable_instrument import runtime


def test_the_decorator_opens_a_new_decision_for_each_call(spans):
    @answerable.decision("route", model="router")
    def route(text, *, shout=False):
        """Route a ticket."""
        answerable.current_decision().features(length=len(text)).outcome("left")
        return text.upper() if shout else text

    assert route("ab", shout=True) == "AB"
    assert route("abc") == "abc"
    assert route.__doc__ == "Route a ticket."
    first, second = (dict(span.attributes) for span in spans.all())
    assert (first["answerable.feature.length"], second["answerable.feature.length"]) == (2, 3)
    assert first["answerable.decision.id"] != second["answerable.decision.id"]


def test_the_decorator_follows_the_runtime_set_later(spans):
    runtime_of_spans = runtime.current()
    runtime.install(None)
    decorate = answerable.decision("route")
    runtime.install(runtime_of_spans)
    decorate(lambda: None)()
    assert spans.named("route")


def test_coroutines_keep_their_own_decision(spans):
    @answerable.decision("score")
    async def score(number):
        decision = answerable.current_decision()
        await asyncio.sleep(0.001 * (5 - number))
        assert answerable.current_decision() is decision
        decision.features(number=number)
        return number

    async def main():
        return await asyncio.gather(*(score(number) for number in range(5)))

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]
    seen = sorted(span.attributes["answerable.feature.number"] for span in spans.all())
    assert seen == [0, 1, 2, 3, 4]
    assert all(span.parent is None for span in spans.all())


def test_generators_span_the_whole_iteration_without_capturing_the_consumer(spans):
    @answerable.decision("answer")
    def words():
        answerable.current_decision().features(first=1)
        yield "a"
        answerable.current_decision().features(second=2)
        yield "b"
        return "end"

    for _ in words():
        assert not trace.get_current_span().is_recording()
    found = spans.attributes("answer")
    assert found["answerable.feature.first"] == 1
    assert found["answerable.feature.second"] == 2


def test_a_generator_closed_early_ends_its_span_and_cleans_up(spans):
    closed = []

    @answerable.decision("answer")
    def words():
        try:
            yield "a"
            yield "b"
        finally:
            closed.append(True)

    iterator = words()
    next(iterator)
    iterator.close()
    assert closed == [True]
    assert spans.named("answer").status.status_code is StatusCode.UNSET


def test_asynchronous_generators_may_be_closed_from_another_task(spans, caplog):
    @answerable.decision("answer")
    async def words():
        yield answerable.current_decision().id
        yield "b"

    async def main():
        iterator = words()
        first = await asyncio.create_task(anext(iterator))
        await asyncio.create_task(iterator.aclose())
        return first

    assert asyncio.run(main()) == spans.attributes("answer")["answerable.decision.id"]
    assert caplog.records == []


def test_an_exception_in_a_generator_is_recorded(spans):
    @answerable.decision("answer")
    def words():
        yield "a"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(words())
    assert spans.named("answer").status.status_code is StatusCode.ERROR
