"""The two windows that are compared, and whether as they are or by the day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cost.reports.question import whole
from sql.errors import InvalidInputError
from web.window import DAY_NS, HOUR_NS, Window

#: What costs are compared for.
Per = Literal["window", "day"]


@dataclass(frozen=True, slots=True)
class Windows:
    """What is explained, and what it is compared with.

    Parameters
    ----------
    per
        `day` compares rates a day, for windows that differ in length.
    """

    baseline: Window
    current: Window
    per: Per

    @property
    def days(self) -> tuple[Decimal, Decimal]:
        """What costs are divided by."""
        if self.per == "window":
            return Decimal(1), Decimal(1)
        return _days(self.baseline), _days(self.current)

    @property
    def parameters(self) -> dict[str, int]:
        """Give both windows as queries take them."""
        found: dict[str, int] = {}
        for name, window in (("baseline", self.baseline), ("current", self.current)):
            start, end = whole(window, HOUR_NS)
            found |= {
                f"{name}_from_ns": window.from_ns,
                f"{name}_to_ns": window.to_ns,
                f"{name}_whole_from_ns": start,
                f"{name}_whole_to_ns": end,
            }
        return found


def compared(current: Window, baseline: Window | None, per: Per | None) -> Windows:
    """Choose what is compared.

    Parameters
    ----------
    baseline
        Left out, as long a window right before.
    per
        Left out, `window` where both are equally long and `day` where they are not.

    Raises
    ------
    InvalidInputError
        For windows that overlap: a charge in both would be no part of any change.
    """
    length = current.to_ns - current.from_ns
    if baseline is None:
        if current.from_ns < length:
            raise InvalidInputError(
                "The window before would begin before 1970; give baseline_from and baseline_to.",
                field="baseline_from",
            )
        baseline = Window(current.from_ns - length, current.from_ns)
    if baseline.from_ns < current.to_ns and current.from_ns < baseline.to_ns:
        raise InvalidInputError(
            "The baseline overlaps the window; end it at or before `from`, or begin it at `to`.",
            field="baseline_to",
        )
    alike = baseline.to_ns - baseline.from_ns == length
    return Windows(baseline, current, per or ("window" if alike else "day"))


def _days(window: Window) -> Decimal:
    return Decimal(window.to_ns - window.from_ns) / DAY_NS
