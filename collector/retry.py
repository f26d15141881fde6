"""Trying again while the store is away, a bounded number of times, with growing pauses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.settings import PipelineSettings

T = TypeVar("T")


async def attempt(
    call: Callable[[], Awaitable[T]],
    settings: PipelineSettings,
    on_failure: Callable[[RetryableStoreError], None],
) -> T:
    """Call up to `insert_attempts_max` times.

    Raises
    ------
    RetryableStoreError
        What the last try raised.
    """
    pause_ms = settings.retry_min_ms
    for _ in range(settings.insert_attempts_max - 1):
        try:
            return await call()
        except RetryableStoreError as error:
            on_failure(error)
        await asyncio.sleep(pause_ms / 1000)
        pause_ms = min(pause_ms * 2, settings.retry_max_ms)
    try:
        return await call()
    except RetryableStoreError as error:
        on_failure(error)
        raise
