"""Text that SQL files share: filled in wherever it is named, and read with the query."""

from __future__ import annotations

import pytest

from sql import fragments, queries
from sql.errors import PermanentStoreError

SHARED = {
    "one": "a = 1",
    "two": "{{one}} AND b = {b:UInt8}",
    "left": "{{right}}",
    "right": "{{left}}",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WHERE {{one}}", "WHERE a = 1"),
        ("{{ two }} OR {{one}}", "a = 1 AND b = {b:UInt8} OR a = 1"),
        # What is no fragment is left to whoever renders the rest.
        ("{{on_cluster}} {{local one}} {one:String}", "{{on_cluster}} {{local one}} {one:String}"),
    ],
)
def test_fragments_are_filled_in(text: str, expected: str) -> None:
    assert fragments.expanded(text, SHARED) == expected


def test_a_circle_is_named() -> None:
    with pytest.raises(PermanentStoreError, match="left -> right -> left"):
        fragments.expanded("{{left}}", SHARED)


def test_a_folder_is_read_by_name(tmp_path) -> None:
    assert fragments.read(tmp_path / "none") == {}
    (tmp_path / "one.sql").write_text("\na = 1\n", encoding="utf-8")
    assert fragments.read(tmp_path) == {"one": "a = 1"}


def test_a_query_comes_with_its_fragments() -> None:
    assert queries.load("drift/score_counts") == (
        "WITH {dimension:String} AS d\n"
        "SELECT\n"
        "    toUInt32(intDiv("
        "toUnixTimestamp64Nano(time) - {from_ns:Int64}, {step_ns:Int64})) AS step,\n"
        "    uniqExact(sipHash64(decision_id)) AS n\n"
        "FROM decisions\n"
        "WHERE tenant = {tenant:String}\n"
        "    AND model_name = {model:String}\n"
        "    AND time >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC')\n"
        "    AND time < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')\n"
        "    AND (d = '' OR {value:String} = if("
        "startsWith(d, 'feature:'), feature_string[substring(d, 9)], multiIf(\n"
        "    d = 'model_version', toString(model_version),\n"
        "    d = 'prompt_version', toString(prompt_version),\n"
        "    d = 'environment', toString(environment),\n"
        "    d = 'service_name', toString(service_name),\n"
        "    toString(route))))\n"
        "GROUP BY step\n"
        "ORDER BY step"
    )


def test_a_fragment_is_no_query() -> None:
    assert "in_time" in queries.shared()
    with pytest.raises(PermanentStoreError, match="There is no query"):
        queries.load("fragments/in_time")
