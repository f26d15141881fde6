"""`GET /v1/drift/compare`: features of a window against their baseline, exactly."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from drift.api.comparing import ComparisonQuery, chosen_features, identity, outcome
from drift.api.comparison_shapes import Comparison
from drift.cells import Cells, Key, Slice
from drift.exact import Exact, ExactComparison
from drift.parts import DriftParts
from drift.references import References
from sql.errors import InvalidInputError
from web.parameters import Text
from web.principal import Reader
from web.render import Json, interval, timestamp

#: Features of one answer: each is read and sorted.
_FEATURES_MAX = 100


class CompareQuery(ComparisonQuery):
    """Which features."""

    features: Text = Field(
        "",
        description=f"Comma list, at most {_FEATURES_MAX}; left out, every one.",
        examples=["word_count,@confidence"],
    )


class CompareResource:
    """Compares raw values."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._references = References(parts)
        self._exact = Exact(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["drift"])
        router.get("/v1/drift/compare", response_model=Comparison)(self.compare)
        return router

    def compare(self, reader: Reader, query: Annotated[CompareQuery, Query()]) -> Response:
        """Read raw values of features and measure how far they are from their baseline.

        The window is taken as it is written, not by whole hours. `GET /v1/drift/distribution`
        answers from counts, in a fraction of the time.
        """
        now = self._clock()
        window = query.window(now)
        reference = query.found(self._references, reader)
        names = chosen_features(reference, query.features)
        if len(names) > _FEATURES_MAX:
            raise InvalidInputError(
                f"The reference has {len(names)} features; name at most {_FEATURES_MAX}.",
                field="features",
            )
        whole = self._references.counts(reference, features=names, slices=[Slice()])
        span, nothing = (window.from_ns, window.to_ns), Cells.empty()
        items = [
            self._exact.compare(
                reference,
                reference.features[name],
                whole.get(Key(name), nothing).counts,
                span,
                query.slice,
            )
            for name in names
        ]
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(now),
                "reference": identity(reference),
                "items": [
                    _facts(reference.features[name].kind, item)
                    for name, item in zip(names, items, strict=True)
                ],
            }
        )


def _facts(kind: str, item: ExactComparison) -> dict[str, Any]:
    column = item.column
    return {
        "feature": column.name,
        "kind": kind,
        "missing_reference": column.missing_reference,
        "missing_current": column.missing_current,
        "sampled": item.sampled,
        "results": [outcome(one) for one in column.results.values()],
        "left_out": [
            {"statistic": name, "reason": reason} for name, reason in column.left_out.items()
        ],
    }
