"""Admission: how many bytes of requests may be held at one time, in all and per tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from collector.errors import OverloadedError

if TYPE_CHECKING:
    import random
    from types import TracebackType

REQUEST_OVERHEAD_BYTES = 8192
"""What a request costs beside its body; it bounds the number of tiny requests."""

FAIR_PART = 0.75
"""Above this part of the budget only tenants below their equal share are admitted."""


class Admission:
    """A byte budget that is never waited for: it grants now or refuses now.

    The last quarter of the budget is kept for tenants that hold less than their equal share,
    so one tenant's flood does not shut the others out.

    Parameters
    ----------
    limit_bytes
        Bound on all requests together.
    tenant_limit_bytes
        Bound on the requests of one tenant.
    retry_after_max_s
        Upper end of the delay asked of a refused sender, drawn from 1 up.
    rng
        Where the jitter comes from.
    """

    def __init__(
        self,
        *,
        limit_bytes: int,
        tenant_limit_bytes: int,
        retry_after_max_s: int,
        rng: random.Random,
    ) -> None:
        self._limit_bytes = limit_bytes
        self._tenant_limit_bytes = tenant_limit_bytes
        self._retry_after_max_s = retry_after_max_s
        self._rng = rng
        self._held: dict[str, int] = {}
        self._total_bytes = 0

    @property
    def held_bytes(self) -> int:
        """Bytes granted and not yet given back."""
        return self._total_bytes

    def held_by(self, tenant: str) -> int:
        """Bytes granted to one tenant and not yet given back."""
        return self._held.get(tenant, 0)

    def retry_after_s(self) -> int:
        """Draw a delay, 1 to `retry_after_max_s` seconds."""
        return self._rng.randint(1, self._retry_after_max_s)

    def lease(self, tenant: str) -> Lease:
        """Open a lease for one request; use it as a context manager.

        Raises
        ------
        OverloadedError
            Not even the fixed cost of a request fits.
        """
        lease = Lease(self, tenant)
        lease.grow(REQUEST_OVERHEAD_BYTES)
        return lease

    def take(self, tenant: str, count: int) -> None:
        """Grant `count` bytes or raise OverloadedError; `Lease.grow` is the way in."""
        held = self._held.get(tenant, 0)
        total = self._total_bytes + count
        if total > self._limit_bytes:
            raise self._refusal("the service holds as many bytes as it may")
        if held + count > self._tenant_limit_bytes:
            raise self._refusal("this tenant holds as many bytes as it may")
        if total > self._limit_bytes * FAIR_PART and held + count > self._share(tenant):
            raise self._refusal("this tenant holds more than its share of a busy service")
        self._held[tenant] = held + count
        self._total_bytes = total

    def give(self, tenant: str, count: int) -> None:
        """Take `count` bytes back; `Lease.shrink` is the way in."""
        left = self._held[tenant] - count
        self._total_bytes -= count
        if left:
            self._held[tenant] = left
        else:
            del self._held[tenant]

    def _share(self, tenant: str) -> float:
        tenants = len(self._held) + (tenant not in self._held)
        # A tenant alone may use the whole budget; its own bound is checked before.
        return self._limit_bytes / tenants

    def _refusal(self, why: str) -> OverloadedError:
        return OverloadedError(
            f"Overloaded: {why}; send the same request again later.",
            retry_after_s=self.retry_after_s(),
        )


class Lease:
    """What one request holds of the budget; leaving the context gives all of it back."""

    __slots__ = ("_admission", "_tenant", "held_bytes")

    def __init__(self, admission: Admission, tenant: str) -> None:
        self._admission = admission
        self._tenant = tenant
        self.held_bytes = 0

    def grow(self, count: int) -> None:
        """Hold `count` bytes more, or raise OverloadedError and hold what was held."""
        if count:
            self._admission.take(self._tenant, count)
            self.held_bytes += count

    def shrink(self, count: int) -> None:
        """Give `count` bytes back early."""
        if count:
            self._admission.give(self._tenant, count)
            self.held_bytes -= count

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shrink(self.held_bytes)
