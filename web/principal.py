"""Who asks: the principal the application put on the request, checked for what it may do."""

# FastAPI reads the annotations of this package's endpoints when the routes are made.

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from sql.access import READERS, Principal, Role
from sql.errors import InvalidInputError


def having(*roles: Role) -> Callable[[Request], Principal]:
    """Give what an endpoint depends on that is for some roles only: it hands over who asks.

    The request is refused with ForbiddenError where the principal has none of them.
    """

    def principal(request: Request) -> Principal:
        asking: Principal = request.state.principal
        asking.require(*roles)
        return asking

    return principal


#: Declares that an endpoint is for readers, and hands it who is reading.
Reader = Annotated[Principal, Depends(having(*READERS))]


def one_tenant(principal: Principal, named: str | None, missing: str) -> str:
    """Give the one tenant that is meant: the one that is named, else the key's only one.

    Parameters
    ----------
    missing
        Said where none is named and the key has not just one.

    Raises
    ------
    ForbiddenError
        For a tenant outside the key's list.
    InvalidInputError
        When it is not clear which one is meant.
    """
    if named is not None:
        return principal.scope(named)[0]
    if len(principal.tenants) == 1:
        return principal.tenants[0]
    raise InvalidInputError(missing, field="tenant")
