"""Configuration and governance facts as append-only versions; the current state is a query.

Two clocks: *valid* time, from when a fact holds, and *recorded* time, when it was written.
A version holds from its valid time until the next version's; a delete ends all before it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from sql.errors import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sql.client import Store
    from sql.clock import Clock

#: Last instant a DateTime64(9) can hold, UTC ns.
FAR_FUTURE_NS = 9_223_372_036_854_775_807
LIMIT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one fact.

    Parameters
    ----------
    op
        "put", or "delete" in a history.
    valid_from_ns, recorded_at_ns
        UTC nanoseconds.
    """

    tenant: str
    kind: str
    id: str
    version: int
    op: str
    body: dict[str, Any]
    actor: str
    reason: str
    valid_from_ns: int
    recorded_at_ns: int


#: The class has a method called list, so its annotations need another name for the type.
Rows = list[Record]


class Records:
    """Reads and writes the table `records`.

    Version numbers are given out under a lock of this process. Two processes on one server
    may give out the same one; both rows stay, and the one recorded later holds.
    """

    _write: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def put(
        self,
        kind: str,
        id: str,  # noqa: A002  A record's id is called id everywhere else.
        body: Mapping[str, Any],
        *,
        tenant: str,
        actor: str,
        reason: str,
        valid_from: int | None = None,
        expect_version: int | None = None,
    ) -> Record:
        """Write the next version.

        Parameters
        ----------
        valid_from
            UTC nanoseconds; now where it is left out. It may lie in the past or the future.
        expect_version
            The version the caller last saw, 0 for none at all.

        Raises
        ------
        ConflictError
            When another version is the newest one.
        """
        _named(kind=kind, id=id, actor=actor)
        return self._append(
            "put", (tenant, kind, id), body, actor, reason, valid_from, expect_version
        )

    def delete(
        self,
        kind: str,
        id: str,  # noqa: A002
        *,
        tenant: str,
        actor: str,
        reason: str,
        expect_version: int | None = None,
    ) -> Record:
        """End a record from now on; its history stays.

        Raises
        ------
        NotFoundError
            When it does not exist, or was deleted before.
        ConflictError
            As for `put`.
        """
        _named(kind=kind, id=id, actor=actor)
        newest = self.history(kind, id, tenant)
        if not newest or newest[-1].op == "delete":
            raise NotFoundError(f"There is no {kind} {id!r} for tenant {tenant!r} to delete.")
        return self._append("delete", (tenant, kind, id), {}, actor, reason, None, expect_version)

    def get(
        self,
        kind: str,
        id: str,  # noqa: A002
        tenant: str,
        *,
        as_of: int | None = None,
        known_at: int | None = None,
    ) -> Record | None:
        """Read the version valid at `as_of` as far as it was known at `known_at`.

        Parameters
        ----------
        as_of, known_at
            UTC nanoseconds; now where left out.
        """
        found = self._state(kind, [tenant], [id], as_of, known_at, ("", ""), 1)
        return found[0] if found else None

    def list(
        self,
        kind: str,
        tenants: Sequence[str],
        *,
        as_of: int | None = None,
        known_at: int | None = None,
        after: tuple[str, str] = ("", ""),
        limit: int = 1000,
    ) -> Rows:
        """Read every record of a kind, by tenant and id; no tenants means all of them.

        Parameters
        ----------
        after
            Tenant and id of the last record of the page before.
        """
        return self._state(kind, tenants, [], as_of, known_at, after, limit)

    def history(self, kind: str, id: str, tenant: str) -> Rows:  # noqa: A002
        """Read every version ever written, oldest first; at most LIMIT_MAX of them."""
        rows = self._store.query(
            "sql/records_history",
            {"tenant": tenant, "kind": kind, "id": id, "limit": LIMIT_MAX},
        )
        return [_record(row) for row in rows]

    def _state(
        self,
        kind: str,
        tenants: Sequence[str],
        ids: Sequence[str],
        as_of: int | None,
        known_at: int | None,
        after: tuple[str, str],
        limit: int,
    ) -> Rows:
        if not 0 < limit <= LIMIT_MAX:
            raise InvalidInputError(f"limit is {limit}; use 1 to {LIMIT_MAX}.", field="limit")
        parameters = {
            "kind": kind,
            "tenants": [*tenants],
            "ids": [*ids],
            "as_of": self._clock() if as_of is None else as_of,
            "known_at": FAR_FUTURE_NS if known_at is None else known_at,
            "after_tenant": after[0],
            "after_id": after[1],
            "limit": limit,
        }
        return [_record(row) for row in self._store.query("sql/records_state", parameters)]

    def _append(
        self,
        op: str,
        key: tuple[str, str, str],
        body: Mapping[str, Any],
        actor: str,
        reason: str,
        valid_from: int | None,
        expect_version: int | None,
    ) -> Record:
        tenant, kind, id_ = key
        with self._write:
            current = self._version(key)
            if expect_version not in (None, current):
                raise ConflictError(
                    f"{kind} {id_!r} is at version {current}, not {expect_version}; "
                    "read it again and repeat the change.",
                    field="expect_version",
                )
            now = self._clock()
            valid_from = now if valid_from is None else valid_from
            record = Record(
                tenant, kind, id_, current + 1, op, dict(body), actor, reason, valid_from, now
            )
            self._store.insert("records", [_row(record)])
        return record

    def _version(self, key: tuple[str, str, str]) -> int:
        parameters = dict(zip(("tenant", "kind", "id"), key, strict=True))
        return int(self._store.query("sql/records_version", parameters)[0]["version"])


def canonical(body: Mapping[str, Any]) -> str:
    """Write a body the one way two equal bodies are written: sorted keys, no spaces."""
    try:
        return orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS).decode()
    except orjson.JSONEncodeError as error:
        raise InvalidInputError(f"The body is not JSON: {error}.", field="body") from None


def _named(**names: str) -> None:
    for name, value in names.items():
        if not value:
            raise InvalidInputError(f"{name} is empty.", field=name)


def _row(record: Record) -> dict[str, Any]:
    return {
        "tenant": record.tenant,
        "kind": record.kind,
        "id": record.id,
        "version": record.version,
        "op": record.op,
        "body": canonical(record.body),
        "actor": record.actor,
        "reason": record.reason,
        "valid_from": record.valid_from_ns,
        "recorded_at": record.recorded_at_ns,
    }


def _record(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "body": orjson.loads(row["body"])})
