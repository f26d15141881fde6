"""Who is asking: a bearer key becomes a principal, or a grant for ingest."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from answerable.keys import digest_of, id_of
from collector.models import Grant
from sql.access import Principal, Role
from sql.errors import UnauthenticatedError

if TYPE_CHECKING:
    from answerable.keyring import Keyring
    from sql.clock import Clock

#: Key id of ANSWERABLE_ADMIN_KEY, which is not stored.
ENVIRONMENT_KEY = "environment"
#: What a local program without a key acts as, and where it sends what names no tenant.
ANONYMOUS = Principal("anonymous", "anonymous", frozenset({Role.ADMIN}), ())
ANONYMOUS_TENANT = "default"

_EXPECTED = "send it as `Authorization: Bearer KEY`"
# Compared against where there is no such key, so that both cases take the same time.
_NO_DIGEST = digest_of("")


class Gate:
    """Checks keys; implements `collector.models.Authenticator`.

    Nothing here waits: a look-up is one hash and one dict access, on the event loop.

    Parameters
    ----------
    admin_key
        The key of ANSWERABLE_ADMIN_KEY; empty for none.
    allow_anonymous_local
        Whether a sender on this machine may come without a key.
    """

    def __init__(
        self, keyring: Keyring, clock: Clock, *, admin_key: str, allow_anonymous_local: bool
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._admin_digest = digest_of(admin_key) if admin_key else ""
        self._allow_anonymous_local = allow_anonymous_local

    @property
    def allows_anonymous_local(self) -> bool:
        """Whether being on this machine can stand in for a key."""
        return self._allow_anonymous_local

    def principal(self, authorization: str | None, *, is_local: bool) -> Principal:
        """Check an `Authorization` value.

        Raises
        ------
        UnauthenticatedError
            When there is no key, or it is unknown, revoked or expired.
        """
        if authorization is None:
            if self._allow_anonymous_local and is_local:
                return ANONYMOUS
            raise UnauthenticatedError(f"This needs an API key; {_EXPECTED}.")
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key:
            raise UnauthenticatedError(
                f"The Authorization header is not a bearer key; {_EXPECTED}."
            )
        return self._holder(key)

    def grant(self, authorization: str | None, *, peer_is_loopback: bool) -> Grant:
        """Check the credential of an export request.

        Raises
        ------
        UnauthenticatedError
            As for `principal`.
        ForbiddenError
            When the key may not ingest.
        """
        principal = self.principal(authorization, is_local=peer_is_loopback)
        principal.require(Role.INGEST)
        if principal == ANONYMOUS:
            return Grant(principal.key_id, "", ("*",), ANONYMOUS_TENANT)
        if principal.all_tenants:
            return Grant(principal.key_id, "", ("*",))
        if len(principal.tenants) == 1:
            return Grant(principal.key_id, principal.tenants[0])
        return Grant(principal.key_id, "", principal.tenants)

    def _holder(self, key: str) -> Principal:
        digest = digest_of(key)
        if self._admin_digest and hmac.compare_digest(digest, self._admin_digest):
            return Principal(ENVIRONMENT_KEY, "ANSWERABLE_ADMIN_KEY", frozenset({Role.ADMIN}), ())
        found = self._keyring.find(id_of(key))
        matches = hmac.compare_digest(digest, found.digest if found else _NO_DIGEST)
        if found is None or not matches:
            raise UnauthenticatedError("The API key is not known here.")
        # Only who holds the whole key is told what became of it.
        if found.revoked_at_ns is not None:
            raise UnauthenticatedError(f"The API key {found.key_id} was revoked.")
        if not found.is_live(self._clock()):
            raise UnauthenticatedError(f"The API key {found.key_id} has expired.")
        return found.principal
