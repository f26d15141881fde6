"""What drift is put together from; every resource and job gets it."""

from __future__ import annotations

from dataclasses import dataclass

from drift.settings import DriftSettings
from web.parts import Parts


@dataclass(frozen=True, slots=True)
class DriftParts(Parts):
    """Store, clock, identifiers, and the settings of drift detection."""

    settings: DriftSettings
