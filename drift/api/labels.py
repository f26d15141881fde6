"""`/v1/labels`: what turned out to be right, sent when it is known, and read back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from drift.api.label_shapes import (
    HistoryQuery,
    LabelHistory,
    LabelsBody,
    LabelsPage,
    LabelsQuery,
    StoredShape,
    read_items,
)
from drift.labels import Labels, is_right
from drift.parts import DriftParts
from sql.access import Principal, Role
from web import pages
from web.principal import Reader, having, one_tenant
from web.render import Json, finite, interval, timestamp

#: Waiting decisions an answer names.
_NAMED_MAX = 100

#: After every label there will be.
_NEWEST = (2**62, "\U0010ffff", "\U0010ffff")


#: Corrections received at one instant are a nanosecond apart.
_JUST_NS = 1000

#: More versions than a label will ever have.
_VERSIONS_MAX = 2**63 - 1

#: Declares that an endpoint takes labels, and hands it who sends them.
Labeller = Annotated[Principal, Depends(having(Role.INGEST, Role.OPERATOR))]


class LabelResource:
    """Takes labels and lists them."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._items_max = parts.settings.labels_batch_max
        self._labels = Labels(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/labels", tags=["drift"])
        router.post("", response_model=StoredShape, summary="Send labels")(self.store)
        router.get("", response_model=LabelsPage, summary="List labels")(self.page)
        router.get("/history", response_model=LabelHistory, summary="Tell how a label changed")(
            self.history
        )
        return router

    def store(self, labeller: Labeller, body: LabelsBody) -> Response:
        """Store labels, all or none; they are stored when this answers.

        The label received last holds; what it replaced stays in its history. Labels may come before
        their decisions. Sending the same batch again changes nothing.
        """
        tenant = tenant_of(labeller, body.tenant)
        labels = read_items([*body.items], self._clock(), items_max=self._items_max)
        stored = self._labels.put(tenant, labels, key_id=labeller.key_id)
        return Json(
            {
                "stored": stored.stored,
                "corrected": stored.corrected,
                "unchanged": stored.unchanged,
                "superseded": stored.superseded,
                "waiting": len(stored.waiting),
                "waiting_ids": [*stored.waiting[:_NAMED_MAX]],
                "searched_from": timestamp(stored.searched_from_ns),
            }
        )

    def page(self, reader: Reader, query: Annotated[LabelsQuery, Query()]) -> Response:
        """List the labels that hold, by when they were received, with the decisions they join."""
        tenants = reader.scope(query.chosen)
        now = self._clock()
        # The window's end is not included, and what was just stored is to be seen.
        place = pages.position("labels", query, (int, str, str), now + _JUST_NS)
        after = (
            (int(place.after[0]), str(place.after[1]), str(place.after[2]))
            if place.after
            else _NEWEST
        )
        found = self._labels.page(
            tenants,
            place.window,
            after,
            decision_id=query.decision_id,
            label=query.label,
            source=query.source,
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        decisions = self._labels.decisions(tenants, [row["decision_id"] for row in shown])
        items = [_item(row, decisions.get((row["tenant"], row["decision_id"]))) for row in shown]
        mark = None
        if len(found) > query.limit:
            last = shown[-1]
            key = (last["received_ns"], last["tenant"], last["decision_id"])
            mark = pages.next_cursor("labels", place.window, key)
        frame = {"window": interval(place.window), "as_of": timestamp(now)}
        return Json({**frame, "items": items, "next_cursor": mark})

    def history(self, reader: Reader, query: Annotated[HistoryQuery, Query()]) -> Response:
        """Tell every label a decision ever had: what it was, who said so, and when; newest first.

        What another label of the same request replaced was never stored. Unknown decisions, and
        those of other tenants, have no versions.
        """
        now = self._clock()
        found = self._labels.history(
            [tenant_of(reader, query.tenant)],
            query.decision_id,
            before=query.before or _VERSIONS_MAX,
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        return Json(
            {
                "as_of": timestamp(now),
                "decision_id": query.decision_id,
                "versions": found[0]["versions"] if found else 0,
                "items": [_version(row) for row in shown],
                "next_before": shown[-1]["version"] if len(found) > query.limit else None,
            }
        )


def _version(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "tenant": row["tenant"],
        "version": row["version"],
        "holds": row["version"] == row["versions"],
        "label": row["label"],
        "number": row["number"],
        "source": row["source"],
        "key_id": row["key_id"],
        "labelled_at": timestamp(row["labelled_ns"]),
        "received_at": timestamp(row["received_ns"]),
    }


def tenant_of(principal: Principal, named: str | None) -> str:
    """Give the tenant that is written to; a key of several has to name it."""
    return one_tenant(
        principal,
        named or None,
        "tenant is missing; the key speaks for several, so name the one that is meant.",
    )


def _item(row: dict[str, Any], decision: dict[str, Any] | None) -> dict[str, Any]:
    told = None
    if decision is not None:
        told = {
            "time": timestamp(decision["time_ns"]),
            "model": decision["model"],
            "outcome": decision["outcome"],
            "confidence": finite(decision["confidence"]),
            "right": is_right(row["label"], decision["outcome"]),
            "delay_s": (row["labelled_ns"] - decision["time_ns"]) / 1e9,
        }
    return {
        "tenant": row["tenant"],
        "decision_id": row["decision_id"],
        "label": row["label"],
        "number": row["number"],
        "source": row["source"],
        "labelled_at": timestamp(row["labelled_ns"]),
        "received_at": timestamp(row["received_ns"]),
        "key_id": row["key_id"],
        "decision": told,
    }
