"""Two tables for a report: decisions of the reference and of the window, a column a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from drift.slices.rows import NUMBER

if TYPE_CHECKING:
    from drift.slices.rows import Rows, Values

#: Values of a text beyond which a column is no category.
WORDS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Tables:
    """What is compared.

    Parameters
    ----------
    numbers, texts
        Names of the columns of each kind.
    left_out
        Why a feature has no column, by name.
    """

    reference: pa.Table
    current: pa.Table
    numbers: tuple[str, ...]
    texts: tuple[str, ...]
    left_out: dict[str, str]


def tables(rows: Rows, features_max: int, wanted: tuple[str, ...] = ()) -> Tables:
    """Make both tables; infinities and values of the rarer kind become empty.

    A feature without a value in one of the windows cannot be compared and is left out, and so is
    a text with more than `WORDS_MAX` values.

    Parameters
    ----------
    wanted
        Features that were asked for by name.
    """
    edge = rows.portions[0].rows
    left_out = {name: "never sent" for name in wanted if name not in rows.features}
    columns: dict[str, pa.Array] = {}
    numbers: list[str] = []
    texts: list[str] = []
    for name, values in rows.features.items():
        made, is_number, reason = _column(values, edge)
        if len(columns) >= features_max and not reason:
            reason = f"more than evidently_features_max ({features_max}) features"
        if reason:
            left_out[name] = reason
            continue
        columns[name] = made
        (numbers if is_number else texts).append(name)
    whole = pa.table(columns)
    return Tables(whole.slice(0, edge), whole.slice(edge), tuple(numbers), tuple(texts), left_out)


def _column(values: Values, edge: int) -> tuple[pa.Array, bool, str]:
    numeric = values.texts == NUMBER
    worded = values.texts >= 0
    is_number = np.count_nonzero(numeric) >= np.count_nonzero(worded)
    present = numeric & np.isfinite(values.numbers) if is_number else worded
    reason = ""
    if not present[:edge].any() or not present[edge:].any():
        side = "reference" if not present[:edge].any() else "window"
        reason = f"no value in the {side}"
    elif not is_number and len(values.words) > WORDS_MAX:
        reason = f"{len(values.words)} values, more than {WORDS_MAX}"
    if is_number:
        return pa.array(values.numbers, mask=~present), True, reason
    codes = pa.array(values.texts, mask=~present)
    return pa.array(values.words, type=pa.string()).take(codes), False, reason
