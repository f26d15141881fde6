"""Work done later: in order of its time, bounded, and never in the way of the next."""

import threading

from answerable_instrument import guard
from answerable_instrument.background import Background


def test_jobs_run_when_they_are_due_and_again_as_long_as_they_ask(fresh_counts):
    done, seen = threading.Event(), []
    background = Background()

    def later():
        seen.append("later")
        done.set()

    def thrice():
        seen.append("again")
        return 0.0 if len(seen) < 3 else None

    background.put(0.3, later)
    background.put(0.0, thrice)
    assert done.wait(10)
    assert seen == ["again", "again", "again", "later"]


def test_a_job_that_fails_does_not_end_the_thread(fresh_counts):
    done = threading.Event()
    background = Background()
    background.put(0.0, lambda: 1 / 0)
    background.put(0.01, done.set)
    assert done.wait(10)
    assert guard.warnings_seen() == {"internal": 1}


def test_what_is_too_much_is_counted_and_left_out(fresh_counts):
    background = Background(jobs_max=2)
    assert [background.put(60, lambda: None) for _ in range(3)] == [True, True, False]
    assert guard.warnings_seen() == {"too_many": 1}
    background.clear()
    assert background.waiting == 0


def test_a_cleared_job_does_not_come_back(fresh_counts):
    started, go, runs = threading.Event(), threading.Event(), []
    background = Background()

    def job():
        runs.append(1)
        started.set()
        go.wait(10)
        return 0.0

    background.put(0.0, job)
    assert started.wait(10)
    background.clear()
    go.set()
    done = threading.Event()
    background.put(0.05, done.set)
    assert done.wait(10)
    assert runs == [1]
