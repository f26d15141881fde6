"""Put an exception of the service on a span without calling anything that could raise."""

import traceback

from opentelemetry.trace import Span, StatusCode

from answerable_instrument.attributes import (
    ERROR_TYPE,
    EXCEPTION_EVENT,
    EXCEPTION_MESSAGE,
    EXCEPTION_STACKTRACE,
    EXCEPTION_TYPE,
)
from answerable_instrument.values import clean_text


def error_type(error: BaseException) -> str:
    """Qualified class name, without the module for built-in exceptions."""
    kind = type(error)
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def record_failure(span: Span, error: BaseException, text_chars: int) -> None:
    """Record an exception event, ``error.type`` and the error status.

    The SDK's own ``record_exception`` calls ``str(error)``, which may raise, and puts the raw text
    into the status, where one lone surrogate makes the exporter lose its whole batch.
    """
    name = error_type(error)
    line = "".join(traceback.format_exception_only(type(error), error)).strip()
    message = line.removeprefix(name).removeprefix(type(error).__qualname__).removeprefix(": ")
    stack = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    span.set_attribute(ERROR_TYPE, name)
    span.add_event(
        EXCEPTION_EVENT,
        {
            EXCEPTION_TYPE: name,
            EXCEPTION_MESSAGE: clean_text(message, text_chars),
            EXCEPTION_STACKTRACE: clean_text(stack[-text_chars:], text_chars),
        },
    )
    span.set_status(StatusCode.ERROR, clean_text(line, 1024))
