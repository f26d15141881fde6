"""What a budget raises into the service; the one place where this library does.

BudgetError
├── BudgetDenied             the budget says no
└── BudgetUnavailableError   it could not be asked, and the service chose ``fail_closed``
    └── BudgetRefusedError   it was asked and refused the question: a wrong key, a wrong argument
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable_instrument.budget_answers import Answer


class BudgetError(Exception):
    """Base of everything a budget raises."""


class BudgetDenied(BudgetError):  # noqa: N818  An answer, not a fault.
    """The call must not be made.

    Parameters
    ----------
    answer
        What the budget said: ``reason``, ``detail``, ``resets_at``.
    """

    def __init__(self, answer: "Answer") -> None:
        super().__init__(answer.detail or answer.reason or "The budget denies the call.")
        self.answer = answer


class BudgetUnavailableError(BudgetError):
    """The budget service did not answer in time, or could not."""


class BudgetRefusedError(BudgetUnavailableError):
    """The budget service refused the request itself.

    Parameters
    ----------
    status
        HTTP status, 400 to 499.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
