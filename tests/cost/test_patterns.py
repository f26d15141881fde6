"""Patterns over model names: what they match, what they refuse, and that they cannot be slow."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost.patterns import EXACT, PATTERN_CHARS_MAX, TERMS_MAX, Pattern, canonical, literal
from sql.errors import InvalidInputError

GLOBS = st.text(alphabet="ab1#*-", min_size=1, max_size=12)
NAMES = st.text(alphabet="abAB12-*#", max_size=16)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("gpt-5", "gpt-5", True),
        ("gpt-5", "GPT-5", True),
        ("GPT-5", "gpt-5", True),
        ("gpt-5", "gpt-5-mini", False),
        ("gpt-5", "", False),
        ("gpt-5*", "gpt-5", True),
        ("gpt-5*", "gpt-5-mini", True),
        ("*sonnet*", "us.anthropic.claude-sonnet-4-v1:0", True),
        ("claude-sonnet-4-########", "claude-sonnet-4-20260514", True),
        ("claude-sonnet-4-########", "claude-sonnet-4-2026051x", False),
        ("claude-sonnet-4-########", "claude-sonnet-4-202605141", False),
        ("claude-sonnet-4-#", "claude-sonnet-4-٣", False),
        ("a|b", "b", True),
        ("a | b", "a", True),
        ("a|b", "ab", False),
        ("gpt-*&!*-tts", "gpt-5", True),
        ("gpt-*&!*-tts", "gpt-5-tts", False),
        ("gpt-* & ! *-tts | whisper", "whisper", True),
        ("*a*b*", "xxaxxbxx", True),
        ("*a*b*", "xxbxxaxx", False),
        ("*ab", "aab", True),
        ("*", "", True),
        ("a.b", "axb", False),
        ("[ab]", "a", False),
    ],
)
def test_matches(pattern, name, expected):
    assert Pattern(pattern).matches(name) is expected


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("", "empty term"),
        ("a|", "empty term"),
        ("a&&b", "empty term"),
        ("a|!", "empty term"),
        ("!a", "only excludes"),
        ("b|!a&!c", "only excludes"),
        ("a!b", "! inside"),
        ("a&!!b", "! inside"),
        ("a" * (PATTERN_CHARS_MAX + 1), "longer than"),
        ("|".join(["a"] * (TERMS_MAX + 1)), "more than"),
    ],
)
def test_a_wrong_pattern_is_named_with_its_fix(pattern, what):
    with pytest.raises(InvalidInputError, match=re.escape(what)) as caught:
        Pattern(pattern)
    assert caught.value.field == "model"


def test_names_are_those_spelled_out():
    pattern = Pattern("GPT-5 | gpt-5-mini | gpt-5-######## | gpt-* & !*-tts")
    assert pattern.names == {"gpt-5", "gpt-5-mini"}
    assert not pattern.is_exact
    assert Pattern("a | B").is_exact
    assert Pattern("a | a").is_exact


def test_a_literal_matches_itself_alone():
    assert literal(" GPT-5 ") == "gpt-5"
    for name in ("", " ", "a*", "a|b", "a#", "!a"):
        with pytest.raises(InvalidInputError):
            literal(name)


@given(GLOBS, NAMES)
def test_globs_are_the_regular_expressions_they_stand_for(glob, name):
    signs = {"*": ".*", "#": "[0-9]"}
    meant = "".join(signs.get(sign, re.escape(sign)) for sign in glob)
    expected = re.fullmatch(meant, name.lower(), re.DOTALL) is not None
    assert Pattern(glob).matches(name) is expected


@given(st.lists(GLOBS, min_size=1, max_size=4), NAMES)
def test_alternatives_are_an_or_and_terms_an_and(globs, name):
    each = [Pattern(glob).matches(name) for glob in globs]
    assert Pattern("|".join(globs)).matches(name) is any(each)
    assert Pattern("&".join(globs)).matches(name) is all(each)
    assert Pattern(f"*&!{globs[0]}").matches(name) is not each[0]


def test_a_hostile_pattern_costs_no_more_than_both_lengths_multiplied():
    """The time is compared with that of a harmless pattern of the same size, ten times over."""
    name = "a" * 2000

    def seconds(text):
        pattern = Pattern(text)
        start = time.thread_time()
        pattern.matches(name)
        return time.thread_time() - start

    harmless = min(seconds("*" + "a" * 500 + "b") for _ in range(3))
    hostile = min(seconds("*a" * 250 + "b") for _ in range(3))
    assert hostile < 10 * max(harmless, 0.001)


@pytest.mark.parametrize(
    ("closer", "wider"),
    [
        ("gpt-5-mini", "gpt-5-mini*"),
        ("gpt-5-*", "gpt-5*"),
        ("gpt-5-####", "gpt-5-*"),
        ("gpt-5* & !*-pro", "gpt-5*"),
        ("gpt*", "*"),
    ],
)
def test_a_closer_pattern_weighs_more(closer, wider):
    name = "gpt-5-mini" if "#" not in closer else "gpt-5-2026"
    assert Pattern(closer).weight(name) > Pattern(wider).weight(name) > 0


def test_what_does_not_match_weighs_nothing_and_a_spelled_out_name_most():
    assert Pattern("gpt-5*").weight("o1") == 0
    assert Pattern("o* | o1").weight("O1") == EXACT


def test_patterns_that_mean_the_same_are_written_the_same():
    assert canonical(" GPT-5|o1 &!*-pro ") == canonical("gpt-5 | o1 & !*-pro")


def test_a_pattern_that_begins_or_holds_a_name_makes_that_name_likely():
    found = Pattern("gpt-5* | *claude-x* | o1-# | a*b | m-* | exact & !*x").likely
    assert found == {"gpt-5", "claude-x"}
    assert Pattern("o1 | o1-*").likely == {"o1"}


@given(GLOBS)
def test_what_is_likely_matches(glob):
    pattern = Pattern(glob)
    assert all(pattern.matches(name) for name in pattern.likely)
