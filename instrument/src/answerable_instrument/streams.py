"""Run generators inside a record: its context is current while a step runs, not between steps.

Were it left attached across a ``yield``, the consumer's spans would become children of the record,
and an asynchronous generator closed from another task could not detach it.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from types import TracebackType
from typing import Protocol, TypeVar, cast

T = TypeVar("T")
V = TypeVar("V")


class Suspendable(Protocol):
    """A record whose context can be left and entered again while its span stays open."""

    def __enter__(self) -> object: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

    def suspend(self) -> None:
        """Leave the context."""

    def resume(self) -> None:
        """Enter the context again."""


def stream(record: Suspendable, steps: Generator[T, None, V]) -> Generator[T, None, V]:
    """Yield every item of a generator; what the consumer sends in is not passed on."""
    with record:
        try:
            while True:
                record.resume()
                try:
                    item = next(steps)
                except StopIteration as stop:
                    return cast("V", stop.value)
                finally:
                    record.suspend()
                yield item
        finally:
            steps.close()


async def stream_async(record: Suspendable, steps: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """Yield every item of an asynchronous generator; sent values are not passed on."""
    with record:
        try:
            while True:
                record.resume()
                try:
                    item = await anext(steps)
                except StopAsyncIteration:
                    return
                finally:
                    record.suspend()
                yield item
        finally:
            await steps.aclose()
