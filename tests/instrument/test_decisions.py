"""Decisions: attributes, life cycle, decorator, nesting, threads, sampling."""

import asyncio
import contextvars
import threading

import pytest
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

import answerable_instrument as answerable
from answerable_instrument import Limits, runtime

WARNING = "answerable.instrument.warning"


def test_every_attribute_of_the_conventions_with_its_type(spans):
    with answerable.decision(
        "grade",
        id="d-1",
        subject="essay-9",
        model="grader",
        model_version="4.2",
        prompt="rubric",
        prompt_version="7",
        datasets=["school/rubrics@3"],
        policy="grading",
        policy_version="2",
        route="auto",
        confidence=0.25,
        features={"words": 412},
        tenant="north",
    ) as decision:
        assert decision.id == "d-1"
        decision.features(share=0.5, language="en", late=False, missing=None)
        decision.outcome("B+").action("publish", "gradebook").dataset("school/essays@9")
        decision.usage(gpu_seconds=1.5, pages=2).usage({"gpu_seconds": 0.5})
        decision.tokens(
            input=100, output=20, cache_read=64, cache_write=8, reasoning=5, provider="acme"
        )
        decision.tokens(input=1)
    assert spans.attributes("grade") == {
        "answerable.decision.id": "d-1",
        "answerable.decision.name": "grade",
        "answerable.decision.subject": "essay-9",
        "answerable.decision.outcome": "B+",
        "answerable.confidence": 0.25,
        "answerable.model.name": "grader",
        "answerable.model.version": "4.2",
        "answerable.prompt.name": "rubric",
        "answerable.prompt.version": "7",
        "answerable.policy.name": "grading",
        "answerable.policy.version": "2",
        "answerable.dataset": ("school/rubrics@3", "school/essays@9"),
        "answerable.route": "auto",
        "answerable.action.name": "publish",
        "answerable.action.target": "gradebook",
        "answerable.feature.words": 412,
        "answerable.feature.share": 0.5,
        "answerable.feature.language": "en",
        "answerable.feature.late": False,
        "answerable.usage.gpu_seconds": 2.0,
        "answerable.usage.pages": 2,
        "gen_ai.usage.input_tokens": 101,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 64,
        "gen_ai.usage.cache_write.input_tokens": 8,
        "gen_ai.usage.reasoning.output_tokens": 5,
        "gen_ai.request.model": "grader",
        "gen_ai.provider.name": "acme",
        "tenant.id": "north",
    }
    types = {key: type(value) for key, value in spans.attributes("grade").items()}
    assert types["answerable.feature.words"] is int
    assert types["answerable.feature.late"] is bool
    assert types["answerable.feature.share"] is float
    assert answerable.warnings_seen() == {}


def test_setters_cover_what_the_arguments_cover(spans):
    with answerable.decision("grade") as decision:
        decision.model("m", "1").prompt("p", 2).policy("q", "3").subject("s").tenant("t")
    found = spans.attributes("grade")
    assert found["answerable.model.name"] == "m"
    assert found["answerable.model.version"] == "1"
    assert found["answerable.prompt.version"] == "2"
    assert found["answerable.policy.version"] == "3"
    assert found["answerable.decision.subject"] == "s"
    assert found["tenant.id"] == "t"


@pytest.mark.parametrize(
    ("outcome", "text"), [("B+", "B+"), (True, "true"), (71.5, "71.5"), (3, "3")]
)
def test_an_outcome_is_text(spans, outcome, text):
    with answerable.decision("grade") as decision:
        decision.outcome(outcome)
    assert spans.attributes("grade")["answerable.decision.outcome"] == text


def test_ids_are_random_and_long_unless_given(spans):
    ids = {answerable.decision("x").id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(i) == 32 and int(i, 16) >= 0 for i in ids)


@pytest.mark.parametrize("bad", [1.2, -0.1, float("nan"), float("inf"), "0.5", True, None, [0.5]])
def test_a_bad_confidence_is_left_out_and_noted(spans, bad):
    with answerable.decision("grade") as decision:
        assert decision.confidence(bad) is decision
    found = spans.attributes("grade")
    assert "answerable.confidence" not in found
    (warning,) = found[WARNING]
    assert warning in ("value_range: confidence", "value_type: confidence")


def test_a_warning_is_logged_once_per_kind_and_without_the_value(spans, caplog):
    for number in range(5):
        with answerable.decision("grade") as decision:
            decision.features(secret=[f"pin-{number}"])
    assert answerable.warnings_seen() == {"value_type": 5}
    assert len(caplog.records) == 1
    assert "pin" not in caplog.text
    assert len(spans.all()) == 5


def test_an_exception_of_the_service_is_recorded_and_raised_unchanged(spans):
    error = ValueError("no rubric")
    with pytest.raises(ValueError, match="no rubric") as caught, answerable.decision("grade"):
        raise error
    assert caught.value is error
    span = spans.named("grade")
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ValueError: no rubric"
    assert span.attributes["error.type"] == "ValueError"
    (event,) = span.events
    assert event.attributes["exception.message"] == "no rubric"
    assert "test_decisions.py" in event.attributes["exception.stacktrace"]


def test_a_cancelled_decision_is_no_error(spans):
    with pytest.raises(asyncio.CancelledError), answerable.decision("grade"):
        raise asyncio.CancelledError
    assert spans.named("grade").status.status_code is StatusCode.UNSET


def test_nested_decisions_are_parent_and_child(spans):
    with answerable.decision("outer") as outer:
        with answerable.decision("inner"):
            assert answerable.current_decision().span.get_span_context().span_id != (
                outer.span.get_span_context().span_id
            )
        assert answerable.current_decision() is outer
    assert spans.named("inner").parent.span_id == spans.named("outer").context.span_id
    assert spans.named("outer").kind is SpanKind.INTERNAL
    assert not trace.get_current_span().is_recording()


def test_threads_record_their_own_decisions(spans):
    def work(number):
        with answerable.decision(f"d{number}") as decision:
            decision.features(number=number)

    with answerable.decision("parent"):
        bare = threading.Thread(target=work, args=(1,))
        copied = threading.Thread(target=contextvars.copy_context().run, args=(work, 2))
        for thread in (bare, copied):
            thread.start()
        for thread in (bare, copied):
            thread.join()
    assert spans.named("d1").parent is None
    assert spans.named("d2").parent.span_id == spans.named("parent").context.span_id
    assert spans.attributes("d2")["answerable.feature.number"] == 2


def test_values_set_after_the_end_or_outside_are_warnings(spans):
    with answerable.decision("grade") as decision:
        pass
    decision.outcome("late")
    answerable.current_decision().outcome("nowhere")
    assert answerable.warnings_seen() == {"not_open": 2}
    assert "answerable.decision.outcome" not in spans.attributes("grade")


def test_values_set_before_the_start_are_kept(spans):
    decision = answerable.decision("grade").features(words=3).tokens(input=2).tokens(input=3)
    with decision:
        decision.tokens(input=1)
    found = spans.attributes("grade")
    assert found["answerable.feature.words"] == 3
    assert found["gen_ai.usage.input_tokens"] == 6


def test_entering_twice_opens_one_span(spans):
    decision = answerable.decision("grade")
    with decision, decision:
        decision.outcome("x")
    assert spans.attributes("grade")["answerable.decision.outcome"] == "x"


def test_limits_hold_and_are_noted(spans):
    tracer = spans.provider.get_tracer("t")
    limits = Limits(text_chars=10, name_chars=4, features=3, datasets=2, warnings=2)
    runtime.install(runtime.Runtime(tracer=tracer, limits=limits))
    with answerable.decision("classify") as decision:
        decision.features({f"f{n}": n for n in range(10)})
        decision.dataset(*(f"n/{n}" for n in range(5)))
        decision.outcome("x" * 100)
        decision.confidence(7)
    found = spans.attributes("clas")
    assert sum(key.startswith("answerable.feature.") for key in found) == 3
    assert found["answerable.dataset"] == ("n/0", "n/1")
    assert found["answerable.decision.outcome"] == "x" * 10
    assert len(found[WARNING]) == 2
    assert sum(answerable.warnings_seen().values()) == 5


def test_a_decision_not_sampled_becomes_a_log_record(fresh_counts):
    exporter = InMemoryLogRecordExporter()
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    tracer = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False).get_tracer("t")
    runtime.install(runtime.Runtime(tracer=tracer, unsampled_logger=logs.get_logger("t")))
    try:
        decision = answerable.decision("grade", model="m").confidence(0.5)
        with pytest.raises(KeyError), decision.outcome("B"):
            raise KeyError("x")
    finally:
        runtime.install(None)
    (item,) = exporter.get_finished_logs()
    record = item.log_record
    assert record.event_name == "answerable.decision"
    assert record.attributes["answerable.decision.id"] == decision.id
    assert record.attributes["answerable.decision.outcome"] == "B"
    assert record.attributes["answerable.model.name"] == "m"
    assert record.attributes["error.type"] == "KeyError"
    assert record.trace_id == decision.span.get_span_context().trace_id
    assert record.timestamp > 1_600_000_000_000_000_000


def test_a_sampled_decision_leaves_no_log_record(spans):
    exporter = InMemoryLogRecordExporter()
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    tracer = spans.provider.get_tracer("t")
    runtime.install(runtime.Runtime(tracer=tracer, unsampled_logger=logs.get_logger("t")))
    with answerable.decision("grade"):
        pass
    assert exporter.get_finished_logs() == ()
    assert spans.named("grade")


def test_without_any_set_up_everything_works_and_nothing_is_recorded(fresh_counts):
    runtime.install(None)
    with answerable.decision("grade") as decision:
        decision.features(words=1).outcome("x")
    assert not decision.span.is_recording()
    assert answerable.warnings_seen() == {}


def test_embeddings_are_arrays_of_doubles(spans):
    numpy = pytest.importorskip("numpy")
    with answerable.decision("grade", embeddings={"essay": [1, 2.5, True]}) as decision:
        decision.embeddings(prompt=numpy.array([0.5, 0.25], dtype=numpy.float32), image=None)
        decision.embeddings({"essay": (3, 4)})
    held = spans.attributes("grade")
    assert held["answerable.embedding.essay"] == (3.0, 4.0)
    assert held["answerable.embedding.prompt"] == (0.5, 0.25)
    assert all(type(one) is float for one in held["answerable.embedding.essay"])
    assert "answerable.embedding.image" not in held
    assert WARNING not in held


@pytest.mark.parametrize(
    ("vector", "kind"),
    [
        ("text", "value_type"),
        (7, "value_type"),
        ({"a": 1.0}, "value_type"),
        ([[1.0], [2.0]], "value_type"),
        ([], "value_range"),
        ([1.0, float("nan")], "value_range"),
        (["a"], "value_range"),
        ([0.0] * 4097, "too_many"),
    ],
)
def test_what_is_no_vector_is_left_out_with_a_warning(spans, vector, kind):
    with answerable.decision("grade") as decision:
        decision.embeddings(essay=vector)
    held = spans.attributes("grade")
    assert "answerable.embedding.essay" not in held
    assert held[WARNING] == (f"{kind}: answerable.embedding.essay",)


def test_embeddings_are_bounded_in_number(spans):
    with answerable.decision("grade") as decision:
        decision.embeddings({f"e{i}": [1.0] for i in range(6)})
        decision.embeddings(e0=[2.0])
    held = spans.attributes("grade")
    assert sorted(k for k in held if k.startswith("answerable.embedding.")) == [
        f"answerable.embedding.e{i}" for i in range(4)
    ]
    assert held["answerable.embedding.e0"] == (2.0,)
    assert held[WARNING][0].startswith("too_many")
