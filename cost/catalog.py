"""What the cost meter consists of: its resources over HTTP and its jobs, by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from cost.adoption import Adoption
from cost.api.budgets import Budgets
from cost.api.commitments import Commitments
from cost.api.costs import Costs
from cost.api.explain import Explain
from cost.api.focus import Focus
from cost.api.forecast import CostForecasts
from cost.api.fx import Fx
from cost.api.gaps import Gaps
from cost.api.invoices import InvoiceResource
from cost.api.ledger import Ledger
from cost.api.prices import Prices
from cost.api.report import CostReports
from cost.api.schedules import ReportSchedules
from cost.api.spending import Spending
from cost.api.unit_costs import UnitCosts
from cost.api.whatif import WhatIfs
from cost.budgets.charging import Charging
from cost.budgets.spans import SpanSettling
from cost.budgets.upkeep import History, Upkeep
from cost.budgets.watching import Watching
from cost.doubles import Doubles
from cost.prices.rates import Rates
from cost.prices.shortfalls import Shortfalls
from cost.prices.sightings import Sightings
from cost.reports.delivery import ReportDelivery
from cost.reports.limits import RecordedLimits
from cost.restatement import Restatement
from cost.rollups import Rollups
from cost.verification import Verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter

    from cost.parts import CostParts
    from web.jobs import Job


class Resource(Protocol):
    """What answers under one path."""

    def router(self) -> APIRouter:
        """Build the routes."""
        ...


#: Every resource, by the first part of its path under /v1/.
RESOURCES: dict[str, Callable[[CostParts], Resource]] = {
    "prices": Prices,
    "fx": Fx,
    "commitments": Commitments,
    "costs": lambda parts: Costs(parts, partial(Rates, parts.store)),
    "costs/report": lambda parts: CostReports(parts, partial(Rates, parts.store)),
    "reports": ReportSchedules,
    "costs/unit": lambda parts: UnitCosts(parts, partial(Rates, parts.store)),
    "costs/forecast": lambda parts: CostForecasts(
        parts, partial(Rates, parts.store), RecordedLimits(parts.records)
    ),
    "costs/charges": Ledger,
    "costs/gaps": Gaps,
    "costs/explain": Explain,
    "focus": Focus,
    "budgets/reserve": Spending,
    "budgets": Budgets,
    "invoices": InvoiceResource,
    "costs/whatif": WhatIfs,
}

#: Every job, by name.
JOBS: dict[str, Callable[[CostParts], Job]] = {
    "prices": Sightings,
    "commitments": Shortfalls,
    "restatement": Restatement,
    "rollups": Rollups,
    "reports": lambda parts: ReportDelivery(parts, partial(Rates, parts.store)),
    "verification": Verification,
    "adoption": Adoption,
    "doubles": Doubles,
}

#: Jobs every process runs: what they bring up to date is its own, or counts once however many try.
EVERYWHERE: dict[str, Callable[[CostParts], Job]] = {
    "budgets": Upkeep,
    "budget_charges": Charging,
    "budget_spans": SpanSettling,
    "budget_watch": Watching,
    "budget_history": History,
}
