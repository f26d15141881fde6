"""A pupil writes to the tutor: moderation by a small model, then an answer by a large one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from opentelemetry._logs import SeverityNumber
from opentelemetry.trace import get_current_span

import answerable_instrument as answerable
from answerable.demo.calls import Call, Tokens, answer
from answerable.demo.world import (
    COST_INCIDENT,
    COST_PROMPT,
    GPT_MINI,
    HAIKU,
    LEXI,
    SAFETY,
    SONNET,
    TUTOR,
    TUTORING,
)

if TYPE_CHECKING:
    from answerable.demo.stage import Stage
    from answerable.demo.world import Purpose, School

_BLOCK_ABOVE = 0.8


def tutor_turn(stage: Stage, school: School) -> None:
    """Serve one turn of a conversation."""
    with stage.request(TUTOR, "POST", "/chat/{conversation}/messages") as reply:
        stage.spend(4)
        # The turn before, by whichever pupil of the school: enough to follow a link.
        for earlier in list(stage.recent[school.id, "turns"])[-1:]:
            get_current_span().add_link(earlier, {"link.kind": "previous_turn"})
        stage.remember(school, "turns")
        language = stage.dice.pick(school.languages)
        length = stage.dice.whole(12, 400)
        if not _moderate(stage, length, language):
            stage.log(SeverityNumber.WARN, "message blocked by moderation")
            reply.status = 422
            return
        _answer_pupil(stage, school, length, language)


def _moderate(stage: Stage, length: int, language: str) -> bool:
    dice = stage.dice
    toxicity = round(
        dice.around(0.93, 0.03, 0.0, 1.0)
        if dice.chance(0.02)
        else dice.around(0.08, 0.07, 0.0, 1.0),
        3,
    )
    allowed = toxicity < _BLOCK_ABOVE
    with answerable.decision(
        "moderate_message",
        id=stage.ids.decision_id(),
        model=SAFETY.name,
        model_version=SAFETY.version,
        policy="pupil-safety",
        policy_version="5",
        features={"message_length": length, "language": language, "toxicity": toxicity},
        confidence=round(max(toxicity, 1 - toxicity), 4),
        route="auto",
    ) as decision:
        stage.spend(SAFETY.latency_ms)
        decision.outcome("allow" if allowed else "block").usage(cpu_seconds=0.012)
        decision.action("deliver" if allowed else "block", "tutor-chat")
        stage.instruments.decision(stage.labels(name="moderate_message", route="auto"))
    return allowed


def _answer_pupil(stage: Stage, school: School, length: int, language: str) -> None:
    dice = stage.dice
    model = dice.pick(((HAIKU, 0.52), (GPT_MINI, 0.27), (SONNET, 0.18), (LEXI, 0.03)))
    turn = dice.whole(1, 9)
    purpose, prompt_tokens, cache_hits = _prompt(stage, school)
    fresh, output = length // 3 + 180 * turn, dice.whole(60, 260)
    tokens = Tokens.drawn(stage, model, prompt_tokens, fresh, output, cache_hits)
    call = Call(purpose, user=f"{school.id}-pupil-{dice.whole(1, school.pupils)}")
    with answerable.decision(
        "tutor_reply",
        id=stage.ids.decision_id(),
        model=model.name,
        model_version=model.version,
        prompt=purpose.prompt,
        prompt_version=purpose.version,
        policy="tutoring",
        policy_version="3",
        datasets=("curriculum/writing-standards@4",),
        features={
            "turn": turn,
            "message_length": length,
            "language": language,
            "subject_area": dice.pick((("maths", 0.5), ("writing", 0.3), ("science", 0.2))),
        },
    ) as decision:
        answer(stage, model, tokens)
        sure = round(dice.around(0.84 - 0.01 * turn, 0.06, 0.05, 0.99), 4)
        route = "auto" if sure >= 0.6 else "human"
        decision.tokens(
            input=tokens.input,
            output=tokens.output,
            cache_read=tokens.cache_read,
            cache_write=tokens.cache_write,
            reasoning=tokens.reasoning,
            provider=model.provider,
        )
        decision.span.set_attributes(call.attributes(stage, model))
        decision.confidence(sure).route(route)
        decision.outcome(
            dice.pick((("hint", 0.6), ("explanation", 0.3), ("refer_to_teacher", 0.1)))
        )
        decision.action("send_message", "tutor-chat")
        stage.instruments.decision(stage.labels(name="tutor_reply", route=route))
    stage.log(SeverityNumber.INFO, "tutor answered", school=school.id, turn=turn)


def _prompt(stage: Stage, school: School) -> tuple[Purpose, int, float]:
    """Give the prompt that is out, its length in tokens, and how often it is in the cache."""
    if COST_INCIDENT.active(school.id, stage.timeline.now_ns):
        return replace(TUTORING, version=COST_PROMPT), 3072, 0.0
    return TUTORING, 1024, 0.7
