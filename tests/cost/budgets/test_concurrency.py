"""The bound: what was admitted never exceeds the limit, whoever asks at the same time.

What is spent exceeds the limit by no more than the calls under way cost beyond what they reserved.
"""

import contextlib
import json
import random
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from cost.budgets.definition import Answer
from sql.errors import ConflictError
from tests.cost.budgets.kit import Desk, budget

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 8
LIMIT = 60


def hierarchy():
    return (
        budget("org", tenant="", limit="70"),
        budget(limit=str(LIMIT)),
        budget("maths", scope={"project": "maths"}, limit="30"),
        budget("art", scope={"project": "art"}, limit="40"),
        budget("ann", scope={"user": "ann"}, limit="12"),
    )


def hammer(desk, name, calls, *, beyond="0"):
    """Reserve, then settle less, as much, or by `beyond` more; sometimes cancel or abandon."""
    rng = random.Random(name)
    tally = {"admitted": 0, "denied": 0, "spent": Decimal(0), "beyond": Decimal(0), "over": 0}
    for number in range(calls):
        amount = Decimal(rng.randint(1, 300)) / 100
        call = {"project": rng.choice(["maths", "art"]), "user": rng.choice(["ann", "bob", ""])}
        reservation = f"{name}-{number}"
        made = desk.ask(amount, name=reservation, **call)
        for one in made.standings:
            if made.answer is Answer.ALLOW and one.totals.used > one.budget.limit_nano:
                tally["over"] += 1
        if made.answer is not Answer.ALLOW:
            tally["denied"] += 1
            continue
        tally["admitted"] += 1
        fate = rng.random()
        if fate < 0.3:
            desk.release(reservation)
            continue
        share = Decimal(rng.randint(0, 100)) / 100
        more = Decimal(beyond) if fate > 0.9 else Decimal(0)
        desk.settle(reservation, amount * share + more)
        tally["spent"] += amount * share + more
        tally["beyond"] += max(Decimal(0), amount * share + more - amount)
    return tally


def check(desk, tallies):
    """Compare the ledger with what the callers did."""
    assert sum(one["admitted"] for one in tallies) > 0
    assert sum(one["denied"] for one in tallies) > 0
    assert sum(one["over"] for one in tallies) == 0
    spent = sum(Decimal(one["spent"]) for one in tallies)
    beyond = sum(Decimal(one["beyond"]) for one in tallies)
    assert desk.spent() == spent
    assert desk.spent("org", "") == spent
    assert desk.spent("maths") + desk.spent("art") == spent
    for found in hierarchy():
        assert desk.spent(found.budget_id, found.tenant) <= found.limit + beyond
        assert desk.held(found.budget_id, found.tenant) == 0


@pytest.mark.parametrize("beyond", ["0", "0.5"])
def test_threads_never_admit_more_than_the_limit(desk, beyond):
    desk.budgets(*hierarchy())
    tallies = []

    def work(index):
        tallies.append(hammer(desk, f"thread{index}", 60, beyond=beyond))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tallies) == PROCESSES
    check(desk, tallies)


@pytest.mark.parametrize("ledgers", ["redis"], indirect=True)
@pytest.mark.parametrize("beyond", ["0", "0.5"])
def test_8_processes_on_one_redis_never_admit_more_than_the_limit(ledgers, redis_url, beyond):
    desk = Desk(ledgers.open()).budgets(*hierarchy())
    arguments = [redis_url, str(ledgers.folder), beyond]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.cost.budgets.test_concurrency", f"p{index}", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for index in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    tallies = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES
    check(desk, tallies)


def test_many_callers_of_one_identifier_hold_it_once(desk):
    desk.budgets(budget(limit="10"))
    answers = []

    def ask():
        answers.append(desk.ask("3", name="same"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.answer for one in answers] == [Answer.ALLOW] * 8
    assert sorted(one.replayed for one in answers) == [False] + [True] * 7
    assert desk.held() == 3


def test_settle_and_release_at_once_leave_nothing_held_and_lose_no_money(desk):
    desk.budgets(budget(limit="1000"))
    for number in range(20):
        desk.ask("3", name=f"r{number}")
    done = []

    def change(number, how):
        with contextlib.suppress(ConflictError):
            how()
            done.append(number)

    threads = [
        threading.Thread(target=change, args=(number, how))
        for number in range(20)
        for how in (
            lambda number=number: desk.settle(f"r{number}", "2"),
            lambda number=number: desk.release(f"r{number}"),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(done) == set(range(20))
    assert desk.held() == 0
    assert desk.spent() == 40


def main(name, url, prefix, beyond):
    from cost.budgets.redis_ledger import RedisLedger  # noqa: PLC0415

    ledger = RedisLedger(url, prefix=prefix, events_max=100_000, timeout_s=30)
    desk = Desk(ledger).budgets(*hierarchy())
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    print(json.dumps(hammer(desk, name, 60, beyond=beyond), default=str))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
