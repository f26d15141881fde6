"""The error tree every package hangs its own errors on.

AnswerableError
├── InvalidInputError          400  the caller must change the request
├── UnauthenticatedError       401  no valid key
├── ForbiddenError             403  a valid key without the right
├── NotFoundError              404
├── ConflictError              409  somebody else wrote first
└── StoreError                 what ClickHouse said, by what the caller can do about it
    ├── RetryableStoreError    503  the same call may succeed later
    ├── PermanentStoreError    500  the statement or the schema is wrong
    └── DataError              400  the bytes or values sent are wrong
"""

from __future__ import annotations

from typing import ClassVar


class AnswerableError(Exception):
    """Base of every expected error; the app factory renders it as an RFC 9457 problem.

    Parameters
    ----------
    detail
        One English sentence that names the field, the value and the fix.
    field
        The parameter or body field at fault, where there is one.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class InvalidInputError(AnswerableError):
    """The request is wrong and will stay wrong."""

    status = 400
    title = "Invalid input"


class UnauthenticatedError(AnswerableError):
    """No key, an unknown key, or a revoked key."""

    status = 401
    title = "Unauthenticated"


class ForbiddenError(AnswerableError):
    """The key is valid and lacks the role or the tenant."""

    status = 403
    title = "Forbidden"


class NotFoundError(AnswerableError):
    """Nothing by that name that this key may see."""

    status = 404
    title = "Not found"


class ConflictError(AnswerableError):
    """The version written against is no longer the current one."""

    status = 409
    title = "Conflict"


class StoreError(AnswerableError):
    """ClickHouse refused or failed.

    Parameters
    ----------
    detail
        The engine's message without its stack trace and version trailer.
    code
        The engine's error code, 0 where the failure came before the engine.
    """

    def __init__(self, detail: str, *, code: int = 0) -> None:
        super().__init__(detail)
        self.code = code


class RetryableStoreError(StoreError):
    """The store is down, overloaded or out of room; the same call may succeed later."""

    status = 503
    title = "Store unavailable"


class PermanentStoreError(StoreError):
    """The statement or the schema is wrong; a retry cannot help."""

    title = "Store error"


class DataError(StoreError):
    """The bytes or values sent cannot be stored."""

    status = 400
    title = "Data refused by the store"
