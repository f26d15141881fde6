"""Who is asking, with which roles, for which tenants: the check on every read and write."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sql.errors import ForbiddenError


class Role(StrEnum):
    """What a key may do; `admin` may do everything."""

    INGEST = "ingest"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    FINANCE = "finance"
    OPERATOR = "operator"
    ADMIN = "admin"


#: Roles that may read telemetry; ingest-only keys may not.
READERS = frozenset({Role.VIEWER, Role.AUDITOR, Role.FINANCE, Role.OPERATOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a checked key.

    Parameters
    ----------
    key_id
        Public identifier of the key; never the secret.
    tenants
        Tenants the key is scoped to; empty means every tenant and is only given to
        keys made with `--all-tenants`.
    """

    key_id: str
    name: str
    roles: frozenset[Role]
    tenants: tuple[str, ...]

    @property
    def all_tenants(self) -> bool:
        """Whether the key is not limited to named tenants."""
        return not self.tenants

    def require(self, *roles: Role) -> None:
        """Raise ForbiddenError unless the key holds one of `roles` or is an admin."""
        if Role.ADMIN in self.roles or self.roles.intersection(roles):
            return
        wanted = " or ".join(sorted(roles))
        held = ", ".join(sorted(self.roles)) or "none"
        raise ForbiddenError(f"This needs the role {wanted}; the key {self.key_id} holds: {held}.")

    def scope(self, tenant: str | None = None) -> list[str]:
        """Tenants a query is limited to; an empty list means all of them.

        Raises
        ------
        ForbiddenError
            When `tenant` is named and lies outside the key's list.
        """
        if tenant is None:
            return list(self.tenants)
        if self.all_tenants or tenant in self.tenants:
            return [tenant]
        raise ForbiddenError(
            f"The key {self.key_id} has no access to tenant {tenant!r}; "
            "ask an admin for a key scoped to it.",
            field="tenant",
        )
