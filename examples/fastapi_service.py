"""A FastAPI service that routes tickets with a model and looks customers up through a connector."""

import argparse
import asyncio
import contextlib
import hashlib
import sys
from collections.abc import AsyncIterator

import fastapi
import httpx
import uvicorn

import answerable_instrument as answerable


@contextlib.asynccontextmanager
async def lifespan(_app: fastapi.FastAPI) -> AsyncIterator[None]:
    """Set telemetry up with the service and flush it when the service stops."""
    telemetry = answerable.configure(service_name="example-service", environment="demo")
    yield
    # Waiting for the network belongs in a thread: the event loop is still serving.
    sent = await asyncio.to_thread(telemetry.shutdown, 10)
    if sent:
        print(f"sent to {telemetry.endpoint}; look at http://127.0.0.1:8501")
    else:
        print(f"{telemetry.endpoint} did not take everything: is Answerable running?")


app = fastapi.FastAPI(lifespan=lifespan)
app.add_middleware(answerable.AnswerableMiddleware, tenant_header="x-tenant")


async def find_customer(number: int) -> dict[str, object]:
    """Ask the customer system; here it answers from memory."""
    with answerable.connector_call("crm", "find_customer", version="2026-01") as call:
        await asyncio.sleep(0.01)
        customer: dict[str, object] = {"number": number, "tier": "gold" if number % 2 else "basic"}
        shape = ",".join(sorted(customer))
        call.schema_hash(hashlib.sha256(shape.encode()).hexdigest()[:16])
        call.http_status(200)
    return customer


@app.post("/tickets/{number}/route")
async def route_ticket(number: int, text: str) -> dict[str, object]:
    """Decide which team takes a ticket."""
    with answerable.decision(
        "route_ticket",
        subject=f"ticket-{number}",
        model="router",
        model_version="12",
        policy="triage",
        policy_version="7",
        datasets=["support/tickets@2026-11-01"],
    ) as decision:
        customer = await find_customer(number)
        urgent = "down" in text
        confidence = 0.93 if urgent else 0.58
        decision.features(length=len(text), tier=customer["tier"], urgent=urgent)
        decision.tokens(input=310 + len(text), output=12, model="router-mini", provider="example")
        decision.usage(gpu_seconds=0.04)
        decision.confidence(confidence)
        decision.route("auto" if confidence > 0.8 else "human")
        team = "operations" if urgent else "accounts"
        decision.outcome(team).action("assign", team)
    return {"team": team, "decision": decision.id}


async def call_itself(port: int) -> None:
    """Send three requests for two tenants, one of them with the trace of a caller."""
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    tickets = [
        (1, "The site is down", {"x-tenant": "north"}),
        (2, "I cannot find my invoice", {"x-tenant": "south"}),
        (3, "Login is down", {"x-tenant": "north", "traceparent": caller}),
    ]
    # The retries give the server, which is only just starting, the time it needs.
    transport = httpx.AsyncHTTPTransport(retries=5)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", transport=transport
    ) as client:
        for number, text, headers in tickets:
            response = await client.post(
                f"/tickets/{number}/route", params={"text": text}, headers=headers
            )
            print(response.status_code, response.json())


async def main() -> None:
    """Serve; without ``--serve`` only for as long as the three requests take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--serve", action="store_true", help="keep serving")
    arguments = parser.parse_args()
    server = uvicorn.Server(uvicorn.Config(app, port=arguments.port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    if not arguments.serve:
        await call_itself(arguments.port)
        server.should_exit = True
    await serving


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
