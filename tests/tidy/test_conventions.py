"""Every attribute that charges read is explained to those who send it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "conventions.md").read_text(encoding="utf-8")
MIGRATIONS = ROOT / "sql" / "migrations"
SOURCES = (*MIGRATIONS.glob("fragments/charge_*.sql"), MIGRATIONS / "0010_create_charges.sql")
_NAME = re.compile(r"'((?:[a-z_0-9]+\.)+[A-Za-z_0-9]+)'")
#: Providers' names, which look like attributes.
_OTHER = re.compile(r"^(az|azure|aws|gcp)\.|\.sql$")


def read_by_charges():
    found = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        found |= {one for one in _NAME.findall(text) if not _OTHER.search(one)}
    return sorted(found)


@pytest.mark.parametrize("attribute", read_by_charges())
def test_attribute_is_in_the_conventions(attribute):
    # A table may write one family short, as `gen_ai.` in front of names it lists.
    shown = attribute.removeprefix("gen_ai.") if "openai" in attribute else attribute
    assert f"`{shown}`" in DOCS


def test_the_list_is_not_empty():
    assert {"answerable.project", "user.id", "gen_ai.response.id"} <= set(read_by_charges())
