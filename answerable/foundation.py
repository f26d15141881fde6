"""What has to be there before anything listens: the store, its schema, the keys."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from answerable.auth import Gate
from answerable.keyring import Keyring
from sql.access import Role
from sql.client import Store
from sql.errors import PermanentStoreError
from sql.migrate import Migrator
from sql.records import Records

if TYPE_CHECKING:
    from pathlib import Path

    from answerable.settings import Settings
    from sql.clock import Clock

_logger = structlog.get_logger(__name__)

BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True)
class Foundation:
    """An open, migrated store and who may use it.

    Parameters
    ----------
    new_admin_key
        A key made just now, to be shown once; empty when there was one.
    """

    store: Store
    keyring: Keyring
    gate: Gate
    new_admin_key: str


def lay(settings: Settings, clock: Clock) -> Foundation:
    """Open the store, migrate it and read the keys; blocking.

    Raises
    ------
    AnswerableError
        When the store cannot be opened or migrated; it is closed again then.
    """
    server = settings.server
    _make_private(server.data_dir.expanduser())
    with ExitStack() as undo:
        store = undo.enter_context(Store.open(settings.store))
        for name in Migrator(store, clock=clock).apply():
            _logger.info("migrated", file=name)
        keyring = Keyring(
            Records(store, clock), clock, secrets.token_bytes, keys_max=server.keys_max
        )
        keyring.refresh()
        gate = Gate(
            keyring,
            clock,
            admin_key=server.admin_key.get_secret_value() if server.admin_key else "",
            allow_anonymous_local=server.allow_anonymous_local,
        )
        new_key = "" if _has_way_in(settings, keyring) else _first_admin_key(keyring)
        undo.pop_all()
    return Foundation(store, keyring, gate, new_key)


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PermanentStoreError(
            f"The data directory {directory} cannot be made: {error.strerror}; see --data."
        ) from error


def _has_way_in(settings: Settings, keyring: Keyring) -> bool:
    server = settings.server
    return bool(server.admin_key) or server.allow_anonymous_local or keyring.has_admin()


def _first_admin_key(keyring: Keyring) -> str:
    _, secret = keyring.create(
        "first admin key",
        [Role.ADMIN],
        [],
        all_tenants=True,
        expires_at_ns=None,
        actor=BOOTSTRAP,
    )
    return secret
