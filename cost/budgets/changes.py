"""Making, changing and removing budgets: records, and at once what this process knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.budgets.definition import KIND, Budget
from cost.budgets.watching import lifted
from sql.errors import ConflictError, InvalidInputError
from sql.records import FAR_FUTURE_NS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.parts import CostParts


#: Last parts of paths beside those of budgets.
RESERVED = frozenset({"reservations", "reserve", "settle", "release", "extend"})


class Changes:
    """Writes budgets; every version stays, with who wrote it and why."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    def create(
        self, tenant: str, budget_id: str, body: Mapping[str, Any], *, actor: str, reason: str
    ) -> Budget:
        """Make a budget and read what was spent in its window before.

        Raises
        ------
        ConflictError
            When there is one of this name.
        InvalidInputError
            For a definition that contradicts itself, and beyond the bound.
        """
        if budget_id in RESERVED:
            raise InvalidInputError(
                f"budget_id {budget_id!r} is a path of its own; use another.", field="budget_id"
            )
        made = Budget.from_body(tenant, budget_id, body)
        records, book = self._parts.records, self._parts.treasury.book
        if len(book.all()) >= book.budgets_max:
            raise InvalidInputError(f"There are {book.budgets_max} budgets, the bound budgets_max.")
        if records.get(KIND, budget_id, tenant, as_of=FAR_FUTURE_NS) is not None:
            raise ConflictError(
                f"There is a budget {budget_id!r} of tenant {tenant!r}.", field="budget_id"
            )
        versions = records.history(KIND, budget_id, tenant)
        seen = versions[-1].version if versions else 0
        return self._write(made, actor, reason, expect_version=seen)

    def change(
        self,
        found: Budget,
        body: Mapping[str, Any],
        *,
        actor: str,
        reason: str,
        expect_version: int | None,
    ) -> Budget:
        """Write the next version.

        Raises
        ------
        InvalidInputError
            For another scope or currency: the sums belong to those.
        ConflictError
            When another version is the newest.
        """
        wanted = Budget.from_body(found.tenant, found.budget_id, body)
        for name in ("scope", "currency"):
            if getattr(wanted, name) != getattr(found, name):
                raise InvalidInputError(
                    f"The {name} of a budget never changes; make another budget.", field=name
                )
        return self._write(wanted, actor, reason, expect_version=expect_version)

    def remove(self, found: Budget, *, actor: str, reason: str) -> int:
        """End a budget; returns when, UTC nanoseconds."""
        record = self._parts.records.delete(
            KIND, found.budget_id, tenant=found.tenant, actor=actor, reason=reason or "removed"
        )
        self._parts.treasury.book.refresh()
        self._parts.treasury.ledger.forget(found.key)
        return record.recorded_at_ns

    def lift(self, found: Budget, *, actor: str, reason: str) -> None:
        """End the suspension a budget brought about; it brings none until its window is another."""
        now, ledger = self._parts.clock(), self._parts.treasury.ledger
        ledger.mark(lifted(found, found.window.at(now), now), now)
        for suspension in ledger.suspensions(now):
            if suspension.key == found.key:
                ledger.lift(suspension.tenant, now)
        info = {"tenant": found.tenant, "key": found.key, "actor": actor, "reason": reason}
        ledger.note({"op": "lifted", "at": now, **info})

    def removed(self, tenants: Sequence[str], budget_id: str) -> list[Budget]:
        """Find a budget that was removed, as it was last, for its history."""
        found = []
        for tenant in tenants:
            versions = self._parts.records.history(KIND, budget_id, tenant)
            written = [record for record in versions if record.op == "put"]
            if written:
                found.append(Budget.from_record(written[-1]))
        return found

    def _write(
        self, budget: Budget, actor: str, reason: str, *, expect_version: int | None
    ) -> Budget:
        parts = self._parts
        record = parts.records.put(
            KIND,
            budget.budget_id,
            budget.body(),
            tenant=budget.tenant,
            actor=actor,
            reason=reason,
            expect_version=expect_version,
        )
        written = Budget.from_record(record)
        # Its charges first: a budget in force that knows of none would let too much through.
        if not parts.treasury.is_seeded(written):
            parts.treasury.seed(written)
        parts.treasury.book.refresh()
        return parts.treasury.book.get(written.key) or written
