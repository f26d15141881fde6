"""What can happen on the platform, and how often."""

from __future__ import annotations

from collections.abc import Callable

from answerable.demo.digests import ask_digest
from answerable.demo.grading import submit_essay
from answerable.demo.stage import Stage
from answerable.demo.syncing import sync_grades
from answerable.demo.tutoring import tutor_turn
from answerable.demo.world import School

Scene = Callable[[Stage, School], None]

#: Scene and its weight among all arrivals.
SCENES: tuple[tuple[Scene, float], ...] = (
    (submit_essay, 0.44),
    (tutor_turn, 0.34),
    (ask_digest, 0.02),
    (sync_grades, 0.20),
)
