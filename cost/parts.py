"""What the cost meter is put together from; every resource and job gets it."""

from __future__ import annotations

from dataclasses import dataclass

from cost.budgets.treasury import Treasury
from cost.settings import CostSettings
from web.parts import Parts


@dataclass(frozen=True, slots=True)
class CostParts(Parts):
    """Store, clock, identifiers, and what is the cost meter's own.

    Parameters
    ----------
    budgets
        None where nothing is asked of budgets, as in most tests.
    """

    settings: CostSettings
    budgets: Treasury | None = None

    @property
    def treasury(self) -> Treasury:
        """Where budgets are kept.

        Raises
        ------
        LookupError
            When these parts were made without budgets.
        """
        if self.budgets is None:
            raise LookupError("These parts were made without budgets.")
        return self.budgets
