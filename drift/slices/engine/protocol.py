"""What a search asks of an engine."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Members = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]


class Engine(Protocol):
    """Counts slices; every engine gives the same integers."""

    @property
    def name(self) -> str:
        """What did it, for the record."""
        ...

    def sizes(self, members: Members) -> Integers:
        """Count the rows of slices.

        Parameters
        ----------
        members
            Shape (m, level): a slice a row, as numbers of its predicates.
        """
        ...

    def errors(self, members: Members) -> Integers:
        """Add up the errors of slices, in their unit; shape (m,)."""
        ...
