"""Body and answer of a what-if."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cost.patterns import PATTERN_CHARS_MAX
from cost.prices.currencies import currency as known_currency
from cost.prices.points import tier_of
from cost.whatif.replay import Answer, Replay, Tally
from cost.whatif.simulation import GROUPS, SCOPES, Change, Outcome
from sql.errors import InvalidInputError
from web.parameters import Text
from web.render import decimal, timestamp
from web.shapes import TIME, Interval, Shape

#: Windows of a replay that are shown one by one.
WINDOWS_SHOWN_MAX = 1000

Money = Annotated[Decimal, Field(ge=0, max_digits=36, decimal_places=18)]
Ratio = Annotated[Decimal, Field(gt=0, le=1000, max_digits=20)]
Percent = Annotated[Decimal, Field(gt=0, le=1000, max_digits=12)]
Currency = Annotated[str, Field(max_length=16), AfterValidator(known_currency)]


class Body(BaseModel):
    """Base of bodies: nothing beyond what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Matching(Body):
    """Which use is meant; what is left out means any."""

    provider: Text = Field("", examples=["openai"])
    model: str = Field(
        "",
        max_length=PATTERN_CHARS_MAX,
        description="A pattern over model names, as the price book writes them.",
        examples=["gpt-5 | gpt-5-20*"],
    )
    meter: Text = Field("", examples=["output"])
    service_tier: str | None = Field(None, max_length=100, examples=["standard"])

    @property
    def tier(self) -> str:
        """The tier as charges name it."""
        return tier_of(self.service_tier or "")


class PriceBody(Matching):
    """Another price: per cent, or an amount."""

    percent: Decimal | None = Field(
        None,
        ge=-100,
        le=100_000,
        max_digits=12,
        description="Change of what it costs, as -50 for half.",
        examples=["-50"],
    )
    amount: Money | None = Field(None, description="Money for `per` units.", examples=["1.25"])
    per: int = Field(1_000_000, ge=1, le=10**12)
    currency: Currency | None = Field(None, examples=["USD"])


class SwitchBody(Matching):
    """Another model in the place of those that match, at its published prices."""

    to_provider: str = Field(min_length=1, max_length=200, examples=["openai"])
    to_model: str = Field(min_length=1, max_length=300, examples=["gpt-5-mini"])
    input_ratio: Ratio = Field(
        Decimal(1), description="Input tokens it takes for one of the old model."
    )
    output_ratio: Ratio = Field(Decimal(1), description="The same of output tokens.")


class ThresholdBody(Body):
    """From a share of the limit on, another answer."""

    percent: Percent = Field(examples=["80"])
    answer: Answer = Field(examples=["defer"])


class BudgetBody(Body):
    """A limit to play the window's calls against."""

    limit: Money = Field(examples=["500"])
    currency: Currency = Field(examples=["USD"])
    window: Literal["hour", "day", "week", "month", "all"] = "month"
    per: Literal["none", "tenant", "project", "user", "model"] = Field(
        "none", description=f"One budget for each {', '.join(SCOPES)}."
    )
    thresholds: list[ThresholdBody] = Field(default_factory=list, max_length=20)
    downgrade: SwitchBody | None = Field(
        None, description="The cheaper model of thresholds that downgrade."
    )


_EXAMPLE: dict[str, Any] = {
    "from": "2026-10-01",
    "to": "2026-11-01",
    "group_by": "tenant,model",
    "switch": {"model": "gpt-5", "to_provider": "openai", "to_model": "gpt-5-mini"},
    "budget": {"limit": "500", "currency": "USD", "window": "month", "per": "tenant"},
}


class WhatIf(Body):
    """A window and what is different in it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    from_: str = Field(alias="from", max_length=64, examples=["2026-10-01"])
    to: str = Field(max_length=64, examples=["2026-11-01"])
    known_at: str = Field("", max_length=64)
    tenant: Text = ""
    group_by: Text = Field(
        "model", description=f"Comma list of {', '.join(GROUPS)}. The currency always separates."
    )
    changes: list[PriceBody] = Field(
        default_factory=list, max_length=1000, description="The first that fits is applied."
    )
    switch: SwitchBody | None = None
    budget: BudgetBody | None = None

    @property
    def groups(self) -> list[str]:
        """The groups asked for; raises InvalidInputError for any other."""
        asked = [name.strip() for name in self.group_by.split(",") if name.strip()]
        if not asked or any(name not in GROUPS for name in asked):
            raise InvalidInputError(
                f"group_by is {self.group_by!r}; use a comma list of {', '.join(GROUPS)}.",
                field="group_by",
            )
        return [name for name in GROUPS if name in asked]


class ChangeTotal(Shape):
    """Money of one currency."""

    currency: str = Field(examples=["USD"])
    before: str = Field(examples=["120.5"])
    after: str = Field(examples=["60.25"])
    delta: str = Field(examples=["-60.25"])


class ChangeItem(ChangeTotal):
    """Money of one group; it has the keys asked for and no other."""

    day: str | None = None
    tenant: str | None = None
    project: str | None = None
    feature: str | None = None
    service: str | None = None
    provider: str | None = None
    model: str | None = None
    meter: str | None = None
    tier: str | None = None


class BudgetCounts(Shape):
    """What became of calls."""

    requests: int
    allowed: int
    deferred: int
    downgraded: int
    blocked: int
    uncounted: int = Field(description="Calls without money in the budget's currency; they pass.")
    spent: str
    avoided: str = Field(description="Money of calls not let through, and saved by downgrades.")


class BudgetWindow(BudgetCounts):
    """One window of one scope."""

    scope: str
    start: str | None = Field(description="None for the whole.", examples=[TIME])
    first_blocked_at: str | None
    crossed: dict[str, str] = Field(description="When each threshold was reached, by its percent.")


class BudgetReplay(BudgetCounts):
    """A budget over the past."""

    limit: str
    currency: str
    window: str
    per: str
    windows: list[BudgetWindow] = Field(description="Those that blocked most first.")
    windows_left_out: int


class WhatIfAnswer(Shape):
    """Before and after."""

    window: Interval
    known_at: str = Field(examples=[TIME])
    items: list[ChangeItem] = Field(description="The largest difference first.")
    totals: list[ChangeTotal]
    events: int
    unpriced_before: int
    unpriced_after: int
    coverage_before: str | None = Field(description="Priced share; None where nothing was used.")
    coverage_after: str | None
    budget: BudgetReplay | None


def items_shown(outcome: Outcome) -> list[dict[str, Any]]:
    """Write groups, the largest difference first."""
    changes = sorted(
        outcome.changes.items(), key=lambda pair: (-abs(pair[1].after - pair[1].before), pair[0])
    )
    return [{**change.keys, **_money(change)} for _, change in changes]


def totals_shown(outcome: Outcome) -> dict[str, Any]:
    """Write sums by currency, and how much has a price."""
    totals: dict[str, Change] = {}
    for change in outcome.changes.values():
        total = totals.setdefault(change.currency, Change({}, change.currency))
        total.before += change.before
        total.after += change.after
    held = outcome.coverage
    return {
        "totals": [_money(totals[code]) for code in sorted(totals)],
        "events": held.events,
        "unpriced_before": held.unpriced_before,
        "unpriced_after": held.unpriced_after,
        "coverage_before": _share(held.unpriced_before, held.events),
        "coverage_after": _share(held.unpriced_after, held.events),
    }


def budget_shown(body: BudgetBody, replay: Replay) -> dict[str, Any]:
    """Write what became of the calls."""
    tallies = sorted(
        replay.tallies.values(), key=lambda one: (-one.blocked, one.start_ns, one.scope)
    )
    return {
        "limit": decimal(body.limit),
        "currency": body.currency,
        "window": body.window,
        "per": body.per,
        **_counts(tallies),
        "windows": [_window(one) for one in tallies[:WINDOWS_SHOWN_MAX]],
        "windows_left_out": max(0, len(tallies) - WINDOWS_SHOWN_MAX),
    }


def _window(tally: Tally) -> dict[str, Any]:
    blocked = tally.first_blocked_ns
    return {
        "scope": tally.scope,
        "start": timestamp(tally.start_ns) if tally.start_ns else None,
        **_counts([tally]),
        "first_blocked_at": None if blocked is None else timestamp(blocked),
        "crossed": {decimal(percent): timestamp(at) for percent, at in tally.crossed.items()},
    }


def _counts(tallies: Iterable[Tally]) -> dict[str, Any]:
    names = ("requests", "allowed", "deferred", "downgraded", "blocked", "uncounted")
    counts: Counter[str] = Counter()
    spent = avoided = Decimal(0)
    for tally in tallies:
        counts.update({name: getattr(tally, name) for name in names})
        spent, avoided = spent + tally.spent, avoided + tally.avoided
    return {
        **{name: counts[name] for name in names},
        "spent": decimal(spent),
        "avoided": decimal(avoided),
    }


def _money(change: Change) -> dict[str, str]:
    return {
        "currency": change.currency,
        "before": decimal(change.before),
        "after": decimal(change.after),
        "delta": decimal(change.after - change.before),
    }


def _share(unpriced: int, events: int) -> str | None:
    if events <= 0:
        return None
    return decimal((1 - Decimal(unpriced) / events).quantize(Decimal("0.000001")))
