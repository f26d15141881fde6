"""The bundled price list's ways to match a model name, translated into patterns of the book."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from genai_prices import types

from cost.patterns import PATTERN_CHARS_MAX, TERMS_MAX
from sql.errors import AnswerableError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: An alternative: terms that must all hold.
_Terms = tuple[str, ...]

_RESERVED = re.compile(r"[|&!*#]")
_NOT_ENDING = re.compile(r"\^\(\?!\.\*([\w.\-\[\]]+)\(\?:\$\|-\)\)")
_LETTER_CASES = re.compile(r"\[([a-z])\1\]", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?P<digits>\\d(?:\{(?P<times>\d{1,2})\})?)"
    r"|(?P<escaped>\\[^\w\s])"
    r"|\[(?P<choice>[^\]\\^]+)\]"
    r"|\((?P<group>(?:[^()\\\[\]]|\\.|\\d\{\d{1,2}\})+)\)\?"
    r"|(?P<literal>[\w/:@.=\- ])"
)


class UntranslatableError(AnswerableError):
    """The book's patterns cannot say what a clause says."""


def patterns(clause: object) -> list[str]:
    """Give patterns that together match what a clause matches; several where one is too long.

    Raises
    ------
    UntranslatableError
        Where there is none; the message says which part.
    """
    found: list[str] = []
    for terms in dict.fromkeys(_alternatives(clause)):
        text = " & ".join(terms)
        last = found[-1] if found else ""
        fits = len(last) + len(text) + 3 <= PATTERN_CHARS_MAX
        if last and fits and last.count("|") + last.count("&") + len(terms) < TERMS_MAX - 1:
            found[-1] = f"{last} | {text}"
        else:
            found.append(text)
    return found


def _alternatives(clause: object) -> Iterator[_Terms]:
    match clause:
        case types.ClauseEquals():
            yield (_literal(clause.equals),)
        case types.ClauseStartsWith():
            yield (_literal(clause.starts_with) + "*",)
        case types.ClauseEndsWith():
            yield ("*" + _literal(clause.ends_with),)
        case types.ClauseContains():
            yield (f"*{_literal(clause.contains)}*",)
        case types.ClauseRegex():
            yield from _of_regex(clause.regex)
        case types.ClauseOr():
            for part in clause.or_:
                yield from _alternatives(part)
        case types.ClauseAnd():
            for parts in product(*(tuple(_alternatives(part)) for part in clause.and_)):
                terms = tuple(dict.fromkeys(term for part in parts for term in part))
                yield tuple(term for term in terms if term != "*") or ("*",)
        case _:
            raise UntranslatableError(f"a clause {type(clause).__name__}")


def _of_regex(text: str) -> Iterator[_Terms]:
    excluded = _NOT_ENDING.fullmatch(text)
    if excluded:
        ending = _literal(_LETTER_CASES.sub(r"\1", excluded[1]).lower())
        yield ("*", f"!*{ending}", f"!*{ending}-*")
        return
    anchored_left, body = text.startswith("^"), text.removeprefix("^")
    anchored_right = body.endswith("$") and not body.endswith(r"\$")
    body = body.removesuffix("$") if anchored_right else body
    for spelled in _spelled(body, text):
        yield ("*" * (not anchored_left) + spelled + "*" * (not anchored_right),)


def _spelled(body: str, whole: str) -> list[str]:
    """Spell out a regular expression of literals, digits, choices and optional groups."""
    found, at = [""], 0
    while at < len(body):
        token = _TOKEN.match(body, at)
        if token is None or token["literal"] == ".":
            raise UntranslatableError(f"the regular expression {whole}")
        at = token.end()
        found = [before + after for before in found for after in _choices(token, whole)]
    return found


def _choices(token: re.Match[str], whole: str) -> list[str]:
    if token["digits"]:
        return ["#" * int(token["times"] or 1)]
    if token["escaped"]:
        return [_literal(token["escaped"][1:])]
    if token["choice"]:
        if re.search(r"\w-\w", token["choice"]):
            raise UntranslatableError(f"the regular expression {whole}")
        return [_literal(char) for char in token["choice"]]
    if token["group"]:
        return ["", *_spelled(token["group"], whole)]
    return [_literal(token["literal"])]


def _literal(text: str) -> str:
    if _RESERVED.search(text) or not text.strip():
        raise UntranslatableError(f"the name {text!r}, of which a character is reserved")
    return text.strip().lower()
