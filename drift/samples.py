"""Raw values of decisions, for statistics that need them all: Arrow blocks made arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa  # type: ignore[import-untyped]

    from drift.parts import DriftParts
    from drift.references import Slice


class Samples:
    """Reads raw values; the newest `limit` where there are more."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        """Read embeddings, shape (n, d); those of another length than most are left out."""
        raise NotImplementedError

    def rows(
        self,
        tenant: str,
        model: str,
        start_ns: int,
        end_ns: int,
        features: Sequence[str],
        limit: int | None = None,
    ) -> pa.Table:
        """Read decisions with a column a feature, null where one was made without it.

        Columns: decision_id, time_ns, model_version, prompt_version, environment, service_name,
        route, outcome, confidence, is_error, then `number:<feature>` and `text:<feature>`.
        """
        raise NotImplementedError
