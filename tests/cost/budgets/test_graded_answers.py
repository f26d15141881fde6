"""Thresholds: allow, downgrade to a cheaper model, defer to a batch, deny."""

from decimal import Decimal

import pytest

from cost.budgets.definition import Answer
from cost.budgets.holdings import Suspension
from tests.cost.budgets.kit import budget

STEPS = [
    {"at": "0.5", "answer": "allow"},
    {"at": "0.8", "answer": "downgrade", "model": "small"},
    {"at": "0.9", "answer": "defer"},
    {"at": "0.95", "answer": "deny"},
]
CALL = {"input_tokens": 100_000, "max_output_tokens": 0}


@pytest.fixture
def graded(desk):
    return desk.budgets(budget(thresholds=STEPS))


def spend(desk, amount):
    name = f"spent {amount}"
    desk.ask(amount, name=name)
    desk.settle(name, amount)


def test_below_every_threshold_a_call_is_allowed(graded):
    assert graded.ask(None, model="large", **CALL).answer is Answer.ALLOW


def test_above_a_share_the_cheaper_model_is_named_and_reserved_for(graded):
    spend(graded, "79.5")
    made = graded.ask(None, name="a", model="large", **CALL)
    assert (made.answer, made.model, made.reason) == (Answer.DOWNGRADE, "small", "threshold")
    assert made.reservation.info["model"] == "small"
    assert graded.held() == Decimal("0.1")
    again = graded.ask(None, name="a", model="large", **CALL)
    assert (again.answer, again.model, again.replayed) == (Answer.DOWNGRADE, "small", True)


def test_a_call_to_the_cheaper_model_or_a_cheaper_one_still_is_allowed(graded):
    spend(graded, "79.95")
    assert graded.ask(None, model="small", **CALL).answer is Answer.ALLOW
    assert graded.ask(None, model="free", **CALL).answer is Answer.ALLOW


def test_a_call_whose_cheaper_model_does_not_fit_either_is_denied(desk):
    steps = [{"at": "0.8", "answer": "downgrade", "model": "small"}]
    desk.budgets(budget(thresholds=steps), budget("small", scope={"model": "small"}, limit="0.05"))
    desk.charge("79.5")
    denied = desk.ask(None, model="large", **CALL)
    assert (denied.answer, denied.reason, denied.reservation) == (Answer.DENY, "over_limit", None)
    assert desk.held("small") == 0


def test_a_cheaper_model_without_a_price_follows_the_policy(desk):
    steps = [{"at": "0.8", "answer": "downgrade", "model": "own"}]
    desk.budgets(budget(thresholds=steps))
    desk.charge("79.5")
    assert desk.ask(None, model="large", **CALL).reason == "unknown_price"


def test_two_budgets_that_ask_for_different_models_get_the_cheapest(desk):
    steps = {
        name: [{"at": "0.1", "answer": "downgrade", "model": name}] for name in ("small", "free")
    }
    desk.budgets(
        budget("org", tenant="", thresholds=steps["free"]), budget(thresholds=steps["small"])
    )
    for key in ("\x1forg", "school\x1fschool"):
        desk.charge("11", key=key)
    made = desk.ask(None, model="large", **CALL)
    assert (made.answer, made.model) == (Answer.DOWNGRADE, "free")


def test_above_a_higher_share_a_call_is_put_off_to_a_batch(graded):
    spend(graded, "89.95")
    deferred = graded.ask(None, model="small", **CALL)
    assert (deferred.answer, deferred.reservation) == (Answer.DEFER, None)
    assert deferred.resets_ns is not None
    batch = graded.ask(None, model="small", service_tier="batch", **CALL)
    assert batch.answer is Answer.ALLOW


def test_a_threshold_may_deny_before_the_limit(graded):
    spend(graded, "80")
    assert graded.ask("16").answer is Answer.DENY
    assert graded.ask("14", service_tier="batch").answer is Answer.ALLOW


def test_the_strictest_answer_of_all_budgets_holds(desk):
    defer = [{"at": "0.1", "answer": "defer"}]
    desk.budgets(budget("org", tenant="", thresholds=defer), budget(limit="1"))
    assert desk.ask("0.5").answer is Answer.ALLOW
    desk.charge("11", key="\x1forg")
    assert desk.ask("0.1").answer is Answer.DEFER
    assert desk.ask("0.6").answer is Answer.DENY


def test_a_budget_that_is_not_hard_lets_calls_through_above_its_limit(desk):
    desk.budgets(budget(limit="1", hard=False))
    assert desk.ask("5").answer is Answer.ALLOW
    assert desk.ask("5").answer is Answer.ALLOW


def test_a_suspended_tenant_starts_no_new_work_and_settles_old(desk):
    desk.budgets(budget())
    desk.ask("1", name="a")
    until = desk.clock() + 3600 * 10**9
    desk.ledger.suspend(Suspension("school", "school\x1fschool", desk.clock(), until, "spent"), 0)
    denied = desk.ask("1")
    assert (denied.answer, denied.reason, denied.resets_ns) == (Answer.DENY, "suspended", until)
    assert desk.ask("1", tenant="other").answer is Answer.ALLOW
    assert desk.settle("a", "1").reservation.state == "settled"
    desk.clock.step(seconds=3600)
    assert desk.ask("1").answer is Answer.ALLOW
    assert desk.ledger.suspensions(desk.clock()) == []


def test_a_suspended_organisation_suspends_every_tenant_until_it_is_lifted(desk):
    desk.budgets(budget())
    until = desk.clock() + 3600 * 10**9
    desk.ledger.suspend(Suspension("", "\x1forg", desk.clock(), until, "spent"), 0)
    assert desk.ask("1", tenant="any").reason == "suspended"
    desk.ledger.lift("", desk.clock())
    assert desk.ask("1", tenant="any").answer is Answer.ALLOW
