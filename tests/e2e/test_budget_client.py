"""The instrument library asks budgets of a running service, and what it reports counts there."""

import asyncio
import itertools
import threading
from decimal import Decimal

import fastapi
import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

import answerable_instrument as answerable
from answerable_instrument import guard, runtime

_numbers = itertools.count(1)


class Tenant:
    """A tenant of its own with one budget of 1 USD a day, and a client bound to it."""

    def __init__(self, service, **more):
        self.name = f"budgeted-{next(_numbers)}"
        self.service = service
        key = service.make_key("budgets", ["ingest"], [self.name])
        self.key = key
        self.asked = answerable.BudgetService(service.http_url, key, timeout_s=5.0)
        body = {
            "budget_id": "all",
            "tenant": self.name,
            "name": "Everything",
            "limit": "1",
            "currency": "USD",
            "window": {"kind": "rolling", "duration_s": 86_400},
            "thresholds": [],
            "hard": True,
            "unknown_price": {"policy": "deny", "cap": None},
            **more,
        }
        with service.client() as client:
            answer = client.post("/v1/budgets", json=body)
        assert answer.status_code == 201, answer.text

    def budget(self, **given):
        chosen = {"on_unreachable": "fail_closed", "currency": "USD", "service": self.asked}
        return answerable.budget(**{**chosen, **given})

    @property
    def state(self):
        return self.service.get("/v1/budgets/all", tenant=self.name)["state"]

    def reservation(self, call):
        found = self.service.get("/v1/budgets/reservations", tenant=self.name)["items"]
        (mine,) = [one for one in found if one["reservation_id"] == call.reservation_id]
        return mine


@pytest.fixture
def tenant(service, monkeypatch):
    monkeypatch.setattr(guard, "_counts", {})
    made = Tenant(service)
    yield made
    made.asked.close()


def test_what_is_held_and_spent_counts_against_the_limit(tenant):
    with tenant.budget(amount="0.6") as first:
        assert tenant.state["held"] == "0.6"
        with pytest.raises(answerable.BudgetDenied) as denied, tenant.budget(amount="0.6"):
            raise AssertionError("the block must not run")
        assert denied.value.answer.reason == "over_limit"
        first.cost("0.1")
    state = tenant.state
    assert (state["held"], state["spent"]) == ("0", "0.1")
    with tenant.budget(amount="0.6") as second:
        assert second.decision == "allow"
        second.cost("0.2")
    assert tenant.state["spent"] == "0.3"
    assert tenant.reservation(second)["settled_by"] == "client"


def test_an_error_and_a_cancellation_leave_nothing_held(tenant):
    with pytest.raises(ZeroDivisionError), tenant.budget(amount="0.6"):
        raise ZeroDivisionError

    async def cancelled():
        async def work():
            async with tenant.budget(amount="0.7") as call:
                call.sent()
                started.set()
                await asyncio.sleep(60)

        started = asyncio.Event()
        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    state = tenant.state
    assert (state["held"], state["spent"]) == ("0", "0")


def test_nothing_counts_twice_and_a_repeat_is_the_same_request(tenant):
    with tenant.budget(amount="0.5") as call:
        call.cost("0.25")
        threads = [threading.Thread(target=call.settle) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    body = {"reservation_id": call.reservation_id, "amount": "0.25", "currency": "USD"}
    assert tenant.asked.ask("settle", body)["replayed"] is True
    assert tenant.state["spent"] == "0.25"


def test_a_stream_prolongs_and_settles_late(tenant):
    with tenant.budget(amount="0.5", ttl_s=2) as call:
        call.settle_later()
    before = tenant.reservation(call)["expires_at"]
    threading.Event().wait(2.5)
    now = tenant.reservation(call)
    assert (now["state"], now["expires_at"] > before) == ("open", True)
    call.cost("0.125")
    assert call.settle() is True
    settled = tenant.reservation(call)
    assert (settled["state"], settled["settled"], settled["late"]) == ("settled", "0.125", False)


def test_a_reservation_is_tied_to_its_trace(tenant):
    provider = TracerProvider(shutdown_on_exit=False)
    runtime.install(runtime.Runtime(tracer=provider.get_tracer("tests")))
    try:
        with answerable.decision("grade") as decision, tenant.budget(amount="0.5") as call:
            call.cost("0.1")
    finally:
        runtime.install(None)
    context = decision.span.get_span_context()
    assert tenant.reservation(call)["trace_id"] == f"{context.trace_id:032x}"


def priced(service, model):
    """Record a price, and wait until estimates know it."""
    prices = [
        {
            "provider": "openai",
            "model": model,
            "meter": meter,
            "amount": amount,
            "per": "1000000",
            "currency": "USD",
            "source": "tests",
        }
        for meter, amount in (("input", "2.50"), ("output", "10"))
    ]
    with service.client() as client:
        answer = client.post("/v1/prices", json={"reason": "tests", "prices": prices})
    assert answer.status_code == 201, answer.text


def test_the_span_of_a_call_settles_it_where_nobody_else_does(tenant):
    priced(tenant.service, "span-model")
    provider = TracerProvider(shutdown_on_exit=False)
    headers = {"authorization": f"Bearer {tenant.key}"}
    exporter = OTLPSpanExporter(f"{tenant.service.http_url}/v1/traces", headers=headers)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    runtime.install(runtime.Runtime(tracer=provider.get_tracer("tests")))
    asked = {"currency": None, "model": "span-model", "provider": "openai", "input_tokens": 1000}
    try:
        with answerable.decision("grade") as decision:
            with tenant.budget(max_tokens=100, **asked) as call:
                assert call.answer.amount == Decimal("0.0035")
            decision.tokens(input=1000, output=50, model="span-model", provider="openai")
    finally:
        runtime.install(None)
        provider.shutdown()
    assert call.state == "left"
    tenant.service.wait_for(
        lambda: tenant.reservation(call)["settled_by"] == "span", timeout_s=60.0
    )
    # 1000 x 2.50 and 50 x 10 dollars for a million tokens.
    assert tenant.reservation(call)["settled"] == "0.003"
    assert tenant.state["spent"] == "0.003"


def test_tokens_of_a_model_nobody_has_a_price_for_are_denied(tenant):
    asked = {"currency": None, "model": "no-such-model", "provider": "nobody", "max_tokens": 10}
    with tenant.budget(on_deny="return", **asked) as call:
        assert (call.decision, call.answer.reason) == ("deny", "unknown_price")


def test_a_threshold_downgrades_or_defers(service):
    thresholds = [
        {"at": "0.5", "answer": "downgrade", "model": "gpt-nano"},
        {"at": "0.9", "answer": "defer"},
    ]
    tenant = Tenant(service, thresholds=thresholds)
    with tenant.budget(amount="0.6", model="gpt-x") as call:
        call.cost("0.6")
    with tenant.budget(amount="0.1", model="gpt-x", on_deny="return") as call:
        assert (call.decision, call.model, call.allowed) == ("downgrade", "gpt-nano", True)
        call.cost("0.35")
    with tenant.budget(amount="0.01", model="gpt-x") as call:
        assert (call.decision, call.allowed) == ("defer", False)
    tenant.asked.close()


def test_a_key_of_another_tenant_or_without_the_role_is_refused(tenant, service):
    viewer = service.make_key("viewer", ["viewer"], [tenant.name])
    other = service.make_key("other", ["ingest"], ["somebody-else"])
    for key, given in ((viewer, {}), (other, {"tenant": tenant.name}), ("wrong", {})):
        asked = answerable.BudgetService(service.http_url, key)
        with (
            pytest.raises(answerable.BudgetRefusedError) as refused,
            tenant.budget(amount="0.1", service=asked, **given),
        ):
            raise AssertionError("the block must not run")
        assert refused.value.status in {401, 403}
        asked.close()
    assert tenant.state["held"] == "0"


def test_many_at_once_never_get_more_than_the_limit(tenant):
    async def one():
        try:
            async with tenant.budget(amount="0.1") as call:
                call.cost("0.1")
        except answerable.BudgetDenied:
            return 0
        return 1

    async def main():
        return sum(await asyncio.gather(*(one() for _ in range(24))))

    assert asyncio.run(main()) == 10
    assert tenant.state["spent"] == "1"


def test_the_middleware_answers_in_place_of_the_application(tenant):
    app = fastapi.FastAPI()
    app.add_middleware(
        answerable.BudgetMiddleware,
        resolve=lambda scope: {"amount": "0.4", "currency": "USD"},
        on_unreachable="fail_closed",
        service=tenant.asked,
    )

    @app.get("/")
    async def root():
        answerable.current_budget().cost("0.4")
        return "done"

    async def main():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [(await client.get("/")).status_code for _ in range(4)]

    made = asyncio.run(main())
    assert made[:2] == [200, 200]
    assert set(made[2:]) <= {402, 429}
    assert tenant.state["spent"] == "0.8"


def test_a_service_that_died_is_unreachable_and_one_that_came_back_answers(new_service):
    running = new_service().start()
    tenant = Tenant(running)
    with tenant.budget(amount="0.5") as call:
        call.cost("0.25")
    running.kill()
    with tenant.budget(amount="0.5", on_unreachable="fail_open") as call:
        assert call.answer.reachable is False
    with pytest.raises(answerable.BudgetUnavailableError), tenant.budget(amount="0.5"):
        raise AssertionError("the block must not run")
    running.start()
    assert tenant.state["spent"] == "0.25", "what was settled outlives a kill"
    with tenant.budget(amount="0.5") as call:
        call.cost("0.5")
    assert tenant.state["spent"] == "0.75"
    tenant.asked.close()
