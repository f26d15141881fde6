"""Which references there are: definitions from `records`, cells from `reference_features`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift.reference import Baseline, Definition, FeatureReference, Reference
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drift.parts import DriftParts
    from sql.records import Record

#: Kind of the records that define references.
KIND = "reference"
#: References read at one time.
LIST_MAX = 10_000

Cells = dict[str, FeatureReference]
#: The class has a method called list, so its annotations need another name for the type.
References = list[Reference]


class ReferenceBook:
    """Reads references; until a version is finished, the one before it is the newest."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._records = parts.records

    def get(self, tenant: str, reference_id: str, version: int | None = None) -> Reference:
        """Read a version, or the newest.

        A version that is named is read even where the reference was deleted since, so that what
        was compared with it can be compared again.

        Raises
        ------
        NotFoundError
            Where there is none by that name, it was deleted, or no version is finished.
        """
        record = self._record(tenant, reference_id, version)
        found = self._with_cells([record]) if version is not None else self._finished([record])
        if not found:
            raise NotFoundError(
                f"Reference {reference_id!r} at version {record.version} is not finished; wait "
                "until it is, and define it again if that was cut off.",
                field="reference",
            )
        return found[0]

    def list(self, tenants: Sequence[str]) -> References:
        """Read the newest version of every reference; no tenants means all of them."""
        return self.page(tenants, ("", ""), LIST_MAX)[0]

    def page(
        self, tenants: Sequence[str], after: tuple[str, str], limit: int
    ) -> tuple[References, tuple[str, str] | None]:
        """Read some of them, by tenant and id, and where the next page starts.

        Parameters
        ----------
        after
            Tenant and id of the last one of the page before.
        """
        asked = min(limit + 1, LIST_MAX)
        records = self._records.list(KIND, tenants, after=after, limit=asked)
        shown = records[:limit]
        more = len(records) > limit
        return self._finished(shown), (shown[-1].tenant, shown[-1].id) if more else None

    def named(
        self, tenants: Sequence[str], reference_id: str, version: int | None = None
    ) -> Reference:
        """Find a reference by its name alone among some tenants; none of them means all.

        Raises
        ------
        NotFoundError
            Where no tenant has it.
        InvalidInputError
            Where several have it.
        """
        if len(tenants) == 1:
            return self.get(tenants[0], reference_id, version)
        records = self._records.list(KIND, tenants, limit=LIST_MAX)
        having = [record.tenant for record in records if record.id == reference_id]
        if not having:
            raise NotFoundError(f"There is no reference {reference_id!r}.", field="reference")
        if len(having) > 1:
            raise InvalidInputError(
                f"Several tenants have a reference {reference_id!r}: {', '.join(having)}; "
                "name one.",
                field="tenant",
            )
        return self.get(having[0], reference_id, version)

    def _record(self, tenant: str, reference_id: str, version: int | None) -> Record:
        if version is None:
            record = self._records.get(KIND, reference_id, tenant)
            if record is None:
                raise NotFoundError(
                    f"There is no reference {reference_id!r} of tenant {tenant!r}; it may have "
                    "been deleted.",
                    field="reference",
                )
            return record
        for record in self._records.history(KIND, reference_id, tenant):
            if record.version == version and record.op == "put":
                return record
        raise NotFoundError(
            f"Reference {reference_id!r} of tenant {tenant!r} has no version {version}.",
            field="version",
        )

    def _finished(self, records: Sequence[Record]) -> References:
        """Read newest versions; of one that is being defined, the last that is finished."""
        found = {(one.tenant, one.id): one for one in self._with_cells(records)}
        for record in records:
            if (record.tenant, record.id) not in found:
                found.update({(one.tenant, one.id): one for one in self._before(record)})
        keys = [(record.tenant, record.id) for record in records]
        return [found[key] for key in keys if key in found]

    def _before(self, record: Record) -> References:
        for earlier in reversed(self._records.history(KIND, record.id, record.tenant)):
            if earlier.op == "delete":
                break
            found = self._with_cells([earlier]) if earlier.version < record.version else []
            if found:
                return found
        return []

    def _with_cells(self, records: Sequence[Record]) -> References:
        cells = self._cells(records)
        found: References = []
        for record in records:
            features = cells.get((record.tenant, record.id, record.version), {})
            if set(features) == set(record.body["features"]):
                found.append(reference_of(record, features))
        return found

    def _cells(self, records: Sequence[Record]) -> dict[tuple[str, str, int], Cells]:
        if not records:
            return {}
        asked = {
            "tenants": [record.tenant for record in records],
            "ids": [record.id for record in records],
            "versions": [record.version for record in records],
        }
        cells: dict[tuple[str, str, int], Cells] = {}
        for row in self._store.query("drift/reference_features", asked):
            version = (row["tenant"], row["reference_id"], row["version"])
            cells.setdefault(version, {})[row["feature"]] = FeatureReference(
                row["feature"], row["kind"], tuple(row["edges"]), tuple(row["categories"])
            )
        return cells


def body_of(definition: Definition, features: Sequence[str]) -> dict[str, Any]:
    """Write a definition as its record keeps it, with the features it came to have."""
    baseline = definition.baseline
    return {
        "model": definition.model,
        "from_ns": definition.from_ns,
        "to_ns": definition.to_ns,
        "baseline": {
            "kind": baseline.kind,
            "days": baseline.days,
            "weeks": baseline.weeks,
        },
        "dimensions": list(definition.dimensions),
        "cells": definition.cells,
        "features": list(features),
    }


def reference_of(record: Record, features: Mapping[str, FeatureReference]) -> Reference:
    """Read a version back, with its cells."""
    body = record.body
    return Reference(
        tenant=record.tenant,
        id=record.id,
        version=record.version,
        model=body["model"],
        from_ns=body["from_ns"],
        to_ns=body["to_ns"],
        baseline=Baseline(**body["baseline"]),
        dimensions=tuple(body["dimensions"]),
        features=features,
        defined_by=record.actor,
        defined_ns=record.recorded_at_ns,
    )
