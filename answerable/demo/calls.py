"""Calls out of the platform: learning management system, gradebook and models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opentelemetry._logs import SeverityNumber
from opentelemetry.trace import SpanKind

import answerable_instrument as answerable
from answerable.demo.failures import CredentialError, ModelTimeoutError, RateLimitedError
from answerable.demo.world import GRADEBOOK_CHANGED, GRADEBOOK_USUAL

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


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call; cached ones are part of `input`, reasoning is part of `output`."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @classmethod
    def drawn(cls, stage: Stage, model: Model, prompt: int, fresh: int, output: int) -> Tokens:
        """Draw the usage of a call: `prompt` tokens that may be cached, and `fresh` ones."""
        cached = stage.dice.chance(0.7)
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


def chat(stage: Stage, model: Model, tokens: Tokens, *, temperature: float = 0.2) -> None:
    """Ask a provider's model; its span carries the usage."""
    attributes: dict[str, str | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": model.provider,
        "gen_ai.request.model": model.name,
        "gen_ai.request.temperature": temperature,
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
                "gen_ai.response.model": model.name,
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.usage.input_tokens": tokens.input,
                "gen_ai.usage.output_tokens": tokens.output,
                "gen_ai.usage.cache_read.input_tokens": tokens.cache_read,
                "gen_ai.usage.cache_write.input_tokens": tokens.cache_write,
                "gen_ai.usage.reasoning.output_tokens": tokens.reasoning,
            }
        )


def answer(stage: Stage, model: Model, tokens: Tokens) -> None:
    """Let a model take its time, and measure its tokens."""
    stage.timeline.spend(min(stage.dice.latency_ms(model.latency_ms), _MODEL_TIMEOUT_MS))
    labels = stage.labels(**{"gen_ai.request.model": model.name})
    stage.instruments.tokens("input", tokens.input, labels)
    stage.instruments.tokens("output", tokens.output, labels)
