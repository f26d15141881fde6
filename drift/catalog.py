"""What drift consists of: its resources over HTTP and its jobs, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from drift.api.compare import CompareResource
from drift.api.distribution import DistributionResource
from drift.api.features import FeatureResource
from drift.api.incidents import IncidentResource
from drift.api.labels import LabelResource
from drift.api.models import ModelResource
from drift.api.monitors import MonitorResource
from drift.api.performance import Performance
from drift.api.references import ReferenceResource
from drift.api.report import DriftReport
from drift.api.slices import Slices
from drift.cube import CubeJob
from drift.monitors.triggers import TriggerJob
from drift.monitors.watching import MonitorJob

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter

    from drift.parts import DriftParts
    from web.jobs import Job


class Resource(Protocol):
    """What answers under one path."""

    def router(self) -> APIRouter:
        """Build the routes."""
        ...


#: Every resource, by the first part of its path under /v1/.
RESOURCES: dict[str, Callable[[DriftParts], Resource]] = {
    "references": ReferenceResource,
    "drift_models": ModelResource,
    "drift_features": FeatureResource,
    "drift_distribution": DistributionResource,
    "drift_compare": CompareResource,
    "labels": LabelResource,
    "monitors": MonitorResource,
    "drift_incidents": IncidentResource,
    "drift_performance": Performance,
    "slices": Slices,
    "drift_report": DriftReport,
}

#: Every job, by name.
JOBS: dict[str, Callable[[DriftParts], Job]] = {
    "drift_cube": CubeJob,
    "drift_monitors": MonitorJob,
    "drift_triggers": TriggerJob,
}
