"""Decisions: what a model was asked, what it saw, what it answered and how sure it was."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry._logs import LogRecord
from opentelemetry.context import Context

from answerable_instrument import attributes as names
from answerable_instrument.failures import error_type
from answerable_instrument.guard import UnfitError
from answerable_instrument.meters import MeteredRecord
from answerable_instrument.records import recording
from answerable_instrument.values import as_probability, as_scalar, as_text, as_vector

_KEY = "answerable-decision"
_TEXTS: Final = (
    ("subject", names.DECISION_SUBJECT),
    ("model", names.MODEL_NAME),
    ("model_version", names.MODEL_VERSION),
    ("prompt", names.PROMPT_NAME),
    ("prompt_version", names.PROMPT_VERSION),
    ("policy", names.POLICY_NAME),
    ("policy_version", names.POLICY_VERSION),
)


class Decision(MeteredRecord):
    """One decision under way. Setters never raise and return the decision."""

    __slots__ = ("_feature_count", "_given", "_id", "_name")

    def __init__(self, name: object, given: Mapping[str, Any]) -> None:
        super().__init__(name)
        self._name = name
        self._given = given
        self._feature_count = 0
        self._id = ""
        self._identify(given.get("id"))
        if not self._id:
            self._id = os.urandom(16).hex()
        self._early[names.DECISION_ID] = self._id
        self._early[names.DECISION_NAME] = self._span_name
        self._apply(given)

    @recording
    def _identify(self, identifier: object) -> None:
        if identifier is not None:
            self._id = self._clean(as_text(identifier), self._limits.name_chars, names.DECISION_ID)

    @recording
    def _apply(self, given: Mapping[str, Any]) -> None:
        longest = self._limits.text_chars
        for key, attribute in _TEXTS:
            value = given.get(key)
            # The plain case, nearly every case, is written out: a call costs as much again.
            if type(value) is str and len(value) <= longest and value.isascii():
                self._early[attribute] = value
            elif value is not None:
                self._text(attribute, value)
        for key in ("confidence", "route", "features", "embeddings", "tenant"):
            value = given.get(key)
            if value is not None:
                getattr(self, key)(value)
        self._add_datasets(given.get("datasets", ()))

    @property
    def id(self) -> str:
        """Identifier of the decision: 32 random hexadecimal digits unless one was given."""
        return self._id

    def fresh(self) -> "Decision":
        """Return a new decision with the same arguments, and a new id unless one was given."""
        return Decision(self._name, self._given)

    @recording
    def features(self, mapping: Mapping[str, object] | None = None, /, **values: object) -> None:
        """Record what the model saw: numbers, texts and booleans, types kept; None is skipped."""
        for source in (mapping, values):
            if source:
                self._features(source)

    def _features(self, source: Mapping[str, object]) -> None:
        for name, value in source.items():
            if value is None:
                continue
            if self._feature_count >= self._limits.features:
                raise UnfitError("too_many", f"more than {self._limits.features} features")
            self._feature(name, value)

    @recording
    def _feature(self, name: object, value: object) -> None:
        if not isinstance(name, str) or not name:
            raise UnfitError("value_type", "a feature is named by a text that is not empty")
        attribute = names.FEATURE_PREFIX + self._clean(name, self._limits.name_chars, "feature")
        try:
            scalar = as_scalar(value)
        except UnfitError as unfit:
            self.warn(unfit.kind, attribute, str(unfit))
            return
        if isinstance(scalar, str):
            scalar = self._clean(scalar, self._limits.text_chars, attribute)
        if attribute not in self._late and attribute not in self._early:
            self._feature_count += 1
        self._put(attribute, scalar)

    @recording
    def embeddings(self, mapping: Mapping[str, object] | None = None, /, **vectors: object) -> None:
        """Record vectors of what the model saw, such as a text's, by name; None is skipped."""
        for source in (mapping, vectors):
            for name, vector in (source or {}).items():
                if vector is not None:
                    self._embedding(name, vector)

    @recording
    def _embedding(self, name: object, vector: object) -> None:
        if not isinstance(name, str) or not name:
            raise UnfitError("value_type", "an embedding is named by a text that is not empty")
        attribute = names.EMBEDDING_PREFIX + self._clean(name, self._limits.name_chars, "embedding")
        held = {**self._early, **self._late}
        prefix, most = names.EMBEDDING_PREFIX, self._limits.embeddings
        if attribute not in held and sum(one.startswith(prefix) for one in held) >= most:
            raise UnfitError("too_many", f"more than {most} embeddings")
        try:
            self._put(attribute, as_vector(vector, self._limits.embedding_numbers))
        except UnfitError as unfit:
            self.warn(unfit.kind, attribute, str(unfit))

    @recording
    def outcome(self, value: object) -> None:
        """Record the answer as text; a number or boolean is written out."""
        self._put_text(names.DECISION_OUTCOME, value)

    @recording
    def confidence(self, probability: object) -> None:
        """Record how sure the model was, from 0 to 1."""
        self._put(names.CONFIDENCE, as_probability(probability))

    @recording
    def route(self, route: object) -> None:
        """Record who decided: ``auto``, ``human`` or ``fallback``."""
        self._put_word(names.ROUTE, route, names.ROUTES)

    @recording
    def action(self, name: object, target: object = None) -> None:
        """Record what was done with the answer, and to what."""
        self._put_text(names.ACTION_NAME, name)
        if target is not None:
            self._put_text(names.ACTION_TARGET, target)

    @recording
    def model(self, name: object, version: object = None) -> None:
        """Record the model that answered."""
        self._put_text(names.MODEL_NAME, name)
        if version is not None:
            self._put_text(names.MODEL_VERSION, version)

    @recording
    def prompt(self, name: object, version: object = None) -> None:
        """Record the prompt template used, not its text."""
        self._put_text(names.PROMPT_NAME, name)
        if version is not None:
            self._put_text(names.PROMPT_VERSION, version)

    @recording
    def policy(self, name: object, version: object = None) -> None:
        """Record the policy under which the decision was made."""
        self._put_text(names.POLICY_NAME, name)
        if version is not None:
            self._put_text(names.POLICY_VERSION, version)

    @recording
    def subject(self, identifier: object) -> None:
        """Record whom or what the decision is about; prefer a pseudonym."""
        self._put_text(names.DECISION_SUBJECT, identifier)

    @recording
    def tenant(self, identifier: object) -> None:
        """Record the tenant of this decision alone; ``tenant()`` covers a whole block."""
        self._put_text(names.TENANT, identifier)

    @recording
    def dataset(self, *datasets: object) -> None:
        """Add datasets that influenced the decision, as ``namespace/name@version``."""
        self._add_datasets(datasets)

    @recording
    def _add_datasets(self, datasets: Iterable[object]) -> None:
        if isinstance(datasets, (str, bytes)):
            datasets = (datasets,)
        stored = self._stored(names.DATASET)
        held = stored if isinstance(stored, list) else []
        known = [one for one in held if isinstance(one, str)]
        for dataset in datasets:
            if len(known) >= self._limits.datasets:
                self.warn("too_many", names.DATASET, f"more than {self._limits.datasets} datasets")
                break
            text = self._clean(as_text(dataset), self._limits.text_chars, names.DATASET)
            if text not in known:
                known.append(text)
            self._put(names.DATASET, known)

    def _extend(self, context: Context) -> Context:
        return otel_context.set_value(_KEY, self, context)

    def _finish(self, error: BaseException | None) -> None:
        super()._finish(error)
        if not self._span.is_recording():
            self._log_unsampled(error)

    def _log_unsampled(self, error: BaseException | None) -> None:
        logger = self._runtime.unsampled_logger
        if logger is None or self._context is None:
            return
        values = {**self._early, **self._late}
        if isinstance(error, Exception):
            values[names.ERROR_TYPE] = error_type(error)
        logger.emit(
            LogRecord(
                timestamp=self._start_ns,
                context=self._context,
                event_name=names.DECISION_EVENT,
                attributes=values,
            )
        )


def decision(  # noqa: PLR0913  Every argument is a documented attribute, and all but one are named.
    name: str,
    *,
    id: str | None = None,  # noqa: A002  The attribute is answerable.decision.id.
    subject: str | None = None,
    model: str | None = None,
    model_version: str | None = None,
    prompt: str | None = None,
    prompt_version: str | None = None,
    datasets: Sequence[str] = (),
    policy: str | None = None,
    policy_version: str | None = None,
    route: str | None = None,
    confidence: float | None = None,
    features: Mapping[str, object] | None = None,
    embeddings: Mapping[str, object] | None = None,
    tenant: str | None = None,
) -> Decision:
    """Open a decision: a context manager that yields it, or a decorator.

    Parameters
    ----------
    name
        Kind of decision, such as ``grade_essay``; also the name of the span. Few values.
    id
        Identifier of your own; otherwise random.
    subject
        Whom or what it is about; prefer a pseudonym.
    datasets
        Datasets that influenced it, as ``namespace/name@version``.
    route
        ``auto``, ``human`` or ``fallback``.
    confidence
        From 0 to 1.
    features
        What the model saw; numbers, texts and booleans.
    embeddings
        Vectors by name, each a sequence or a one-dimensional array.
    tenant
        Tenant, where the context does not carry it already.
    """
    return Decision(name, dict(locals()))


def current_decision() -> Decision:
    """Return the innermost open decision; outside any, one that records nothing."""
    found = otel_context.get_value(_KEY)
    if isinstance(found, Decision):
        return found
    return Decision("outside", {}).closed()
