"""Fresh databases by reuse, and a Redis or Valkey server for what several processes share.

Hundreds of tests here want a migrated database, and migrating one takes a second of processor
time. One that was migrated and not altered is emptied and handed to the next test instead.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time

import pytest
import redis

from tests.conftest import Databases, _databases

#: Names of databases that were emptied, and what a migrated one consists of.
_emptied: list[str] = []
_schema: dict[str, str] = {}

_TABLES = "SELECT name, engine FROM system.tables WHERE database = currentDatabase()"
#: Of these, what migrations wrote has to stay.
_KEPT = {"schema_migrations", "schema_migration_lock"}


@pytest.fixture
def embedded(request):
    """A database of the embedded engine: empty, or migrated and emptied; migrate it either way."""
    made = _databases(request, "chdb")
    if _emptied:
        made.name = _emptied.pop()
    yield made
    if not _reusable(made):
        made.clear()


def _reusable(made: Databases) -> bool:
    """Empty a migrated database for the next test; False where it is to be dropped."""
    if not made.opened or made.opened[0]._closed:
        return False
    store = made.opened[0]
    with store.handle() as client:
        tables = dict(client.query(_TABLES).result_rows)
        if "charge_hours" in tables and not _schema:
            _schema.update(tables)
        if tables != _schema:
            return False
        for name, engine in tables.items():
            if engine.endswith("MergeTree") and name not in _KEPT:
                client.command(f"TRUNCATE TABLE {name} SYNC")
        client.command("SYSTEM RELOAD DICTIONARY price_points_dictionary")
    for opened in made.opened:
        opened.close()
    _emptied.append(made.name)
    return True


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """Address of a server started here, on a free port of this machine."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + 20
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        while True:
            try:
                client.ping()
                break
            except redis.ConnectionError:
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)
