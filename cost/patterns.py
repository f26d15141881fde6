"""Patterns over model names, as the price book writes them.

A pattern is one or more alternatives, separated by `|`; an alternative is one or more terms that
must all hold, separated by `&`; a term with `!` in front must not hold. Within a term `*` stands
for any text, also none, and `#` for one digit; everything else stands for itself, in either case.

>>> pattern = Pattern("gpt-5-mini | gpt-5-mini-########")
>>> pattern.matches("GPT-5-mini-20260807"), pattern.matches("gpt-5-mini-tts")
(True, False)

There are no regular expressions: a pattern comes from users, is matched against names from
telemetry, and matching takes time proportional to the product of both lengths at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sql.errors import InvalidInputError

PATTERN_CHARS_MAX = 1000
TERMS_MAX = 64

#: Weight of a match by a name that is spelled out; more than any other can have.
EXACT = 1_000_000

_RESERVED = "|&!"
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class _Term:
    glob: str
    wanted: bool
    #: Its text up to the first sign, which most names do not begin with.
    _head: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        signs = [at for at, char in enumerate(self.glob) if char in "*#"]
        object.__setattr__(self, "_head", self.glob[: signs[0]] if signs else self.glob)

    def holds(self, name: str) -> bool:
        return self._matches(name) is self.wanted

    def _matches(self, name: str) -> bool:
        if not name.startswith(self._head):
            return False
        body = self.glob.strip("*")
        if "*" in body or "#" in body:
            return _matches(self.glob, name)
        # A text alone, or with a star at one end or at both.
        if self.glob.startswith("*"):
            return body in name if self.glob.endswith("*") else name.endswith(body)
        return self.glob.endswith("*") or name == body

    @property
    def weight(self) -> int:
        return len(self.glob) - self.glob.count("*") if self.wanted else 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, read once and matched often.

    Parameters
    ----------
    text
        As it was written; see the module for the grammar.

    Raises
    ------
    InvalidInputError
        For an empty term, a `!` inside one, a pattern that only excludes, and one that is too long.
    """

    text: str
    _alternatives: tuple[tuple[_Term, ...], ...] = field(init=False, repr=False, compare=False)
    #: The names it spells out in full, lower-cased; `*` and `#` spell out none.
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.text) > PATTERN_CHARS_MAX:
            raise _wrong(self.text[:40], f"is longer than {PATTERN_CHARS_MAX} characters")
        if self.text.count("|") + self.text.count("&") >= TERMS_MAX:
            raise _wrong(self.text[:40], f"has more than {TERMS_MAX} terms")
        parts = self.text.lower().split("|")
        object.__setattr__(self, "_alternatives", tuple(self._alternative(part) for part in parts))
        names = (terms[0].glob for terms in self._alternatives if len(terms) == 1)
        object.__setattr__(self, "names", frozenset(n for n in names if not {"*", "#"} & {*n}))

    def matches(self, name: str) -> bool:
        """Whether a model of this name is meant; upper and lower case are the same."""
        lowered = name.lower()
        return any(
            all(term.holds(lowered) for term in alternative) for alternative in self._alternatives
        )

    def weight(self, name: str) -> int:
        """How closely it means a model of this name: 0 not at all, EXACT where it spells it out.

        In between, the characters of the closest alternative's terms other than `*`, where a term
        that must not hold counts as one.

        >>> texts = ("gpt-5 | o1", "gpt-# & !*-mini", "gpt*", "o1")
        >>> [Pattern(text).weight("gpt-5") for text in texts]
        [1000000, 7, 4, 0]
        """
        lowered = name.lower()
        if lowered in self.names:
            return EXACT
        return max(
            (
                1 + sum(term.weight for term in alternative)
                for alternative in self._alternatives
                if all(term.holds(lowered) for term in alternative)
            ),
            default=0,
        )

    @property
    def likely(self) -> frozenset[str]:
        """Names it matches that are worth a try: those it spells out, and `gpt-5` for `gpt-5*`."""
        stems = (terms[0].glob.strip("*") for terms in self._alternatives if len(terms) == 1)
        tried = {stem.rstrip("-@:/") for stem in stems if not {"*", "#"} & {*stem}}
        return self.names | {stem for stem in tried if stem and self.matches(stem)}

    @property
    def is_exact(self) -> bool:
        """Whether it spells out every name it matches."""
        return len(self.names) == len({*self._alternatives})

    def _alternative(self, text: str) -> tuple[_Term, ...]:
        terms = tuple(self._term(part.strip()) for part in text.split("&"))
        if not any(term.wanted for term in terms):
            raise _wrong(self.text, "has an alternative that only excludes; add one that matches")
        return terms

    def _term(self, text: str) -> _Term:
        wanted = not text.startswith("!")
        glob = text if wanted else text[1:].strip()
        if not glob:
            raise _wrong(self.text, "has an empty term; write * for any name")
        if "!" in glob:
            raise _wrong(self.text, "has a ! inside a term; it may only stand in front of one")
        return _Term(glob, wanted)


def canonical(text: str) -> str:
    """Write a pattern the one way: lower case, one space around `|` and `&`."""
    alternatives = Pattern(text).text.lower().split("|")
    terms = ([_trimmed(term) for term in part.split("&")] for part in alternatives)
    return " | ".join(" & ".join(part) for part in terms)


def literal(name: str) -> str:
    """Give the pattern that matches this name alone.

    Raises
    ------
    InvalidInputError
        For a name with a character that the grammar reserves.
    """
    reserved = sorted({*name} & {*_RESERVED, "*", "#"})
    if reserved or not name.strip():
        shown = " ".join(reserved)
        what = f"has {shown}, which patterns reserve" if reserved else "is empty"
        raise InvalidInputError(f"model {name!r} {what}; write a pattern.", field="model")
    return name.strip().lower()


def _trimmed(term: str) -> str:
    term = term.strip()
    return f"!{term[1:].strip()}" if term.startswith("!") else term


def _matches(glob: str, name: str) -> bool:
    """Match greedily, going back to the last `*` only: earlier ones need no second try."""
    at = in_glob = 0
    star = mark = -1
    while at < len(name):
        if in_glob < len(glob) and _fits(glob[in_glob], name[at]):
            at, in_glob = at + 1, in_glob + 1
        elif in_glob < len(glob) and glob[in_glob] == "*":
            star, mark, in_glob = in_glob, at, in_glob + 1
        elif star >= 0:
            mark += 1
            at, in_glob = mark, star + 1
        else:
            return False
    return not glob[in_glob:].strip("*")


def _fits(sign: str, char: str) -> bool:
    if sign == "#":
        return char in _DIGITS
    return sign == char and sign != "*"


def _wrong(text: str, what: str) -> InvalidInputError:
    return InvalidInputError(f"model pattern {text!r} {what}.", field="model")
