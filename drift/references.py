"""References: defined from a window of a model, kept by version, read with what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift import edges
from drift.cells import Cells, Key, Slice
from drift.codes import CELLS_MAX
from drift.counting import Counting
from drift.cube import Cube, read_cells
from drift.definition import Survey, checked, window_of
from drift.hours import Hours
from drift.reference import Baseline, Definition, FeatureReference, Reference
from drift.reference_book import KIND, ReferenceBook, body_of, reference_of
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drift.parts import DriftParts
    from drift.reference import Kind

__all__ = [
    "Baseline",
    "Cells",
    "Definition",
    "FeatureReference",
    "Key",
    "Reference",
    "References",
    "Slice",
]

#: A longer text has no cell of its own.
CATEGORY_BYTES_MAX = 1000
#: Values sorted by one statement; of more, features take turns.
_VALUES_MAX = 20_000_000


#: The class has a method called list, so its annotations need other names for the type.
Listed = list[Reference]
Features = list[FeatureReference]


class References:
    """Defines, finds and deletes references."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts
        self._book = ReferenceBook(parts)
        self._survey = Survey(parts)
        self._cube = Cube(parts)

    def define(self, definition: Definition, actor: str, reason: str = "") -> Reference:
        """Make a reference, or the next version of one that exists.

        The window is widened to whole hours. Edges come from every decision in it, exactly, and
        so do the counts. Versions that were before stay as they are. The new one can be read
        when all of it is written and no earlier: what is cut off leaves the version before.

        Raises
        ------
        InvalidInputError
            Where the definition is wrong, or the window holds nothing or too much.
        """
        definition = checked(definition)
        hours = self._survey.hours(definition)
        at_once = max(1, _VALUES_MAX // sum(hours.values()))
        features = self._features(definition, self._survey.kinds(definition), at_once)
        record = self._parts.records.put(
            KIND,
            definition.id,
            body_of(definition, sorted(one.feature for one in features)),
            tenant=definition.tenant,
            actor=actor,
            reason=reason,
        )
        self._insert_features(definition, record.version, features)
        reference = reference_of(record, {one.feature: one for one in features})
        Counting(self._parts).count(reference, sorted(hours))
        self._insert_counts(reference)
        return reference

    def get(self, tenant: str, reference_id: str, version: int | None = None) -> Reference:
        """Read a version, or the newest; see `ReferenceBook.get`."""
        return self._book.get(tenant, reference_id, version)

    def named(
        self, tenants: Sequence[str], reference_id: str, version: int | None = None
    ) -> Reference:
        """Find a reference by its name among tenants; see `ReferenceBook.named`."""
        return self._book.named(tenants, reference_id, version)

    def list(self, tenants: Sequence[str]) -> Listed:
        """Read the newest version of every reference; see `ReferenceBook.list`."""
        return self._book.list(tenants)

    def page(
        self, tenants: Sequence[str], after: tuple[str, str], limit: int
    ) -> tuple[Listed, tuple[str, str] | None]:
        """Read some of them; see `ReferenceBook.page`."""
        return self._book.page(tenants, after, limit)

    def delete(self, tenant: str, reference_id: str, actor: str, reason: str = "") -> None:
        """End a reference; its versions and what was counted for them stay.

        Raises
        ------
        NotFoundError
            Where there is none.
        """
        self._parts.records.delete(KIND, reference_id, tenant=tenant, actor=actor, reason=reason)

    def of_model(self, tenant: str, reference_id: str, model: str) -> Reference:
        """Read the newest version, for what watches one model.

        Raises
        ------
        NotFoundError
            Where there is none.
        InvalidInputError
            Where it is of another model.
        """
        reference = self.get(tenant, reference_id)
        if reference.model != model:
            raise InvalidInputError(
                f"The reference {reference.id!r} is of the model {reference.model!r}, not of "
                f"{model!r}.",
                field="reference",
            )
        return reference

    def counts(
        self,
        reference: Reference,
        *,
        features: Sequence[str] = (),
        slices: Sequence[Slice] = (),
    ) -> dict[Key, Cells]:
        """Read what the reference's own window holds, as it was when it was defined."""
        asked = {
            "tenant": reference.tenant,
            "reference_id": reference.id,
            "version": reference.version,
            "features": list(features),
            "slices": [f"{one.dimension}={one.value}" for one in slices],
        }
        return dict(read_cells(self._parts.store.query_arrow("drift/reference_counts", asked)))

    def baseline(
        self,
        reference: Reference,
        start_ns: int,
        end_ns: int,
        *,
        features: Sequence[str] = (),
        slices: Sequence[Slice] = (),
    ) -> dict[Key, Cells]:
        """Read what a window is to be compared with: the reference's window or the cube's past.

        Nothing of the window itself is in a rolling or seasonal baseline.
        """
        if reference.baseline.kind == "fixed":
            return self.counts(reference, features=features, slices=slices)
        past = Hours.around(start_ns, end_ns).compared_with(reference.baseline)
        return self._cube.sums(reference, past, features=features, slices=slices)

    def _features(
        self, definition: Definition, kinds: Mapping[str, Kind], at_once: int
    ) -> Features:
        numbers = [name for name, kind in kinds.items() if kind == "number"]
        texts = [name for name, kind in kinds.items() if kind == "text"]
        edges_of = self._edges(definition, numbers, at_once)
        categories = self._categories(definition, texts)
        return [
            *(FeatureReference(name, "number", edges=edges_of.get(name, ())) for name in numbers),
            *(
                FeatureReference(name, "text", categories=categories.get(name, ()))
                for name in texts
            ),
        ]

    def _edges(
        self, definition: Definition, numbers: Sequence[str], at_once: int
    ) -> dict[str, tuple[float, ...]]:
        found: dict[str, tuple[float, ...]] = {}
        for first in range(0, len(numbers), at_once):
            asked = {
                **window_of(definition),
                "features": list(numbers[first : first + at_once]),
                "parts": definition.cells - edges.OUTER_CELLS,
            }
            for row in self._parts.store.query("drift/number_quantiles", asked):
                found[row["feature"]] = edges.of_sorted(
                    row["values"], row["quantiles"], definition.cells
                )
        return found

    def _categories(
        self, definition: Definition, texts: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        if not texts:
            return {}
        asked = {
            **window_of(definition),
            "features": list(texts),
            "most": CELLS_MAX,
            "bytes_max": CATEGORY_BYTES_MAX,
        }
        rows = self._parts.store.query("drift/text_categories", asked)
        return {row["feature"]: tuple(row["categories"]) for row in rows}

    def _insert_features(
        self, definition: Definition, version: int, features: Sequence[FeatureReference]
    ) -> None:
        now = self._parts.clock()
        rows = [
            {
                "tenant": definition.tenant,
                "reference_id": definition.id,
                "version": version,
                "feature": one.feature,
                "kind": one.kind,
                "edges": list(one.edges),
                "categories": list(one.categories),
                "created_at": now,
            }
            for one in features
        ]
        self._parts.store.insert("reference_features", rows)

    def _insert_counts(self, reference: Reference) -> None:
        now = self._parts.clock()
        held = self._cube.window(reference, reference.from_ns, reference.to_ns)
        rows = [_counts_row(reference, now, *one) for one in held.items()]
        # Those of no slice make the version readable, so they come last and in one insert.
        self._parts.store.insert("reference_counts", [row for row in rows if row["dimension"]])
        self._parts.store.insert("reference_counts", [row for row in rows if not row["dimension"]])


def _counts_row(reference: Reference, now_ns: int, key: Key, cells: Cells) -> dict[str, Any]:
    codes = cells.counts.nonzero()[0]
    return {
        "tenant": reference.tenant,
        "reference_id": reference.id,
        "version": reference.version,
        "feature": key.feature,
        "dimension": key.dimension,
        "value": key.value,
        "codes": codes.tolist(),
        "counts": cells.counts[codes].tolist(),
        "numbers": cells.numbers,
        "mean": cells.mean,
        "squares": cells.squares,
        "least": cells.least,
        "greatest": cells.greatest,
        "created_at": now_ns,
    }
