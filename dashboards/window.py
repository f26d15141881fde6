"""Time windows as pages name them, and as the API takes them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.formatters import between, parse_time

DEFAULT = "1h"
CUSTOM = "custom"

#: What the picker offers, by the name that stands in the URL.
CHOICES: dict[str, str] = {
    "15m": "Last 15 minutes",
    "1h": "Last hour",
    "6h": "Last 6 hours",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    CUSTOM: "Between two times",
}
_HOURS = {"15m": 0.25, "1h": 1.0, "6h": 6.0, "24h": 24.0, "7d": 168.0, "30d": 720.0}


@dataclass(frozen=True, slots=True)
class Window:
    """One window: relative to now, or between two times."""

    name: str
    start: str = ""
    end: str = ""

    @property
    def params(self) -> dict[str, str]:
        """The window as the API's parameters `from` and `to`."""
        if self.name == CUSTOM:
            return {"from": self.start, "to": self.end}
        return {"from": f"-{self.name}"}

    @property
    def url(self) -> dict[str, str]:
        """The window as a page's URL carries it."""
        if self.name == CUSTOM:
            return {"window": CUSTOM, "from": self.start, "to": self.end}
        return {"window": self.name}

    @property
    def label(self) -> str:
        """The window in words."""
        if self.name == CUSTOM:
            return between(self.start, self.end)
        return CHOICES[self.name]

    @property
    def hours(self) -> float:
        """Its length in hours."""
        if self.name in _HOURS:
            return _HOURS[self.name]
        return (parse_time(self.end) - parse_time(self.start)).total_seconds() / 3600


def from_url(name: str, start: str, end: str) -> Window:
    """Read a window from a URL; what cannot be read becomes the default window."""
    if name != CUSTOM:
        return Window(name if name in CHOICES else DEFAULT)
    try:
        first, last = parse_time(start), parse_time(end)
    except ValueError:
        return Window(DEFAULT)
    return Window(CUSTOM, start, end) if first < last else Window(DEFAULT)
