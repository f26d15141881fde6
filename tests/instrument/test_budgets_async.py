"""`async with budget()`: the loop is never blocked; a cancellation leaves no money held."""

import asyncio
import time

import pytest

import answerable_instrument as answerable
from tests.doubles.budget_server import BudgetServer


@pytest.fixture
def server():
    with BudgetServer() as running:
        yield running


@pytest.fixture
def ask(server, fresh_counts):
    service = answerable.BudgetService(server.url, "secret", timeout_s=1.0)

    def asked(**given):
        chosen = {"on_unreachable": "fail_closed", "amount": "10", "service": service}
        return answerable.budget(**{**chosen, **given})

    yield asked
    service.close()


def test_a_call_is_reserved_and_settled(server, ask):
    async def main():
        async with ask(model="gpt-x") as call:
            assert answerable.current_budget() is call
            assert server.held == 10
            call.cost("2.5")
        assert answerable.current_budget() is None

    asyncio.run(main())
    assert server.verbs() == ["reserve", "settle"]
    assert server.held == 0


def test_the_loop_goes_on_while_the_service_is_slow(server, ask):
    server.delay_s = 0.3

    async def main():
        async with ask() as call:
            call.cost(1)

    async def watched():
        task = asyncio.create_task(main())
        longest, last = 0.0, time.monotonic()
        while not task.done():
            await asyncio.sleep(0.005)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        await task
        return longest

    assert asyncio.run(watched()) < 0.25


def test_a_cancelled_call_gives_its_money_back(server, ask):
    async def main():
        started = asyncio.Event()

        async def work():
            async with ask() as call:
                call.sent()
                started.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert server.body("release")["reason"] == "CancelledError"
    assert (server.held, server.spent) == (0, 0)


def test_a_call_cancelled_after_some_words_is_settled_with_them(server, ask):
    async def main():
        started = asyncio.Event()

        async def work():
            async with ask() as call:
                call.cost("0.5")
                started.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert server.verbs() == ["reserve", "settle"]
    assert str(server.spent) == "0.5"


def test_a_cancellation_while_reserving_leaves_nothing_held(server, ask):
    server.delay_s = 0.3

    async def main():
        async def work():
            async with ask():
                raise AssertionError("the block must not run")

        task = asyncio.create_task(work())
        await asyncio.sleep(0.1)
        assert server.held == 10
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    server.verbs(wait_for="release")
    assert (server.held, server.spent) == (0, 0)


def test_a_second_cancellation_does_not_stop_the_settlement(server, ask):
    async def main():
        async def work():
            async with ask() as call:
                call.cost(3)
                server.delay_s = 0.2
                raise asyncio.CancelledError

        task = asyncio.create_task(work())
        while "settle" not in server.verbs():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert (server.held, server.spent) == (0, 3)


def test_a_stream_is_settled_when_it_ends(server, ask):
    async def stream():
        async with ask() as call:
            call.settle_later()
        for word in ("all", "is", "well"):
            yield word
        call.cost(3)
        assert await call.asettle() is True
        assert await call.arelease() is False

    async def main():
        return [word async for word in stream()]

    assert asyncio.run(main()) == ["all", "is", "well"]
    assert (server.held, server.spent) == (0, 3)


def test_an_answer_that_takes_too_long_is_none(server, ask):
    server.delay_s = 1.5

    async def main():
        async with ask(on_unreachable="fail_open") as call:
            assert call.answer.reachable is False

    begun = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begun < 1.5 + 1.0
    server.delay_s = 0
    server.verbs(wait_for="release")
    assert (server.held, server.spent) == (0, 0)


def test_many_calls_at_once_stay_within_the_limit(server, ask):
    server.limit = 100

    async def one():
        try:
            async with ask() as call:
                await asyncio.sleep(0.01)
                call.cost(10)
        except answerable.BudgetDenied:
            return 0
        return 1

    async def main():
        return sum(await asyncio.gather(*(one() for _ in range(40))))

    made = asyncio.run(main())
    assert made == 10
    assert (server.held, server.spent) == (0, 100)
