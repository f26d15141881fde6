"""Bodies and answers of labels over HTTP, and the reading of one label that was sent."""

import math
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from drift.labels import Label
from sql.errors import InvalidInputError
from web import window
from web.parameters import TEXT_CHARS_MAX, ListQuery, Text
from web.shapes import TIME, PageOf, Shape
from web.window import DAY_NS

DECISION = "8148ae7a34775268535115bb53490a20"
FIELDS = ("decision_id", "label", "labelled_at", "source")

#: Items one body may have whatever the settings say, so that no list is walked for ever.
_ITEMS_MAX = 100_000

#: Mistakes one answer lists.
_TOLD_MAX = 10
_SHOWN_CHARS = 80
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class LabelItem(Shape):
    """What was right for one decision."""

    decision_id: str = Field(
        description="`answerable.decision.id` of the decision, else its span id; its label may "
        "come first.",
        min_length=1,
        max_length=TEXT_CHARS_MAX,
        examples=[DECISION],
    )
    label: str | bool | float = Field(
        description="The right outcome, written as outcomes are. A boolean is the text `true` or "
        "`false`; numbers are compared as numbers.",
        examples=["B+"],
    )
    labelled_at: str | int | None = Field(
        None,
        description="When it was established: RFC 3339, unix seconds or nanoseconds. Now where "
        "left out.",
        examples=["2026-11-23T22:00:00Z"],
    )
    source: str | None = Field(
        None,
        max_length=TEXT_CHARS_MAX,
        description="Who or what says so.",
        examples=["second-marker"],
    )


class LabelsBody(BaseModel):
    """Labels to store, all or none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: str | None = Field(
        None,
        max_length=128,
        description="Left out, the tenant of the key; a key of several has to name it.",
        examples=["school-a"],
    )
    # Read item by item below: the answer to a wrong one names it, its value and what to write.
    items: list[SkipValidation[LabelItem]] = Field(max_length=_ITEMS_MAX)


class StoredShape(Shape):
    """What became of a batch. stored, unchanged and superseded add up to what was sent."""

    stored: int = Field(description="Labels that are in the store now.", examples=[2])
    corrected: int = Field(
        description="Of those, how many took the place of another label.", examples=[1]
    )
    unchanged: int = Field(
        description="Labels that were there already; a batch may be sent again.", examples=[0]
    )
    superseded: int = Field(
        description="Labels of the batch that a later one of it for the same decision replaced.",
        examples=[0],
    )
    waiting: int = Field(
        description="Decisions the store does not know yet. Their labels count once they arrive.",
        examples=[1],
    )
    waiting_ids: list[str] = Field(description="The first of them.", examples=[[DECISION]])
    searched_from: str = Field(
        description="How far back decisions were looked for; an older one shows as waiting and "
        "counts nevertheless.",
        examples=[TIME],
    )


class LabelledDecision(Shape):
    """The decision a label is about."""

    time: str = Field(examples=[TIME])
    model: str = Field(examples=["essay-grader"])
    outcome: str = Field(examples=["B+"])
    confidence: float | None = Field(examples=[0.91])
    right: bool | None = Field(
        description="Whether the outcome is what the label says; null without an outcome.",
        examples=[True],
    )
    delay_s: float = Field(
        description="From the decision to `labelled_at`, in seconds.", examples=[86400.0]
    )


class LabelRow(Shape):
    """The label that holds for a decision."""

    tenant: str = Field(examples=["school-a"])
    decision_id: str = Field(examples=[DECISION])
    label: str = Field(examples=["B+"])
    number: float | None = Field(description="The label as a number, if it is one.", examples=[7])
    source: str = Field(examples=["second-marker"])
    labelled_at: str = Field(examples=[TIME])
    received_at: str = Field(examples=[TIME])
    key_id: str = Field(description="The key it came with.", examples=["k_7f3a"])
    decision: LabelledDecision | None = Field(description="Null while it waits for its decision.")


class LabelsPage(PageOf):
    """Labels by time of receipt, newest first."""

    items: list[LabelRow]


class LabelVersion(Shape):
    """A label that a decision had, from when it was received until the next one was."""

    tenant: str = Field(examples=["school-a"])
    version: int = Field(description="The first label of the decision is 1.", examples=[2])
    holds: bool = Field(description="Whether it is the one that counts.", examples=[True])
    label: str = Field(examples=["B+"])
    number: float | None = Field(description="The label as a number, if it is one.", examples=[7])
    source: str = Field(description="Who or what said so.", examples=["second-marker"])
    key_id: str = Field(description="The key it came with.", examples=["k_7f3a"])
    labelled_at: str = Field(description="When it was established.", examples=[TIME])
    received_at: str = Field(examples=[TIME])


class LabelHistory(Shape):
    """Every label a decision ever had, newest first."""

    as_of: str = Field(description="When the store was read.", examples=[TIME])
    decision_id: str = Field(examples=[DECISION])
    versions: int = Field(
        description="How many there are; 0 where this answer has none.", examples=[2]
    )
    items: list[LabelVersion]
    next_before: int | None = Field(
        description="`before` of the answer with older ones; null where there are none.",
        examples=[None],
    )


class HistoryQuery(BaseModel):
    """Whose label."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision_id: Text = Field(min_length=1, examples=[DECISION])
    tenant: Text = Field(
        "",
        description="Left out, the tenant of the key; a key of several has to name it.",
        examples=["school-a"],
    )
    before: int = Field(
        0, ge=0, le=2**62, description="Only versions with a lower number; 0 for all."
    )
    limit: int = Field(50, ge=1, le=1000, description="Most versions in the answer.")


class LabelsQuery(ListQuery):
    """Which labels; the window is the time they were received in."""

    from_: str = Field(
        "-7d",
        alias="from",
        max_length=64,
        description="Start of the time of receipt, included; written as everywhere.",
        examples=["-7d"],
    )
    decision_id: Text = Field("", examples=[DECISION])
    label: Text = Field("", examples=["B+"])
    source: Text = Field("", examples=["second-marker"])


def read_items(items: list[Any], now_ns: int, *, items_max: int) -> list[Label]:
    """Read every label of a batch.

    Raises
    ------
    InvalidInputError
        For an empty or too long batch, and for wrong items: it lists the first ten mistakes, each
        with the item's index, the field, its value and what to write.
    """
    if not items:
        raise InvalidInputError("items is empty; send at least one label.", field="items")
    if len(items) > items_max:
        raise InvalidInputError(
            f"items holds {len(items)} labels; send at most {items_max} at a time.", field="items"
        )
    labels: list[Label] = []
    wrong: list[InvalidInputError] = []
    for index, item in enumerate(items):
        try:
            labels.append(_label(item, f"items.{index}", now_ns))
        except InvalidInputError as error:
            wrong.append(error)
    if wrong:
        told = " ".join(error.detail for error in wrong[:_TOLD_MAX])
        more = f" {len(wrong) - _TOLD_MAX} more items are wrong." if len(wrong) > _TOLD_MAX else ""
        raise InvalidInputError(f"{told}{more} Nothing was stored.", field=wrong[0].field)
    return labels


def _label(item: Any, at: str, now_ns: int) -> Label:
    if not isinstance(item, dict):
        raise _refused(at, item, 'write {"decision_id": ..., "label": ...}')
    for name in item:
        if name not in FIELDS:
            raise _refused(f"{at}.{name}", item[name], f"there is only {', '.join(FIELDS)}")
    return Label(
        decision_id=_text(item.get("decision_id"), f"{at}.decision_id"),
        label=_value(item.get("label"), f"{at}.label"),
        labelled_ns=_time(item.get("labelled_at"), f"{at}.labelled_at", now_ns),
        source="" if item.get("source") in (None, "") else _text(item["source"], f"{at}.source"),
    )


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_CHARS_MAX:
        raise _refused(at, value, f"write a text of 1 to {TEXT_CHARS_MAX} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refused(at, ascii(value), "write text that is Unicode") from None
    if _CONTROL.search(value):
        raise _refused(at, value, "leave control characters out")
    return value


def _value(value: Any, at: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, int) and len(text := str(value)) <= TEXT_CHARS_MAX:
        return text
    if isinstance(value, str) and value:
        return _text(value, at)
    raise _refused(at, value, "write the right outcome as a text, a finite number or a boolean")


def _time(value: Any, at: str, now_ns: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _refused(at, value, "write RFC 3339, unix seconds or nanoseconds, or leave it out")
    found = window.instant(str(value)[: 2 * _SHOWN_CHARS], now_ns, at)
    if found > now_ns + DAY_NS:
        raise _refused(at, value, "write a time that has come")
    return found


def _refused(at: str, value: Any, fix: str) -> InvalidInputError:
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}..."
    return InvalidInputError(f"{at} is {shown}; {fix}.", field=at)
