"""What every command shares: exit codes, errors on stderr, JSON on stdout."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import orjson
import structlog
import typer
from rich.console import Console

from sql.errors import AnswerableError, ForbiddenError, InvalidInputError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_NOT_ALLOWED = 4

EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage or setting, 3 the service cannot be reached, "
    "4 not allowed."
)

Json = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_LEVELS = logging.getLevelNamesMapping()


def write_json(value: Any) -> None:
    """Write a value as indented JSON."""
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    out.out(text, highlight=False)


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say on stderr what is wrong and end."""
    err.print("[red]error:[/red]", end=" ")
    err.out(message, highlight=False)
    raise typer.Exit(code)


@contextmanager
def reporting() -> Iterator[None]:
    """End with a message and the right exit code on an expected error."""
    try:
        yield
    except (UnauthenticatedError, ForbiddenError) as error:
        fail(error.detail, EXIT_NOT_ALLOWED)
    except InvalidInputError as error:
        fail(error.detail, EXIT_USAGE)
    except AnswerableError as error:
        fail(error.detail)


def configure_logging(level: str) -> None:
    """Send log lines to stderr: coloured on a terminal, JSON elsewhere."""
    terminal = sys.stderr.isatty()
    last: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    middle = [] if terminal else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *middle,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(_LEVELS[level.upper()], logging.WARNING), stream=sys.stderr)
