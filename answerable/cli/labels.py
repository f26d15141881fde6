"""`answerable labels`: send what turned out to be right, list it, and hold models against it."""

from __future__ import annotations

import csv
import json as json_
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, err, fail, out, write_json
from answerable.cli.remote import Remote, address, remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

app = typer.Typer(
    help="Labels: what turned out to be right for decisions, joined to them by id.",
    no_args_is_help=True,
    epilog=EPILOG,
)

COLUMNS = ("decision_id", "label", "labelled_at", "source")

#: Of an answer to a batch, what adds up over batches.
_COUNTS = ("stored", "corrected", "unchanged", "superseded", "waiting")

#: A line of a file, and what it holds.
Numbered = tuple[int, dict[str, Any]]

SendKey = Annotated[
    str | None,
    typer.Option(
        help="A key with the role ingest or operator. Better in the environment, where it leaves "
        "no trace: ANSWERABLE_KEY.",
        show_default=False,
    ),
]


@app.command("import", epilog=EPILOG)
def import_(
    file: Annotated[
        Path, typer.Argument(help="FILE.csv or FILE.jsonl.", exists=True, dir_okay=False)
    ],
    tenant: Annotated[str, typer.Option(help="May be left out by a key of one tenant.")] = "",
    source: Annotated[str, typer.Option(help="For rows that name none.")] = "",
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="Labels a request.")] = 5000,
    url: Url = DEFAULT_URL,
    key: SendKey = None,
    json: Json = False,
) -> None:
    """Send a file of labels: decision_id, label and, where known, labelled_at and source.

    Batches are stored one after the other, each whole or not at all. After an error mend the file
    and send all of it again: what is there already stays as it is.
    """
    service = remote(url, key)
    totals = dict.fromkeys(_COUNTS, 0)
    try:
        for some in _batches(_rows(file), batch):
            answer = _send(service, file, some, tenant, source)
            totals = {name: totals[name] + answer[name] for name in _COUNTS}
    except UnicodeDecodeError as error:
        fail(f"{file} is not UTF-8: {error.reason} at byte {error.start}.", EXIT_USAGE)
    if json:
        write_json(totals)
        return
    out.print(
        f"{totals['stored']} labels stored ({totals['corrected']} of them corrections), "
        f"{totals['unchanged']} were known, {totals['superseded']} replaced within a batch. "
        f"{totals['waiting']} wait for their decision."
    )


@app.command("list", epilog=EPILOG)
def list_labels(
    tenant: Annotated[str, typer.Option(help="One tenant of the key's scope.")] = "",
    from_: Annotated[str, typer.Option("--from", help="Start of the time of receipt.")] = "-7d",
    to: Annotated[str, typer.Option(help="Its end.")] = "now",
    decision_id: Annotated[str, typer.Option(help="Of one decision.")] = "",
    label: Annotated[str, typer.Option(help="Only this label.")] = "",
    source: Annotated[str, typer.Option(help="Only from this source.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most labels.")] = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List labels, the newest first, with the decisions they are about."""
    asked = {"tenant": tenant, "from": from_, "to": to, "decision_id": decision_id}
    asked |= {"label": label, "source": source, "limit": str(limit)}
    answer = remote(url, key).get(address("/v1/labels", asked))
    if json:
        write_json(answer)
        return
    table = Table("Received", "Tenant", "Decision", "Model", "Outcome", "Label", "Right", "Source")
    for item in answer["items"]:
        about = item["decision"]
        right = {True: "yes", False: "no", None: ""}[about["right"] if about else None]
        table.add_row(
            item["received_at"][:19].replace("T", " "),
            escape(item["tenant"]),
            escape(item["decision_id"]),
            escape(about["model"]) if about else "(waits)",
            escape(about["outcome"]) if about else "",
            escape(item["label"]),
            right,
            escape(item["source"]),
        )
    out.print(table)
    if answer["next_cursor"]:
        out.print("There are more; narrow the window, or take --limit up to 1000.")


@app.command("history", epilog=EPILOG)
def history(
    decision_id: Annotated[str, typer.Argument(help="The decision that was labelled.")],
    tenant: Annotated[str, typer.Option(help="May be left out by a key of one tenant.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most versions.")] = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Tell every label a decision had: what it was, who said so and when. The newest holds."""
    asked = {"decision_id": decision_id, "tenant": tenant, "limit": str(limit)}
    answer = remote(url, key).get(address("/v1/labels/history", asked))
    if json:
        write_json(answer)
        return
    if not answer["items"]:
        out.print("No label was ever received for this decision.")
        return
    table = Table("Version", "Received", "Label", "Established", "Source", "Key")
    for item in answer["items"]:
        table.add_row(
            f"{item['version']}{' (holds)' if item['holds'] else ''}",
            item["received_at"][:19].replace("T", " "),
            escape(item["label"]),
            item["labelled_at"][:19].replace("T", " "),
            escape(item["source"]),
            escape(item["key_id"]),
        )
    out.print(table)
    if answer["next_before"]:
        out.print(f"There are {answer['versions']}; take --limit up to 1000.")


@app.command("health", epilog=EPILOG)
def health(
    model: Annotated[str, typer.Argument(help="As decisions name it.")],
    tenant: Annotated[str, typer.Option(help="May be left out by a key of one tenant.")] = "",
    from_: Annotated[str, typer.Option("--from", help="Start of the time of decisions.")] = "-30d",
    to: Annotated[str, typer.Option(help="Its end.")] = "now",
    step: Annotated[str, typer.Option(help="hour, 6h, day or week.")] = "day",
    reference: Annotated[str, typer.Option(help="Whose window calibrates confidence.")] = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Compare estimated with realised accuracy over time, and say whether they have parted."""
    asked = {"model": model, "tenant": tenant, "from": from_, "to": to, "step": step}
    asked |= {"reference": reference}
    answer = remote(url, key).get(address("/v1/drift/performance", asked))
    if json:
        write_json(answer)
        return
    table = Table("From", "Decisions", "Confidence", "Estimated", "Labels", "Realised", "Residual")
    for item in answer["items"]:
        sure, estimated, realised = item["confidence"], item["estimated"], item["realised"]
        table.add_row(
            item["start"][:16].replace("T", " "),
            str(item["n"]),
            f"{sure['mean']:.3f}" if sure else "",
            _band(estimated["accuracy"]) if estimated else "",
            str(realised["n"]) if realised else "0",
            _band(realised["accuracy"]) if realised else "",
            _band(item["residual"]) + (" alarm" if item["running"]["alarm"] else ""),
        )
    out.print(table)
    out.print(answer["calibration"]["assumption"])
    found = answer["concept_drift"]
    if found["alarm"]:
        since = found["start"][:16].replace("T", " ")
        out.print(f"[bold]Estimates and labels part since {since} UTC[/bold]: meaning changed.")


def _band(found: dict[str, Any] | None) -> str:
    return f"{found['estimate']:.3f} ({found['low']:.3f} to {found['high']:.3f})" if found else ""


def _send(
    service: Remote, file: Path, some: list[Numbered], tenant: str, source: str
) -> dict[str, Any]:
    items = [{"source": source, **item} if source else item for _, item in some]
    body: dict[str, Any] = {"items": items} | ({"tenant": tenant} if tenant else {})
    try:
        return service.post("/v1/labels", body)
    except typer.Exit:
        first, last = some[0][0], some[-1][0]
        err.print(
            f"Nothing of lines {first} to {last} of {file} was stored; item 0 is line {first}. "
            "What lies before them was."
        )
        raise


def _batches(rows: Iterable[Numbered], size: int) -> Iterator[list[Numbered]]:
    held = iter(rows)
    while some := list(islice(held, size)):
        yield some


def _rows(file: Path) -> Iterator[Numbered]:
    readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        fail(f"{file} ends with {file.suffix!r}; use .csv or .jsonl.", EXIT_USAGE)
    yield from reader(file)


def _csv(file: Path) -> Iterator[Numbered]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        names = reader.fieldnames or []
        wrong = [name for name in names if name not in COLUMNS]
        if wrong or not {"decision_id", "label"} <= set(names):
            fail(
                f"{file} has the columns {', '.join(names) or '(none)'}; it needs decision_id and "
                "label, and may have labelled_at and source.",
                EXIT_USAGE,
            )
        for row in reader:
            if None in row or None in row.values():
                fail(
                    f"Line {reader.line_num} of {file} has not as many values as the header.",
                    EXIT_USAGE,
                )
            # An empty field is one that was left out.
            yield reader.line_num, {name: text for name, text in row.items() if text}


def _jsonl(file: Path) -> Iterator[Numbered]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                item = json_.loads(line)
            except ValueError as error:
                fail(f"Line {number} of {file} is no JSON: {error}.", EXIT_USAGE)
            if not isinstance(item, dict):
                fail(f"Line {number} of {file} is no JSON object.", EXIT_USAGE)
            yield number, item
