"""`/v1/references`: what models are compared with, by version."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from drift.api import reference_shapes as shapes
from drift.cells import Cells, Key, Slice
from drift.parts import DriftParts
from drift.references import Baseline, Definition, Reference, References
from sql import cursor
from sql.access import Principal, Role
from web import window
from web.parameters import TenantQuery, Text
from web.principal import Reader, having, one_tenant
from web.render import Json, double, timestamp

ReferenceId = Annotated[str, Path(max_length=128, description="As the list shows it.")]

#: A page of references is larger than one of rows.
_LIMIT_MAX = 100


#: Declares that an endpoint changes references, and hands it who does.
Definer = Annotated[Principal, Depends(having(Role.OPERATOR))]


class ReferencesQuery(TenantQuery):
    """A page of references."""

    limit: int = Field(50, ge=1, le=_LIMIT_MAX, description="Most items in the answer.")
    cursor: str = Field("", max_length=4096, description="`next_cursor` of the page before.")


class VersionQuery(TenantQuery):
    """Which version."""

    version: int | None = Field(
        None, ge=1, description="Left out, the newest; a named one is read even if deleted since."
    )


class DeleteQuery(TenantQuery):
    """Whose reference to delete, and why."""

    reason: Text = Field("", examples=["replaced by grader-july"])


class ReferenceResource:
    """Defines, lists, shows and deletes references."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts
        self._references = References(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/references", tags=["drift"])
        router.get("", response_model=shapes.ReferenceList)(self.list_references)
        router.post("", status_code=201, response_model=shapes.ReferenceShape)(
            self.define_reference
        )
        router.get("/{reference_id}", response_model=shapes.ReferenceShape)(self.read_reference)
        router.delete("/{reference_id}", response_model=shapes.DeletedReference)(
            self.delete_reference
        )
        return router

    def list_references(
        self, reader: Reader, query: Annotated[ReferencesQuery, Query()]
    ) -> Response:
        """List the newest version of every reference, by tenant and id."""
        after = ("", "")
        if query.cursor:
            tenant, reference_id = cursor.decode(query.cursor, (str, str))
            after = (str(tenant), str(reference_id))
        tenants = reader.scope(query.chosen)
        shown, next_after = self._references.page(tenants, after, query.limit)
        return Json(
            {
                "as_of": timestamp(self._parts.clock()),
                "items": [self._facts(one) for one in shown],
                "next_cursor": cursor.encode(next_after) if next_after else None,
            }
        )

    def define_reference(self, definer: Definer, body: shapes.ReferenceBody) -> Response:
        """Define a reference from a window of a model's decisions.

        Edges of numbers are exact quantiles of the window, categories its most frequent texts;
        both stay as they are for good. Defining it again makes its next version.
        """
        now = self._parts.clock()
        definition = Definition(
            tenant=tenant_of(definer, body.tenant),
            id=body.id or self._parts.ids(),
            model=body.model,
            from_ns=window.instant(body.from_, now, "from"),
            to_ns=window.instant(body.to, now, "to"),
            baseline=Baseline(body.baseline.kind, body.baseline.days, body.baseline.weeks),
            dimensions=tuple(body.dimensions),
            features=tuple(body.features),
            cells=body.cells,
        )
        made = self._references.define(definition, definer.key_id, body.reason)
        response = Json(self._facts(made))
        response.status_code = 201
        return response

    def read_reference(
        self, reader: Reader, reference_id: ReferenceId, query: Annotated[VersionQuery, Query()]
    ) -> Response:
        """Read one version of a reference with what its window holds."""
        found = self._references.named(reader.scope(query.chosen), reference_id, query.version)
        return Json(self._facts(found))

    def delete_reference(
        self, definer: Definer, reference_id: ReferenceId, query: Annotated[DeleteQuery, Query()]
    ) -> Response:
        """End a reference; its versions and everything counted for them stay."""
        found = self._references.named(definer.scope(query.chosen), reference_id)
        self._references.delete(found.tenant, found.id, definer.key_id, query.reason)
        return Json({"id": found.id, "tenant": found.tenant, "deleted": True})

    def _facts(self, reference: Reference) -> dict[str, Any]:
        counts = self._references.counts(reference, slices=[Slice()])
        nothing = Cells.empty()
        held = {name: counts.get(Key(name), nothing) for name in sorted(reference.features)}
        return {
            "id": reference.id,
            "version": reference.version,
            "tenant": reference.tenant,
            "model": reference.model,
            "from": timestamp(reference.from_ns),
            "to": timestamp(reference.to_ns),
            "baseline": {
                "kind": reference.baseline.kind,
                "days": reference.baseline.days,
                "weeks": reference.baseline.weeks,
            },
            "dimensions": list(reference.dimensions),
            "decisions": max((cells.total for cells in held.values()), default=0),
            "defined_by": reference.defined_by,
            "defined_at": timestamp(reference.defined_ns),
            "features": [_feature(reference, name, cells) for name, cells in held.items()],
        }


def tenant_of(definer: Principal, named: str | None) -> str:
    """Give the tenant that is meant; raises where it is not the key's, or not clear."""
    return one_tenant(definer, named, "Name the tenant of the reference.")


def _feature(reference: Reference, name: str, cells: Cells) -> dict[str, Any]:
    one = reference.features[name]
    numbers = cells.numbers > 0
    return {
        "feature": name,
        "kind": one.kind,
        "cells": one.cells,
        "n": cells.total - cells.missing,
        "missing": cells.missing,
        "mean": double(cells.mean) if numbers else None,
        "std": None if cells.deviation is None else double(cells.deviation),
        "least": double(cells.least) if numbers else None,
        "greatest": double(cells.greatest) if numbers else None,
    }
