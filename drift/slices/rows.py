"""Decisions read from the store as arrays: what each was made from, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from drift.reference import DIMENSIONS
from web.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sql.client import Store

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]

#: What a decision has besides features, as it may be asked for by name: column, and whether text.
OWN = {
    "@outcome": ("outcome", True),
    "@confidence": ("confidence", False),
    "@input_tokens": ("input_tokens", False),
    "@output_tokens": ("output_tokens", False),
    "@duration_s": ("duration_s", False),
}

#: In `Values.texts`: the value is a number, and there is none.
NUMBER = -1
MISSING = -2


@dataclass(frozen=True, slots=True)
class Values:
    """One feature of every row.

    Parameters
    ----------
    numbers
        Shape (n,); not a number where the value is none.
    texts
        Shape (n,): number of the text in `words`, or `NUMBER`, or `MISSING`.
    """

    numbers: Floats
    texts: Codes
    words: list[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which decisions.

    Parameters
    ----------
    features
        Names; empty for all features. Names of `OWN` are to be had by being named.
    every_feature
        Whether all features are read besides what is named.
    """

    tenant: str
    model: str
    window: Window
    labelled: bool = False
    confident: bool = False
    features: tuple[str, ...] = ()
    every_feature: bool = False
    rows_max: int = 200_000


@dataclass(frozen=True, slots=True)
class Portion:
    """What was read of one window.

    Parameters
    ----------
    decisions
        How many there are.
    modulo
        One in so many was read, by hash of their ids.
    rows
        How many that made.
    """

    decisions: int
    modulo: int
    rows: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Decisions of one window, or of a reference's window and of another after it.

    Parameters
    ----------
    portions
        What was read: of the reference's window first, where there is one.
    hashes
        Shape (n,): of the decisions' ids.
    confidence, wrong
        Shape (n,); not a number where it is not known.
    """

    portions: tuple[Portion, ...]
    hashes: npt.NDArray[np.uint64]
    confidence: Floats
    wrong: Floats
    dimensions: dict[str, Values] = field(default_factory=dict)
    features: dict[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.hashes)


def read_rows(store: Store, asked: Sequence[Asked]) -> Rows:
    """Read the decisions of windows, one after the other."""
    read = [read_table(store, one) for one in asked]
    table = pa.concat_tables([part for part, _ in read]).combine_chunks()
    right = _floats(table["right"].cast(pa.float64()))
    features = _by_feature(table)
    for name in asked[0].features:
        if name in OWN:
            source, is_text = OWN[name]
            features[name] = _text(table[source]) if is_text else _number(table[source])
    return Rows(
        tuple(portion for _, portion in read),
        table["decision_hash"].to_numpy(),
        _floats(table["confidence"]),
        1.0 - right,
        {name: _text(table[name]) for name in DIMENSIONS},
        features,
    )


def read_table(store: Store, asked: Asked) -> tuple[pa.Table, Portion]:
    """Read decisions of a window; where there are more than `rows_max`, one in so many of them."""
    parameters: dict[str, Any] = {
        "tenant": asked.tenant,
        "model": asked.model,
        "from_ns": asked.window.from_ns,
        "to_ns": asked.window.to_ns,
        "labelled": asked.labelled,
        "confident": asked.confident,
    }
    count = int(store.query("drift/slice_count", parameters)[0]["decisions"])
    modulo = max(1, -(-count // asked.rows_max))
    names = [] if asked.every_feature else [*asked.features]
    wanted = {"features": names, "modulo": modulo, "limit": 2 * asked.rows_max}
    table = store.query_arrow("drift/slice_rows", parameters | wanted)
    return table, Portion(count, modulo, len(table))


def _by_feature(table: pa.Table) -> dict[str, Values]:
    """Turn two columns of maps into arrays a feature."""
    rows = len(table)
    found: dict[str, Values] = {}
    at, names, items = _entries(table["numbers"])
    for name, here in names.items():
        found[name] = _empty(rows)
        found[name].numbers[at[here]] = items.to_numpy(zero_copy_only=False)[here]
        found[name].texts[at[here]] = NUMBER
    at, names, items = _entries(table["texts"])
    encoded = items.dictionary_encode()
    codes, words = encoded.indices.to_numpy(), encoded.dictionary
    for name, here in names.items():
        held = found.get(name) or _empty(rows)
        used, own = np.unique(codes[here], return_inverse=True)
        held.texts[at[here]] = own
        held.numbers[at[here]] = np.nan
        found[name] = Values(held.numbers, held.texts, words.take(pa.array(used)).to_pylist())
    return {name: found[name] for name in sorted(found)}


def _empty(rows: int) -> Values:
    return Values(np.full(rows, np.nan), np.full(rows, MISSING, dtype=np.int32), [])


def _entries(column: pa.ChunkedArray) -> tuple[Any, dict[str, Any], pa.Array]:
    """Give of a column of maps the row of each entry, the entries of each name, and the items."""
    whole = column.combine_chunks()
    first, last = whole.offsets[0].as_py(), whole.offsets[-1].as_py()
    at = np.repeat(np.arange(len(whole)), np.diff(whole.offsets.to_numpy()))
    keys = whole.keys[first:last].dictionary_encode()
    codes = keys.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(keys.dictionary)))
    parts = np.split(order, ends[:-1])
    names = dict(zip(keys.dictionary.to_pylist(), parts, strict=False))
    return at, names, whole.items[first:last]


def _text(column: pa.ChunkedArray) -> Values:
    """Read a column of texts, of which the empty one means that there is none."""
    encoded = pc.if_else(pc.equal(column, ""), None, column).combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(MISSING).to_numpy().astype(np.int32)
    return Values(np.full(len(codes), np.nan), codes, encoded.dictionary.to_pylist())


def _number(column: pa.ChunkedArray) -> Values:
    present = column.is_valid().to_numpy()
    return Values(_floats(column), np.where(present, NUMBER, MISSING).astype(np.int32), [])


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.array(column.fill_null(float("nan")).to_numpy(), dtype=np.float64)
