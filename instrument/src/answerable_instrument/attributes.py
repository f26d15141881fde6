"""Names of everything the library writes; docs/conventions.md explains them."""

from typing import Final

SCOPE: Final = "answerable_instrument"

DECISION_EVENT: Final = "answerable.decision"
DECISION_ID: Final = "answerable.decision.id"
DECISION_NAME: Final = "answerable.decision.name"
DECISION_OUTCOME: Final = "answerable.decision.outcome"
DECISION_SUBJECT: Final = "answerable.decision.subject"
CONFIDENCE: Final = "answerable.confidence"
MODEL_NAME: Final = "answerable.model.name"
MODEL_VERSION: Final = "answerable.model.version"
FEATURE_PREFIX: Final = "answerable.feature."
EMBEDDING_PREFIX: Final = "answerable.embedding."
PROMPT_NAME: Final = "answerable.prompt.name"
PROMPT_VERSION: Final = "answerable.prompt.version"
DATASET: Final = "answerable.dataset"
POLICY_NAME: Final = "answerable.policy.name"
POLICY_VERSION: Final = "answerable.policy.version"
ROUTE: Final = "answerable.route"
ACTION_NAME: Final = "answerable.action.name"
ACTION_TARGET: Final = "answerable.action.target"
USAGE_PREFIX: Final = "answerable.usage."
SYNTHETIC: Final = "answerable.synthetic"
TENANT: Final = "tenant.id"
WARNING: Final = "answerable.instrument.warning"
WARNINGS_METRIC: Final = "answerable.instrument.warnings"

CONNECTOR_NAME: Final = "answerable.connector.name"
CONNECTOR_VERSION: Final = "answerable.connector.version"
CONNECTOR_OPERATION: Final = "answerable.connector.operation"
CONNECTOR_STATUS: Final = "answerable.connector.status"
CONNECTOR_SCHEMA_HASH: Final = "answerable.connector.schema_hash"
CONNECTOR_CREDENTIAL_ID: Final = "answerable.connector.credential_id"
CONNECTOR_RETRY_COUNT: Final = "answerable.connector.retry_count"

REVIEW_SPAN: Final = "answerable.review"
REVIEW_DECISION_ID: Final = "answerable.review.decision_id"
REVIEW_REVIEWER: Final = "answerable.review.reviewer"
REVIEW_VERDICT: Final = "answerable.review.verdict"
REVIEW_QUEUE_MS: Final = "answerable.review.queue_ms"
REVIEW_DURATION_MS: Final = "answerable.review.duration_ms"
REVIEW_REASON: Final = "answerable.review.reason"

BUDGET_RESERVATION_ID: Final = "answerable.budget.reservation_id"
BUDGET_DECISION: Final = "answerable.budget.decision"
BUDGET_REASON: Final = "answerable.budget.reason"
BUDGET_MODEL: Final = "answerable.budget.model"

INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_write.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
REQUEST_MODEL: Final = "gen_ai.request.model"
PROVIDER_NAME: Final = "gen_ai.provider.name"

ERROR_TYPE: Final = "error.type"
EXCEPTION_EVENT: Final = "exception"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"

ROUTES: Final = frozenset({"auto", "human", "fallback"})
STATUSES: Final = frozenset(
    {"ok", "rate_limited", "auth_failed", "schema_changed", "timeout", "error"}
)
