"""Grades go to the school's gradebook, and pupils at risk are flagged for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry._logs import SeverityNumber
from opentelemetry.trace import Link

import answerable_instrument as answerable
from answerable.demo.calls import canvas, gradebook
from answerable.demo.world import GRADEBOOK, RISK

if TYPE_CHECKING:
    from answerable.demo.stage import Stage
    from answerable.demo.world import School

_LINKS = 3


def sync_grades(stage: Stage, school: School) -> None:
    """Run one job of the gradebook service."""
    graded = list(stage.recent[school.id, "grades"])[-_LINKS:]
    links = [Link(context, {"link.kind": "grade_synced"}) for context in graded]
    with stage.job(GRADEBOOK, "sync grades", links) as span:
        span.set_attribute("sync.grades", stage.dice.whole(3, 40))
        stage.spend(10)
        if stage.dice.chance(0.15):
            canvas(stage, "ping", synthetic=True)
        gradebook(stage, school, "list_assignments")
        if stage.dice.chance(0.5):
            _flag_at_risk(stage, school)
        gradebook(stage, school, "write_grades")
        stage.log(SeverityNumber.INFO, "grades synced")


def _flag_at_risk(stage: Stage, school: School) -> None:
    dice = stage.dice
    absences = int(dice.around(3.0, 3.0, 0.0, 14.0))
    late = round(dice.around(0.15, 0.12, 0.0, 1.0), 3)
    risk = round(min(0.99, max(0.01, 0.05 + 0.05 * absences + 0.4 * late)), 4)
    flagged = risk >= 0.5
    with answerable.decision(
        "flag_at_risk",
        id=stage.ids.decision_id(),
        subject=f"pupil-{dice.whole(1000, 9999)}",
        model=RISK.name,
        model_version=RISK.version,
        policy="early-warning",
        policy_version="1",
        datasets=(f"{school.id}/attendance@2026-11",),
        features={"absences": absences, "late_share": late, "grade_mean": school.mean_grade},
        confidence=round(max(risk, 1 - risk), 4),
        route="human" if flagged else "auto",
    ) as decision:
        stage.spend(RISK.latency_ms)
        decision.outcome("at_risk" if flagged else "on_track").usage(cpu_seconds=0.004)
        decision.action("notify_counsellor" if flagged else "none", "canvas_lms")
        route = "human" if flagged else "auto"
        stage.instruments.decision(stage.labels(name="flag_at_risk", route=route))
