"""Raw values of decisions, for statistics that need them all: Arrow blocks made arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from drift.cells import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from drift.parts import DriftParts

_EVERYTHING = Slice()


class Samples:
    """Reads raw values of one window; the end is not included.

    Of more than `limit`, or than the setting `sample_rows_max`, the hash of the decisions' ids
    draws: the same ones every time, and the same decisions for every feature.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._most = parts.settings.sample_rows_max

    def numbers(
        self,
        tenant: str,
        model: str,
        feature: str,
        start_ns: int,
        end_ns: int,
        slice_: Slice | None = None,
        limit: int | None = None,
    ) -> npt.NDArray[np.float64]:
        """Read the numbers of a feature, shape (n,); NaN and infinities as they were sent."""
        asked = self._asked(tenant, model, start_ns, end_ns, slice_, limit)
        table = self._store.query_arrow("drift/sample_numbers", asked | {"feature": feature})
        return np.asarray(table.column("number").to_numpy(), dtype=np.float64)

    def texts(
        self,
        tenant: str,
        model: str,
        feature: str,
        start_ns: int,
        end_ns: int,
        slice_: Slice | None = None,
        limit: int | None = None,
    ) -> list[str]:
        """Read the texts of a feature."""
        asked = self._asked(tenant, model, start_ns, end_ns, slice_, limit)
        table = self._store.query_arrow("drift/sample_texts", asked | {"feature": feature})
        return list(table.column("text").to_pylist())

    def vectors(
        self,
        tenant: str,
        model: str,
        embedding: str,
        start_ns: int,
        end_ns: int,
        slice_: Slice | None = None,
        limit: int | None = None,
    ) -> npt.NDArray[np.float32]:
        """Read embeddings, shape (n, d).

        Those of another length than most are left out, and those with what is not a finite number.
        """
        asked = self._asked(tenant, model, start_ns, end_ns, slice_, limit)
        table = self._store.query_arrow("drift/sample_vectors", asked | {"embedding": embedding})
        rows = table.num_rows
        if not rows:
            return np.zeros((0, 0), dtype=np.float32)
        held = table.column("vector").combine_chunks().flatten().to_numpy()
        return np.asarray(held, dtype=np.float32).reshape(rows, -1)

    def rows(
        self,
        tenant: str,
        model: str,
        start_ns: int,
        end_ns: int,
        features: Sequence[str],
        limit: int | None = None,
    ) -> pa.Table:
        """Read decisions with columns for every feature, null where one was made without it.

        Columns: decision_id, time_ns, model_version, prompt_version, environment, service_name,
        route, outcome, confidence, is_error, then `number:<feature>` and `text:<feature>`.
        """
        asked = self._asked(tenant, model, start_ns, end_ns, None, limit)
        asked = {name: value for name, value in asked.items() if name not in ("dimension", "value")}
        names = list(features)
        table = self._store.query_arrow("drift/sample_rows", asked | {"features": names})
        columns = {
            name: table.column(name)
            for name in table.column_names
            if name not in ("numbers", "texts")
        }
        for kind in ("number", "text"):
            held = table.column(f"{kind}s").combine_chunks()
            flat = held.flatten()
            for place, name in enumerate(names):
                taken = pa.array(range(place, len(flat), len(names)), type=pa.int64())
                columns[f"{kind}:{name}"] = flat.take(taken)
        return pa.table(columns)

    def _asked(
        self,
        tenant: str,
        model: str,
        start_ns: int,
        end_ns: int,
        slice_: Slice | None,
        limit: int | None,
    ) -> dict[str, str | int | list[str]]:
        chosen = slice_ or _EVERYTHING
        return {
            "tenant": tenant,
            "model": model,
            "from_ns": start_ns,
            "to_ns": end_ns,
            "dimension": chosen.dimension,
            "value": chosen.value,
            "limit": self._most if limit is None else min(limit, self._most),
        }
