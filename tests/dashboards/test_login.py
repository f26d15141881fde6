"""Logging in and out, and the scope in the sidebar."""

from tests.dashboards import answers
from tests.dashboards.api_double import KEY


def labels(app):
    return [field.label for field in app.text_input]


def test_no_key_asks_for_one_and_shows_no_page(api, open_page):
    app = open_page(logged_in=False)
    assert labels(app) == ["API key"]
    assert [path for path, _ in api.asked] == ["/v1/me"]
    assert not app.sidebar.selectbox


def test_login_keeps_the_page_the_link_named(api, open_page):
    api.fill()
    app = open_page("decisions", logged_in=False, decision=answers.DECISION)
    app.text_input[0].set_value(f" {KEY} ")
    app.button[0].click().run()
    assert app.session_state["answerable_key"] == KEY
    assert app.title[0].value.startswith("feedback")
    assert KEY not in str(app.query_params)


def test_wrong_key_is_refused_and_forgotten(api, open_page):
    app = open_page(logged_in=False)
    for wrong in ("wrong", "clé", "a\nb", " "):
        app.text_input[0].set_value(wrong)
        app.button[0].click().run()
        assert app.error
        assert not app.exception
        assert "answerable_key" not in app.session_state


def test_anonymous_service_asks_for_nothing(api, open_page):
    api.key = None
    api.empty()
    app = open_page(logged_in=False)
    assert app.title[0].value == "Overview"
    assert "without a key" in app.sidebar.caption[0].value
    assert not [button for button in app.button if button.label == "Log out"]
    assert "YOUR_API_KEY" not in "".join(code.value for code in app.code)


def test_key_of_the_process_needs_no_login(api, open_page, monkeypatch):
    monkeypatch.setenv("ANSWERABLE_DASHBOARD_KEY", KEY)
    app = open_page(logged_in=False)
    assert app.title[0].value == "Overview"
    assert not [button for button in app.button if button.label == "Log out"]


def test_sidebar_says_who_and_logs_out(api, open_page):
    app = open_page()
    said = app.sidebar.caption[0].value
    assert "ops laptop" in said
    assert "viewer, auditor" in said
    next(button for button in app.button if button.label == "Log out").click().run()
    assert labels(app) == ["API key"]
    assert "answerable_key" not in app.session_state


def test_service_gone_before_login(api, open_page):
    api.close()
    app = open_page(logged_in=False)
    assert "not reachable" in app.error[0].value
    assert not app.exception


def test_picked_window_and_tenant_go_to_url_and_api(api, open_page):
    app = open_page()
    window, tenant = app.sidebar.selectbox
    assert [window.label, tenant.label] == ["Window", "Tenant"]
    window.set_value("7d").run()
    app.sidebar.selectbox[1].set_value("south").run()
    assert app.query_params["window"] == "7d"
    assert app.query_params["tenant"] == "south"
    assert api.last("/v1/overview") == {"from": "-7d", "tenant": "south"}


def test_scope_outlives_a_change_of_page(api, open_page):
    app = open_page(window="7d", tenant="south")
    # What a click in the navigation does: another page, an empty query.
    app.query_params.clear()
    app.run()
    assert api.last("/v1/overview") == {"from": "-7d", "tenant": "south"}
    assert app.query_params["window"] == "7d"


def test_window_between_two_times(api, open_page):
    times = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}
    app = open_page(window="custom", **times)
    assert api.last("/v1/overview") == times
    later = next(field for field in app.sidebar.text_input if field.label == "To (UTC)")
    later.set_value("2026-11-03T00:00:00Z").run()
    assert api.last("/v1/overview")["to"] == "2026-11-03T00:00:00Z"
    early = next(field for field in app.sidebar.text_input if field.label == "To (UTC)")
    early.set_value("2026-10-01T00:00:00Z").run()
    assert app.toast
    assert app.query_params["to"] == "2026-11-03T00:00:00Z"


def test_key_for_all_tenants_types_the_tenant(api, open_page):
    api.routes["/v1/me"] = answers.me(all_tenants=True, tenants=[])
    app = open_page()
    field = next(field for field in app.sidebar.text_input if field.label == "Tenant")
    field.set_value("west").run()
    assert api.last("/v1/overview")["tenant"] == "west"
