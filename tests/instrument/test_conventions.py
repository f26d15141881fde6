"""docs/conventions.md names everything the library writes and the server reads."""

import pathlib
import re

import pytest

from answerable_instrument import attributes

ROOT = pathlib.Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"`([a-z_]+(?:\.[A-Za-z_.]+)+)`", TEXT))
# Written only by the middleware and the SDK, under names that are standard already.
STANDARD = re.compile(r"exception\.|answerable\.instrument\.warnings$")


def written():
    values = [value for name, value in vars(attributes).items() if name.isupper()]
    return sorted(v for v in values if isinstance(v, str) and "." in v and not STANDARD.match(v))


@pytest.mark.parametrize("name", written())
def test_every_name_the_library_writes_is_documented(name):
    if name.endswith("."):
        assert re.search(rf"`{re.escape(name)}<\w+>`", TEXT)
    else:
        assert name in DOCUMENTED


@pytest.mark.parametrize("fragment", ["usage_columns", "decision_names"])
def test_every_name_the_server_reads_is_documented(fragment):
    path = ROOT / "sql" / "migrations" / "fragments" / f"{fragment}.sql"
    names = set(re.findall(r"'([a-z_]+(?:\.[A-Za-z_]+)+)'", path.read_text(encoding="utf-8")))
    values = {"az.ai.openai", "az.ai.inference", "azure.ai.openai", "azure.ai.inference"}
    values |= {"gcp.vertex_ai", "gcp.gemini"}
    assert names
    assert names - values - DOCUMENTED == set()


def test_the_allowed_words_are_documented():
    for word in attributes.ROUTES | attributes.STATUSES:
        assert f"`{word}`" in TEXT
