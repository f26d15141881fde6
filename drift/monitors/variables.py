"""Which variables of the service's environment the triggers of a tenant may use.

A tenant's operator writes the names, and whoever runs the service says which of them are his: names
are compared as they are, so no two tenants can come to share one, however alike they are called.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The setting that lists them.
SETTING = "ANSWERABLE_DRIFT_TRIGGER_VARIABLES"

#: What a name looks like.
PATTERN = "WEBHOOK_[A-Z0-9_]{1,100}"
_NAME = re.compile(PATTERN, re.ASCII)
_SHAPE = 'write JSON such as {"school-a": ["WEBHOOK_RETRAIN"]}'


@dataclass(frozen=True, slots=True)
class Variables:
    """What one tenant may use."""

    tenant: str
    names: frozenset[str]

    @classmethod
    def of(cls, listed: Mapping[str, tuple[str, ...]], tenant: str) -> Self:
        """Choose those of a tenant."""
        return cls(tenant, frozenset(listed.get(tenant, ())))

    def refusal(self, name: str) -> str:
        """Say why a variable may not be used; empty where it may.

        It is the same whether the variable exists, is another tenant's, or neither.

        Examples
        --------
        >>> Variables("school-a", frozenset({"WEBHOOK_A"})).refusal("WEBHOOK_A")
        ''
        """
        if name in self.names:
            return ""
        wanted = orjson.dumps({self.tenant: [name]}).decode()
        return (
            f"the tenant {self.tenant!r} may not use the environment variable {name or '(none)'}; "
            f"whoever runs the service allows it by {SETTING}={wanted}"
        )

    def value(self, name: str) -> str:
        """Read a variable that may be used; empty where it may not, or is not set."""
        return os.environ.get(name, "") if name in self.names else ""


def parsed(text: object) -> object:
    """Read the setting, and refuse a variable that is listed for two tenants.

    Raises
    ------
    ValueError
        When it is not an object of lists of names, or a name is not one.

    Examples
    --------
    >>> parsed('{"school-a": ["WEBHOOK_RETRAIN"]}')
    {'school-a': ('WEBHOOK_RETRAIN',)}
    """
    if isinstance(text, str):
        try:
            text = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise ValueError(f"it is not JSON; {_SHAPE}") from None
    if not isinstance(text, dict):
        raise ValueError(f"it is not an object; {_SHAPE}")
    owners: dict[str, str] = {}
    for tenant, names in text.items():
        _own(owners, tenant, names)
    return {tenant: tuple(names) for tenant, names in text.items()}


def _own(owners: dict[str, str], tenant: object, names: object) -> None:
    if not isinstance(tenant, str) or not isinstance(names, list | tuple):
        raise ValueError(f"{tenant!r} has no list of names; {_SHAPE}")
    for name in names:
        # What is no name is not shown: somebody may have put the secret itself there.
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(
                f"a name of {tenant!r} does not begin with WEBHOOK_ or holds more than capital "
                f"letters, digits and _; {_SHAPE}"
            )
        if owners.setdefault(name, tenant) != tenant:
            raise ValueError(
                f"{name} is listed for {owners[name]!r} and for {tenant!r}; a variable is one "
                "tenant's, so set a second one for the other"
            )
