"""One tree of migrations renders for a single node and for a cluster."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from sql import migration_files
from sql.errors import PermanentStoreError
from sql.rendering import Renderer
from sql.settings import StoreSettings

STORE = SecretStr("chdb:///nowhere")
SINGLE = Renderer(StoreSettings(store=STORE), {"pair": "Tuple(a String, b String)"})
CLUSTER = Renderer(StoreSettings(store=STORE, cluster="main"), SINGLE.fragments)
PATH = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"


@pytest.mark.parametrize(
    ("template", "single", "cluster"),
    [
        ("x {{on_cluster}}", "x ", "x ON CLUSTER 'main'"),
        ("{{local spans}}", "spans", "spans_local"),
        ("{{engine MergeTree}}", "MergeTree", f"ReplicatedMergeTree({PATH})"),
        (
            "{{engine ReplacingMergeTree(at, gone)}}",
            "ReplacingMergeTree(at, gone)",
            f"ReplicatedReplacingMergeTree({PATH}, at, gone)",
        ),
        (
            "{{engine AggregatingMergeTree}}",
            "AggregatingMergeTree",
            f"ReplicatedAggregatingMergeTree({PATH})",
        ),
        ("{{engine Null}}", "Null", "Null"),
        ("{{engine Memory}}", "Memory", "Memory"),
        ("{{ttl spans toDateTime(t)}}", *["TTL toDateTime(t) + INTERVAL 30 DAY DELETE"] * 2),
        ("{{ttl lineage toDateTime(t)}}", "", ""),
        ("a {{pair}}", "a Tuple(a String, b String)", "a Tuple(a String, b String)"),
        ("{{ local   spans }}", "spans", "spans_local"),
        (
            "{{distributed spans cityHash64(a, b)}}",
            "",
            "CREATE TABLE IF NOT EXISTS spans ON CLUSTER 'main' AS spans_local\n"
            "ENGINE = Distributed('main', currentDatabase(), 'spans_local', cityHash64(a, b));",
        ),
    ],
)
def test_placeholders(template: str, single: str, cluster: str) -> None:
    assert SINGLE.render(template, source="x.sql") == single
    assert CLUSTER.render(template, source="x.sql") == cluster


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [
        ("{{nope}}", "unknown; known are on_cluster, local"),
        ("{{local Bad-Name}}", "not a table name"),
        ("{{on_cluster x}}", "takes no argument"),
        ("{{engine}}", "takes an engine"),
        ("{{ttl nope toDateTime(t)}}", "no retention class 'nope'"),
        ("{{ttl spans}}", "takes a retention class"),
        ("{{distributed spans}}", "takes a table"),
        ("{{pair x}}", "unknown"),
    ],
)
def test_a_wrong_placeholder_names_file_and_line(placeholder: str, message: str) -> None:
    with pytest.raises(PermanentStoreError) as caught:
        SINGLE.render(f"CREATE\n\n{placeholder}\n", source="0007_make_it.sql")
    assert caught.value.detail.startswith("0007_make_it.sql:3: placeholder {{")
    assert message in caught.value.detail


def test_statements_end_at_a_semicolon_that_ends_a_line() -> None:
    text = "-- a; comment;\nSELECT ';' AS a, 'x;y'\nFROM b;\n\n  -- more\n;\nDROP TABLE c;  \nLAST"
    assert SINGLE.statements(text, source="x") == [
        "SELECT ';' AS a, 'x;y'\nFROM b",
        "DROP TABLE c",
        "LAST",
    ]


def test_a_placeholder_that_renders_to_nothing_is_no_statement() -> None:
    text = "{{distributed spans a}}\nCREATE TABLE b;\n{{distributed b a}};\n"
    assert SINGLE.statements(text, source="x") == ["CREATE TABLE b"]
    assert len(CLUSTER.statements(text, source="x")) == 3


@pytest.mark.parametrize("renderer", [SINGLE, CLUSTER], ids=["single", "cluster"])
@pytest.mark.parametrize("migration", migration_files.packaged().migrations, ids=lambda m: m.file)
def test_every_migration_parses(embedded, migration, renderer) -> None:
    """The engine reads each statement, in both forms and in both directions."""
    store = embedded.open()
    full = Renderer(renderer.settings, migration_files.packaged().fragments)
    statements = full.statements(migration.up, source=migration.file)
    assert statements
    for statement in statements + full.statements(migration.down, source=migration.file):
        assert "{{" not in statement
        store.run_text(f"EXPLAIN AST {statement}", tag="tests")
        # Rows reach every shard through the distributed table; there is no clause for them.
        if renderer is CLUSTER and not statement.startswith("INSERT"):
            assert "ON CLUSTER 'main'" in statement


def test_explain_ast_refuses_what_is_wrong(embedded) -> None:
    store = embedded.open()
    with pytest.raises(PermanentStoreError, match="Syntax error"):
        store.run_text("EXPLAIN AST CREATE TABLE x (a Strin(g) ENGINE = Null", tag="tests")


def test_a_dictionary_reads_its_own_server_as_the_user_of_the_address():
    settings = StoreSettings(store="clickhouse://ann:it%27s@db:8123/answerable")
    assert Renderer(settings, {}).render("{{dictionary_login}}", source="f") == (
        "USER 'ann' PASSWORD 'it\\'s'"
    )


def test_a_dictionary_of_the_embedded_engine_names_nobody(tmp_path):
    settings = StoreSettings(store=f"chdb://{tmp_path}/store")
    assert Renderer(settings, {}).render("{{dictionary_login}}", source="f") == ""
