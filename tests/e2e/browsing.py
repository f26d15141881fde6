"""A real Chromium at the pages of a running service."""

from __future__ import annotations

import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = playwright.expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
WAIT_MS = 20_000
#: The design's promise.
PAINT_MAX_S = 2.0
#: The page when its script has ended.
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
#: Streamlit probes for its server below every page's path first and gets a 404 there.
KNOWN_NOISE = re.compile(r"/_stcore/(health|host-config)$")

#: Marks of every module that needs a browser.
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no system Chromium"),
]


@contextmanager
def chromium() -> Iterator:
    """Start a browser; what a test expects has as long to come true as what it acts on."""
    expect.set_options(timeout=WAIT_MS)
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def visit(browser, service, key, path="", *, width=1280) -> Iterator:
    """Open a page and log in; whatever the browser complains about fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints: list[str] = []
    page.on("console", lambda said: _complain(complaints, said))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    try:
        page.goto(f"{service.dashboard_url}/{path}")
        page.get_by_label("API key", exact=True).fill(key)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Answerable")
        yield page
        assert page.get_by_test_id("stException").count() == 0
        assert complaints == []
        assert key not in page.url
    finally:
        context.close()


def settled(page) -> None:
    """Wait until the page has drawn everything: until then it may lose a click."""
    expect(page.locator(IDLE)).to_have_count(1)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)


def does_not_scroll_sideways(page) -> bool:
    """Whether the page fits its width."""
    main = "document.querySelector('[data-testid=stMain]')"
    fits: bool = page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth + 1")
    return fits


def _complain(complaints, said) -> None:
    if said.type == "error" and not KNOWN_NOISE.search(said.location.get("url", "")):
        complaints.append(f"{said.text} {said.location}")
