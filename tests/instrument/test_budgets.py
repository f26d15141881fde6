"""`budget()`: reserve before the call, settle after it, once, whatever happens in between."""

import gc
import threading
from decimal import Decimal

import pytest

import answerable_instrument as answerable
from answerable_instrument import reservations
from tests.doubles.budget_server import BudgetServer


@pytest.fixture
def server():
    with BudgetServer() as running:
        yield running


@pytest.fixture
def service(server):
    made = answerable.BudgetService(server.url, "secret", timeout_s=2.0)
    yield made
    made.close()


@pytest.fixture
def ask(service, fresh_counts):
    def asked(**given):
        chosen = {"on_unreachable": "fail_closed", "amount": "10", "currency": "USD"}
        return answerable.budget(**{**chosen, "service": service, **given})

    return asked


def seen(kind):
    return answerable.warnings_seen().get(kind, 0)


def test_a_call_is_reserved_and_settled_with_what_it_cost(server, ask):
    with ask(project="maths", user="u7", feature="hints", model="gpt-x") as call:
        assert server.held == 10
        assert (call.decision, call.allowed, call.model) == ("allow", True, "gpt-x")
        assert answerable.current_budget() is call
        call.cost("2.50", "USD")
    assert answerable.current_budget() is None
    assert (server.held, server.spent) == (0, Decimal("2.50"))
    reserve, settle = server.body("reserve"), server.body("settle")
    assert reserve == {
        "reservation_id": call.reservation_id,
        "project": "maths",
        "user": "u7",
        "feature": "hints",
        "model": "gpt-x",
        "amount": "10",
        "currency": "USD",
    }
    assert settle == {
        "reservation_id": call.reservation_id,
        "amount": "2.50",
        "currency": "USD",
    }


def test_tokens_are_estimated_before_and_settled_in_disjoint_buckets_after(server, ask):
    estimate = {"amount": None, "currency": None, "input_tokens": 900, "max_tokens": 200}
    with ask(model="gpt-x", provider="openai", **estimate) as call:
        call.tokens(input=1000, cache_read=400, output=300, reasoning=100, model="gpt-x-1")
        call.tokens(input=10, output=5)
        call.usage(gpu_seconds=1.5)
    reserve = server.body("reserve")
    assert (reserve["input_tokens"], reserve["max_output_tokens"]) == (900, 200)
    settle = server.body("settle")
    assert settle["usage"] == {
        "input": 610,
        "cache_read": 400,
        "output": 205,
        "reasoning": 100,
        "gpu_seconds": 1.5,
    }
    assert settle["model"] == "gpt-x-1"


def test_a_denied_call_is_not_made(server, ask):
    server.limit = Decimal(5)
    with pytest.raises(answerable.BudgetDenied, match="nothing left") as denied, ask():
        raise AssertionError("the block must not run")
    assert denied.value.answer.reason == "over_limit"
    assert server.verbs() == ["reserve"]


def test_a_denial_can_be_looked_at_instead(server, ask):
    server.limit = Decimal(5)
    with ask(on_deny="return") as call:
        assert (call.decision, call.allowed, call.state) == ("deny", False, "idle")
        call.cost(3)
    assert server.verbs() == ["reserve"], "what holds nothing is neither settled nor released"


def test_a_downgrade_names_the_cheaper_model(server, ask, spans):
    server.answer = {"decision": "downgrade", "model": "gpt-nano", "reason": "threshold"}
    with answerable.decision("grade"), ask(model="gpt-x") as call:
        assert (call.decision, call.allowed, call.model) == ("downgrade", True, "gpt-nano")
        call.cost(1)
    attributes = spans.attributes("grade")
    assert attributes["answerable.budget.model"] == "gpt-nano"
    assert attributes["answerable.budget.reason"] == "threshold"


def test_deferral_is_returned_or_raised_and_holds_nothing(server, ask):
    server.answer = {"decision": "defer", "held": False}
    with ask() as call:
        assert (call.decision, call.allowed) == ("defer", False)
    assert server.verbs() == ["reserve"]
    with pytest.raises(answerable.BudgetDenied), ask(on_defer="raise"):
        raise AssertionError("the block must not run")


def test_the_reservation_is_tied_to_the_trace(server, ask, spans):
    with answerable.decision("grade") as decision, ask() as call:
        call.cost(1)
    context = decision.span.get_span_context()
    reserve = server.body("reserve")
    assert int(reserve["trace_id"], 16) == context.trace_id
    assert int(reserve["span_id"], 16) == context.span_id
    attributes = spans.attributes("grade")
    assert attributes["answerable.budget.reservation_id"] == call.reservation_id
    assert attributes["answerable.budget.decision"] == "allow"


def test_a_traced_call_without_a_report_is_left_to_its_span(server, ask, spans):
    with answerable.decision("grade"), ask() as call:
        pass
    assert call.state == "left"
    assert server.verbs() == ["reserve"]
    assert server.held == 10


def test_an_untraced_call_without_a_report_counts_as_estimated(server, ask):
    with ask():
        pass
    assert server.spent == 10
    assert seen("budget_unsettled") == 1


def test_an_untraced_call_of_unknown_price_is_released(server, ask):
    server.answer = {"amount": None, "currency": None}
    with ask():
        pass
    assert server.verbs() == ["reserve", "release"]


def test_an_error_before_the_call_gives_the_money_back(server, ask):
    with pytest.raises(ZeroDivisionError), ask():
        raise ZeroDivisionError
    assert (server.held, server.spent) == (0, 0)
    assert server.body("release")["reason"] == "ZeroDivisionError"


def test_an_error_after_the_request_left_keeps_the_money_held(server, ask):
    def work(call):
        call.sent()
        raise ConnectionError

    call = ask()
    with pytest.raises(ConnectionError), call:
        work(call)
    assert call.state == "left"
    assert (server.held, server.verbs()) == (10, ["reserve"])


def test_an_error_after_a_report_settles_it(server, ask):
    def work(call):
        call.cost("0.5")
        raise ConnectionError

    with pytest.raises(ConnectionError), ask() as call:
        work(call)
    assert (server.held, server.spent) == (0, Decimal("0.5"))


def test_a_stream_is_settled_when_it_ends(server, ask):
    def stream():
        with ask() as call:
            call.settle_later()
        assert server.held == 10
        yield "words"
        call.cost(4)
        assert call.settle() is True

    assert list(stream()) == ["words"]
    assert (server.held, server.spent) == (0, 4)


def test_nothing_counts_twice(server, ask):
    with ask() as call:
        call.cost(4)
        results = []
        threads = [threading.Thread(target=lambda: results.append(call.settle())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == [False] * 7 + [True]
    assert call.release() is False
    assert server.verbs() == ["reserve", "settle"]
    assert server.spent == 4


def test_an_answer_that_was_lost_is_asked_for_again_and_counts_once(server, ask):
    with ask() as call:
        call.cost(4)
        server.drops = 1
    # The connection was a kept one, so the same request is sent again at once.
    assert server.verbs() == ["reserve", "settle", "settle"]
    assert (server.spent, server.held) == (4, 0)


def test_a_settlement_is_tried_again_later(server, ask, monkeypatch):
    monkeypatch.setattr(reservations, "_RETRIES_S", (0.02, 0.02, 0.02))
    with ask() as call:
        server.status = 503
        call.cost(4)
    assert server.spent == 0
    server.status = None
    for _ in range(500):
        if server.spent == 4:
            break
        threading.Event().wait(0.01)
    assert server.spent == 4
    assert seen("budget_unsettled") == 0


def test_a_settlement_that_cannot_arrive_is_counted(server, ask, monkeypatch):
    monkeypatch.setattr(reservations, "_RETRIES_S", (0.01, 0.01, 0.01))
    with ask() as call:
        server.status = 503
        call.cost(4)
    for _ in range(500):
        if seen("budget_unsettled"):
            break
        threading.Event().wait(0.01)
    assert seen("budget_unsettled") == 1
    assert server.verbs().count("settle") == 4


def test_a_long_call_prolongs_its_reservation(server, ask, monkeypatch):
    monkeypatch.setattr(reservations, "_BEAT_S_MIN", 0.02)
    server.ttl_s = 0.1
    with ask() as call:
        server.verbs(wait_for="extend")
        call.cost(1)
    assert server.reservations[call.reservation_id]["extended"] >= 1
    beats = server.verbs().count("extend")
    threading.Event().wait(0.3)
    assert server.verbs().count("extend") <= beats + 1, "a settled one beats no more"


def test_a_forgotten_stream_is_not_prolonged_for_ever(server, ask, monkeypatch):
    monkeypatch.setattr(reservations, "_BEAT_S_MIN", 0.02)
    server.ttl_s = 0.1
    with ask() as call:
        call.settle_later()
    server.verbs(wait_for="extend")
    del call
    gc.collect()
    threading.Event().wait(0.1)
    beats = server.verbs().count("extend")
    threading.Event().wait(0.3)
    assert server.verbs().count("extend") == beats


def test_connections_are_kept(server, ask):
    for _ in range(5):
        with ask() as call:
            call.cost(1)
    assert server.connections == 1


@pytest.fixture
def nobody():
    with BudgetServer() as gone:
        url = gone.url
    return answerable.BudgetService(url, timeout_s=0.5)


def test_fail_closed_makes_no_call_without_an_answer(nobody, ask):
    with (
        pytest.raises(answerable.BudgetUnavailableError),
        ask(service=nobody, on_unreachable="fail_closed"),
    ):
        raise AssertionError("the block must not run")
    assert seen("budget_unreachable") == 1


def test_fail_closed_can_be_looked_at(nobody, ask):
    with ask(service=nobody, on_deny="return") as call:
        assert (call.decision, call.answer.reason) == ("deny", "unreachable")


def test_fail_open_makes_the_call_and_counts(nobody, ask):
    with ask(service=nobody, on_unreachable="fail_open", model="gpt-x") as call:
        assert (call.decision, call.model, call.answer.reachable) == ("allow", "gpt-x", False)
        call.cost(3)
    assert seen("budget_unreachable") == 1
    assert seen("budget_unsettled") == 0


def test_a_slow_service_is_not_waited_for_and_what_it_reserved_is_given_back(server, ask):
    service = answerable.BudgetService(server.url, timeout_s=0.2)
    server.delay_s = 0.6
    with ask(service=service, on_unreachable="fail_open"):
        assert server.held == 10
        server.delay_s = 0
    server.verbs(wait_for="release")
    assert (server.held, server.spent) == (0, 0)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_service_that_fails_is_unreachable(server, ask, status):
    server.status = status
    with pytest.raises(answerable.BudgetUnavailableError), ask():
        raise AssertionError("the block must not run")


@pytest.mark.parametrize("status", [400, 401, 403, 409])
def test_a_refused_question_is_counted_by_itself(server, ask, status):
    server.status = status
    with pytest.raises(answerable.BudgetRefusedError, match=str(status)) as refused, ask():
        raise AssertionError("the block must not run")
    assert refused.value.status == status
    assert seen("budget_refused") == 1
    with ask(on_unreachable="fail_open") as call:
        assert call.allowed


@pytest.mark.parametrize(
    ("answer"), [{"decision": "perhaps"}, {"amount": "much"}, {"expires_at": "soon"}]
)
def test_an_answer_without_sense_is_no_answer(server, ask, answer):
    server.answer = answer
    with pytest.raises(answerable.BudgetUnavailableError), ask():
        raise AssertionError("the block must not run")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"on_unreachable": "shrug"}, ValueError),
        ({"on_deny": "shrug"}, ValueError),
        ({"amount": 0.05}, TypeError),
        ({"amount": "much"}, ValueError),
        ({"amount": "NaN"}, ValueError),
        ({"colour": "red"}, TypeError),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(server, ask, given, error):
    with pytest.raises(error):
        ask(**given)
    assert server.requests == []


def test_there_is_no_default_for_an_unreachable_service():
    with pytest.raises(TypeError, match="on_unreachable"):
        answerable.budget(amount="1")


def test_a_wrong_report_is_left_out_and_counted(server, ask):
    with ask() as call:
        call.cost("a lot").cost(-1).cost(0.1).tokens(input=-5).usage(pages="many")
        call.cost(2, "USD").cost(1, "EUR")
    assert server.spent == 2
    assert seen("value_type") == 3
    assert seen("value_range") == 2
    assert seen("value_word") == 1


def test_a_call_is_used_once(ask):
    with ask() as call:
        call.cost(1)
    with pytest.raises(answerable.BudgetError, match="once"), call:
        raise AssertionError("the block must not run")


def test_the_tenant_of_the_context_goes_along(server, ask):
    with answerable.tenant("north"), ask() as call:
        call.cost(1)
    assert server.body("reserve")["tenant"] == "north"
    assert server.body("settle")["tenant"] == "north"


def test_the_service_is_where_telemetry_goes(server, spans, monkeypatch):
    monkeypatch.setenv("ANSWERABLE_ENDPOINT", server.url)
    with answerable.budget(on_unreachable="fail_closed", amount=1) as call:
        call.cost(1)
    assert server.spent == 1
