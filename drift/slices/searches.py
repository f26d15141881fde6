"""Searches that were made, kept as records: what was asked, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from drift.reference import DIMENSIONS
from sql.errors import NotFoundError
from web.render import double, interval, timestamp
from web.window import LATEST_NS, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts
    from drift.slices.answer import Answer, Slice
    from drift.slices.predicates import Predicate
    from drift.slices.question import Question

KIND = "slice_search"

#: After every search there will be.
NEWEST = (2**62, "", "")

#: Characters of a text in a condition that are kept.
VALUE_CHARS_MAX = 1000

Row = dict[str, Any]


class Searches:
    """Writes and reads searches."""

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._records = parts.records
        self._ids = parts.ids

    def keep(self, question: Question, answer: Answer, actor: str) -> Row:
        """Store a search, and give it as it is read."""
        record = self._records.put(
            KIND,
            self._ids(),
            body_of(question, answer),
            tenant=question.tenant,
            actor=actor,
            reason="search for slices",
        )
        return shown(record.tenant, record.id, record.actor, record.recorded_at_ns, record.body)

    def get(self, tenants: Sequence[str], search_id: str) -> Row:
        """Read one; raises NotFoundError."""
        rows = self._rows(tenants, Window(0, LATEST_NS), NEWEST, search_id=search_id, limit=1)
        if not rows:
            raise NotFoundError(f"There is no search for slices {search_id!r}.")
        return _whole(rows[0])

    def page(
        self,
        tenants: Sequence[str],
        window: Window,
        before: tuple[int, str, str],
        *,
        model: str,
        target: str,
        limit: int,
    ) -> list[tuple[tuple[int, str, str], Row]]:
        """Read a page without slices, newest first, each with its sort key."""
        rows = self._rows(tenants, window, before, model=model, target=target, limit=limit)
        return [(_key(row), _summary(row)) for row in rows]

    def _rows(
        self,
        tenants: Sequence[str],
        window: Window,
        before: tuple[int, str, str],
        **wanted: Any,
    ) -> list[Row]:
        held = {"search_id": "", "model": "", "target": "", **wanted}
        held |= {"tenants": [*tenants], "from_ns": window.from_ns, "to_ns": window.to_ns}
        held |= {"before_ns": before[0], "before_tenant": before[1], "before_id": before[2]}
        return self._store.query("drift/slice_searches", held)


def _key(row: Row) -> tuple[int, str, str]:
    return row["recorded_at_ns"], row["tenant"], row["id"]


def _summary(row: Row) -> Row:
    found = _whole(row)
    del found["items"]
    return found


def _whole(row: Row) -> Row:
    body = orjson.loads(row["body"])
    return shown(row["tenant"], row["id"], row["actor"], row["recorded_at_ns"], body)


def body_of(question: Question, answer: Answer) -> Row:
    """Write a search as it is stored."""
    slices = [_slice(one, answer, question.level) for one in answer.slices]
    against = question.against
    return {
        "model": question.model,
        "target": question.target.value,
        "from_ns": question.window.from_ns,
        "to_ns": question.window.to_ns,
        "reference": None
        if against is None
        else {
            "id": against.reference_id or None,
            "version": against.reference_version or None,
            "window": interval(against.window),
        },
        "rows": answer.searched + answer.held_out,
        "rows_searched": answer.searched,
        "rows_held_out": answer.held_out,
        "rows_left_out": answer.left_out,
        "read": [
            {"decisions": one.decisions, "rows": one.rows, "modulo": one.modulo}
            for one in answer.portions
        ],
        "read_because": _why(answer),
        "base": answer.base,
        "found": len(slices),
        "confirmed": sum(bool(one["confirmed"]) for one in slices),
        "reason": answer.reason,
        "evaluated": answer.tally.evaluated,
        "evaluated_by_level": [*answer.tally.by_level],
        "pruned": answer.tally.pruned,
        "complete": answer.tally.complete,
        "support": answer.support,
        "predicates": answer.predicates,
        "features": [*answer.features],
        "features_left_out": answer.features_left_out,
        "engine": answer.engine,
        "engine_reason": answer.engine_reason,
        "seconds": round(answer.seconds, 6),
        "asked": {
            "features": [*question.features],
            "dimensions": [*question.dimensions],
            "alpha": question.alpha,
            "support_share": question.support_share,
            "level_max": question.level_max,
            "k": question.k,
            "cells": question.cells,
            "holdout_share": question.holdout_share,
            "level": question.level,
            "seed": question.seed,
        },
        "items": slices,
    }


def shown(tenant: str, search_id: str, actor: str, made_ns: int, body: Row) -> Row:
    """Write a stored search as answers give it."""
    rest = {name: value for name, value in body.items() if name not in {"from_ns", "to_ns"}}
    return {
        "id": search_id,
        "tenant": tenant,
        "window": interval(Window(body["from_ns"], body["to_ns"])),
        "created_at": timestamp(made_ns),
        "created_by": actor,
        **rest,
    }


def _why(answer: Answer) -> str:
    if all(one.modulo == 1 for one in answer.portions):
        return "every decision was read"
    return (
        "a window holds more decisions than slices_rows_max, so one in modulo was read, chosen by "
        "the hash of its id"
    )


def _slice(one: Slice, answer: Answer, level: float) -> Row:
    check = one.check
    before, after = one.confidence or (None, None)
    q_value = check.q_value if check else None
    return {
        "predicates": [_predicate(condition) for condition in one.predicates],
        "size": one.size,
        "share": one.size / answer.searched,
        "mean": one.mean,
        "score": one.score,
        "holdout_size": check.size if check else None,
        "holdout_mean": check.mean if check else None,
        "holdout_rest_mean": check.rest_mean if check else None,
        "test": check.test if check else None,
        "p_value": check.p_value if check else None,
        "q_value": q_value,
        "confirmed": (q_value is not None and q_value <= level) if check else None,
        "confidence_reference": before,
        "confidence_current": after,
    }


def _predicate(condition: Predicate) -> Row:
    value = condition.value
    low, high = (None if one is None else double(one) for one in (condition.low, condition.high))
    return {
        "feature": condition.feature,
        "is_dimension": condition.feature in DIMENSIONS,
        "op": condition.op,
        "value": value[:VALUE_CHARS_MAX] if isinstance(value, str) else _number(value),
        "from": low,
        "to": high,
        "text": str(condition)[: 2 * VALUE_CHARS_MAX],
    }


def _number(value: float | None) -> float | str | None:
    return None if value is None else double(value)
