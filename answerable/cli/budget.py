"""`answerable budget`: list, set, show, remove budgets of a running service, and their history."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from answerable.cli.budget_tables import show_budget, show_budgets, show_history
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, fail, out, write_json
from answerable.cli.prices import Key
from answerable.cli.remote import Remote, address, remote

app = typer.Typer(
    help="Budgets of a running service: what may be spent, what was, and what happens at the end.",
    no_args_is_help=True,
    epilog=EPILOG,
)

PERIODS = ("day", "week", "month", "quarter", "year")

BudgetId = Annotated[str, typer.Argument(help="Name of the budget.")]
Tenant = Annotated[str | None, typer.Option(help="Whose budget; empty is the whole organisation.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the version.")]


@app.command("list", epilog=EPILOG)
def list_budgets(
    tenant: Tenant = None, url: Url = DEFAULT_URL, key: Key = None, json: Json = False
) -> None:
    """List budgets, how much of each is spent and held, and who may start no new work."""
    answer = remote(url, key).get(_path("", tenant=tenant))
    if json:
        write_json(answer)
        return
    show_budgets(answer)


@app.command("show", epilog=EPILOG)
def show(
    budget_id: BudgetId,
    tenant: Tenant = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Show one budget and how it stands."""
    answer = remote(url, key).get(_path(budget_id, tenant=tenant))
    if json:
        write_json(answer)
        return
    show_budget(answer)


@app.command("set", epilog=EPILOG)
def set_(
    budget_id: BudgetId,
    limit: Annotated[str | None, typer.Option(help="Decimal; 0 denies everything.")] = None,
    tenant: Tenant = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217; never changes.")] = None,
    period: Annotated[str | None, typer.Option(help=f"{', '.join(PERIODS)}.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="IANA name, as Europe/Paris.")] = None,
    rolling_s: Annotated[
        int | None, typer.Option(min=3600, help="The time just past instead, in seconds.")
    ] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            help="SHARE[:ANSWER[:MODEL]], as 0.8, 0.9:downgrade:gpt-5-nano, 0.95:defer, 1:deny; "
            "repeat for several."
        ),
    ] = None,
    hard: Annotated[
        bool | None, typer.Option("--hard/--soft", help="Whether calls above it are denied.")
    ] = None,
    suspends: Annotated[
        bool | None,
        typer.Option("--suspends/--no-suspends", help="Whether all new work of the tenant stops."),
    ] = None,
    unknown_price: Annotated[
        str | None, typer.Option(help="deny, allow, or cap:AMOUNT for calls without a price.")
    ] = None,
    cap: Annotated[str | None, typer.Option(help="Most one call may cost; none lifts it.")] = None,
    ttl_s: Annotated[int | None, typer.Option(min=1, help="Life of a reservation.")] = None,
    output_tokens: Annotated[
        int | None, typer.Option(min=0, help="Assumed where a call sets no maximum.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="For people.")] = None,
    project: Annotated[str | None, typer.Option(help="Only its calls; never changes.")] = None,
    user: Annotated[str | None, typer.Option(help="Only theirs.")] = None,
    api_key: Annotated[str | None, typer.Option(help="Only those of an API key.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those to it.")] = None,
    model: Annotated[str | None, typer.Option(help="Only those to models of a pattern.")] = None,
    feature: Annotated[str | None, typer.Option(help="Only those of a product feature.")] = None,
    reason: Reason = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Make a budget, or change what is named of one that exists; the sums stay right."""
    service = remote(url, key)
    found = _find(service, budget_id, tenant)
    scope = {
        "project": project,
        "user": user,
        "key": api_key,
        "provider": provider,
        "model": model,
        "feature": feature,
    }
    changes: dict[str, Any] = {
        "name": name,
        "limit": limit,
        "currency": currency,
        "window": _window(period, time_zone, rolling_s, found),
        "thresholds": None if threshold is None else [_threshold(text) for text in threshold],
        "hard": hard,
        "suspends": suspends,
        "unknown_price": None if unknown_price is None else _unknown(unknown_price),
        "reservation_ttl_s": ttl_s,
        "default_output_tokens": output_tokens,
    }
    body = {name: value for name, value in changes.items() if value is not None}
    named = {name: value for name, value in scope.items() if value is not None}
    if named:
        body["scope"] = (found["scope"] if found else {}) | named
    if cap is not None:
        body["per_request_cap"] = None if cap == "none" else cap
    answer = _write(service, budget_id, tenant, found, body | {"reason": reason})
    if json:
        write_json(answer)
        return
    show_budget(answer)


@app.command("history", epilog=EPILOG)
def history(
    budget_id: BudgetId,
    tenant: Tenant = None,
    from_: Annotated[str, typer.Option("--from", help="Start; left out: of the window now.")] = "",
    to: Annotated[str, typer.Option(help="End, not included.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most entries.")] = 20,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Show who changed a budget and why, how the money went, and what was answered."""
    wanted = {"tenant": tenant, "from": from_, "to": to, "limit": str(limit)}
    answer = remote(url, key).get(_path(f"{quote(budget_id, safe='')}/history", **wanted))
    if json:
        write_json(answer)
        return
    show_history(answer)


@app.command("remove", epilog=EPILOG)
def remove(
    budget_id: BudgetId,
    tenant: Tenant = None,
    reason: Reason = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Remove a budget from now on; its history stays."""
    params = {"reason": reason} | ({} if tenant is None else {"tenant": tenant})
    answer = remote(url, key).delete(f"/v1/budgets/{quote(budget_id, safe='')}", params)
    if json:
        write_json(answer)
        return
    out.print(f"[bold]{answer['budget_id']}[/bold] is removed.")


@app.command("lift", epilog=EPILOG)
def lift(
    budget_id: BudgetId,
    tenant: Tenant = None,
    reason: Reason = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Let a tenant work again that a spent budget suspended."""
    path = _path(f"{quote(budget_id, safe='')}/lift", tenant=tenant)
    answer = remote(url, key).post(path, {"reason": reason})
    if json:
        write_json(answer)
        return
    out.print(f"New work of [bold]{answer['tenant'] or 'every tenant'}[/bold] is allowed again.")


def _path(rest: str, **params: str | None) -> str:
    return address(f"/v1/budgets/{rest}" if rest else "/v1/budgets", params)


def _find(service: Remote, budget_id: str, tenant: str | None) -> dict[str, Any] | None:
    answer = service.get(_path("", tenant=tenant))
    found = [
        item
        for item in answer["items"]
        if item["budget_id"] == budget_id and tenant in (None, item["tenant"])
    ]
    if len(found) > 1:
        named = ", ".join(item["tenant"] or "the organisation" for item in found)
        fail(f"{named} have a budget {budget_id!r}; name one with --tenant.", EXIT_USAGE)
    return found[0] if found else None


def _write(
    service: Remote,
    budget_id: str,
    tenant: str | None,
    found: dict[str, Any] | None,
    body: dict[str, Any],
) -> dict[str, Any]:
    if found is None:
        if "limit" not in body:
            fail(f"There is no budget {budget_id!r} yet; a new one needs --limit.", EXIT_USAGE)
        made = {"budget_id": budget_id} | ({} if tenant is None else {"tenant": tenant})
        return service.post("/v1/budgets", body | made)
    kept = {name: found[name] for name in _KEPT}
    whole = {**kept, **body, "tenant": found["tenant"], "expect_version": found["version"]}
    return service.put(f"/v1/budgets/{quote(budget_id, safe='')}", whole)


_KEPT = (
    "name",
    "scope",
    "limit",
    "currency",
    "window",
    "thresholds",
    "hard",
    "suspends",
    "unknown_price",
    "per_request_cap",
    "reservation_ttl_s",
    "default_output_tokens",
)


def _window(
    period: str | None, time_zone: str | None, rolling_s: int | None, found: dict[str, Any] | None
) -> dict[str, Any] | None:
    if rolling_s is not None:
        if period or time_zone:
            fail("--rolling-s goes without --period and --time-zone.", EXIT_USAGE)
        return {"kind": "rolling", "duration_s": rolling_s}
    if period is None and time_zone is None:
        return None
    before = found["window"] if found else {}
    return {
        "kind": "calendar",
        "period": period or before.get("period", "month"),
        "time_zone": time_zone or before.get("time_zone", "UTC"),
    }


def _threshold(text: str) -> dict[str, str]:
    share, _, rest = text.partition(":")
    answer, _, model = rest.partition(":")
    shown = {"at": share, "answer": answer or "allow"}
    return {**shown, "model": model} if model else shown


def _unknown(text: str) -> dict[str, str | None]:
    policy, _, amount = text.partition(":")
    return {"policy": policy, "cap": amount or None}
