"""`GET /v1/drift/models`: which models decide, with which features, and what watches them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from drift.parts import DriftParts
from drift.references import References
from web import pages
from web.parameters import ListQuery
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.shapes import TIME, PageOf, Shape


class ModelsQuery(ListQuery):
    """Which window, and which page."""

    from_: str = Field("-7d", alias="from", max_length=64, examples=["-7d"])


class ModelShape(Shape):
    """One model of one tenant."""

    tenant: str = Field(examples=["school-a"])
    model: str = Field(description="Empty where decisions do not say.", examples=["essay-grader"])
    decisions: int = Field(examples=[18312])
    first: str = Field(description="Time of the first in the window.", examples=[TIME])
    last: str = Field(examples=[TIME])
    features: list[str] = Field(
        description="Seen in the window, in alphabetical order.",
        examples=[["@confidence", "language", "word_count"]],
    )
    references: list[str] = Field(examples=[["grader-june"]])


class ModelsPage(PageOf):
    """Models, by tenant and name."""

    items: list[ModelShape]


class ModelResource:
    """Lists models."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._most = parts.settings.reference_features_max
        self._references = References(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["drift"])
        router.get("/v1/drift/models", response_model=ModelsPage)(self.read_models)
        return router

    def read_models(self, reader: Reader, query: Annotated[ModelsQuery, Query()]) -> Response:
        """List the models that decided in a window, by tenant and name."""
        now = self._clock()
        tenants = reader.scope(query.chosen)
        page = pages.position("drift_models", query, (str, str), now)
        after_tenant, after_model = page.after or ("", "")
        asked = {
            "tenants": tenants,
            "from_ns": page.window.from_ns,
            "to_ns": page.window.to_ns,
            "after_tenant": after_tenant,
            "after_model": after_model,
            "limit": query.limit + 1,
        }
        rows = self._store.query("drift/models", asked)
        shown, more = rows[: query.limit], len(rows) > query.limit
        key = (shown[-1]["tenant"], shown[-1]["model"]) if more else ("", "")
        features = self._features(shown, page.window.from_ns, page.window.to_ns)
        references = self._named(tenants)
        return Json(
            {
                "window": interval(page.window),
                "as_of": timestamp(now),
                "items": [
                    {
                        "tenant": row["tenant"],
                        "model": row["model"],
                        "decisions": row["decisions"],
                        "first": timestamp(row["first_ns"]),
                        "last": timestamp(row["last_ns"]),
                        "features": features.get((row["tenant"], row["model"]), []),
                        "references": references.get((row["tenant"], row["model"]), []),
                    }
                    for row in shown
                ],
                "next_cursor": pages.next_cursor("drift_models", page.window, key)
                if more
                else None,
            }
        )

    def _features(
        self, rows: list[pages.Row], from_ns: int, to_ns: int
    ) -> dict[tuple[str, str], list[str]]:
        if not rows:
            return {}
        asked = {
            "tenants": [row["tenant"] for row in rows],
            "models": [row["model"] for row in rows],
            "from_ns": from_ns,
            "to_ns": to_ns,
            "most": self._most,
        }
        found = self._store.query("drift/model_features", asked)
        return {(row["tenant"], row["model"]): row["features"] for row in found}

    def _named(self, tenants: list[str]) -> dict[tuple[str, str], list[str]]:
        named: dict[tuple[str, str], list[str]] = {}
        for one in self._references.list(tenants):
            named.setdefault((one.tenant, one.model), []).append(one.id)
        return named
