"""The journal beneath the ledger in memory: kill -9, torn lines, snapshots, bounds."""

import os
import random
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from cost.budgets import journal as journals
from cost.budgets.holdings import BudgetsUnavailableError
from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from tests.cost.budgets.kit import Desk, budget

ROOT = Path(__file__).resolve().parents[3]
DAY_NS = 86_400 * 10**9


def opened(folder, *, segment_bytes=1 << 20, total_bytes=1 << 24, reservations_max=10_000):
    journal = Journal(folder, segment_bytes=segment_bytes, total_bytes=total_bytes)
    ledger = MemoryLedger(journal, reservations_max=reservations_max)
    ledger.start(1)
    return ledger


def desk_at(folder, **bounds):
    return Desk(opened(folder, **bounds)).budgets(budget(limit="1000000"))


def work(desk, seed, calls):
    """Do a bit of everything."""
    rng = random.Random(seed)
    for number in range(calls):
        name, trace = f"{seed}-{number}", f"{rng.randint(1, 40):032x}"
        desk.ask(Decimal(rng.randint(1, 500)) / 100, name=name, trace_id=rng.choice(["", trace]))
        match rng.randint(0, 5):
            case 0:
                desk.release(name)
            case 1 | 2:
                desk.settle(name, Decimal(rng.randint(1, 600)) / 100)
            case 3:
                desk.engine.extend("school", name, 600)
            case 4:
                desk.charge(Decimal(rng.randint(-50, 300)) / 100, trace=trace)
        desk.clock.step(seconds=rng.randint(0, 20))
    desk.ledger.mark(f"mark {seed}", desk.clock())


def image(ledger):
    """Everything a ledger knows, to compare."""
    from cost.budgets import snapshot  # noqa: PLC0415

    found = {}
    for operation in snapshot.dump(ledger._state):
        for part in ("shares", "slots"):
            if part in operation:
                operation[part] = sorted(operation[part])
        name = operation.get("key") or operation.get("name") or operation.get("reservation")
        found[operation["op"], str(name)[:120]] = repr(operation)
    return found


@pytest.mark.parametrize("segment_bytes", [1 << 20, 4000])
def test_a_restart_rebuilds_the_same_state(tmp_path, segment_bytes):
    desk = desk_at(tmp_path, segment_bytes=segment_bytes)
    work(desk, 1, 200)
    before = image(desk.ledger)
    desk.ledger.close()
    again = desk_at(tmp_path, segment_bytes=segment_bytes)
    assert image(again.ledger) == before
    assert again.ledger.open_counts() == desk.ledger.open_counts()


def test_a_snapshot_takes_the_place_of_its_segments(tmp_path):
    desk = desk_at(tmp_path, segment_bytes=4000)
    for seed in range(3):
        work(desk, seed, 100)
        _, token = desk.ledger.events(100_000)
        desk.ledger.delivered(token)
        desk.ledger.compact()
    before = image(desk.ledger)
    names = sorted(path.name for path in tmp_path.glob("*.jsonl"))
    assert len([name for name in names if name.startswith("snapshot")]) == 1
    assert len([name for name in names if name.startswith("journal")]) <= 2
    desk.ledger.close()
    assert image(desk_at(tmp_path, segment_bytes=4000).ledger) == before


def test_segments_wait_for_the_history_up_to_a_bound(tmp_path):
    desk = desk_at(tmp_path, segment_bytes=4000, total_bytes=20_000)
    work(desk, 1, 300)
    desk.ledger.compact()
    covered = sum(path.stat().st_size for path in tmp_path.glob("journal-*.jsonl"))
    assert covered < 30_000
    assert desk.ledger._journal.dropped > 0
    events, _ = desk.ledger.events(100_000)
    assert events
    before = image(desk.ledger)
    desk.ledger.close()
    assert image(desk_at(tmp_path).ledger) == before


def test_a_line_that_a_crash_cut_off_was_never_answered(tmp_path):
    desk = desk_at(tmp_path)
    desk.ask("3", name="a")
    before = image(desk.ledger)
    desk.ledger.close()
    newest = max(tmp_path.glob("journal-*.jsonl"))
    with newest.open("ab") as file:
        file.write(b'{"op":"hold","at":12,"reserv')
    again = desk_at(tmp_path)
    assert image(again.ledger) == before
    again.ask("4", name="b")
    again.ledger.close()
    assert desk_at(tmp_path).held() == 7


def test_an_unfinished_snapshot_is_passed_over(tmp_path):
    desk = desk_at(tmp_path, segment_bytes=4000)
    work(desk, 1, 100)
    before = image(desk.ledger)
    desk.ledger.close()
    (tmp_path / "snapshot-000000000003.unfinished").write_bytes(b'{"op":"load"')
    assert image(desk_at(tmp_path).ledger) == before


def test_a_full_disk_refuses_and_changes_nothing(tmp_path, monkeypatch):
    desk = desk_at(tmp_path)
    desk.ask("3", name="a")
    before = image(desk.ledger)
    write = os.write

    def full(file, data):
        if file == desk.ledger._journal._file:
            write(file, data[:10])
            raise OSError(28, "No space left on device")
        return write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(journals.os, "write", full)
        for change in (
            lambda: desk.ask("4", name="b"),
            lambda: desk.settle("a", "1"),
            lambda: desk.release("a"),
        ):
            with pytest.raises(BudgetsUnavailableError, match="No space left"):
                change()
        assert image(desk.ledger) == before
        desk.clock.step(seconds=200)
        with pytest.raises(BudgetsUnavailableError):
            desk.ledger.expire(desk.clock())
    assert desk.ledger.expire(desk.clock()) == 1
    desk.ask("4", name="b")
    desk.ledger.close()
    again = desk_at(tmp_path)
    assert (again.held(), again.ledger.find("school", "a").state) == (4, "expired")


def test_finished_reservations_give_way_and_open_ones_never(tmp_path):
    desk = desk_at(tmp_path, reservations_max=100)
    for number in range(300):
        desk.ask("1", name=f"done{number}")
        desk.settle(f"done{number}", "1")
    assert len(desk.ledger._state.reservations) <= 100
    assert desk.spent() == 300
    for number in range(100):
        desk.ask("1", name=f"open{number}")
    with pytest.raises(BudgetsUnavailableError, match="budget_reservations_max"):
        desk.ask("1", name="one too many")
    assert desk.held() == 100
    desk.ledger.close()
    assert desk_at(tmp_path).held() == 100


def test_what_is_finished_is_purged_after_its_time_and_its_money_stays(tmp_path):
    desk = desk_at(tmp_path)
    desk.ask("3", name="a", trace_id="ab" * 16)
    desk.settle("a", "2")
    desk.ask("1", name="b", ttl_s=3600)
    desk.clock.step(seconds=3000)
    desk.ledger.purge(desk.clock() - 1)
    assert desk.ledger.find("school", "a") is None
    assert desk.ledger.find("school", "b").state == "open"
    assert (desk.spent(), desk.held(), desk.ledger.tracked()) == (2, 1, set())


def test_kill_9_loses_no_answered_operation(tmp_path):
    """A process reserves and settles until it is killed; what it was told is what is found."""
    command = [sys.executable, "-m", "tests.cost.budgets.test_journal", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        told = [process.stdout.readline().split() for _ in range(2000)]
        process.send_signal(signal.SIGKILL)
        told += [line.split() for line in process.stdout.read().splitlines()]
    desk = desk_at(tmp_path, segment_bytes=50_000)
    complete = [line for line in told if len(line) == 2]
    assert len(complete) >= 2000
    for what, number in complete:
        found = desk.ledger.find("school", f"r{number}")
        assert found is not None
        assert what == "held" or found.state == "settled"
    settled = sum(what == "settled" for what, _ in complete)
    # One more may have been written whose answer did not get out.
    assert settled <= desk.spent() <= settled + 1


def main(folder):
    desk = desk_at(Path(folder), segment_bytes=50_000, reservations_max=1_000_000)
    for number in range(1_000_000):
        desk.ask("2", name=f"r{number}")
        print("held", number, flush=True)  # noqa: T201
        desk.settle(f"r{number}", "1")
        print("settled", number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
