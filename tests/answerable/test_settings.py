"""One environment, many sections: where a value comes from, and what a wrong one is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from answerable.doctor import effective
from answerable.environment import OF_OTHERS, check_names, for_child
from answerable.settings import SECTIONS, Settings, setting_names
from sql.errors import InvalidInputError

SECRET = "a-very-secret-admin-key"


def test_a_setting_belongs_to_one_section() -> None:
    counted = Counter(name for section in SECTIONS.values() for name in section.model_fields)
    assert [name for name, count in counted.items() if count > 1] == []
    assert not {name.upper() for name in counted} & OF_OTHERS.keys()


def test_every_setting_is_described_and_has_a_default() -> None:
    for section in SECTIONS.values():
        for name, field in section.model_fields.items():
            assert field.description, name
            assert field.default is not PydanticUndefined, name


def test_flags_win_over_the_environment_and_that_over_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANSWERABLE_HTTP_PORT", "5001")
    monkeypatch.setenv("ANSWERABLE_GRPC_PORT", "5002")
    settings = Settings.load({"http_port": 5003, "host": None})
    assert settings.server.http_port == 5003
    assert settings.receivers.grpc_port == 5002
    assert settings.server.dashboard_port == 8501
    assert settings.server.host == "127.0.0.1"
    sources = {name: settings.sources[name] for name in ("http_port", "grpc_port", "host", "store")}
    assert sources == {
        "http_port": "flag",
        "grpc_port": "environment",
        "host": "default",
        "store": "derived",
    }


def test_store_and_journal_follow_the_data_directory(tmp_path: Path) -> None:
    settings = Settings.load({"data_dir": tmp_path})
    assert settings.store.store.get_secret_value() == f"chdb://{tmp_path}/store"
    assert settings.pipeline.journal_dir == tmp_path / "journal"


def test_a_store_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ANSWERABLE_STORE", "clickhouse://host/db")
    settings = Settings.load({"data_dir": tmp_path})
    assert settings.store.store.get_secret_value() == "clickhouse://host/db"


@pytest.mark.parametrize(("host", "expected"), [("0.0.0.0", "0.0.0.0"), ("::1", "[::1]")])
def test_grpc_listens_where_http_does(host: str, expected: str) -> None:
    assert Settings.load({"host": host}).receivers.grpc_host == expected


def test_a_wrong_value_names_its_variable_and_not_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_HTTP_PORT", "a-secret-by-mistake")
    with pytest.raises(InvalidInputError, match="ANSWERABLE_HTTP_PORT") as raised:
        Settings.load()
    assert "a-secret-by-mistake" not in raised.value.detail


def test_a_short_admin_key_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_ADMIN_KEY", "hunter2")
    with pytest.raises(InvalidInputError, match="ANSWERABLE_ADMIN_KEY") as raised:
        Settings.load()
    assert "hunter2" not in raised.value.detail


def test_an_empty_admin_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_ADMIN_KEY", "")
    assert Settings.load().server.admin_key is None


def test_an_unknown_variable_names_the_nearest_setting() -> None:
    with pytest.raises(InvalidInputError, match="did you mean ANSWERABLE_DATA_DIR"):
        check_names({"ANSWERABLE_DATADIR": ""}, setting_names())
    with pytest.raises(InvalidInputError, match="answerable doctor"):
        check_names({"ANSWERABLE_XYZZY_QQQ": ""}, setting_names())
    check_names({"answerable_http_port": "", "ANSWERABLE_KEY": "", "OTHER": ""}, setting_names())


def test_anonymous_needs_a_loopback_host() -> None:
    with pytest.raises(InvalidInputError, match="loopback"):
        Settings.load({"allow_anonymous_local": True, "host": "0.0.0.0"})
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Settings.load({"allow_anonymous_local": True, "host": host})


def test_effective_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_ADMIN_KEY", SECRET)
    monkeypatch.setenv("ANSWERABLE_STORE", f"clickhouse://me:{SECRET}@host/db")
    monkeypatch.setenv("ANSWERABLE_DASHBOARD_KEY", SECRET)
    listed = {one.variable: one for one in effective(Settings.load())}
    assert SECRET not in repr(listed)
    assert SECRET not in repr(Settings.load())
    assert listed["ANSWERABLE_STORE"].value == "clickhouse://me@host:8123/db"
    assert listed["ANSWERABLE_ADMIN_KEY"].value == "********"
    assert len(listed) == len(setting_names())


def test_a_child_gets_only_what_it_reads() -> None:
    environ = {"ANSWERABLE_ADMIN_KEY": SECRET, "ANSWERABLE_DASHBOARD_KEY": "k", "PATH": "/bin"}
    assert for_child(environ, ["dashboard_key"]) == {
        "ANSWERABLE_DASHBOARD_KEY": "k",
        "PATH": "/bin",
    }
