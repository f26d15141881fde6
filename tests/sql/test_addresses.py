"""Store addresses are read, defaulted, refused with a fix, and shown without their secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from sql import dsn
from sql.errors import InvalidInputError
from sql.settings import StoreSettings


def test_an_embedded_address() -> None:
    address = dsn.parse("chdb:///var/lib/my%20data/?database=other")
    assert address.directory == Path("/var/lib/my data")
    assert address.database == "other"
    assert dsn.parse("chdb:///a/../b").directory == Path("/b")
    assert dsn.parse("chdb:///a").database == dsn.DEFAULT_DATABASE


@pytest.mark.parametrize(
    ("text", "secure", "port"),
    [
        ("clickhouse://host", False, 8123),
        ("http://host", False, 8123),
        ("clickhouses://host", True, 8443),
        ("https://host:9999", True, 9999),
    ],
)
def test_a_server_address(text: str, secure: bool, port: int) -> None:
    address = dsn.parse(text)
    assert (address.host, address.secure, address.port) == ("host", secure, port)
    assert address.directory is None
    assert address.database == "answerable"


def test_credentials_are_read_and_hidden() -> None:
    address = dsn.parse("clickhouse://ada:p%40ss%2Fword@host:8123/db")
    assert (address.username, address.password, address.database) == ("ada", "p@ss/word", "db")
    for shown in (repr(address), address.shown, str(address)):
        assert "p@ss" not in shown
        assert "p%40ss" not in shown
    assert address.shown == "clickhouse://ada@host:8123/db"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "scheme"),
        ("postgres://u:secret@h/db", "scheme 'postgres'"),
        ("chdb://", "names no directory"),
        ("chdb:///", "names no directory"),
        ("chdb://relative/dir", "names no directory"),
        ("clickhouse:///db", "names no host"),
        ("clickhouse://u:secret@h:port/db", "is not an address"),
        ("clickhouse://u:secret@h/a-b", "names the database 'a-b'"),
        ("clickhouse://u:secret@h/a/b", "names the database 'a/b'"),
        ("chdb:///a?database=x';--", "names the database"),
        ("clickhouse://u:secret@h?compress=1", "has the option 'compress'"),
    ],
)
def test_wrong_addresses_say_what_to_use(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        dsn.parse(text)
    assert message in caught.value.detail
    assert "; use " in caught.value.detail
    assert "secret" not in caught.value.detail
    assert caught.value.field == "store"


def test_settings_come_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("ANSWERABLE_STORE", "clickhouse://u:secret@h")
    monkeypatch.setenv("ANSWERABLE_STORE_HANDLES", "9")
    monkeypatch.setenv("ANSWERABLE_RETENTION_SPANS_DAYS", "0")
    settings = StoreSettings()
    assert settings.store.get_secret_value() == "clickhouse://u:secret@h"
    assert settings.store_handles == 9
    assert settings.retention_days("spans") == 0
    assert "secret" not in repr(settings)
    assert "secret" not in settings.model_dump_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"store_handles": 0},
        {"store_handles": 65},
        {"store_acquire_timeout_s": 0},
        {"retention_spans_days": -1},
        {"retention_spans_days": 30_000},
        {"cluster": "a'b"},
        {"no_such_setting": 1},
    ],
)
def test_settings_are_bounded(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        StoreSettings(**wrong)


def test_every_setting_says_what_it_is() -> None:
    for name, field in StoreSettings.model_fields.items():
        assert field.description, name
    with pytest.raises(KeyError, match="known: audit"):
        StoreSettings().retention_days("nope")
