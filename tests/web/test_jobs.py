"""Jobs run again and again, whatever goes wrong in one run, and a stop waits for what runs."""

import asyncio
import threading
import time

from sql.errors import RetryableStoreError
from web.jobs import JobRunner


class Counted:
    interval_s = 0.01

    def __init__(self, error=None, seconds=0.0):
        self.runs = 0
        self.running = threading.Event()
        self._error = error
        self._seconds = seconds

    def run(self):
        self.runs += 1
        self.running.set()
        time.sleep(self._seconds)
        if self._error is not None:
            raise self._error


def run(jobs, *, concurrent=2, until):
    failures = []

    async def main():
        runner = JobRunner(
            jobs, lambda name, error: failures.append((name, type(error))), concurrent=concurrent
        )
        runner.start()
        await asyncio.wait_for(until(), timeout=10)
        await runner.stop(5)

    asyncio.run(main())
    return failures


async def _until(condition):
    while not condition():
        await asyncio.sleep(0.005)


def test_a_job_that_fails_is_counted_and_tried_again():
    bad, good = Counted(RetryableStoreError("the store is away")), Counted()
    failures = run({"bad": bad, "good": good}, until=lambda: _until(lambda: bad.runs > 2))
    assert good.runs > 2
    assert ("bad", RetryableStoreError) in failures
    assert all(name == "bad" for name, _ in failures)


def test_a_defect_in_a_job_does_not_end_it():
    broken = Counted(ZeroDivisionError())
    failures = run({"broken": broken}, until=lambda: _until(lambda: broken.runs > 2))
    assert ("broken", ZeroDivisionError) in failures


def test_a_stop_waits_for_the_run_under_way_and_starts_no_other():
    slow, waiting = Counted(seconds=0.3), Counted()
    begun = time.monotonic()
    run(
        {"slow": slow, "waiting": waiting},
        concurrent=1,
        until=lambda: _until(slow.running.is_set),
    )
    assert time.monotonic() - begun >= 0.3
    assert slow.runs == 1
    assert waiting.runs == 0


def test_no_more_jobs_run_at_one_time_than_there_are_slots():
    one, two = Counted(seconds=0.2), Counted(seconds=0.2)
    run({"one": one, "two": two}, concurrent=1, until=lambda: _until(lambda: two.runs))
    assert one.runs == 1
