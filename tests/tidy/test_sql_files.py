"""SQL lives in .sql files, one statement each, every one of them used; modules stay short."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from sql import fragments, migration_files, queries
from sql.rendering import Renderer
from sql.settings import StoreSettings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    "answerable",
    "dashboards",
    "collector",
    "lineage",
    "drift",
    "cost",
    "alerting",
    "web",
    "sql",
]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LINES_MAX = 300
STATEMENT = re.compile(
    r"\s*(?:SELECT\s.+\sFROM|INSERT\s+INTO|CREATE\s+(?:TABLE|DATABASE|MATERIALIZED)|ALTER\s+TABLE"
    r"|DROP\s+(?:TABLE|DATABASE)|DELETE\s+FROM|WITH\s.+\sSELECT)\b",
    re.IGNORECASE | re.DOTALL,
)
#: The renderer writes the statement that its placeholder {{distributed}} stands for.
WRITES_SQL = {"sql/rendering.py"}


def literals(path: Path) -> list[str]:
    """Every string of a module that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_hold_no_statement(path: Path) -> None:
    if relative(path) in WRITES_SQL:
        return
    found = [text[:80] for text in literals(path) if STATEMENT.match(text)]
    assert not found


def test_the_statement_pattern_finds_statements() -> None:
    for text in (
        "SELECT a\nFROM b",
        "insert into x values (1)",
        "WITH a AS (b) SELECT c",
        "DROP TABLE x",
    ):
        assert STATEMENT.match(text), text
    for text in (
        "Select one of the models",
        "collector/ledger",
        "Drop the table by hand",
        "with care",
    ):
        assert not STATEMENT.match(text), text


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


def test_every_query_is_used() -> None:
    used = {text for path in MODULES for text in literals(path)}
    unused = sorted(set(queries.names()) - used)
    assert not unused


def test_every_query_named_exists() -> None:
    packages = {name.partition("/")[0] for name in queries.names()}
    pattern = re.compile(rf"(?:{'|'.join(sorted(packages))})/[a-z][a-z0-9_]*")
    missing = {
        f"{relative(path)}: {text}"
        for path in MODULES
        for text in literals(path)
        if pattern.fullmatch(text) and text not in queries.names()
    }
    assert not missing


def header(folder: str, name: str) -> str:
    text = (ROOT / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")
    assert text.startswith("-- purpose: "), "the first line says what it is for"
    return "\n".join(line for line in text.splitlines() if line.startswith("--"))


def parameters(statement: str) -> set[str]:
    return {name for name, _ in re.findall(r"\{(\w+):([^}]+)\}", statement)}


def tables(statement: str) -> set[str]:
    """Tables and views a statement names, those of its own WITH aside."""
    named = set(re.findall(r"\b(?:FROM|(?<!ARRAY )JOIN|INTO|TABLE)\s+([a-z]\w*)\b", statement))
    return named - set(re.findall(r"\b(\w+)\s+AS\s+\(", statement)) - {"system", "numbers"}


@pytest.mark.parametrize("name", queries.names())
def test_a_query_file_holds_one_statement(name: str) -> None:
    head = header("queries", name)
    statement = re.sub(r"'(?:[^'\\]|\\.)*'", "''", queries.load(name))
    assert ";" not in statement
    assert not re.search(r"\bSELECT\s+(?:\w+\.)?\*", statement, re.IGNORECASE)
    left_out = {one for one in parameters(statement) if one not in head}
    assert not left_out, "parameters the header leaves out, those of fragments included"
    unsaid = {one for one in tables(statement) if one not in head}
    assert not unsaid, "tables the header leaves out, those of fragments included"
    # What makes the schema has the placeholders of migrations.
    assert "{{" not in statement or name.startswith("sql/create_"), "no such fragment"


@pytest.mark.parametrize("name", queries.shared())
def test_a_fragment_of_queries_says_what_it_takes(name: str) -> None:
    head = header("queries", f"fragments/{name}")
    text = fragments.expanded(queries.shared()[name], queries.shared())
    assert not {one for one in parameters(text) if one not in head}
    assert "{{" not in text, "no such fragment"


def test_every_fragment_of_queries_is_shared() -> None:
    """What is used once belongs where it is used."""
    named = Counter(
        name
        for path in (ROOT / "sql" / "queries").rglob("*.sql")
        for name in fragments.PLACEHOLDER.findall(path.read_text(encoding="utf-8"))
    )
    assert not {name for name in queries.shared() if named[name] < 2}


@pytest.mark.parametrize("migration", migration_files.packaged().migrations, ids=lambda m: m.file)
def test_migrations_can_run_again(migration: migration_files.Migration) -> None:
    """A crash between a statement and its record makes the file run a second time."""
    renderer = Renderer(StoreSettings(), migration_files.packaged().fragments)
    for statement in renderer.statements(migration.up, source=migration.file):
        assert "SELECT *" not in statement
        if statement.startswith(("CREATE", "DROP", "ALTER")):
            assert re.search(r"\bIF\s+(?:NOT\s+)?EXISTS\b", statement), statement[:80]
