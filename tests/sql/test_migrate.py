"""Migrations run once, in order, under a lock, and notice when their files changed."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sql import golden, migration_files
from sql.errors import ConflictError, InvalidInputError, PermanentStoreError
from sql.migrate import Migrator
from sql.migration_lock import TABLE, MigrationLock

FIRST = "CREATE TABLE IF NOT EXISTS {{local first}} {{on_cluster}} (n UInt64)\n"
FIRST += "ENGINE = {{engine MergeTree}} ORDER BY n;\n"
SECOND = "ALTER TABLE {{local first}} {{on_cluster}} ADD COLUMN IF NOT EXISTS m {{kind}};\n"


@pytest.fixture
def ticking():
    numbers = itertools.count(1_700_000_000_000_000_000, 1_000_000)
    return lambda: next(numbers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fragments").mkdir()
    (tmp_path / "fragments" / "kind.sql").write_text("Tuple({{member}})\n")
    (tmp_path / "fragments" / "member.sql").write_text("a String\n")
    (tmp_path / "0001_create_first.sql").write_text(FIRST)
    (tmp_path / "0001_create_first.down.sql").write_text("DROP TABLE {{local first}};\n")
    (tmp_path / "0002_add_second.sql").write_text(SECOND)
    return tmp_path


def migrator(store, folder: Path, ticking, **options) -> Migrator:
    return Migrator(store, clock=ticking, files=migration_files.read(folder), **options)


def tables(store) -> set[str]:
    return {row["name"] for row in store.query("sql/schema_dump")}


def test_a_dry_run_changes_nothing(store, folder, ticking) -> None:
    planned = migrator(store, folder, ticking).plan()
    assert [(p.version, p.name) for p in planned] == [(1, "create_first"), (2, "add_second")]
    assert planned[1].statements == (
        "ALTER TABLE first  ADD COLUMN IF NOT EXISTS m Tuple(a String)",
    )
    assert tables(store) == set()


def test_each_runs_once(store, folder, ticking) -> None:
    assert migrator(store, folder, ticking).apply() == [
        "0001_create_first.sql",
        "0002_add_second.sql",
    ]
    assert migrator(store, folder, ticking).apply() == []
    assert migrator(store, folder, ticking).plan() == []
    applied = store.query("sql/applied_migrations")
    assert [(row["version"], row["name"], row["statements"]) for row in applied] == [
        (1, "create_first", 1),
        (2, "add_second", 1),
    ]
    (folder / "0003_drop_first.sql").write_text("DROP TABLE IF EXISTS {{local first}};\n")
    assert migrator(store, folder, ticking).apply() == ["0003_drop_first.sql"]
    assert tables(store) == {"schema_migrations"}


@pytest.mark.parametrize(
    "file", ["0001_create_first.sql", "fragments/kind.sql", "fragments/member.sql"]
)
def test_a_changed_file_is_refused(store, folder, ticking, file: str) -> None:
    migrator(store, folder, ticking).apply()
    with (folder / file).open("a") as opened:
        opened.write("-- changed")
    for act in (Migrator.plan, Migrator.apply):
        with pytest.raises(PermanentStoreError, match="changed after it was applied"):
            act(migrator(store, folder, ticking))


def test_a_newer_database_is_refused(store, folder, ticking) -> None:
    migrator(store, folder, ticking).apply()
    (folder / "0002_add_second.sql").unlink()
    with pytest.raises(PermanentStoreError, match="a newer release"):
        migrator(store, folder, ticking).plan()


def test_a_failed_migration_is_taken_up_again(store, folder, ticking) -> None:
    broken = folder / "0003_make_third.sql"
    create = "CREATE TABLE IF NOT EXISTS third (n UInt64) ENGINE = Log;\n"
    broken.write_text(create + "SELECT nothing;\n")
    with pytest.raises(PermanentStoreError, match=r"0003_make_third\.sql, statement 2 of 2: "):
        migrator(store, folder, ticking).apply()
    assert [row["version"] for row in store.query("sql/applied_migrations")] == [1, 2]
    broken.write_text(create)
    assert migrator(store, folder, ticking).apply() == ["0003_make_third.sql"]
    assert TABLE not in tables(store)


def test_the_way_back(store, folder, ticking) -> None:
    migrator(store, folder, ticking).apply()
    with pytest.raises(InvalidInputError, match=r"0002_add_second\.sql has no way back"):
        migrator(store, folder, ticking).revert(0)
    assert "first" in tables(store)
    (folder / "0002_add_second.down.sql").write_text(
        "ALTER TABLE {{local first}} DROP COLUMN IF EXISTS m;\n"
    )
    assert migrator(store, folder, ticking).revert(0) == [
        "0002_add_second.sql",
        "0001_create_first.sql",
    ]
    assert tables(store) == {"schema_migrations"}
    assert len(migrator(store, folder, ticking).apply()) == 2


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("3_create_x.sql", "is not named"),
        ("0003_Create_x.sql", "is not named"),
        ("0003_create.sql", "is not named"),
        ("0001_create_other.sql", "0001 is used by"),
        ("0009_drop_it.down.sql", "has no migration beside it"),
        ("0002_other_name.down.sql", "has no migration beside it"),
    ],
)
def test_misnamed_files(folder, file: str, message: str) -> None:
    (folder / file).write_text("SELECT 1;\n")
    with pytest.raises(PermanentStoreError, match=message):
        migration_files.read(folder)


def test_fragments_that_name_each_other(folder) -> None:
    (folder / "fragments" / "member.sql").write_text("{{kind}}\n")
    with pytest.raises(PermanentStoreError, match="kind -> member -> kind"):
        migration_files.read(folder)


MIGRATE = """
import sys
from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings
with Store.open(StoreSettings(store=sys.argv[1])) as store:
    print(len(Migrator(store).apply()), flush=True)
"""


def test_processes_that_start_at_once_apply_once(served) -> None:
    command = [sys.executable, "-c", MIGRATE, served.dsn]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = sorted(int(process.communicate(timeout=120)[0]) for process in started)
    every = len(migration_files.packaged().migrations)
    assert counts == [0, 0, every]
    store = served.open()
    with store.handle() as client:
        (written,) = client.query("SELECT count() FROM schema_migrations").result_rows[0]
    assert written == every
    assert TABLE not in tables(store)


def test_a_held_lock_is_waited_for_and_named(served, folder, ticking) -> None:
    store = served.open(migrate_lock_timeout_s=0.5)
    holder = MigrationLock(store, owner="host:1:first", clock=time.time_ns)
    holder._take()
    with pytest.raises(ConflictError, match="being migrated by host:1:first"):
        Migrator(store, files=migration_files.read(folder)).apply()
    assert tables(store) == set()


def test_a_lock_left_behind_is_overtaken(served, folder) -> None:
    store = served.open(migrate_lock_expiry_s=10)
    long_ago = time.time_ns() - 60_000_000_000
    MigrationLock(store, owner="host:1:gone", clock=lambda: long_ago)._take()
    assert len(Migrator(store, files=migration_files.read(folder)).apply()) == 2


def test_a_renewed_lock_is_not_overtaken(served) -> None:
    store = served.open(migrate_lock_expiry_s=10, migrate_lock_timeout_s=0.5)
    times = [time.time_ns() - 60_000_000_000]
    holder = MigrationLock(store, owner="host:1:slow", clock=lambda: times[-1])
    holder._take()
    times.append(time.time_ns())
    holder.renew()
    late = MigrationLock(store, owner="host:2:late", clock=time.time_ns)
    with pytest.raises(ConflictError, match="host:1:slow"), late.hold():
        pass


def test_the_schema_is_the_golden_one(migrated_store) -> None:
    dumped = Migrator(migrated_store).dump_schema()
    assert migrated_store.address.database not in dumped
    assert dumped == golden.GOLDEN.read_text(encoding="utf-8"), "run: make golden"


def test_the_packaged_migrations_apply_twice(migrated_store) -> None:
    assert Migrator(migrated_store).apply() == []
    with migrated_store.handle() as client:
        client.command("TRUNCATE TABLE schema_migrations")
    # Every statement stands a second run, as after a crash between it and its record.
    assert len(Migrator(migrated_store).apply()) == len(migration_files.packaged().migrations)


def test_a_literal_keeps_what_looks_like_the_database(databases, ticking, tmp_path) -> None:
    store = databases.open()
    literal = f"{databases.name}.kept"
    (tmp_path / "0001_create_view.sql").write_text(
        "CREATE TABLE IF NOT EXISTS a (n String) ENGINE = Log;\n"
        f"CREATE VIEW IF NOT EXISTS b AS SELECT '{literal}' AS n, a.n AS m FROM a;\n"
    )
    migrator = Migrator(store, clock=ticking, files=migration_files.read(tmp_path))
    migrator.apply()
    dumped = migrator.dump_schema()
    assert f"'{literal}'" in dumped
    assert dumped.count(databases.name) == 1


def test_golden_check_runs_as_a_module() -> None:
    root = Path(golden.__file__).parents[1]
    command = [sys.executable, "-m", "sql.golden", "--check"]
    assert subprocess.run(command, cwd=root, timeout=120, check=False).returncode == 0
