"""Every API key, held in memory and refreshed from the table `records`."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from answerable.keys import Key, digest_of, mint
from sql.access import Role
from sql.errors import ConflictError, InvalidInputError, NotFoundError
from sql.records import FAR_FUTURE_NS, LIMIT_MAX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from answerable.keys import Entropy
    from sql.access import Principal
    from sql.clock import Clock
    from sql.records import Record, Records

_logger = structlog.get_logger(__name__)

KIND = "api_key"
#: Keys belong to the service, not to a tenant.
TENANT = ""

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")


class Keyring:
    """Makes, revokes, lists and finds keys.

    A look-up never touches the store: `refresh` does, at start, after every change made here,
    and every `key_cache_ttl_s` for changes other processes made.

    Parameters
    ----------
    keys_max
        Most keys kept, revoked ones included.
    """

    def __init__(self, records: Records, clock: Clock, entropy: Entropy, *, keys_max: int) -> None:
        self._records = records
        self._clock = clock
        self._entropy = entropy
        self._keys_max = keys_max
        self._keys: Mapping[str, Key] = {}
        self._change = threading.Lock()

    def refresh(self) -> None:
        """Read every key from the store; a record that is no key is logged and left out."""
        found: dict[str, Key] = {}
        # Under the lock, or a page read before a change made here would undo it in memory.
        with self._change:
            for record in self._stored():
                try:
                    found[record.id] = Key.from_record(record)
                except (KeyError, TypeError, ValueError) as error:
                    _logger.error("key_record_invalid", key_id=record.id, error=repr(error))
            self._keys = found

    def find(self, key_id: str) -> Key | None:
        """Look a key up by its public identifier."""
        return self._keys.get(key_id)

    def all(self) -> list[Key]:
        """Every key, oldest first."""
        return sorted(self._keys.values(), key=lambda key: (key.created_at_ns, key.key_id))

    def has_admin(self) -> bool:
        """Whether some live key is an admin of every tenant."""
        now = self._clock()
        return any(
            key.all_tenants and Role.ADMIN in key.roles and key.is_live(now)
            for key in self._keys.values()
        )

    def create(
        self,
        name: str,
        roles: Collection[Role],
        tenants: Collection[str],
        *,
        all_tenants: bool,
        expires_at_ns: int | None,
        actor: str,
    ) -> tuple[Key, str]:
        """Make a key; the second value is the secret, which exists nowhere else.

        Raises
        ------
        InvalidInputError
            When roles or scope are missing or contradict each other.
        """
        self._check(roles, tenants, expires_at_ns, all_tenants=all_tenants)
        with self._change:
            if len(self._keys) >= self._keys_max:
                raise InvalidInputError(f"There are {self._keys_max} keys, the bound keys_max.")
            key_id, secret = mint(self._entropy)
            key = Key(
                key_id=key_id,
                name=name,
                roles=frozenset(roles),
                tenants=tuple(sorted(set(tenants))),
                all_tenants=all_tenants,
                digest=digest_of(secret),
                created_at_ns=self._clock(),
                created_by=actor,
                expires_at_ns=expires_at_ns,
            )
            self._write(key, actor, "created", expect_version=0)
        return key, secret

    def revoke(self, key_id: str, *, actor: str, reason: str) -> Key:
        """End a key now; it stays in the list.

        Raises
        ------
        NotFoundError
            When there is no such key.
        ConflictError
            When it is revoked already.
        """
        with self._change:
            key = self._keys.get(key_id)
            if key is None:
                raise NotFoundError(f"There is no key {key_id!r}.")
            if key.revoked_at_ns is not None:
                raise ConflictError(f"The key {key_id} is revoked already.")
            revoked = replace(
                key, revoked_at_ns=self._clock(), revoked_by=actor, revoke_reason=reason
            )
            self._write(revoked, actor, reason or "revoked", expect_version=None)
        return revoked

    def scoped_to(self, principal: Principal) -> list[Key]:
        """Keys a principal may see: those that reach no further than its own tenants."""
        return [key for key in self.all() if reaches(principal, key.tenants)]

    def _write(self, key: Key, actor: str, reason: str, *, expect_version: int | None) -> None:
        self._records.put(
            KIND,
            key.key_id,
            key.body(),
            tenant=TENANT,
            actor=actor,
            reason=reason,
            # Never before its first version, or a clock set back would hide a revocation.
            valid_from=max(self._clock(), key.created_at_ns),
            expect_version=expect_version,
        )
        # Replaced and not changed: look-ups on other threads keep what they hold.
        self._keys = {**self._keys, key.key_id: key}

    def _stored(self) -> Iterator[Record]:
        after = ("", "")
        while True:
            # The newest version whatever the clock says: a clock set back must not undo a
            # revocation.
            page = self._records.list(
                KIND, [TENANT], as_of=FAR_FUTURE_NS, after=after, limit=LIMIT_MAX
            )
            yield from page
            if len(page) < LIMIT_MAX:
                return
            after = (page[-1].tenant, page[-1].id)

    def _check(
        self,
        roles: Collection[Role],
        tenants: Collection[str],
        expires_at_ns: int | None,
        *,
        all_tenants: bool,
    ) -> None:
        if not roles:
            raise InvalidInputError(f"Name a role: {', '.join(Role)}.", field="roles")
        if bool(tenants) == all_tenants:
            raise InvalidInputError("Name tenants, or all_tenants, not both.", field="tenants")
        for tenant in tenants:
            if not _TENANT.fullmatch(tenant):
                raise InvalidInputError(
                    f"The tenant {tenant!r} is not 1 to 128 letters, digits and . _ : @ / -.",
                    field="tenants",
                )
        if expires_at_ns is not None and expires_at_ns <= self._clock():
            raise InvalidInputError("expires_at lies in the past.", field="expires_at")


def reaches(principal: Principal, tenants: Collection[str]) -> bool:
    """Whether a principal's scope covers a key's; an empty list of tenants means all."""
    if principal.all_tenants:
        return True
    return bool(tenants) and set(tenants) <= set(principal.tenants)
