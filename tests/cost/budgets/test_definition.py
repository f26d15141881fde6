"""Definitions: what is refused by name, what lies in what, and that a record reads back whole."""

from decimal import Decimal

import pytest

from cost.budgets.calls import Call
from cost.budgets.definition import Answer, Budget
from cost.budgets.money import nano, nano_up, parse, units
from sql.errors import InvalidInputError
from sql.records import Record
from tests.cost.budgets.kit import budget, definition


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"limit": "-1"}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"limit": "1e3"}, "limit"),
        ({"limit": "Infinity"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "4000000001"}, "limit"),
        ({"currency": "DOLLAR"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"per_request_cap": "-0.01"}, "per_request_cap"),
        ({"unknown_price": {"policy": "cap", "cap": None}}, "unknown_price.cap"),
        ({"unknown_price": {"policy": "deny", "cap": "1"}}, "unknown_price.cap"),
        ({"thresholds": [{"at": "0", "answer": "deny"}]}, "thresholds.at"),
        ({"thresholds": [{"at": "11", "answer": "deny"}]}, "thresholds.at"),
        ({"thresholds": [{"at": "0.5", "answer": "allow"}] * 2}, "thresholds.at"),
        ({"thresholds": [{"at": "0.5", "answer": "downgrade"}]}, "thresholds.model"),
        ({"thresholds": [{"at": "0.5", "answer": "deny", "model": "x"}]}, "thresholds.model"),
        (
            {"thresholds": [{"at": f"0.{n}", "answer": "allow"} for n in range(10, 27)]},
            "thresholds",
        ),
        ({"scope": {"model": "a||b"}}, "model"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_naming_the_field(changes, field):
    with pytest.raises(InvalidInputError) as error:
        budget(**changes)
    assert error.value.field == field


def test_a_definition_reads_back_from_its_record_whole():
    made = budget(
        scope={"project": "maths", "model": "gpt-* & !gpt-5"},
        limit="12.340",
        thresholds=[
            {"at": "0.9", "answer": "downgrade", "model": "small"},
            {"at": "0.50", "answer": "allow"},
        ],
        unknown_price={"policy": "cap", "cap": "0.10"},
        per_request_cap="1",
        window={"kind": "rolling", "duration_s": 7200},
    )
    record = Record("school", "budget", "school", 3, "put", made.body(), "ann", "", 5, 7)
    again = Budget.from_record(record)
    assert again.body() == made.body()
    assert (again.version, again.changed_by, again.changed_at_ns) == (3, "ann", 7)
    assert [threshold.at for threshold in again.thresholds] == [Decimal("0.5"), Decimal("0.9")]


def test_budgets_lie_in_what_contains_them():
    org = budget("org", tenant="")
    school, other = budget(), budget("other", tenant="other")
    maths = budget("maths", scope={"project": "maths"})
    ann = budget("ann", scope={"project": "maths", "user": "ann"})
    assert org.contains(school)
    assert org.contains(ann)
    assert school.contains(maths)
    assert maths.contains(ann)
    assert not ann.contains(maths)
    assert not school.contains(other)
    assert not school.contains(org)
    assert not school.contains(school)
    assert [one.level for one in (org, school, maths, ann)] == [
        "organisation",
        "tenant",
        "project",
        "user",
    ]


def test_a_call_counts_where_every_named_field_agrees():
    found = budget(scope={"project": "maths", "model": "gpt-5*|claude-#"})
    assert found.holds(Call("school", project="maths", model="GPT-5-mini"))
    assert found.holds(Call("school", project="maths", model="claude-4"))
    assert not found.holds(Call("school", project="maths", model="claude-x"))
    assert not found.holds(Call("school", project="maths"))
    assert not found.holds(Call("school", project="art", model="gpt-5"))
    assert not found.holds(Call("other", project="maths", model="gpt-5"))


@pytest.mark.parametrize(
    ("used", "answer"),
    [("0", "ALLOW"), ("49.9", "ALLOW"), ("50", "DEFER"), ("99.9", "DEFER"), ("100", "DENY")],
)
def test_what_the_next_call_gets(used, answer):
    found = budget(thresholds=[{"at": "0.5", "answer": "defer"}])
    assert found.answer_at(nano(Decimal(used))) is Answer[answer]


def test_money_is_exact_in_nano_units():
    assert nano(Decimal("0.1")) == 100_000_000
    assert (nano(Decimal("0.0000000005")), nano(Decimal("0.0000000015"))) == (0, 2)
    assert nano_up(Decimal("0.0000000001")) == 1
    assert units(1) == Decimal("0.000000001")
    assert units(nano(Decimal("3999999999.999999999"))) == Decimal("3999999999.999999999")


@pytest.mark.parametrize("text", ["-1", "1,5", "0x1", " 1", "1e2", "nan", "9000000.01", "1" * 50])
def test_an_amount_that_is_none_is_refused(text):
    with pytest.raises(InvalidInputError) as error:
        parse(text, "amount")
    assert error.value.field == "amount"


def test_the_definition_of_the_kit_is_complete():
    assert budget().body() == {**definition(), "scope": dict.fromkeys(budget().scope.body(), "")}
