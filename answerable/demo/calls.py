"""Calls out of the platform: learning management system, gradebook and models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry._logs import SeverityNumber
from opentelemetry.trace import SpanKind

import answerable_instrument as answerable
from answerable.demo.failures import CredentialError, ModelTimeoutError, RateLimitedError
from answerable.demo.world import (
    GRADEBOOK_CHANGED,
    GRADEBOOK_USUAL,
    GRADING,
    RUBRIC_BERT,
    Purpose,
)

if TYPE_CHECKING:
    from answerable.demo.stage import Stage
    from answerable.demo.world import Interface, Model, School

_RATE_LIMITED = 0.01
_RATE_LIMITED_INCIDENT = 0.34
_SCHEMA_REPORTED = 0.25
_RETRIES = 2
_BACKOFF_MS = 150
_MODEL_TIMEOUT = 0.012
_MODEL_TIMEOUT_MS = 2500


#: Providers' own names of the tier an answer was given in, where it has a price of its own.
_TIERS = {"openai": "openai.response.service_tier"}
_RESPONSES = {"openai": "resp_", "anthropic": "msg_"}
#: Answers that were cut off, so that the same was asked again; both are paid for.
_CUT_OFF = 0.03


@dataclass(frozen=True, slots=True)
class Call:
    """Whom and what a call of a model is for.

    Parameters
    ----------
    tier
        Service tier; empty for the standard one.
    """

    purpose: Purpose
    user: str = ""
    tier: str = ""

    def attributes(self, stage: Stage, model: Model, attempt: int = 1) -> dict[str, str | int]:
        """Give what the cost of a call is told apart by; docs/conventions.md has the names."""
        given: dict[str, str | int] = {
            "answerable.project": self.purpose.project,
            "answerable.product.feature": self.purpose.feature,
            "gen_ai.response.id": stage.ids.response_id(_RESPONSES.get(model.provider, "r-")),
        }
        if self.user:
            given["user.id"] = self.user
        if self.tier:
            given[_TIERS.get(model.provider, "answerable.service_tier")] = self.tier
        if attempt > 1:
            given["answerable.attempt"] = attempt
        return given


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call; cached ones are part of `input`, reasoning is part of `output`."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @classmethod
    def drawn(
        cls,
        stage: Stage,
        model: Model,
        prompt: int,
        fresh: int,
        output: int,
        cache_hits: float = 0.7,
    ) -> Tokens:
        """Draw the usage of a call: `prompt` tokens that may be cached, and `fresh` ones."""
        cached = stage.dice.chance(cache_hits)
        reasoning = int(output * stage.dice.around(1.4, 0.4, 0.4, 2.5)) if model.reasons else 0
        writes = model.provider == "anthropic" and not cached
        return cls(
            input=prompt + fresh,
            output=output + reasoning,
            cache_read=prompt if cached else 0,
            cache_write=prompt if writes else 0,
            reasoning=reasoning,
        )


def canvas(stage: Stage, operation: str, *, synthetic: bool = False) -> None:
    """Call the learning management system."""
    with answerable.connector_call(
        "canvas_lms",
        operation,
        version="1.8",
        credential_id="canvas-service",
        schema_hash="c0ffee21",
        synthetic=synthetic,
    ) as call:
        stage.spend(70)
        if stage.dice.chance(0.006):
            raise CredentialError("canvas_lms refused the credential canvas-service")
        if stage.dice.chance(0.01):
            call.retry()
            stage.spend(200)


def gradebook(stage: Stage, school: School, operation: str) -> Interface:
    """Call a school's gradebook and return the interface that answered."""
    incident = stage.incident(school)
    interface = GRADEBOOK_CHANGED if incident else GRADEBOOK_USUAL
    limited = stage.dice.chance(_RATE_LIMITED_INCIDENT if incident else _RATE_LIMITED)
    left = stage.dice.around(0.03 if limited else 0.7, 0.02 if limited else 0.12, 0.0, 1.0)
    stage.instruments.quota(left, stage.labels())
    with answerable.connector_call(
        "gradebook", operation, version=interface.version, credential_id="gradebook-ro"
    ) as call:
        stage.spend(45)
        if limited:
            _retry(stage, call)
        call.schema_hash(interface.schema_hash)
        if incident and stage.dice.chance(_SCHEMA_REPORTED):
            call.status("schema_changed")
            stage.log(
                SeverityNumber.WARN,
                "gradebook answers in another shape",
                **{"schema.expected": GRADEBOOK_USUAL.schema_hash, "schema.got": "4be07a13"},
            )
    return interface


def _retry(stage: Stage, call: answerable.ConnectorCall) -> None:
    for attempt in range(_RETRIES):
        pause_ms = _BACKOFF_MS * 2**attempt
        call.span.add_event("rate limited", {"retry.after_ms": pause_ms, "attempt": attempt + 1})
        stage.timeline.spend(pause_ms)
        call.retry()
    raise RateLimitedError(f"gradebook still rate limited after {_RETRIES} retries")


def chat(stage: Stage, model: Model, tokens: Tokens, call: Call) -> None:
    """Ask a provider's model, and once more where its answer was cut off."""
    cut_off = stage.dice.chance(_CUT_OFF)
    if cut_off:
        _ask(stage, model, tokens, call, finish="length")
    _ask(stage, model, tokens, call, attempt=2 if cut_off else 1)


def _ask(
    stage: Stage,
    model: Model,
    tokens: Tokens,
    call: Call,
    *,
    attempt: int = 1,
    finish: str = "stop",
) -> None:
    """Ask once; the span carries the usage."""
    attributes: dict[str, str | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": model.name,
        "gen_ai.request.temperature": 0.2,
        # Not answerable.prompt: that would make the call a decision of its own.
        "gen_ai.prompt.name": call.purpose.prompt,
        "gen_ai.prompt.version": call.purpose.version,
    }
    with stage.tracer.start_as_current_span(
        f"chat {model.name}", kind=SpanKind.CLIENT, attributes=attributes
    ) as span:
        if stage.dice.chance(_MODEL_TIMEOUT):
            stage.timeline.spend(_MODEL_TIMEOUT_MS)
            raise ModelTimeoutError(f"{model.name} did not answer in {_MODEL_TIMEOUT_MS} ms")
        answer(stage, model, tokens)
        span.add_event("first token", timestamp=stage.timeline.now_ns - 200_000_000)
        span.set_attributes(
            {
                **call.attributes(stage, model, attempt),
                "gen_ai.response.model": model.name,
                "gen_ai.response.finish_reasons": [finish],
                "gen_ai.usage.input_tokens": tokens.input,
                "gen_ai.usage.output_tokens": tokens.output,
                "gen_ai.usage.cache_read.input_tokens": tokens.cache_read,
                "gen_ai.usage.cache_write.input_tokens": tokens.cache_write,
                "gen_ai.usage.reasoning.output_tokens": tokens.reasoning,
            }
        )


def similarity(stage: Stage) -> None:
    """Compare an essay with earlier ones, on the platform's own GPU."""
    attributes = {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": RUBRIC_BERT.name}
    with stage.tracer.start_as_current_span(
        f"embeddings {RUBRIC_BERT.name}", attributes=attributes
    ) as span:
        stage.spend(RUBRIC_BERT.latency_ms)
        span.set_attributes(
            {
                "answerable.project": GRADING.project,
                "answerable.product.feature": GRADING.feature,
                "answerable.usage.gpu_seconds": round(stage.dice.around(0.08, 0.02, 0.02, 0.2), 3),
            }
        )


def answer(stage: Stage, model: Model, tokens: Tokens) -> None:
    """Let a model take its time, and measure its tokens."""
    stage.timeline.spend(min(stage.dice.latency_ms(model.latency_ms), _MODEL_TIMEOUT_MS))
    labels = stage.labels(**{"gen_ai.request.model": model.name})
    stage.instruments.tokens("input", tokens.input, labels)
    stage.instruments.tokens("output", tokens.output, labels)
