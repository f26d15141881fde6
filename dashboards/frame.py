"""What every page has: a title, its window and freshness, and readable errors."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import login
from dashboards.errors import ApiError, ApiUnreachableError, DashboardError
from dashboards.formatters import ago, between, minute, parse_time, plain
from dashboards.snippets import snippets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.delta_generator import DeltaGenerator

    from dashboards.contract import Answer
    from dashboards.visit import Visit

_ADVICE = {
    403: "Log in with a key that has the role viewer and this tenant.",
    503: "The service is up; its store is not. The page works again once the store answers.",
}


def title(visit: Visit, text: str) -> DeltaGenerator:
    """Draw the page's title and give the line below it, which says window and freshness."""
    st.title(text, anchor=False)
    line = st.empty()
    line.html(_meta(visit.window.label))
    return line


def freshness(line: DeltaGenerator, visit: Visit, answer: Answer) -> None:
    """State which window the answer covers and when the service gave it."""
    seen, given = answer["window"], answer["as_of"]
    covered = between(seen["from"], seen["to"])
    words = visit.window.label if visit.window.label == covered else f"{visit.window.label}: "
    if words.endswith(": "):
        words += covered
    tenant = f" · tenant {visit.tenant}" if visit.tenant else ""
    line.html(_meta(f"{words}{tenant} · {as_of(given)}"))


def note(line: DeltaGenerator, text: str) -> None:
    """Write the line below the title, where an answer has no window."""
    line.html(_meta(text))


def as_of(given: str) -> str:
    """Say how fresh an answer is."""
    return f"as of {minute(given)[11:]} UTC ({ago(parse_time(given), datetime.now(UTC))})"


@contextmanager
def readable_errors(missing: str = "") -> Iterator[None]:
    """Show what the API refused in words; a key that ended leads back to the login.

    Parameters
    ----------
    missing
        What to say where the service does not know the path: of an older one.
    """
    try:
        yield
    except ApiError as error:
        if error.status == 401:
            login.forget("Your key ended or was revoked. Log in again.")
            st.rerun()
        show(error, missing if error.status == 404 else "")
    except ApiUnreachableError as error:
        show(error)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Draw one part of a page; where it cannot be read, say so and let the page go on."""
    try:
        yield
    except ApiError as error:
        if error.status == 401:
            raise
        if error.status in {404, 405, 501}:
            st.caption(f"{name}: this service does not offer it. A newer one does.")
        elif error.status == 403:
            st.caption(f"{name}: your key may not read it. {plain(error.detail)}")
        else:
            st.warning(f"{name}: {plain(error.title)}. {plain(error.detail)}")


def show(error: DashboardError, advice: str = "") -> None:
    """Draw an error and what to do about it."""
    status = error.status if isinstance(error, ApiError) else 0
    advice = advice or _ADVICE.get(status, "")
    if isinstance(error, ApiUnreachableError):
        advice = "Is the service running? Start it with `answerable up`."
    head = f"**{plain(error.title)}**" + (f" ({status})" if status else "")
    said = [head, plain(error.detail), advice]
    st.error("\n\n".join(part for part in said if part), icon=":material/error:")
    st.button("Try again", icon=":material/refresh:", key="answerable_retry")


def empty(visit: Visit, message: str, *, with_snippets: bool = False) -> None:
    """Say that there is nothing, and what to send or change."""
    st.info(message, icon=":material/inbox:")
    if with_snippets:
        connect(visit)


def connect(visit: Visit) -> None:
    """Draw the snippets that send the first data."""
    offered = snippets(visit.settings.otlp_endpoint, needs_key=not visit.me["anonymous"])
    for tab, snippet in zip(st.tabs([one.title for one in offered]), offered, strict=True):
        with tab:
            st.code(snippet.text, language=snippet.language)
    if not visit.me["anonymous"]:
        st.caption(
            "Replace YOUR_API_KEY by a key with the role ingest: "
            "`answerable keys create NAME --role ingest --tenant TENANT`."
        )


def _meta(text: str) -> str:
    return f'<div class="an-meta">{escape(text)}</div>'
