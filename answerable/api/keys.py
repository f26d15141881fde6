"""Making, listing and revoking API keys; only an admin may, and only within its own tenants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from answerable.api.caller import Caller
from answerable.keyring import Keyring, reaches
from answerable.keys import Key
from sql.access import Role
from sql.clock import Clock
from sql.errors import ForbiddenError, NotFoundError

_EXAMPLE: dict[str, Any] = {"name": "grading service", "roles": ["ingest"], "tenants": ["school-a"]}


class KeyRequest(BaseModel):
    """A key to make: a name to know it by, roles, and either tenants or all of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: str = Field(min_length=1, max_length=200)
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    tenants: list[str] = Field(default_factory=list, max_length=1000)
    all_tenants: bool = False
    expires_at: AwareDatetime | None = None


class KeyFacts(BaseModel):
    """A key without its secret; times are RFC 3339."""

    key_id: str
    name: str
    roles: list[Role]
    tenants: list[str]
    all_tenants: bool
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    revoked_by: str | None
    revoke_reason: str | None


class NewKey(KeyFacts):
    """A key just made; `key` is shown this once and kept nowhere."""

    key: str


class KeyList(BaseModel):
    """Keys the caller may see, oldest first."""

    as_of: str
    items: list[KeyFacts]
    next_cursor: None = None


def router(keyring: Keyring, clock: Clock) -> APIRouter:
    """Build the router."""
    api = APIRouter(prefix="/v1/keys", tags=["keys"])

    @api.post("", status_code=201, summary="Make a key")
    def create(wanted: KeyRequest, caller: Caller) -> NewKey:
        """Make a key and show it, once. It may reach no further than the caller's own."""
        caller.require(Role.ADMIN)
        if not caller.all_tenants and (
            wanted.all_tenants or not reaches(caller, wanted.tenants or caller.tenants)
        ):
            raise ForbiddenError(
                f"The key {caller.key_id} cannot give access to tenants it has no access to.",
                field="tenants",
            )
        key, secret = keyring.create(
            wanted.name,
            wanted.roles,
            wanted.tenants,
            all_tenants=wanted.all_tenants,
            expires_at_ns=_ns(wanted.expires_at),
            actor=caller.key_id,
        )
        return NewKey(**facts(key).model_dump(), key=secret)

    @api.get("", summary="List keys")
    def list_keys(caller: Caller) -> KeyList:
        """List the keys that reach no further than the caller's own, revoked ones included."""
        caller.require(Role.ADMIN)
        found = [facts(key) for key in keyring.scoped_to(caller)]
        return KeyList(as_of=rfc3339(clock()), items=found)

    @api.delete("/{key_id}", summary="Revoke a key")
    def revoke(
        key_id: str, caller: Caller, reason: Annotated[str, Query(max_length=1000)] = ""
    ) -> KeyFacts:
        """Revoke a key at once; other processes follow within `key_cache_ttl_s`."""
        caller.require(Role.ADMIN)
        key = keyring.find(key_id)
        if key is None or not reaches(caller, key.tenants):
            raise NotFoundError(f"There is no key {key_id!r}.")
        return facts(keyring.revoke(key_id, actor=caller.key_id, reason=reason))

    return api


def facts(key: Key) -> KeyFacts:
    """Give what may be told of a key."""
    return KeyFacts(
        key_id=key.key_id,
        name=key.name,
        roles=sorted(key.roles),
        tenants=list(key.tenants),
        all_tenants=key.all_tenants,
        created_at=rfc3339(key.created_at_ns),
        created_by=key.created_by,
        expires_at=_rfc3339_or_none(key.expires_at_ns),
        revoked_at=_rfc3339_or_none(key.revoked_at_ns),
        revoked_by=key.revoked_by or None,
        revoke_reason=key.revoke_reason or None,
    )


def rfc3339(time_ns: int) -> str:
    """Write UTC nanoseconds as RFC 3339 with all nine digits."""
    seconds, ns = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ns:09d}Z"


def _rfc3339_or_none(time_ns: int | None) -> str | None:
    return None if time_ns is None else rfc3339(time_ns)


def _ns(time: datetime | None) -> int | None:
    if time is None:
        return None
    whole = int(time.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + time.microsecond * 1000
