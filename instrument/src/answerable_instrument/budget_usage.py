"""What a call used, as it adds up, in the disjoint amounts a budget is settled with."""

from decimal import Decimal, InvalidOperation

from answerable_instrument.guard import UnfitError
from answerable_instrument.values import as_amount, as_count

_PARTS = {"cache_read": "input", "cache_write": "input", "reasoning": "output"}


class Usage:
    """Tokens, other meters and money of one call."""

    __slots__ = ("_money", "_others", "_tokens", "currency", "model", "provider")

    def __init__(self) -> None:
        self._tokens: dict[str, int] = {}
        self._others: dict[str, int | float] = {}
        self._money: Decimal | None = None
        self.currency: str | None = None
        self.model: str | None = None
        self.provider: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was reported."""
        return not self._tokens and not self._others and self._money is None

    def add_tokens(self, meter: str, count: object) -> None:
        """Add tokens; raises ``UnfitError`` for what is no count."""
        self._tokens[meter] = self._tokens.get(meter, 0) + as_count(count)

    def add(self, meter: str, amount: object) -> None:
        """Add to a meter beyond tokens; raises ``UnfitError`` for what is no amount."""
        self._others[meter] = self._others.get(meter, 0) + as_amount(amount)

    def add_cost(self, amount: object, currency: object) -> None:
        """Add money; raises ``UnfitError`` for what is none, and for a second currency."""
        if isinstance(amount, bool) or not isinstance(amount, (int, str, Decimal)):
            raise UnfitError("value_type", "money is a Decimal, an integer or a text, not a float")
        try:
            money = Decimal(amount)
        except InvalidOperation:
            raise UnfitError("value_type", "this text is no amount of money") from None
        if not money.is_finite() or money < 0:
            raise UnfitError("value_range", "money is finite and not negative")
        if currency is not None and self.currency not in (None, currency):
            raise UnfitError("value_word", "one call is settled in one currency")
        self._money = (self._money or Decimal(0)) + money
        self.currency = self.currency if currency is None else str(currency)

    def settlement(self) -> dict[str, object]:
        """Write the amounts as ``/v1/budgets/settle`` takes them; money goes before tokens."""
        if self._money is not None:
            found: dict[str, object] = {"amount": format(self._money, "f")}
            if self.currency is not None:
                found["currency"] = self.currency
            return found
        found = {"usage": {**self._disjoint(), **self._others}}
        for name, value in (("model", self.model), ("provider", self.provider)):
            if value is not None:
                found[name] = value
        return found

    def _disjoint(self) -> dict[str, int]:
        """Take parts out of their whole, unless the whole is smaller and so was given without."""
        found = dict(self._tokens)
        for whole in ("input", "output"):
            parts = sum(
                count for meter, count in self._tokens.items() if _PARTS.get(meter) == whole
            )
            if whole in found and found[whole] >= parts:
                found[whole] -= parts
        return found
