"""`answerable drift report`: a window against its reference, drawn by Evidently."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import typer

from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import err, out
from answerable.cli.remote import remote

#: Seconds to wait; the service ends a report that takes longer than its own limit.
TIMEOUT_S = 3700.0


def report(
    target: Annotated[Path, typer.Option("--out", help="File to write.")],
    reference: Annotated[str, typer.Option(help="What the window is compared with.")] = "",
    model: Annotated[str, typer.Option(help="Left out, the reference's.")] = "",
    tenant: Annotated[str, typer.Option(help="May be left out by a key of one tenant.")] = "",
    start: Annotated[str, typer.Option("--from", help="RFC 3339, or relative to now.")] = "-1d",
    end: Annotated[str, typer.Option("--to")] = "now",
    reference_from: Annotated[
        str, typer.Option(help="In place of a reference: a window's start.")
    ] = "",
    reference_to: Annotated[str, typer.Option(help="And its end.")] = "",
    fmt: Annotated[str, typer.Option("--format", help="html or snapshot.")] = "html",
    feature: Annotated[
        list[str] | None, typer.Option(help="Only this feature; repeat. All where left out.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
) -> None:
    """Write an Evidently report. The service needs an interpreter with Evidently."""
    texts = {
        "tenant": tenant,
        "model": model,
        "reference": reference,
        "reference_from": reference_from,
        "reference_to": reference_to,
        "from": start,
        "to": end,
        "format": fmt,
    }
    body: dict[str, Any] = {name: value for name, value in texts.items() if value}
    body |= {"features": feature or []}
    headers = remote(url, key).download(
        "/v1/drift/report", {}, target, body=body, timeout_s=TIMEOUT_S
    )
    out.out(f"{target} written.", highlight=False)
    left_out = [unquote(name) for name in headers["answerable-left-out"].split(",") if name]
    if left_out:
        err.out(f"Left out: {', '.join(left_out)}.", highlight=False)
