"""What went wrong in LiteLLM and MLflow, each as a test whose name says it; see their issues."""

import threading
from decimal import Decimal

import pytest

from cost.budgets.definition import Answer
from cost.budgets.holdings import Charges, Seed
from cost.budgets.journal import Journal
from cost.budgets.memory import MemoryLedger
from sql.errors import PermanentStoreError
from tests.cost.budgets.kit import Desk, budget

TRACE = "cd" * 16
KEY = "school\x1fschool"


def in_threads(number, work):
    """Run work in threads that start together; whatever one raises is raised here."""
    barrier, errors = threading.Barrier(number), []

    def run(index):
        barrier.wait()
        try:
            work(index)
        except Exception as error:  # noqa: BLE001  Raised again by the test.
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_litellm_26672_parallel_calls_do_not_bypass_the_limit(desk):
    desk.budgets(budget(limit="10"))
    allowed = []

    def spend(index):
        answers = [desk.ask("1", name=f"{index}-{turn}").answer for turn in range(10)]
        allowed.extend(answer for answer in answers if answer is Answer.ALLOW)

    in_threads(8, spend)
    assert len(allowed) == 10
    assert desk.held() == 10


def test_litellm_34732_check_and_add_are_one_step(desk):
    """Twenty ask at the same moment for the last call there is room for."""
    desk.budgets(budget(limit="1"))
    answers = []
    in_threads(20, lambda index: answers.append(desk.ask("1", name=f"r{index}").answer))
    assert sorted(answers) == [Answer.ALLOW] + [Answer.DENY] * 19


def test_mlflow_21570_the_call_that_would_exceed_is_denied_not_the_one_after(desk):
    desk.budgets(budget(limit="10"))
    desk.ask("9", name="a")
    desk.settle("a", "9")
    assert desk.ask("2").answer is Answer.DENY


@pytest.mark.parametrize("ledgers", ["redis"], indirect=True)
def test_litellm_30661_counters_are_not_local_to_a_process(ledgers):
    first, second = Desk(ledgers.open()), Desk(ledgers.open())
    for desk in (first, second):
        desk.budgets(budget(limit="10"))
    first.ask("6", name="a")
    assert second.ask("6", name="b").answer is Answer.DENY
    second.settle("a", "1")
    assert first.ask("9", name="c").answer is Answer.ALLOW


@pytest.mark.parametrize("ledgers", ["redis"], indirect=True)
def test_litellm_33325_and_39390_caps_of_a_model_are_not_local_to_a_process(ledgers):
    first, second = Desk(ledgers.open()), Desk(ledgers.open())
    for desk in (first, second):
        desk.budgets(budget(limit="100"), budget("large", scope={"model": "large*"}, limit="5"))
    assert first.ask("5", name="a", model="large").answer is Answer.ALLOW
    assert second.ask("5", name="b", model="large").answer is Answer.DENY
    assert second.ask("5", name="c", model="small").answer is Answer.ALLOW


def test_mlflow_21616_and_21647_a_second_process_gets_no_counters_of_its_own(tmp_path):
    """Without Redis the second process is refused: it would have a budget of its own."""

    def ledger():
        journal = Journal(tmp_path, segment_bytes=1 << 20, total_bytes=1 << 20)
        return MemoryLedger(journal, reservations_max=100)

    first = ledger()
    first.start(1)
    with pytest.raises(PermanentStoreError, match="ANSWERABLE_BUDGET_REDIS_URL"):
        ledger().start(1)
    first.close()
    second = ledger()
    second.start(1)
    second.close()


def test_litellm_28247_reseeding_by_many_never_adds_up(desk):
    """Eight set the same spend at once; it is set, not added."""
    desk.budgets(budget())
    slot = desk.clock() // (900 * 10**9)
    watermark = desk.ledger.watermark()
    in_threads(
        8, lambda _: desk.ledger.seed(Seed(KEY, slot - 10, watermark, {slot: 14_000_000_000}))
    )
    assert desk.spent() == 14


def test_litellm_28247_charges_counted_by_many_count_once(desk):
    desk.budgets(budget())
    slot, follows = desk.clock() // (900 * 10**9), desk.ledger.watermark()
    counted = []
    charges = Charges(follows, follows + 5, [(KEY, slot, 14_000_000_000)])
    in_threads(8, lambda _: counted.append(desk.ledger.charge(charges)))
    assert sorted(counted) == [False] * 7 + [True]
    assert desk.spent() == 14


def test_litellm_30460_a_call_reported_by_client_and_by_telemetry_counts_once(desk):
    """Their counter said 50 where the database said 14."""
    desk.budgets(budget())
    for turn in range(10):
        trace = f"{turn:032x}"
        desk.ask("2", name=f"r{turn}", trace_id=trace)
        desk.settle(f"r{turn}", "1.4")
        desk.charge("1.4", trace=trace)
    assert desk.spent() == 14
    assert desk.totals().ahead == 0


@pytest.mark.parametrize("first", ["settle", "charge"])
@pytest.mark.parametrize(("settled", "charged", "spent"), [(5, 5, 5), (5, 3, 5), (3, 5, 5)])
def test_a_trace_counts_the_larger_of_what_was_settled_and_charged(
    desk, first, settled, charged, spent
):
    desk.budgets(budget())
    desk.ask("6", name="a", trace_id=TRACE)
    steps = [lambda: desk.settle("a", settled), lambda: desk.charge(charged, trace=TRACE)]
    for step in steps if first == "settle" else reversed(steps):
        step()
    assert (desk.spent(), desk.held()) == (spent, 0)


def test_telemetry_of_calls_without_a_reservation_counts_too(desk):
    desk.budgets(budget(limit="10"))
    desk.charge("4")
    desk.charge("4", trace=TRACE)
    assert desk.spent() == 8
    assert desk.ask("3").answer is Answer.DENY


def test_charges_of_a_trace_after_everything_was_settled_are_new_money(desk):
    desk.budgets(budget())
    desk.ask("5", name="a", trace_id=TRACE)
    desk.settle("a", "5")
    desk.charge("5", trace=TRACE)
    desk.charge("2", trace=TRACE)
    assert desk.spent() == 7
    assert desk.ledger.tracked() == set()


def test_two_reservations_of_one_trace_and_their_telemetry_count_once_each(desk):
    desk.budgets(budget())
    for name in ("a", "b"):
        desk.ask("5", name=name, trace_id=TRACE)
    desk.settle("a", "3")
    desk.charge("3", trace=TRACE)
    assert (desk.spent(), desk.held()) == (3, 5)
    desk.settle("b", "4")
    assert desk.spent() == 7
    desk.charge("4", trace=TRACE)
    assert (desk.spent(), desk.totals().ahead) == (7, 0)


def test_a_correction_that_lowers_the_past_lowers_what_was_spent(desk):
    desk.budgets(budget(limit="10"))
    desk.charge("9")
    assert desk.ask("2").answer is Answer.DENY
    desk.charge("-3")
    assert desk.spent() == 6
    assert desk.ask("2").answer is Answer.ALLOW


def test_what_the_client_says_takes_the_place_of_what_was_read_from_the_span(desk):
    desk.budgets(budget())
    desk.ask("5", name="a", trace_id=TRACE)
    desk.settle("a", "3", by="span")
    assert desk.settle("a", "4").replayed is False
    assert desk.settle("a", "2", by="span").replayed is True
    assert desk.spent() == 4


def test_litellm_34238_a_budget_of_one_user_is_never_taken_for_another_s(desk):
    desk.budgets(budget("ann", scope={"user": "ann"}, limit="5"))
    desk.ask("5", name="a", user="ann")
    assert desk.ask("1", user="ann").answer is Answer.DENY
    other = desk.ask("1", user="bob")
    assert (other.answer, other.standings) == (Answer.ALLOW, [])
    assert desk.ask("1", user="").standings == []


def test_litellm_25874_a_model_without_a_price_is_not_a_free_model(desk):
    desk.budgets(budget(limit="10"))
    denied = desk.ask(None, model="own", input_tokens=1000)
    assert (denied.answer, denied.reason) == (Answer.DENY, "unknown_price")
    free = desk.ask(None, model="free", input_tokens=1000)
    assert (free.answer, free.estimate) == (Answer.ALLOW, "priced")


def test_litellm_27509_a_call_without_max_tokens_reserves_the_default_not_the_headroom(desk):
    desk.budgets(budget(limit="2000", default_output_tokens=16_000))
    desk.ask(None, name="a", model="large", input_tokens=10_000)
    assert desk.held() == Decimal("0.74")
    assert desk.ask(None, model="large", input_tokens=10_000).answer is Answer.ALLOW


def test_litellm_35524_a_call_whose_cost_cannot_be_estimated_is_never_let_through_unseen(desk):
    policies = {
        "deny": {"policy": "deny", "cap": None},
        "cap": {"policy": "cap", "cap": "4"},
        "allow": {"policy": "allow", "cap": None},
    }
    desk.budgets(budget(unknown_price=policies["deny"]))
    assert desk.ask(None, model="own").reason == "unknown_price"
    desk.budgets(budget(unknown_price=policies["cap"], limit="10"))
    assert desk.ask(None, name="cap", model="own").estimate == "unpriced"
    assert desk.held() == 4
    desk.budgets(budget(unknown_price=policies["allow"], limit="10"))
    assert desk.ask(None, name="allow", model="own").answer is Answer.ALLOW
    desk.settle("allow", "6")
    desk.settle("cap", "4")
    assert desk.spent() == 10
    assert desk.ask(None, model="own").reason == "over_limit"


def test_an_amount_without_an_exchange_rate_follows_the_policy_for_unknown_prices(desk):
    desk.budgets(budget())
    denied = desk.ask("5", currency="JPY")
    assert (denied.answer, denied.reason) == (Answer.DENY, "no_rate")
    desk.budgets(budget(unknown_price={"policy": "cap", "cap": "3"}))
    assert desk.ask("5", currency="JPY").answer is Answer.ALLOW
    assert desk.held() == 3


def test_litellm_38647_one_call_may_not_fill_the_budget_and_a_cancelled_one_frees_it(desk):
    desk.budgets(budget(limit="10", per_request_cap="2"))
    greedy = desk.ask("2.01")
    assert (greedy.answer, greedy.reason, greedy.resets_ns) == (
        Answer.DENY,
        "per_request_cap",
        None,
    )
    for turn in range(20):
        assert desk.ask("2", name=f"r{turn}").answer is Answer.ALLOW
        desk.release(f"r{turn}")
    assert desk.held() == 0


def test_litellm_40002_a_batch_call_reserves_at_the_batch_price(desk):
    desk.budgets(budget())
    desk.ask(None, name="a", model="large", input_tokens=100_000, max_output_tokens=0)
    assert desk.held() == 1
    desk.ask(
        None,
        name="b",
        model="large",
        input_tokens=100_000,
        max_output_tokens=0,
        service_tier="batch",
    )
    assert desk.held() == Decimal("1.5")


def test_a_cached_input_reserves_at_the_cached_price(desk):
    desk.budgets(budget())
    tokens = {"input_tokens": 100_000, "cache_read_tokens": 100_000, "max_output_tokens": 0}
    desk.ask(None, name="a", model="large", **tokens)
    assert desk.held() == Decimal("0.1")


def test_mlflow_26052_new_definitions_leave_the_windows_of_other_tenants_alone(desk):
    desk.budgets(budget(), budget("other", tenant="other"))
    for tenant in ("school", "other"):
        desk.ask("3", name="a", tenant=tenant)
        desk.settle("a", "3", tenant=tenant)
    desk.budgets(budget(limit="50"), budget("other", tenant="other"))
    desk.ledger.forget(KEY)
    assert desk.spent("other", "other") == 3
    assert desk.spent() == 0


def test_mlflow_26053_a_window_belongs_to_no_version_of_the_budget(desk):
    """A reservation made under one version is settled under the next, and counts in it."""
    desk.budgets(budget(limit="10"))
    desk.ask("6", name="a")
    week = {"kind": "calendar", "period": "week", "time_zone": "Europe/Paris"}
    desk.budgets(budget(limit="8", window=week))
    assert desk.held() == 6
    assert desk.ask("3").answer is Answer.DENY
    desk.settle("a", "5")
    assert (desk.held(), desk.spent()) == (0, 5)
    assert desk.ask("3").answer is Answer.ALLOW


def test_a_reservation_of_a_budget_removed_meanwhile_can_still_be_settled(desk):
    desk.budgets(budget(), budget("org", tenant=""))
    desk.ask("2", name="a", trace_id=TRACE)
    desk.budgets(budget("org", tenant=""))
    desk.ledger.forget(KEY)
    assert desk.settle("a", "1").reservation.settled == {"\x1forg": 1_000_000_000}
    assert (desk.spent("org", ""), desk.held("org", "")) == (1, 0)


def test_a_batch_of_charges_that_missed_a_new_budget_is_not_counted(desk):
    """Its charges since the watermark would be lost: the batch was sorted without it."""
    desk.budgets(budget())
    follows = desk.ledger.watermark()
    assert desk.ledger.seed(Seed(KEY, 0, follows, {}))
    assert desk.ledger.charge(Charges(follows, follows + 1, [])) is False
    assert desk.ledger.charge(Charges(follows, follows + 1, [], keys=frozenset({KEY}))) is True


def test_a_seed_read_at_another_watermark_is_refused(desk):
    mark = desk.ledger.watermark()
    assert desk.ledger.seed(Seed(KEY, 0, mark - 1, {1: 5})) is False
    assert desk.ledger.seed(Seed(KEY, 0, mark, {1: 5}, {"JPY": 7})) is True
    assert desk.ledger.seeds() == {KEY: 0}
    assert desk.ledger.unconverted() == {KEY: {"JPY": 7}}
    desk.ledger.forget(KEY)
    assert (desk.ledger.seeds(), desk.ledger.unconverted()) == ({}, {})


def test_something_is_done_once_by_whoever_claims_it_first(desk):
    now, later = desk.clock(), desk.clock() + 60 * 10**9
    claims = []
    in_threads(8, lambda _: claims.append(desk.ledger.claim("mark", now, later)))
    assert sorted(claims) == [False] * 7 + [True]
    desk.ledger.mark("mark", now)
    assert desk.ledger.marked("mark")
    assert not desk.ledger.claim("mark", later + 1, later + 2)


def test_amounts_beyond_what_a_double_holds_stay_exact(desk):
    """2^53 nano-units are nine million: a Lua script must not compare them as doubles."""
    desk.budgets(budget(limit="4000000000"))
    for turn in range(444):
        desk.ask("9000000", name=f"large{turn}")
    assert desk.ask("4000000.000000001").answer is Answer.DENY
    assert desk.ask("4000000").answer is Answer.ALLOW
    assert desk.ask("0.000000001").answer is Answer.DENY
    assert desk.held() == 4_000_000_000


def test_money_given_back_below_nothing_leaves_that_much_more_room(desk):
    desk.budgets(budget(limit="1"))
    desk.charge("-3")
    assert desk.ask("4.000000001").answer is Answer.DENY
    assert desk.ask("4").answer is Answer.ALLOW
    assert desk.ask("0.000000001").answer is Answer.DENY
