"""Amounts on a record: tokens under the standard names, and meters of your own."""

from collections.abc import Mapping

from answerable_instrument import attributes as names
from answerable_instrument.guard import UnfitError
from answerable_instrument.records import Record, recording
from answerable_instrument.values import as_amount, as_count


class MeteredRecord(Record):
    """A record that carries amounts; they add up over calls."""

    __slots__ = ()

    @recording
    def usage(self, mapping: Mapping[str, object] | None = None, /, **meters: object) -> None:
        """Add amounts to meters beyond tokens, such as ``gpu_seconds=1.5``."""
        for meter, amount in {**(mapping or {}), **meters}.items():
            self._meter(meter, amount)

    @recording
    def _meter(self, meter: object, amount: object) -> None:
        if not isinstance(meter, str) or not meter:
            raise UnfitError("value_type", "a meter is named by a text that is not empty")
        attribute = names.USAGE_PREFIX + self._clean(meter, self._limits.name_chars, "meter")
        self._add(attribute, as_amount(amount))

    @recording
    def tokens(
        self,
        *,
        input: object = None,  # noqa: A002  The name of the meter in OpenTelemetry.
        output: object = None,
        cache_read: object = None,
        cache_write: object = None,
        reasoning: object = None,
        model: object = None,
        provider: object = None,
    ) -> None:
        """Add tokens used, under the ``gen_ai.usage.*`` names.

        Parameters
        ----------
        input
            All input tokens, those read from and written to a cache included.
        output
            All output tokens, those spent on reasoning included.
        cache_read, cache_write, reasoning
            The parts of the above.
        model, provider
            What was asked for; the model defaults to that of the decision.
        """
        for attribute, count in (
            (names.INPUT_TOKENS, input),
            (names.OUTPUT_TOKENS, output),
            (names.CACHE_READ_TOKENS, cache_read),
            (names.CACHE_WRITE_TOKENS, cache_write),
            (names.REASONING_TOKENS, reasoning),
        ):
            if type(count) is int and self._stored(attribute) is None:
                self._put(attribute, as_count(count))
            elif count is not None:
                self._count(attribute, count)
        model = model if model is not None else self._stored(names.MODEL_NAME)
        if model is not None:
            self._text(names.REQUEST_MODEL, model)
        if provider is not None:
            self._text(names.PROVIDER_NAME, provider)

    @recording
    def _count(self, attribute: str, count: object) -> None:
        self._add(attribute, as_count(count))

    def _add(self, attribute: str, amount: int | float) -> None:
        before = self._stored(attribute)
        total = before + amount if isinstance(before, (int, float)) else amount
        # The sum is checked again: two huge meters may leave the range of an attribute.
        self._put(attribute, as_amount(total))
