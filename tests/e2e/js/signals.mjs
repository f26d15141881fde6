// What the client sends, as plain data: the same objects are given to the SDK and printed,
// so that a test can compare what was stored with what was sent.

/** Attributes of every type that OTLP has a scalar or array for. Whole numbers go out as int. */
export const PARENT_ATTRIBUTES = {
  "app.text": "grüße, 世界",
  "app.whole": 42,
  "app.negative": -7,
  "app.real": 0.25,
  "app.yes": true,
  "app.no": false,
  "app.tags": ["alpha", "beta", ""],
};

/** One model call with token usage, which is also a decision. */
export const CHILD_ATTRIBUTES = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-5-mini",
  "gen_ai.response.model": "gpt-5-mini-2025-08-07",
  "gen_ai.usage.input_tokens": 1200,
  "gen_ai.usage.output_tokens": 80,
  "gen_ai.usage.cache_read.input_tokens": 1000,
  "answerable.decision.id": "js-decision-1",
  "answerable.decision.name": "essay-feedback",
  "answerable.decision.outcome": "needs_review",
  "answerable.decision.subject": "student-17",
  "answerable.confidence": 0.625,
  "answerable.model.name": "feedback",
  "answerable.model.version": "3.1.0",
  "answerable.feature.word_count": 431,
  "answerable.feature.language": "de",
  "answerable.prompt.name": "essay-feedback",
  "answerable.prompt.version": "12",
  "answerable.dataset": ["lms/essays@2026-11-01", "lms/rubrics@7"],
  "answerable.route": "human",
};

export const EVENT = {
  name: "retry",
  attributes: { "retry.attempt": 2, "retry.reason": "rate_limited", "retry.wait_s": 1.5 },
};

export const LINK = {
  trace_id: "0102030405060708090a0b0c0d0e0f10",
  span_id: "a1a2a3a4a5a6a7a8",
  attributes: { "link.kind": "follows" },
};

export const ERROR_MESSAGE = "model answered outside the rubric";

export const LOGS = [
  {
    body: "essay queued",
    severity_number: 9,
    severity_text: "INFO",
    event_name: null,
    attributes: { "queue.depth": 3, "queue.name": "essays" },
  },
  {
    body: { stage: "grade", score: 7, ratio: 0.5, final: false, notes: ["short", "clear"] },
    severity_number: 17,
    severity_text: "ERROR",
    event_name: "answerable.decision",
    attributes: {
      "answerable.decision.id": "js-decision-2",
      "answerable.decision.name": "plagiarism",
      "answerable.decision.outcome": "clean",
      "answerable.confidence": 0.875,
    },
  },
];

export const HISTOGRAM_BOUNDS = [1, 5, 10];

/** Instrument name to kind and recorded values; sums and counts follow from the values.
 * Only an instrument declared `integer` sends integer points: the others send doubles. */
export const METRICS = {
  "app.requests": { kind: "counter", integer: true, unit: "{request}", values: [2, 3] },
  "app.in_flight": { kind: "up_down_counter", integer: false, unit: "{request}", values: [5, -2] },
  "app.temperature": { kind: "gauge", integer: false, unit: "Cel", values: [20.5, 21.25] },
  "app.latency": { kind: "histogram", integer: false, unit: "ms", values: [0.5, 4, 7, 100] },
  "app.tokens": { kind: "exponential_histogram", integer: false, unit: "{token}", values: [1, 2, 4, 1024] },
};

export const METRIC_ATTRIBUTES = { route: "/grade", shard: 1 };
