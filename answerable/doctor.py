"""The settings in force, secrets masked, and checks of the machine."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from answerable import listeners
from answerable.environment import PREFIX
from answerable.settings import SECTIONS, Settings
from sql import dsn
from sql.errors import AnswerableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MIB = 1 << 20
_PYTHON_MIN = (3, 11)


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as it holds now; a secret's value is masked."""

    variable: str
    value: str
    source: str
    description: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Parameters
    ----------
    ok
        None where it is worth knowing and nothing is wrong.
    """

    name: str
    ok: bool | None
    told: str


def effective(settings: Settings) -> list[Effective]:
    """List every setting, section by section."""
    return [
        Effective(
            f"{PREFIX}{name.upper()}",
            _shown(name, settings.value(name)),
            settings.sources[name],
            field.description or "",
        )
        for section in SECTIONS.values()
        for name, field in section.model_fields.items()
    ]


def diagnose(settings: Settings) -> list[Check]:
    """Run every check."""
    return [check(settings) for check in CHECKS]


def _shown(name: str, value: Any) -> str:
    if name == "store":
        return dsn.parse(value.get_secret_value()).shown
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    return "" if value is None else str(value)


def _python(_: Settings) -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check("python", sys.version_info >= _PYTHON_MIN, f"{found}, needs 3.11 or later")


def _engine(_: Settings) -> Check:
    try:
        return Check("engine", True, f"chdb {version('chdb')}, core {version('chdb-core')}")
    except PackageNotFoundError as error:
        return Check("engine", False, f"{error.name} is not installed")


def _data_dir(settings: Settings) -> Check:
    wanted = settings.server.data_dir.expanduser().resolve()
    there = _nearest(wanted)
    able = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    told = "writable" if able else f"cannot be written: {there}"
    return Check("data directory", able, f"{wanted}: {told}")


def _disk(settings: Settings) -> Check:
    there = _nearest(settings.server.data_dir.expanduser().resolve())
    free_mib = shutil.disk_usage(there).free // _MIB
    least = settings.server.disk_free_min_mib
    return Check("disk", free_mib >= least, f"{free_mib} MiB free at {there}, needs {least}")


def _store(settings: Settings) -> Check:
    address = dsn.parse(settings.store.store.get_secret_value())
    if address.directory is not None:
        state = "there" if address.directory.is_dir() else "made at the first start"
        return Check("store", True, f"{address.shown}, {state}")
    from sql.client import Store  # noqa: PLC0415  Loads the engine; not every doctor needs it.

    try:
        with Store.open(settings.store) as store:
            return Check("store", True, f"{address.shown}, ClickHouse {store.version}")
    except AnswerableError as error:
        return Check("store", False, error.detail)


def _port(name: str, flag: str) -> Callable[[Settings], Check]:
    def check(settings: Settings) -> Check:
        port = settings.value(name)
        try:
            listeners.free(settings.server.host, port, flag)
        except listeners.PortError as error:
            return Check(name, False, error.detail)
        return Check(name, True, f"{port} is free" if port else "any free one")

    return check


def _admin_key(settings: Settings) -> Check:
    if settings.server.admin_key is not None:
        return Check("admin key", True, "set in the environment")
    return Check("admin key", None, "not set: the first start makes one and prints it once")


def _gpu(_: Settings) -> Check:
    if find_spec("cupy") is None:
        return Check("gpu", None, "not used: the extra `gpu` (CuPy) is not installed")
    return Check("gpu", True, "CuPy is installed")


CHECKS: tuple[Callable[[Settings], Check], ...] = (
    _python,
    _engine,
    _data_dir,
    _disk,
    _store,
    _port("http_port", "--http-port"),
    _port("grpc_port", "--grpc-port"),
    _port("dashboard_port", "--dashboard-port"),
    _admin_key,
    _gpu,
)


def _nearest(path: Path) -> Path:
    """Give the path, or its nearest parent that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
