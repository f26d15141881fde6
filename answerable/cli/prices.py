"""`answerable prices`: import, set, list and explain prices of a running service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from answerable.cli import fx
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, err, fail, out, write_json
from answerable.cli.price_tables import holds, price, show_prices, show_skipped, version
from answerable.cli.remote import address, remote

app = typer.Typer(
    help="The price book of a running service: what units of models and meters cost, since when.",
    no_args_is_help=True,
    epilog=EPILOG,
)
app.add_typer(fx.app, name="fx")

BUNDLED = "genai-prices"
_FORMS = {".csv": "csv", ".yaml": "yaml", ".yml": "yaml"}

Key = Annotated[
    str | None,
    typer.Option(
        help="A key with the role finance or operator. Better in the environment, where it "
        "leaves no trace: ANSWERABLE_KEY.",
        show_default=False,
    ),
]
Provider = Annotated[str, typer.Option(help="In any spelling.")]
Model = Annotated[str, typer.Option(help="A model's name, or a pattern.")]
Meter = Annotated[str, typer.Option(help="As input, output, cache_read, gpu_seconds.")]
Tenant = Annotated[str, typer.Option(help="Whose contract; left out: the list and all of them.")]
KnownAt = Annotated[str, typer.Option(help="As the book was known at this time.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the price and with corrections.")]
Approver = Annotated[str, typer.Option(help="Who approved it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most rows.")]


@app.command("import", epilog=EPILOG)
def import_(
    source: Annotated[
        str, typer.Argument(help=f"A CSV or YAML file, or {BUNDLED} for the bundled list.")
    ],
    restate: Annotated[
        bool, typer.Option("--restate", help="Take the list for right about the past as well.")
    ] = False,
    reason: Reason = "",
    approver: Approver = "",
    dry_run: DryRun = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Import prices, all or none: only what the book does not say yet becomes a row.

    A file has the columns provider, model, meter, amount, per, currency, and where needed tenant,
    service_tier, above, valid_from, valid_to, kind, discount_percent, source, source_url.
    """
    body: dict[str, Any] = {"source": BUNDLED, "restate": restate}
    if source != BUNDLED:
        body = {"source": _form(source), "content": _text(source), "name": Path(source).name}
    body |= {"reason": reason, "approver": approver, "dry_run": dry_run}
    answer = remote(url, key).post("/v1/prices/import", body)
    if json:
        write_json(answer)
        return
    verb = "would record" if dry_run else "recorded"
    out.print(
        f"{verb} [bold]{answer['new']}[/bold] new, [bold]{answer['changed']}[/bold] changed, "
        f"[bold]{answer['gone']}[/bold] withdrawn; {answer['unchanged']} unchanged. "
        f"{version(answer)}"
    )
    if answer["items"] and (dry_run or len(answer["items"]) <= 10):
        show_prices(answer["items"])
    show_skipped(answer["skipped"])


@app.command("set", epilog=EPILOG)
def set_(
    provider: Annotated[str, typer.Argument(help="In any spelling, or * for any.")],
    model: Annotated[str, typer.Argument(help="A name, or a pattern: * # | & !")],
    meter: Annotated[str, typer.Argument(help="As input, output; * for any in a factor.")],
    amount: Annotated[str, typer.Argument(help="Decimal, for --per units.")] = "",
    per: Annotated[str, typer.Option(help="Units the amount is for.")] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217.")] = "USD",
    discount: Annotated[str, typer.Option(help="Percent off the list; needs --tenant.")] = "",
    factor: Annotated[str, typer.Option(help="What the price is multiplied with.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was set.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose contract; left out: the list.")] = "",
    tier: Annotated[str, typer.Option(help="As batch, flex, priority, fast.")] = "",
    above: Annotated[int, typer.Option(min=0, help="For larger inputs than this.")] = 0,
    valid_from: Annotated[str, typer.Option("--from", help="Included; UTC or offset.")] = "",
    valid_to: Annotated[str, typer.Option("--to", help="Not included.")] = "",
    source: Annotated[str, typer.Option(help="Where it is written.")] = "",
    source_url: Annotated[str, typer.Option(help="Its address.")] = "",
    reason: Reason = "",
    approver: Approver = "",
    dry_run: DryRun = False,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Set one price: `set openai gpt-5-mini input 0.25 --per million`.

    Or a discount: `set openai "*" "*" --tenant school-a --discount 10`. Or a factor for a tier:
    `set openai "*" "*" --tier batch --factor 0.5`. A price for the past corrects what was charged.
    """
    ways = [bool(amount), bool(discount), bool(factor), withdraw]
    if sum(ways) != 1:
        fail("Give an amount, --discount, --factor or --withdraw, and only one.", EXIT_USAGE)
    row = {
        "provider": provider,
        "model": model,
        "meter": meter,
        "tenant": tenant,
        "service_tier": tier,
        "above": above or "",
        "valid_from": valid_from,
        "valid_to": valid_to,
        "source": source,
        "source_url": source_url,
        "kind": "withdrawn" if withdraw else "factor" if factor else "",
        "amount": amount or factor,
        "per": per if amount else "",
        "currency": currency if amount else "",
        "discount_percent": discount,
    }
    body = {"prices": [row], "reason": reason, "approver": approver, "dry_run": dry_run}
    answer = remote(url, key).post("/v1/prices", body)
    if json:
        write_json(answer)
        return
    show_prices(answer["items"])
    out.print(version(answer))


@app.command("list", epilog=EPILOG)
def list_(
    provider: Provider = "",
    model: Model = "",
    meter: Meter = "",
    tenant: Tenant = "",
    tier: Annotated[str, typer.Option(help="As batch; standard for the plain one.")] = "",
    source: Annotated[str, typer.Option(help="What the source starts with.")] = "",
    as_of: Annotated[str, typer.Option(help="What holds at this time; now if left out.")] = "",
    known_at: KnownAt = "",
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """List the rows of the book that hold."""
    asked = {"provider": provider, "model": model, "meter": meter, "tenant": tenant}
    asked |= {"service_tier": tier, "source": source, "as_of": as_of, "known_at": known_at}
    answer = remote(url, key).get(path("/v1/prices", asked, limit=limit))
    if json:
        write_json(answer)
        return
    show_prices(answer["items"])
    _say_more(answer, limit)


@app.command("history", epilog=EPILOG)
def history(
    provider: Provider = "",
    model: Model = "",
    meter: Meter = "",
    tenant: Tenant = "",
    known_at: KnownAt = "",
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """List every row there was, the newest first: who, when, why, and what replaced it."""
    asked = {"provider": provider, "model": model, "meter": meter, "tenant": tenant}
    asked["known_at"] = known_at
    answer = remote(url, key).get(path("/v1/prices/history", asked, limit=limit))
    if json:
        write_json(answer)
        return
    table = Table("Recorded", "By", "Approved", "Why", "What", "Price", "Holds", "Replaced")
    for item in answer["items"]:
        what = " ".join(filter(None, (item["tenant"], item["provider"], item["model"])))
        table.add_row(
            item["recorded_at"][:19],
            item["actor"],
            item["approver"],
            item["reason"],
            f"{what} {item['meter']} {item['service_tier']}".rstrip(),
            price(item),
            holds(item),
            str(len(item["superseded_by"]) or ""),
        )
    out.print(table)
    _say_more(answer, limit)


@app.command("resolve", epilog=EPILOG)
def resolve(
    model: Annotated[str, typer.Argument(help="The model's name.")],
    meter: Annotated[str, typer.Argument(help="As input, output.")] = "input",
    provider: Provider = "",
    tenant: Annotated[str, typer.Option(help="Whose call it is.")] = "",
    tier: Annotated[str, typer.Option(help="As batch.")] = "",
    context_tokens: Annotated[int, typer.Option(min=0, help="Size of the whole input.")] = 0,
    at: Annotated[str, typer.Option(help="When the call happens; now if left out.")] = "",
    known_at: KnownAt = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Say what a unit costs in a call, by which rule, and from which rows; 1 where it has none."""
    asked = {"model": model, "meter": meter, "provider": provider, "tenant": tenant}
    asked |= {"service_tier": tier, "at": at, "known_at": known_at}
    answer = remote(url, key).get(
        path("/v1/prices/resolve", asked, context_tokens=context_tokens or "")
    )
    if json:
        write_json(answer)
    if answer["amount"] is None:
        fail(answer["why_not"])
    if not json:
        out.print(
            f"[bold]{answer['amount']} {answer['currency']}[/bold] for one of {answer['unit']}, "
            f"{answer['per_million']} for a million: {answer['rule']}."
        )
        show_prices(answer["rows"])


def path(base: str, asked: dict[str, str], **more: Any) -> str:
    """Write a path with the parameters that are not empty."""
    return address(base, {name: str(value) for name, value in {**asked, **more}.items()})


def _form(source: str) -> str:
    form = _FORMS.get(Path(source).suffix.lower())
    return form or fail(
        f"{source!r} is neither {BUNDLED} nor a file that ends in {', '.join(_FORMS)}.", EXIT_USAGE
    )


def _text(source: str) -> str:
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"{source} cannot be read: {error}.", EXIT_USAGE)


def _say_more(answer: dict[str, Any], limit: int) -> None:
    if answer["next_cursor"]:
        err.print(f"Only the first {limit}; narrow it, or raise --limit.")
