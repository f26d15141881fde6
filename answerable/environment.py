"""The ANSWERABLE_* variables: which are known, and what to say about those that are not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "ANSWERABLE_"

#: Variables with our prefix that are read by others, so the service lets them pass.
OF_OTHERS: dict[str, str] = {
    "KEY": "key of the command line and of the instrument library",
    "URL": "address the command line talks to",
    "ENDPOINT": "address the instrument library and a Collector send to",
    "QUEUE_DIR": "queue of an OpenTelemetry Collector",
    "CONFORMANCE_DATA": "published payloads the tests read",
}


def is_set(environ: Mapping[str, str], name: str) -> bool:
    """Whether the variable of a setting is there and not empty."""
    variable = f"{PREFIX}{name.upper()}"
    return any(key.upper() == variable and value for key, value in environ.items())


def check_names(environ: Mapping[str, str], settings: Iterable[str]) -> None:
    """Refuse a variable with our prefix that nothing reads: it is a typing error.

    Raises
    ------
    InvalidInputError
        With each variable and the setting nearest to it.
    """
    known = {name.upper() for name in settings} | OF_OTHERS.keys()
    unknown = [
        name
        for name in sorted(environ)
        if name.upper().startswith(PREFIX) and name.upper().removeprefix(PREFIX) not in known
    ]
    if unknown:
        raise InvalidInputError(" ".join(_unknown(name, known) for name in unknown))


def for_child(environ: Mapping[str, str], settings: Iterable[str]) -> dict[str, str]:
    """Leave out our variables a child does not read: the admin key and the store's password.

    Parameters
    ----------
    settings
        Names of those it does read.
    """
    own = {name.upper() for name in settings}
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(PREFIX) or name.upper().removeprefix(PREFIX) in own
    }


def _unknown(variable: str, known: Iterable[str]) -> str:
    near = get_close_matches(variable.upper().removeprefix(PREFIX), sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else "`answerable doctor` lists the settings."
    return f"There is no setting {variable}; {hint}"
