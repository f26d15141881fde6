"""`/v1/slices`: search for where a model is worst or traffic is new, and read what was found."""

import threading
from typing import Annotated

from fastapi import APIRouter, Query, Response

from drift.api.against import against, tenant_of
from drift.api.slice_shapes import FindBody, SearchesQuery, SearchesShape, SearchShape
from drift.parts import DriftParts
from drift.reference import DIMENSIONS
from drift.references import References
from drift.slices.errors import BusyError
from drift.slices.finder import Finder
from drift.slices.question import Against, Question
from drift.slices.searches import NEWEST, Searches
from drift.slices.targets import Target
from sql.access import Principal
from sql.errors import InvalidInputError
from web import pages, window
from web.parameters import TenantQuery
from web.principal import Reader
from web.render import Json, interval, timestamp


class Slices:
    """Finds slices and lists what was found."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._finder = Finder(parts)
        self._searches = Searches(parts)
        self._references = References(parts)
        self._places = threading.BoundedSemaphore(parts.settings.slices_concurrent)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/slices", tags=["slices"])
        router.post("/find", status_code=201, response_model=SearchShape)(self.find)
        router.get("", response_model=SearchesShape)(self.list_searches)
        router.get("/{search_id}", response_model=SearchShape)(self.read)
        return router

    def find(self, reader: Reader, body: FindBody) -> Response:
        """Find the best slices of a window exactly, and test them on held-out decisions.

        The answer is kept, and is the same whenever the same decisions are searched again.
        """
        question = self._question(reader, body)
        if not self._places.acquire(blocking=False):
            raise BusyError("Another search for slices is running; ask again in a few seconds.")
        try:
            answer = self._finder.find(question)
        finally:
            self._places.release()
        response = Json(self._searches.keep(question, answer, reader.key_id))
        response.status_code = 201
        return response

    def list_searches(self, reader: Reader, query: Annotated[SearchesQuery, Query()]) -> Response:
        """List searches whose window touches the one asked for, newest first."""
        now = self._clock()
        place = pages.position("slices", query, (int, str, str), now)
        before = place.after or NEWEST
        found = self._searches.page(
            reader.scope(query.chosen),
            place.window,
            (int(before[0]), str(before[1]), str(before[2])),
            model=query.model,
            target=query.target.value if query.target else "",
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Json(
            {
                "window": interval(place.window),
                "as_of": timestamp(now),
                "items": [item for _, item in shown],
                "next_cursor": pages.next_cursor("slices", place.window, shown[-1][0])
                if more
                else None,
            }
        )

    def read(
        self, reader: Reader, search_id: str, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """Read one search with its slices."""
        return Json(self._searches.get(reader.scope(query.chosen), search_id))

    def _question(self, reader: Principal, body: FindBody) -> Question:
        now = self._clock()
        tenant = tenant_of(reader, body.tenant)
        unknown = [name for name in body.dimensions if name not in DIMENSIONS]
        if unknown:
            raise InvalidInputError(
                f"dimensions has {unknown[0]!r}; use of {', '.join(DIMENSIONS)}.",
                field="dimensions",
            )
        asked = body.model_dump(
            include={"alpha", "support_share", "level_max", "k", "cells", "holdout_share", "level"}
        )
        return Question(
            tenant=tenant,
            model=body.model,
            window=window.parse(body.from_, body.to, now),
            target=body.target,
            against=self._against(tenant, body, now),
            features=tuple(dict.fromkeys(body.features)),
            dimensions=tuple(dict.fromkeys(body.dimensions)),
            seed=body.seed,
            **asked,
        )

    def _against(self, tenant: str, body: FindBody, now: int) -> Against | None:
        if body.target is not Target.DRIFT:
            if body.reference or body.reference_from or body.reference_to:
                raise InvalidInputError(
                    f"reference is for target drift; target is {body.target.value}.",
                    field="reference",
                )
            return None
        return against(self._references, tenant, body, now)
