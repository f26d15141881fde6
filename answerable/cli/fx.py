"""`answerable prices fx`: exchange rates of a running service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer
from rich.table import Table

from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, err, fail, out, write_json
from answerable.cli.remote import address, remote

app = typer.Typer(
    help="Exchange rates: what one unit of a currency is worth in another on a day.",
    no_args_is_help=True,
    epilog=EPILOG,
)

Key = Annotated[
    str | None,
    typer.Option(help="A key; better in the environment: ANSWERABLE_KEY.", show_default=False),
]
Base = Annotated[str, typer.Argument(help="One unit of this, as EUR.")]
Quote = Annotated[str, typer.Argument(help="is worth so much in this, as USD.")]


@app.command("set", epilog=EPILOG)
def set_(
    base: Base,
    quote: Quote,
    rate: Annotated[str, typer.Argument(help="A decimal number, as 1.0843.")],
    day: Annotated[str, typer.Option(help="As 2026-11-20.")],
    source: Annotated[str, typer.Option(help="Where it is written.")] = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Record the rate of a day; of one pair and day the one recorded last holds."""
    row = {"base": base, "quote": quote, "day": day, "rate": rate, "source": source}
    answer = remote(url, key).post("/v1/fx", {"rates": [row]})
    if json:
        write_json(answer)
    else:
        out.print(f"recorded {base}/{quote} of {day}")


@app.command("import", epilog=EPILOG)
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with base,quote,day,rate and maybe source.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Record the rates of a file, all or none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read: {error}.", EXIT_USAGE)
    form = "yaml" if file.suffix.lower() in {".yaml", ".yml"} else "csv"
    body = {"content": text, "format": form, "name": file.name}
    answer = remote(url, key).post("/v1/fx", body)
    if json:
        write_json(answer)
    else:
        out.print(f"recorded {answer['recorded']} rates")


@app.command("list", epilog=EPILOG)
def list_(
    currency: Annotated[str, typer.Option(help="One side of the pair.")] = "",
    from_day: Annotated[str, typer.Option(help="Included.")] = "",
    to_day: Annotated[str, typer.Option(help="Included.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most rates.")] = 100,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """List recorded rates by pair and day."""
    asked = {"currency": currency, "from_day": from_day, "to_day": to_day, "limit": str(limit)}
    answer = remote(url, key).get(address("/v1/fx", asked))
    if json:
        write_json(answer)
        return
    table = Table("Pair", "Day", "Rate", "Source", "Recorded", "By")
    for item in answer["items"]:
        pair, recorded = f"{item['base']}/{item['quote']}", item["recorded_at"][:19]
        table.add_row(pair, item["day"], item["rate"], item["source"], recorded, item["actor"])
    out.print(table)
    if answer["next_cursor"]:
        err.print(f"Only the first {limit}; narrow it, or raise --limit.")


@app.command("rate", epilog=EPILOG)
def rate(
    base: Base,
    quote: Quote,
    day: Annotated[str, typer.Option(help="Today where left out.")] = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Say which rate holds on a day, and how it was found."""
    query = {"base": base, "quote": quote, **({"day": day} if day else {})}
    answer = remote(url, key).get(f"/v1/fx/rate?{urlencode(query)}")
    if json:
        write_json(answer)
    else:
        out.print(f"[bold]{answer['rate']}[/bold] {answer['rule']}")
