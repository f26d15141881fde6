"""API keys: how one is made, what is kept of it, and what it allows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sql.access import Principal, Role

if TYPE_CHECKING:
    from sql.records import Record

#: Returns that many random bytes; `secrets.token_bytes` outside tests.
Entropy = Callable[[int], bytes]

ID_BYTES = 6
SECRET_BYTES = 32

_SHAPE = re.compile(r"ak_([0-9a-f]{12})_[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Key:
    """What the store knows of a key; the secret is not in it.

    Parameters
    ----------
    tenants
        Tenants it is scoped to; empty exactly when `all_tenants`.
    digest
        SHA-256 of the whole key, hex.
    created_at_ns, expires_at_ns, revoked_at_ns
        UTC nanoseconds; None for never.
    """

    key_id: str
    name: str
    roles: frozenset[Role]
    tenants: tuple[str, ...]
    all_tenants: bool
    digest: str
    created_at_ns: int
    created_by: str
    expires_at_ns: int | None = None
    revoked_at_ns: int | None = None
    revoked_by: str = ""
    revoke_reason: str = ""

    @property
    def principal(self) -> Principal:
        """Who its holder is."""
        return Principal(self.key_id, self.name, self.roles, self.tenants)

    def is_live(self, now_ns: int) -> bool:
        """Whether it is neither revoked nor expired."""
        expired = self.expires_at_ns is not None and self.expires_at_ns <= now_ns
        return self.revoked_at_ns is None and not expired

    def body(self) -> dict[str, Any]:
        """Write it as the body of a record."""
        return {
            "name": self.name,
            "roles": sorted(self.roles),
            "tenants": sorted(self.tenants),
            "all_tenants": self.all_tenants,
            "sha256": self.digest,
            "created_at_ns": self.created_at_ns,
            "created_by": self.created_by,
            "expires_at_ns": self.expires_at_ns,
            "revoked_at_ns": self.revoked_at_ns,
            "revoked_by": self.revoked_by,
            "revoke_reason": self.revoke_reason,
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read it back; a scope that contradicts itself raises ValueError."""
        body = record.body
        if bool(body["tenants"]) == bool(body["all_tenants"]):
            # An empty list means every tenant to a Principal, so it must never come about
            # by a damaged record.
            raise ValueError(f"record {record.id} of kind {record.kind} has no valid scope")
        return cls(
            key_id=record.id,
            name=body["name"],
            roles=frozenset(Role(role) for role in body["roles"]),
            tenants=tuple(body["tenants"]),
            all_tenants=body["all_tenants"],
            digest=body["sha256"],
            created_at_ns=body["created_at_ns"],
            created_by=body["created_by"],
            expires_at_ns=body["expires_at_ns"],
            revoked_at_ns=body["revoked_at_ns"],
            revoked_by=body["revoked_by"],
            revoke_reason=body["revoke_reason"],
        )


def mint(entropy: Entropy) -> tuple[str, str]:
    """Make a new key and return its public identifier and the key itself."""
    key_id = entropy(ID_BYTES).hex()
    return key_id, f"ak_{key_id}_{entropy(SECRET_BYTES).hex()}"


def id_of(key: str) -> str:
    """Public identifier of a key; empty where it has not the shape of one."""
    match = _SHAPE.fullmatch(key)
    return match[1] if match else ""


def digest_of(key: str) -> str:
    """Give what is stored of a key: its SHA-256, hex.

    A slow hash protects passwords that people choose. The secret here is 256 random bits, which
    no number of guesses finds.
    """
    return hashlib.sha256(key.encode()).hexdigest()
