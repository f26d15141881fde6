"""Cost of one decision: the library against the bare API setting the same attributes."""

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Tracer

import answerable_instrument as answerable
from answerable_instrument import runtime

ROUND_DECISIONS = 2_000
FEATURES: dict[str, str | int | float | bool] = {
    "words": 412,
    "grade_level": 7,
    "similarity": 0.18,
    "language": "en",
    "late": False,
}


class DroppingExporter(SpanExporter):
    """Take every batch and keep nothing but the count."""

    def __init__(self) -> None:
        self.spans = 0
        self.attributes = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Count and drop."""
        self.spans += len(spans)
        self.attributes = len(spans[-1].attributes or {})
        return SpanExportResult.SUCCESS


def ours() -> None:
    with answerable.decision(
        "grade_essay",
        subject="essay-1",
        model="essay-grader",
        model_version="4.2",
        prompt="rubric",
        prompt_version="7",
        datasets=("school/rubrics@3",),
        policy="grading",
        policy_version="2",
    ) as decision:
        decision.features(FEATURES)
        decision.tokens(input=1830, output=212, cache_read=1024)
        decision.confidence(0.91)
        decision.route("auto")
        decision.outcome("B+")


def bare(tracer: Tracer) -> Callable[[], None]:
    def once() -> None:
        with tracer.start_as_current_span("grade_essay") as span:
            span.set_attribute("answerable.decision.id", os.urandom(16).hex())
            span.set_attribute("answerable.decision.name", "grade_essay")
            span.set_attribute("answerable.decision.subject", "essay-1")
            span.set_attribute("answerable.model.name", "essay-grader")
            span.set_attribute("answerable.model.version", "4.2")
            span.set_attribute("answerable.prompt.name", "rubric")
            span.set_attribute("answerable.prompt.version", "7")
            span.set_attribute("answerable.dataset", ["school/rubrics@3"])
            span.set_attribute("answerable.policy.name", "grading")
            span.set_attribute("answerable.policy.version", "2")
            for name, value in FEATURES.items():
                span.set_attribute(f"answerable.feature.{name}", value)
            span.set_attribute("gen_ai.usage.input_tokens", 1830)
            span.set_attribute("gen_ai.usage.output_tokens", 212)
            span.set_attribute("gen_ai.usage.cache_read.input_tokens", 1024)
            span.set_attribute("gen_ai.request.model", "essay-grader")
            span.set_attribute("answerable.confidence", 0.91)
            span.set_attribute("answerable.route", "auto")
            span.set_attribute("answerable.decision.outcome", "B+")

    return once


def measure(once: Callable[[], None]) -> float:
    """Return microseconds of process CPU per call, the export thread included."""
    started = time.process_time_ns()
    for _ in range(ROUND_DECISIONS):
        once()
    return (time.process_time_ns() - started) / ROUND_DECISIONS / 1000


def run(rounds: int) -> dict[str, object]:
    exporter = DroppingExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    # The queue holds two rounds, so that neither side is measured dropping spans.
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=2 * ROUND_DECISIONS))
    tracer = provider.get_tracer("bench")
    runtime.install(runtime.Runtime(tracer=tracer))
    contenders = {"ours": ours, "bare": bare(tracer)}
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    attributes: dict[str, int] = {}
    for number in range(rounds + 1):
        for name, once in contenders.items():
            gc.collect()
            elapsed_us = measure(once)
            provider.force_flush()
            attributes[name] = exporter.attributes
            if number:  # The first round warms up.
                figures[name].append(elapsed_us)
    provider.shutdown()
    runtime.install(None)
    medians = {name: round(statistics.median(values), 2) for name, values in figures.items()}
    return {
        "us_per_decision": medians,
        "ratio": round(medians["ours"] / medians["bare"], 3),
        "attributes": attributes,
        "decisions": ROUND_DECISIONS * rounds,
        "spans_exported": exporter.spans,
        "python": sys.version.split()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help=f"of {ROUND_DECISIONS} decisions")
    arguments = parser.parse_args()
    result = run(arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:16} {value}")


if __name__ == "__main__":
    main()
