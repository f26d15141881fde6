"""Who reads: the principal the application put on the request, checked for the right to read."""

# FastAPI reads the annotations of this package's endpoints when the routes are made.

from typing import Annotated

from fastapi import Depends, Request

from sql.access import READERS, Principal


def reader(request: Request) -> Principal:
    """Give the request's principal.

    Raises
    ------
    ForbiddenError
        For a key without a reading role, such as one that may only send.
    """
    principal: Principal = request.state.principal
    principal.require(*READERS)
    return principal


#: Declares that an endpoint is for readers, and hands it who is reading.
Reader = Annotated[Principal, Depends(reader)]
