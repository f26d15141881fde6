"""What a budget is: whose calls it counts, how much they may cost, and what is answered when."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Self

from cost.budgets import windows
from cost.budgets.calls import SCOPE_FIELDS, Call
from cost.budgets.money import LIMIT_MAX, nano, parse
from cost.patterns import Pattern
from cost.prices.currencies import currency as known_currency
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sql.records import Record

KIND = "budget"
THRESHOLDS_MAX = 16
#: Thresholds above the limit watch budgets that are not hard.
THRESHOLD_MAX = Decimal(10)


class Answer(IntEnum):
    """What a call is told, from mild to strict; of several budgets the strictest answer holds."""

    ALLOW = 0
    DOWNGRADE = 1
    DEFER = 2
    DENY = 3

    @property
    def word(self) -> str:
        """Its name in JSON."""
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Self:
        """Read its name."""
        return cls[word.upper()]


class UnknownPrice(StrEnum):
    """What happens to a call whose price is not known."""

    DENY = "deny"
    CAP = "cap"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls a budget counts; an empty text is any."""

    project: str = ""
    user: str = ""
    key: str = ""
    provider: str = ""
    feature: str = ""
    model: str = ""
    _pattern: Pattern | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.model:
            object.__setattr__(self, "_pattern", Pattern(self.model))

    def holds(self, call: Call) -> bool:
        """Whether a call lies within."""
        for name in SCOPE_FIELDS:
            wanted = getattr(self, name)
            if wanted and wanted != getattr(call, name):
                return False
        return self.fits_model(call.model)

    def fits_model(self, model: str) -> bool:
        """Whether it counts calls to a model."""
        return self._pattern is None or (bool(model) and self._pattern.matches(model))

    def contains(self, other: Scope) -> bool:
        """Whether every call of `other` lies within, as far as the fields tell."""
        return all(
            not getattr(self, name) or getattr(self, name) == getattr(other, name)
            for name in (*SCOPE_FIELDS, "model")
        )

    def body(self) -> dict[str, str]:
        """Write it as JSON has it."""
        return {name: getattr(self, name) for name in (*SCOPE_FIELDS, "model")}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of the limit, and what calls are told that bring the budget above it.

    Parameters
    ----------
    model
        Of a downgrade: the cheaper model to call.
    """

    at: Decimal
    answer: Answer
    model: str = ""

    def body(self) -> dict[str, str]:
        """Write it as JSON has it."""
        shown = {"at": format(self.at.normalize(), "f"), "answer": self.answer.word}
        return {**shown, "model": self.model} if self.model else shown


@dataclass(frozen=True, slots=True)
class Budget:
    """One version of a budget.

    Parameters
    ----------
    tenant
        Empty for the organisation: every tenant's calls count.
    hard
        Whether calls are denied that bring it above its limit.
    suspends
        Whether a reached limit suspends all new work of the tenant.
    cap
        What is reserved for a call of unknown price, where the policy is to cap.
    """

    tenant: str
    budget_id: str
    name: str
    scope: Scope
    limit: Decimal
    currency: str
    window: windows.Window
    thresholds: tuple[Threshold, ...]
    hard: bool
    suspends: bool
    unknown_price: UnknownPrice
    cap: Decimal | None
    per_request_cap: Decimal | None
    reservation_ttl_s: int
    default_output_tokens: int
    version: int = 0
    changed_at_ns: int = 0
    changed_by: str = ""

    @property
    def key(self) -> str:
        """What its sums are kept under."""
        return f"{self.tenant}\x1f{self.budget_id}"

    @property
    def limit_nano(self) -> int:
        """The limit in nano-units."""
        return nano(self.limit)

    def level_nano(self, threshold: Threshold) -> int:
        """Give the amount a threshold stands for."""
        return nano(self.limit * threshold.at)

    def answer_at(self, used: int) -> Answer:
        """Say what the next call gets, however little it costs."""
        if self.hard and used >= self.limit_nano:
            return Answer.DENY
        passed = [
            threshold.answer
            for threshold in self.thresholds
            if threshold.answer is not Answer.ALLOW and used >= self.level_nano(threshold)
        ]
        return passed[-1] if passed else Answer.ALLOW

    def crossed(self, spent: int) -> list[Decimal]:
        """List the shares of the limit that were spent; the whole of it is one of them."""
        shares = {threshold.at for threshold in self.thresholds} | {Decimal(1)}
        return sorted(share for share in shares if spent >= nano(self.limit * share))

    def holds(self, call: Call) -> bool:
        """Whether it counts a call."""
        return self.tenant in {"", call.tenant} and self.scope.holds(call)

    def contains(self, other: Budget) -> bool:
        """Whether every call of another budget counts here too."""
        return (
            self.key != other.key
            and self.tenant in {"", other.tenant}
            and self.scope.contains(other.scope)
        )

    @property
    def level(self) -> str:
        """Where it stands in the hierarchy."""
        if not self.tenant:
            return "organisation"
        for name in ("key", "user", "project"):
            if getattr(self.scope, name):
                return name
        return "tenant"

    def body(self) -> dict[str, Any]:
        """Write the definition as the body of a record."""
        return {
            "name": self.name,
            "scope": self.scope.body(),
            "limit": format(self.limit, "f"),
            "currency": self.currency,
            "window": self.window.body(),
            "thresholds": [threshold.body() for threshold in self.thresholds],
            "hard": self.hard,
            "suspends": self.suspends,
            "unknown_price": {"policy": self.unknown_price.value, "cap": _text(self.cap)},
            "per_request_cap": _text(self.per_request_cap),
            "reservation_ttl_s": self.reservation_ttl_s,
            "default_output_tokens": self.default_output_tokens,
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read a version back."""
        return cls._read(
            record.tenant,
            record.id,
            record.body,
            (record.version, record.recorded_at_ns, record.actor),
        )

    @classmethod
    def from_body(cls, tenant: str, budget_id: str, body: Mapping[str, Any]) -> Self:
        """Read a definition; raises InvalidInputError that names the field at fault."""
        return cls._read(tenant, budget_id, body, (0, 0, ""))

    @classmethod
    def _read(
        cls, tenant: str, budget_id: str, body: Mapping[str, Any], written: tuple[int, int, str]
    ) -> Self:
        unknown = body["unknown_price"]
        policy = UnknownPrice(unknown["policy"])
        cap = _amount(unknown.get("cap"), "unknown_price.cap")
        if (policy is UnknownPrice.CAP) != (cap is not None):
            raise InvalidInputError(
                "unknown_price.cap goes with the policy cap, and with no other.",
                field="unknown_price.cap",
            )
        version, changed_at_ns, changed_by = written
        return cls(
            tenant=tenant,
            budget_id=budget_id,
            name=body["name"],
            scope=Scope(**body["scope"]),
            limit=parse(body["limit"], "limit", most=LIMIT_MAX),
            currency=known_currency(body["currency"]),
            window=windows.read(body["window"]),
            thresholds=_thresholds(body["thresholds"]),
            hard=body["hard"],
            suspends=body["suspends"],
            unknown_price=policy,
            cap=cap,
            per_request_cap=_amount(body.get("per_request_cap"), "per_request_cap"),
            reservation_ttl_s=body["reservation_ttl_s"],
            default_output_tokens=body["default_output_tokens"],
            version=version,
            changed_at_ns=changed_at_ns,
            changed_by=changed_by,
        )


def _thresholds(items: list[Mapping[str, Any]]) -> tuple[Threshold, ...]:
    if len(items) > THRESHOLDS_MAX:
        raise InvalidInputError(
            f"thresholds has {len(items)} entries; at most {THRESHOLDS_MAX}.", field="thresholds"
        )
    found = [
        Threshold(
            parse(item["at"], "thresholds.at", most=THRESHOLD_MAX),
            Answer.named(item["answer"]),
            item.get("model") or "",
        )
        for item in items
    ]
    for threshold in found:
        if not threshold.at:
            raise InvalidInputError("thresholds.at is 0; use more.", field="thresholds.at")
        if (threshold.answer is Answer.DOWNGRADE) != bool(threshold.model):
            raise InvalidInputError(
                "thresholds.model goes with the answer downgrade, and with no other.",
                field="thresholds.model",
            )
    if len({threshold.at for threshold in found}) != len(found):
        raise InvalidInputError("Two thresholds are at the same share.", field="thresholds.at")
    return tuple(sorted(found, key=lambda threshold: threshold.at))


def _amount(text: str | None, field: str) -> Decimal | None:
    return None if text is None else parse(text, field)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
