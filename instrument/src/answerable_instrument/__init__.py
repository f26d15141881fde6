"""Record AI decisions, connector calls and human reviews as OpenTelemetry; ask budgets first."""

from answerable_instrument.budget_answers import Answer
from answerable_instrument.budget_errors import (
    BudgetDenied,
    BudgetError,
    BudgetRefusedError,
    BudgetUnavailableError,
)
from answerable_instrument.budget_middleware import BudgetMiddleware
from answerable_instrument.budget_service import BudgetService
from answerable_instrument.budgeted_calls import BudgetedCall, current_budget
from answerable_instrument.budgets import budget
from answerable_instrument.configuration import configure
from answerable_instrument.connectors import ConnectorCall, connector_call
from answerable_instrument.decisions import Decision, current_decision, decision
from answerable_instrument.guard import warnings_seen
from answerable_instrument.labels import label
from answerable_instrument.limits import Limits
from answerable_instrument.middleware import AnswerableMiddleware
from answerable_instrument.reviews import review
from answerable_instrument.telemetry import Telemetry
from answerable_instrument.tenancy import current_tenant, tenant
from answerable_instrument.version import VERSION

__all__ = [
    "Answer",
    "AnswerableMiddleware",
    "BudgetDenied",
    "BudgetError",
    "BudgetMiddleware",
    "BudgetRefusedError",
    "BudgetService",
    "BudgetUnavailableError",
    "BudgetedCall",
    "ConnectorCall",
    "Decision",
    "Limits",
    "Telemetry",
    "__version__",
    "budget",
    "configure",
    "connector_call",
    "current_budget",
    "current_decision",
    "current_tenant",
    "decision",
    "label",
    "review",
    "tenant",
    "warnings_seen",
]

__version__ = VERSION
