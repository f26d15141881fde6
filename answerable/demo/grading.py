"""An essay is handed in: gateway, feedback service, connectors, grading model, teacher."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opentelemetry._logs import SeverityNumber
from opentelemetry.trace import Link

import answerable_instrument as answerable
from answerable.demo.calls import Call, Tokens, canvas, chat, gradebook, similarity
from answerable.demo.failures import ModelTimeoutError, RateLimitedError
from answerable.demo.stage import FollowUp
from answerable.demo.world import (
    FEEDBACK,
    GATEWAY,
    GEMINI,
    GPT_MINI,
    GRADING,
    HUMAN_BELOW,
    RUBRIC_BERT,
    SONNET,
)

if TYPE_CHECKING:
    from answerable.demo.stage import Stage
    from answerable.demo.world import Model, School

GRADES = ((0.85, "A"), (0.72, "B"), (0.58, "C"), (0.45, "D"), (0.0, "F"))
#: Essays compared with earlier ones.
_COMPARED = 0.4
#: Prior grades are read on a scale of 0 to 100; what lies below this fits no pupil.
_PRIOR_PLAUSIBLE = 5.0


@dataclass(slots=True)
class Essay:
    """What the grader sees of an essay; `prior_grade` is None where the gradebook failed."""

    length: int
    reading_level: float
    language: str
    prior_grade: float | None = None

    @classmethod
    def drawn(cls, stage: Stage, school: School) -> Essay:
        """Draw an essay of a school."""
        dice = stage.dice
        return cls(
            length=int(dice.around(430, 140, 60, 1200)),
            reading_level=round(dice.around(8.2, 1.6, 2.0, 14.0), 1),
            language=dice.pick(school.languages),
        )

    def confidence(self, stage: Stage) -> float:
        """How sure a grader is, which depends on what it sees and on nothing else."""
        sure = 0.90 - 0.00012 * abs(self.length - 430) - 0.008 * abs(self.reading_level - 8.2)
        sure -= 0.0 if self.language == "en" else 0.05
        if self.prior_grade is None:
            sure -= 0.12
        elif self.prior_grade < _PRIOR_PLAUSIBLE:
            sure -= 0.28
        return round(stage.dice.around(sure, 0.04, 0.05, 0.99), 4)


def submit_essay(stage: Stage, school: School) -> None:
    """Serve one submission from end to end."""
    with stage.request(GATEWAY, "POST", "/api/v1/submissions") as reply:
        stage.spend(6)
        with stage.call(FEEDBACK, "POST", "/feedback") as answer:
            _give_feedback(stage, school)
        reply.status = 202 if answer.status < 500 else 502


def _give_feedback(stage: Stage, school: School) -> None:
    essay = Essay.drawn(stage, school)
    canvas(stage, "read_submission")
    stage.log(SeverityNumber.INFO, "feedback requested", **{"essay.length": essay.length})
    with answerable.decision(
        "grade_essay",
        id=stage.ids.decision_id(),
        subject=f"essay-{stage.dice.whole(10_000, 99_999)}",
        prompt="essay-rubric",
        prompt_version=school.rubric,
        policy="grading",
        policy_version="2",
        datasets=(f"{school.id}/rubrics@2026-09", "curriculum/writing-standards@4"),
    ) as decision:
        _grade(stage, school, essay, decision)


def _grade(stage: Stage, school: School, essay: Essay, decision: answerable.Decision) -> None:
    essay.prior_grade = _prior_grade(stage, school, decision)
    decision.features(
        essay_length=essay.length,
        reading_level=essay.reading_level,
        language=essay.language,
        prior_grade=essay.prior_grade,
    )
    if stage.dice.chance(_COMPARED):
        similarity(stage)
    model, degraded = _ask_grader(stage, school, essay, decision)
    sure = round(essay.confidence(stage) - (0.1 if degraded else 0.0), 4)
    decision.model(model.name, model.version).confidence(max(0.05, sure))
    decision.outcome(_letter(stage, school))
    route = "fallback" if degraded else "auto" if sure >= HUMAN_BELOW else "human"
    decision.route(route)
    stage.instruments.decision(stage.labels(name="grade_essay", route=route))
    stage.remember(school, "grades")
    if route == "human":
        decision.action("queue_for_teacher", "canvas_lms")
        _ask_teacher(stage, school, decision, sure)
    else:
        decision.action("publish_feedback", "canvas_lms")
        canvas(stage, "post_feedback")


def _prior_grade(stage: Stage, school: School, decision: answerable.Decision) -> float | None:
    try:
        interface = gradebook(stage, school, "read_prior_grades")
    except RateLimitedError:
        decision.span.add_event("prior grade missing", {"reason": "rate_limited"})
        stage.log(SeverityNumber.WARN, "graded without prior grade: gradebook rate limited")
        return None
    part = stage.dice.around(school.mean_grade / 100, 0.11, 0.1, 1.0)
    return round(part * interface.top_grade, 1)


def _ask_grader(
    stage: Stage, school: School, essay: Essay, decision: answerable.Decision
) -> tuple[Model, bool]:
    """Ask a provider's model, and the platform's own where that does not answer."""
    model = stage.dice.pick(((GPT_MINI, 0.62), (SONNET, 0.24), (GEMINI, 0.14)))
    purpose = replace(GRADING, version=school.rubric)
    call = Call(purpose, user=f"{school.id}-teacher-{stage.dice.whole(1, 8)}")
    output = stage.dice.whole(120, 320)
    tokens = Tokens.drawn(stage, model, 1536, int(essay.length * 1.35), output)
    try:
        chat(stage, model, tokens, call)
    except ModelTimeoutError as error:
        decision.span.add_event("fallback", {"from": model.name, "to": RUBRIC_BERT.name})
        stage.log(SeverityNumber.WARN, f"fell back to {RUBRIC_BERT.name}: {error}")
        stage.spend(RUBRIC_BERT.latency_ms)
        decision.usage(gpu_seconds=0.05)
        return RUBRIC_BERT, True
    return model, False


def _letter(stage: Stage, school: School) -> str:
    score = stage.dice.around(school.mean_grade / 100, 0.13, 0.0, 1.0)
    return next(letter for least, letter in GRADES if score >= least)


def _ask_teacher(stage: Stage, school: School, decision: answerable.Decision, sure: float) -> None:
    changed = min(0.6, max(0.1, 0.9 - sure))
    queue_ms = stage.dice.whole(60_000, 600_000)
    duration_ms = stage.dice.whole(15_000, 120_000)
    stage.instruments.waiting(1, stage.labels())
    stage.later.append(
        FollowUp(
            due_ns=stage.timeline.now_ns + (queue_ms + duration_ms) * 1_000_000,
            school=school,
            decision_id=decision.id,
            decision_span=decision.span.get_span_context(),
            verdict="changed" if stage.dice.chance(changed) else "approved",
            queue_ms=queue_ms,
            duration_ms=duration_ms,
        )
    )


def review_decision(stage: Stage, due: FollowUp) -> None:
    """Let a teacher give the verdict that is due."""
    links = (Link(due.decision_span, {"link.kind": "reviews"}),)
    with stage.job(FEEDBACK, "teacher review session", links):
        stage.timeline.spend(due.duration_ms)
        answerable.review(
            due.decision_id,
            reviewer=f"teacher-{stage.dice.whole(1, 24)}",
            verdict=due.verdict,
            queue_ms=due.queue_ms,
            duration_ms=due.duration_ms,
            reason="grade does not follow from the rubric" if due.verdict == "changed" else None,
            at_ns=stage.timeline.now_ns,
        )
        stage.instruments.waiting(-1, stage.labels())
        stage.log(SeverityNumber.INFO, f"decision {due.verdict} by a teacher")
