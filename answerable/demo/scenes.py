"""What can happen on the platform, and how often."""

from __future__ import annotations

from collections.abc import Callable

from answerable.demo.grading import submit_essay
from answerable.demo.stage import Stage
from answerable.demo.syncing import sync_grades
from answerable.demo.tutoring import tutor_turn
from answerable.demo.world import School

Scene = Callable[[Stage, School], None]

#: Scene and its weight among all arrivals.
SCENES: tuple[tuple[Scene, float], ...] = (
    (submit_essay, 0.45),
    (tutor_turn, 0.35),
    (sync_grades, 0.20),
)
