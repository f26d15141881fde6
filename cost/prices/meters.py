"""Meters: what is counted, in which unit, and whose price holds for one that has none."""

from __future__ import annotations

import difflib
import re

from sql.errors import InvalidInputError

#: Meters that charges know by name; any other is reported as answerable.usage.<meter>.
UNITS = {
    "input": "tokens",
    "cache_read": "tokens",
    "cache_write": "tokens",
    "cache_write_1h": "tokens",
    "input_audio": "tokens",
    "output": "tokens",
    "reasoning": "tokens",
    "output_audio": "tokens",
    "requests": "requests",
    "connector_calls": "calls",
}

#: Tokens without a price of their own are charged as the wider kind they belong to.
FALLBACKS = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "input_audio": "input",
    "reasoning": "output",
    "output_audio": "output",
}

#: In a factor: every meter.
ANY = "*"

_ENDINGS = {"_seconds": "seconds", "_bytes": "bytes", "_tokens": "tokens"}
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,99}", re.ASCII)


def unit(meter: str) -> str:
    """Give the unit charges count a meter in."""
    if meter in UNITS or meter == ANY:
        return UNITS.get(meter, "")
    return next((unit for end, unit in _ENDINGS.items() if meter.endswith(end)), "count")


def dependants(meter: str) -> tuple[str, ...]:
    """Meters that are charged as this one where they have no price, directly or at last."""
    found: list[str] = []
    for child, wider in FALLBACKS.items():
        if wider == meter:
            found += [child, *dependants(child)]
    return tuple(found)


def meter(text: str) -> str:
    """Read a meter's name.

    Raises
    ------
    InvalidInputError
        For what no span can report, and for a slip of the pen in a meter that charges know.
    """
    name = text.strip().removeprefix("answerable.usage.")
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"meter is {text!r}; use {', '.join(UNITS)}, or the name after answerable.usage., in "
            "lower case.",
            field="meter",
        )
    near = difflib.get_close_matches(name, UNITS, n=1, cutoff=0.9)
    if near and near[0] != name and name not in UNITS:
        raise InvalidInputError(
            f"meter is {text!r}; did you mean {near[0]}? A meter of your own needs a name that "
            "differs more.",
            field="meter",
        )
    return name
