"""A real HTTP server in the place of the service, and pages run against it."""

import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.dashboards.api_double import KEY, ApiDouble

APP = Path(__file__).parents[2] / "dashboards" / "app.py"


@pytest.fixture
def api(monkeypatch):
    double = ApiDouble()
    monkeypatch.setenv("ANSWERABLE_API_URL", double.url)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    yield double
    double.close()
    st.cache_resource.clear()


@pytest.fixture
def open_page(api):
    """Run one page, logged in unless told otherwise; the URL's parameters are keywords."""

    def run(page="", *, logged_in=True, **params):
        app = AppTest.from_file(APP, default_timeout=30)
        if logged_in:
            app.session_state["answerable_key"] = KEY
        app.query_params.update(params)
        # AppTest names only pages that are files; these are functions, known by their URL.
        app._page_hash = calc_hash(page) if page else ""
        return app.run()

    return run


@pytest.fixture
def shown():
    """All text a page shows, HTML included."""

    def text(app):
        assert not app.exception, [one.value for one in app.exception]
        kinds = ("title", "subheader", "caption", "info", "error", "warning", "success", "code")
        said = [element.value for kind in kinds for element in app.get(kind)]
        html = [element.proto.body for element in app.get("html")]
        return "\n".join([*said, *html])

    return text
