"""One condition on one feature, as a search tries it and a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Op = Literal["equals", "between", "is_missing", "is_nan"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition a row meets or not.

    Parameters
    ----------
    feature
        Name of the feature or dimension.
    op
        equals: `value` is the value. between: `low` < x <= `high`, where None is no bound.
        is_missing: the row is without the feature. is_nan: it is not a number.
    """

    feature: str
    op: Op
    value: str | float | None = None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.op == "equals":
            return f"{self.feature} = {_written(self.value)}"
        if self.op == "between":
            below = "" if self.low is None else f"{self.low:g} < "
            above = "" if self.high is None else f" <= {self.high:g}"
            return f"{below}{self.feature}{above}"
        return f"{self.feature} is {'missing' if self.op == 'is_missing' else 'not a number'}"


def _written(value: str | float | None) -> str:
    return repr(value) if isinstance(value, str) else f"{value:g}"
