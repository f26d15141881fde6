"""Reserve, settle, release: the same answers from the ledger in memory and the one in Redis."""

from decimal import Decimal

import pytest

from cost.budgets.calls import Actual
from cost.budgets.decisions import overshoot
from cost.budgets.definition import Answer
from sql.errors import ConflictError, InvalidInputError, NotFoundError
from tests.cost.budgets.kit import budget, ns

TRACE = "ab" * 16


def test_what_is_reserved_is_held_and_what_is_settled_is_spent(desk):
    desk.budgets(budget())
    made = desk.ask("2.5", name="a")
    assert (made.answer, made.reservation.state) == (Answer.ALLOW, "open")
    assert (desk.held(), desk.spent()) == (Decimal("2.5"), 0)
    changed = desk.settle("a", "1.75")
    assert changed.reservation.state == "settled"
    assert (desk.held(), desk.spent()) == (0, Decimal("1.75"))
    assert changed.standings[0].totals.spent == 1_750_000_000


def test_a_reservation_that_would_exceed_the_limit_is_denied_and_holds_nothing(desk):
    desk.budgets(budget(limit="10"))
    assert desk.ask("10").answer is Answer.ALLOW
    denied = desk.ask("0.000000001")
    assert (denied.answer, denied.reason) == (Answer.DENY, "over_limit")
    assert denied.reservation is None
    assert denied.resets_ns == ns(2026, 12, 1)
    assert desk.held() == 10


def test_a_reservation_larger_than_the_budget_is_denied(desk):
    desk.budgets(budget(limit="10"))
    assert desk.ask("10.01").reason == "over_limit"
    assert desk.ask("10").answer is Answer.ALLOW


def test_a_budget_of_0_denies_everything_and_says_so(desk):
    desk.budgets(budget(limit="0"))
    for amount in ("0", "0.01", "5"):
        denied = desk.ask(amount)
        assert (denied.answer, denied.reason, denied.resets_ns) == (
            Answer.DENY,
            "zero_budget",
            None,
        )
    assert "is 0" in denied.detail


def test_all_ancestors_must_pass_or_none_holds_anything(desk):
    desk.budgets(
        budget("org", tenant="", limit="1000"),
        budget(limit="100"),
        budget("maths", scope={"project": "maths"}, limit="50"),
        budget("ann", scope={"project": "maths", "user": "ann"}, limit="5"),
    )
    made = desk.ask("4", project="maths", user="ann")
    assert [one.budget.budget_id for one in made.standings] == ["org", "school", "maths", "ann"]
    denied = desk.ask("4", project="maths", user="ann")
    assert [one.verdict.answer for one in denied.standings] == [*[Answer.ALLOW] * 3, Answer.DENY]
    assert desk.held() == desk.held("org", "") == desk.held("maths") == desk.held("ann") == 4
    assert desk.ask("4", project="maths", user="bob").answer is Answer.ALLOW
    assert desk.held("ann") == 4
    assert desk.held("maths") == 8


def test_a_call_no_budget_counts_is_allowed_and_can_be_settled(desk):
    made = desk.ask("5", name="a")
    assert (made.answer, made.estimate, made.standings) == (Answer.ALLOW, "given", [])
    assert desk.settle("a", "5").reservation.state == "settled"


def test_the_same_identifier_and_request_get_the_first_answer_again(desk):
    desk.budgets(budget())
    first, second = desk.ask("2", name="a"), desk.ask("2", name="a")
    assert (first.replayed, second.replayed) == (False, True)
    assert desk.held() == 2
    with pytest.raises(ConflictError) as error:
        desk.ask("3", name="a")
    assert error.value.field == "reservation_id"
    assert desk.held() == 2


def test_identifiers_of_two_tenants_do_not_meet(desk):
    desk.budgets(budget(), budget("other", tenant="other"))
    desk.ask("2", name="a")
    assert desk.ask("3", name="a", tenant="other").replayed is False
    desk.settle("a", "3", tenant="other")
    assert (desk.held(), desk.spent("other", "other")) == (2, 3)


def test_settling_twice_with_the_same_amount_is_one_settlement(desk):
    desk.budgets(budget())
    desk.ask("2", name="a")
    assert desk.settle("a", "1.50").replayed is False
    assert desk.settle("a", "1.5").replayed is True
    assert desk.spent() == Decimal("1.5")


def test_settling_twice_with_another_amount_is_a_conflict(desk):
    desk.budgets(budget())
    desk.ask("2", name="a")
    desk.settle("a", "1.5")
    with pytest.raises(ConflictError):
        desk.settle("a", "1.6")
    with pytest.raises(ConflictError):
        desk.release("a")
    assert desk.spent() == Decimal("1.5")


def test_settling_after_the_time_ran_out_counts_all_of_it_and_says_late(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("8", name="a")
    assert desk.ask("8").answer is Answer.DENY
    desk.clock.step(seconds=121)
    assert desk.ask("8", name="b").answer is Answer.ALLOW
    changed = desk.settle("a", "7")
    assert (changed.reservation.late, overshoot(changed.reservation)) == (True, 7)
    assert (desk.spent(), desk.held()) == (7, 8)
    assert desk.settle("a", "7").replayed is True


def test_settling_more_than_reserved_counts_all_of_it(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("1", name="a")
    changed = desk.settle("a", "12")
    assert overshoot(changed.reservation) == 11
    assert desk.spent() == 12
    assert desk.ask("0.01").answer is Answer.DENY


def test_settling_less_than_reserved_frees_the_rest(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("10", name="a")
    desk.settle("a", "0.5")
    assert desk.ask("9.5").answer is Answer.ALLOW


def test_a_cancelled_call_frees_everything_once(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("10", name="a")
    assert desk.release("a").replayed is False
    assert desk.release("a").replayed is True
    assert desk.ask("10").answer is Answer.ALLOW


def test_money_that_turns_up_after_a_release_counts_as_late(desk):
    desk.budgets(budget())
    desk.ask("2", name="a")
    desk.release("a")
    assert desk.settle("a", "0.5").reservation.late is True
    assert (desk.spent(), desk.held()) == (Decimal("0.5"), 0)


def test_a_long_stream_is_extended_and_not_late(desk):
    desk.budgets(budget())
    desk.ask("2", name="a")
    desk.clock.step(seconds=100)
    desk.engine.extend("school", "a", 600)
    desk.clock.step(seconds=500)
    assert desk.held() == 2
    assert desk.settle("a", "2").reservation.late is False
    with pytest.raises(ConflictError):
        desk.engine.extend("school", "a", 60)


def test_no_extension_goes_beyond_the_bound(desk):
    desk.budgets(budget())
    desk.ask("2", name="a", ttl_s=3600)
    desk.clock.step(seconds=3000)
    changed = desk.engine.extend("school", "a", 3600)
    assert changed.reservation.expires_ns == desk.clock() + 600 * 10**9
    with pytest.raises(InvalidInputError) as error:
        desk.ask("2", ttl_s=3601)
    assert error.value.field == "ttl_s"


def test_what_was_never_reserved_cannot_be_settled_released_or_extended(desk):
    for change in (
        lambda: desk.settle("none", "1"),
        lambda: desk.release("none"),
        lambda: desk.engine.extend("school", "none", 5),
    ):
        with pytest.raises(NotFoundError):
            change()


def test_a_call_over_the_turn_of_the_month_counts_in_the_month_it_began(desk):
    desk.budgets(budget(limit="10"))
    desk.clock.now_ns = ns(2026, 11, 30, 23, 59)
    desk.ask("6", name="a")
    desk.clock.now_ns = ns(2026, 12, 1, 0, 0, 30)
    assert desk.held() == 0
    assert desk.ask("10").answer is Answer.ALLOW
    desk.settle("a", "5")
    assert desk.spent() == 0
    desk.clock.now_ns = ns(2026, 11, 30, 23, 59)
    assert desk.spent() == 5


def test_a_rolling_window_lets_money_go_after_its_time(desk):
    window = {"kind": "rolling", "duration_s": 3600}
    desk.budgets(budget(limit="10", window=window))
    desk.ask("10", name="a")
    desk.settle("a", "10")
    desk.clock.step(seconds=3599)
    assert desk.ask("1").answer is Answer.DENY
    desk.clock.step(seconds=901)
    assert desk.ask("10").answer is Answer.ALLOW


def test_money_of_another_currency_counts_at_its_rate(desk):
    desk.budgets(budget(limit="11"))
    made = desk.ask("10", name="a", currency="EUR")
    assert (made.answer, desk.held()) == (Answer.ALLOW, 11)
    desk.settle("a", "5", currency="EUR")
    assert desk.spent() == Decimal("5.5")


def test_settling_in_a_currency_without_a_rate_is_refused_and_nothing_is_lost(desk):
    desk.budgets(budget())
    desk.ask("10", name="a")
    with pytest.raises(InvalidInputError) as error:
        desk.settle("a", "5", currency="JPY")
    assert error.value.field == "currency"
    assert desk.held() == 10


def test_settling_by_tokens_prices_the_model_of_the_reservation(desk):
    desk.budgets(budget())
    desk.ask(None, name="a", model="large", input_tokens=1_000_000, max_output_tokens=0)
    assert desk.held() == 10
    usage = {"input": 500_000, "cache_read": 500_000, "output": 100_000}
    desk.engine.settle("school", "a", Actual(usage=usage), by="client")
    assert desk.spent() == Decimal("9.5")


def test_changing_the_limit_keeps_what_was_spent(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("6", name="a")
    desk.settle("a", "6")
    desk.budgets(budget(limit="5"))
    assert (desk.spent(), desk.ask("0.1").answer) == (6, Answer.DENY)
    desk.budgets(budget(limit="7"))
    assert desk.ask("1").answer is Answer.ALLOW


def test_changing_the_window_keeps_right_sums(desk):
    desk.budgets(budget())
    desk.clock.now_ns = ns(2026, 11, 3, 12)
    desk.ask("6", name="early")
    desk.settle("early", "6")
    desk.clock.now_ns = ns(2026, 11, 18, 12)
    desk.ask("3", name="today")
    desk.settle("today", "3")
    for period, zone, spent in (
        ("month", "UTC", 9),
        ("day", "UTC", 3),
        ("week", "Asia/Kathmandu", 3),
        ("year", "America/New_York", 9),
        ("month", "UTC", 9),
    ):
        window = {"kind": "calendar", "period": period, "time_zone": zone}
        desk.budgets(budget(window=window))
        assert desk.spent() == spent, period
    desk.budgets(budget(window={"kind": "rolling", "duration_s": 16 * 86_400}))
    assert desk.spent() == 9
    desk.budgets(budget(window={"kind": "rolling", "duration_s": 14 * 86_400}))
    assert desk.spent() == 3


def test_reservations_are_listed_newest_first_and_by_state(desk):
    desk.budgets(budget(), budget("other", tenant="other"))
    for name in ("a", "b", "c"):
        desk.ask("1", name=name, trace_id=TRACE)
        desk.clock.step(seconds=1)
    desk.ask("1", name="x", tenant="other")
    desk.settle("b", "1")

    def listed(**wanted):
        filters = {"key": "", "state": "", "after": (2**62, ""), "limit": 10, **wanted}
        found = desk.ledger.reservations(filters.pop("tenants", ["school"]), **filters)
        return [one.reservation_id for one in found]

    assert listed() == ["c", "b", "a"]
    assert listed(state="open") == ["c", "a"]
    assert listed(tenants=[]) == ["x", "c", "b", "a"]
    assert listed(tenants=["other"]) == ["x"]
    assert listed(key="other\x1fother", tenants=[]) == ["x"]
    assert listed(limit=2) == ["c", "b"]
    second = desk.ledger.find("school", "b")
    assert listed(after=second.position) == ["a"]
    assert desk.ledger.open_counts() == {"school\x1fschool": 2, "other\x1fother": 1}
