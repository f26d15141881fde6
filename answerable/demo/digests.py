"""A digest tells a teacher how a class writes: one on request, and one a class every night.

The nights of the last weeks are what makes history: a month to compare, to forecast and to budget.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import answerable_instrument as answerable
from answerable.demo.calls import Call, Tokens
from answerable.demo.dice import Dice
from answerable.demo.world import (
    COST_INCIDENT,
    DIGEST,
    DIGEST_CHANGE_DAYS,
    DIGEST_PROMPT,
    DIGESTS,
    GEMINI,
    GPT_MINI,
    NS,
    SCHOOLS,
    SONNET,
)

if TYPE_CHECKING:
    import threading

    from answerable.demo.stage import Stage
    from answerable.demo.world import Purpose, School

#: Nights before the start that are played.
NIGHTS = 35
#: Classes of all schools together, on a school night; a weekend has fewer.
_CLASSES = 70
_WEEKEND = 0.35
#: Part of a night's digests that come on top with every day of the school year.
_GROWTH = 0.004
_HOUR = 2

#: Tokens of one class: the rubric and lessons, which stay the same, and what the pupils wrote.
_LESSONS, _ESSAYS = 42_000, 36_000
_CACHED, _CACHED_AFTER_CHANGE = 0.8, 0.05


def ask_digest(stage: Stage, school: School) -> None:
    """Write a short digest because a teacher asked for one."""
    with stage.job(DIGEST, "digest on request"):
        _digest(stage, DIGESTS, size=0.05, cached=_CACHED)


def play_nights(stage: Stage, seed: int, start_ns: int, stop: threading.Event) -> None:
    """Play the nights before a time.

    A night of one seed has the same spans in every run, so that a second run on the same data does
    not double it.
    """
    last = datetime.fromtimestamp(start_ns / NS, UTC)
    dice = stage.dice
    for ago in range(NIGHTS, -1, -1):
        night = (last - timedelta(days=ago)).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
        if stop.is_set() or night + timedelta(hours=2) > last:
            break
        text = f"night {seed} {night.date()}"
        before = stage.ids.reseed(random.Random(f"ids {text}"))  # noqa: S311  No secret.
        stage.dice = Dice(random.Random(text))  # noqa: S311  A simulation, no secret.
        try:
            _night(stage, night, ago)
        finally:
            stage.ids.reseed(before)
            stage.dice = dice


def _night(stage: Stage, night: datetime, ago: int) -> None:
    begun = night.replace(year=night.year - (night.month < 9), month=9, day=1)
    usual = _CLASSES * (1 + _GROWTH * (night - begun).days)
    usual *= _WEEKEND if night.weekday() >= 5 else 1
    for school in SCHOOLS:
        stage.timeline.now_ns = int(night.timestamp()) * NS
        classes = round(usual * school.share * stage.dice.around(1.0, 0.1, 0.6, 1.4))
        changed = school.id == COST_INCIDENT.school and ago < DIGEST_CHANGE_DAYS
        purpose = replace(DIGESTS, version=DIGEST_PROMPT) if changed else DIGESTS
        with answerable.tenant(school.id), stage.job(DIGEST, "nightly digests"):
            for _ in range(max(1, classes)):
                _digest(
                    stage,
                    purpose,
                    size=2.0 if changed else 1.0,
                    cached=_CACHED_AFTER_CHANGE if changed else _CACHED,
                )


def _digest(stage: Stage, purpose: Purpose, *, size: float, cached: float) -> None:
    dice = stage.dice
    model = dice.pick(((SONNET, 0.75), (GPT_MINI, 0.13), (GEMINI, 0.12)))
    lessons = int(_LESSONS * size)
    essays = int(dice.around(_ESSAYS, 6000, 12_000, 50_000) * size)
    tokens = Tokens.drawn(stage, model, lessons, essays, dice.whole(1400, 2600), cached)
    # Of the larger half nobody waits for the answer, so it is asked for at half the price.
    call = Call(purpose, tier="batch" if model is not GEMINI and dice.chance(0.5) else "")
    with answerable.decision(
        "class_digest",
        id=stage.ids.decision_id(),
        subject=f"class-{dice.whole(1, 40)}",
        model=model.name,
        model_version=model.version,
        prompt=purpose.prompt,
        prompt_version=purpose.version,
        policy="digests",
        policy_version="1",
        features={"essays": essays // 1200, "lessons": lessons // 900, "pages": dice.whole(1, 3)},
        confidence=round(dice.around(0.86, 0.05, 0.05, 0.99), 4),
        route="auto",
    ) as decision:
        stage.timeline.spend(min(dice.latency_ms(model.latency_ms * 4), 20_000))
        decision.outcome("written").action("send_digest", "canvas_lms")
        decision.tokens(
            input=tokens.input,
            output=tokens.output,
            cache_read=tokens.cache_read,
            cache_write=tokens.cache_write,
            reasoning=tokens.reasoning,
            provider=model.provider,
        )
        decision.span.set_attributes(call.attributes(stage, model))
        stage.instruments.decision(stage.labels(name="class_digest", route="auto"))
