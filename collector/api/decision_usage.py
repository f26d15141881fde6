"""What a decision used: what its own span says, else what the spans beneath it say together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from web.window import DAY_NS

if TYPE_CHECKING:
    from sql.client import Store

    Row = dict[str, Any]

#: Most spans of one trace that are looked through.
SPANS_MAX = 10_000

_INPUT = frozenset({"input", "cache_read", "cache_write"})
_OUTPUT = frozenset({"output", "reasoning"})


def usage_of(store: Store, decision: Row) -> list[Row]:
    """Return a row a meter and model.

    A decision's span that carries usage of its own states the whole; adding the calls beneath
    would count them twice.
    """
    # A log record speaks within its span, which started earlier.
    early = 0 if decision["came_as"] == "span" else DAY_NS
    start_ns = decision["time_ns"]
    scope = {"tenant": decision["tenant"], "trace_id": decision["trace"]}
    own = store.query(
        "collector/spans_usage",
        {
            **scope,
            "span_ids": [decision["span"]],
            "from_ns": max(0, start_ns - early),
            "to_ns": start_ns + 1,
        },
    )
    if own or decision["came_as"] != "span":
        return own
    stretch = {**scope, "from_ns": start_ns, "to_ns": start_ns + DAY_NS}
    edges = store.query("collector/trace_edges", {**stretch, "limit": SPANS_MAX})
    beneath = descendants(decision["span"], edges)
    if not beneath:
        return []
    return store.query("collector/spans_usage", {**stretch, "span_ids": sorted(beneath)})


def tokens(usage: list[Row]) -> dict[str, int] | None:
    """Add token meters up to input and output; None where there are none."""
    found = [row for row in usage if row["unit"] == "tokens"]
    if not found:
        return None
    return {
        "input": int(sum(row["quantity"] for row in found if row["meter"] in _INPUT)),
        "output": int(sum(row["quantity"] for row in found if row["meter"] in _OUTPUT)),
    }


def descendants(root: str, edges: list[Row]) -> set[str]:
    """Return the spans beneath `root`; a cycle, which no sane sender makes, ends the walk."""
    children: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        children[edge["parent_span_id"]].append(edge["span_id"])
    found: set[str] = set()
    waiting = [root]
    while waiting:
        for child in children[waiting.pop()]:
            if child != root and child not in found:
                found.add(child)
                waiting.append(child)
    return found
