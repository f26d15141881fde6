"""The running service as its operator meets it: start, stop, keys, tenants, errors."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

NewService = Callable[..., Any]


def cli(service: Any, *words: str, key: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line against a service."""
    environ = {name: v for name, v in os.environ.items() if not name.startswith("ANSWERABLE_")}
    environ |= {"ANSWERABLE_URL": service.http_url}
    chosen = service.admin_key if key is None else key
    if chosen:
        environ["ANSWERABLE_KEY"] = chosen
    command = [sys.executable, "-m", "answerable", *words]
    return subprocess.run(
        command, capture_output=True, text=True, env=environ, check=False, timeout=60
    )


def span(name: str, tenant: str = "", trace_id: str = "5b8efff798038103d269b633813fc60c") -> bytes:
    """An OTLP/JSON request with one span that started now."""
    now = time.time_ns()
    attributes = [{"key": "tenant.id", "value": {"stringValue": tenant}}] if tenant else []
    found = {
        "traceId": trace_id,
        "spanId": "eee19b7ec3c1b174",
        "name": name,
        "kind": 2,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 1_000_000),
        "attributes": attributes,
    }
    service = {"key": "service.name", "value": {"stringValue": f"service-of-{name}"}}
    resource = {"attributes": [service]}
    scopes = [{"scope": {"name": "tests"}, "spans": [found]}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}).encode()


def send(service: Any, key: str, body: bytes) -> httpx.Response:
    """Send traces as JSON."""
    with service.client(key) as client:
        return client.post("/v1/traces", content=body, headers={"Content-Type": "application/json"})


def test_sigterm_stores_what_was_received_and_exits_with_0(new_service: NewService) -> None:
    running = new_service().start()
    key = running.make_key("sender", ["ingest"], ["drained"])
    with running.client(key) as client:
        request = client.build_request(
            "POST",
            "/v1/traces",
            content=span("drained"),
            headers={"Content-Type": "application/json"},
        )
        answer = client.send(request)
    assert answer.status_code == 200
    started = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - started < 30
    running.start()
    ledger = running.get("/v1/ledger", tenant="drained", **{"from": "-1h"})
    assert ledger["totals"]["stored"]["items"] == 1
    assert ledger["balanced"]


def test_sigint_exits_with_0(new_service: NewService) -> None:
    assert new_service().start().end(signal.SIGINT) == 0


def test_readyz_says_that_it_drains(new_service: NewService) -> None:
    running = new_service().start()
    held = socket.create_connection(("127.0.0.1", running.http_port))
    with held:
        # A request that never ends keeps the service draining while we ask.
        held.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
            b"Content-Type: application/json\r\n"
            + f"Authorization: Bearer {running.admin_key}\r\n\r\n".encode()
        )
        with running.client() as client:
            assert client.get("/readyz").json()["checks"]["service"] == "ok"
            time.sleep(0.2)
            running.process.send_signal(signal.SIGTERM)
            running.wait_for(lambda: client.get("/readyz").status_code == 503)
            assert client.get("/readyz").json()["checks"]["service"] == "draining"
    assert running.wait_end() == 0


def test_a_second_signal_ends_it_at_once(new_service: NewService) -> None:
    running = new_service().start()
    held = socket.create_connection(("127.0.0.1", running.http_port))
    with held:
        held.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
            b"Content-Type: application/json\r\n"
            + f"Authorization: Bearer {running.admin_key}\r\n\r\n".encode()
        )
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        running.wait_for(lambda: '"stopping"' in running.log)
        running.process.send_signal(signal.SIGTERM)
        assert running.wait_end(5) == 130


def test_the_dashboards_end_with_a_killed_service(new_service: NewService) -> None:
    running = new_service(with_dashboards=True).start()
    health = f"{running.dashboard_url}/_stcore/health"

    def answers() -> bool:
        try:
            return httpx.get(health, trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    running.wait_for(answers)
    running.kill()
    running.wait_for(lambda: not answers())


def test_the_dashboards_start_again_when_they_die(new_service: NewService) -> None:
    running = new_service(with_dashboards=True).start()
    health = f"{running.dashboard_url}/_stcore/health"

    def pids() -> list[int]:
        # Linux only, as is the file it reads.
        children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def answers() -> bool:
        try:
            return httpx.get(health, trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    if not Path("/proc/self/task").is_dir():
        pytest.skip("needs /proc to find the child")
    running.wait_for(answers)
    [first] = pids()
    os.kill(first, signal.SIGKILL)
    running.wait_for(lambda: bool(pids()) and pids() != [first] and answers())
    assert "child_died" in running.log


def test_a_second_process_on_the_directory_is_refused(
    service: Any, new_service: NewService
) -> None:
    second = new_service()
    second.data_dir = service.data_dir
    command = [*second.command, "--http-port", "0", "--grpc-port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert str(service.process.pid) in done.stderr
    assert str(service.data_dir) in done.stderr.replace("\n", "")


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("flag", ["--http-port", "--grpc-port", "--dashboard-port"])
def test_a_busy_port_is_named_with_its_flag(
    busy_port: int, flag: str, new_service: NewService
) -> None:
    starting = new_service(with_dashboards=True)
    command = [*starting.command, flag, str(busy_port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"Port {busy_port} on 127.0.0.1 is in use" in done.stderr
    assert flag in done.stderr
    assert not starting.data_dir.exists()


def test_an_unknown_variable_is_named_with_the_nearest_setting(
    tmp_path: Path,
) -> None:
    environ = {**os.environ, "ANSWERABLE_HTTP_PROT": "1"}
    command = [sys.executable, "-m", "answerable", "up", "--data", str(tmp_path / "data")]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environ, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "ANSWERABLE_HTTP_PROT" in done.stderr
    assert "did you mean ANSWERABLE_HTTP_PORT?" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_first_admin_key_is_shown_once_and_written_nowhere(new_service: NewService) -> None:
    running = new_service(environ={"ANSWERABLE_ADMIN_KEY": ""})
    running.start()
    key = running.started["new_admin_key"]
    assert running.get("/v1/me", key)["roles"] == ["admin"]
    assert running.get("/v1/me", key)["all_tenants"]
    running.restart()
    assert running.started["new_admin_key"] == ""
    assert running.get("/v1/me", key)["roles"] == ["admin"]
    assert running.stop() == 0
    secret = key.rpartition("_")[2].encode()
    assert key not in running.log
    held = [path for path in running.data_dir.rglob("*") if path.is_file()]
    assert held
    assert not [path for path in held if secret in path.read_bytes()]


def test_keys_are_made_listed_and_revoked_by_the_command_line(service: Any) -> None:
    made = cli(service, "keys", "create", "cli", "--role", "viewer", "--tenant", "cli", "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)
    assert service.get("/v1/me", key["key"])["tenants"] == ["cli"]

    listed = json.loads(cli(service, "keys", "list", "--json").stdout)
    [found] = [item for item in listed["items"] if item["key_id"] == key["key_id"]]
    assert found["revoked_at"] is None
    assert key["key"] not in json.dumps(listed)

    reason = ["--reason", "left behind on a train"]
    assert cli(service, "keys", "revoke", key["key_id"], *reason).returncode == 0
    with service.client(key["key"]) as client:
        answer = client.get("/v1/me")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]
    assert send(service, key["key"], span("late")).status_code == 401
    listed = json.loads(cli(service, "keys", "list", "--json").stdout)
    [found] = [item for item in listed["items"] if item["key_id"] == key["key_id"]]
    assert found["revoke_reason"] == "left behind on a train"
    assert cli(service, "keys", "revoke", key["key_id"]).returncode == 1


def test_the_command_line_says_how_it_failed_by_its_exit_code(service: Any) -> None:
    viewer = service.make_key("reader", ["viewer"], ["cli"])
    assert cli(service, "keys", "list", key=viewer).returncode == 4
    assert cli(service, "keys", "list", key="ak_wrong").returncode == 4
    assert cli(service, "keys", "create", "x", "--role", "viewer").returncode == 2
    assert cli(service, "keys", "create", "x", "--role", "king").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    away = cli(service, "keys", "list", "--url", f"http://127.0.0.1:{port}")
    assert away.returncode == 3
    assert str(port) in away.stderr


def test_revocation_survives_a_restart(new_service: NewService) -> None:
    running = new_service().start()
    kept = running.make_key("kept", ["viewer"], ["a"])
    gone = running.make_key("gone", ["viewer"], ["a"])
    with running.client() as client:
        assert client.delete(f"/v1/keys/{gone.split('_')[1]}").status_code == 200
    running.restart()
    assert running.get("/v1/me", kept)["name"] == "kept"
    with running.client(gone) as client:
        assert client.get("/v1/me").status_code == 401


def test_without_a_valid_key_nothing_is_told(service: Any) -> None:
    paths = [
        path
        for path, methods in service.get("/openapi.json")["paths"].items()
        if path.startswith("/v1/") and "get" in methods
    ]
    assert "/v1/keys" in paths
    assert "/v1/traces" in paths
    keys = ["", "wrong", "ak_000000000000_" + "0" * 64]
    for path in paths:
        for key in keys:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            answer = httpx.get(service.http_url + path, headers=headers, trust_env=False)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_key_lacks_is_named(service: Any) -> None:
    sender = service.make_key("sender", ["ingest"], ["roles"])
    viewer = service.make_key("viewer", ["viewer"], ["roles"])
    with service.client(sender) as client:
        refused = client.get("/v1/keys")
        assert refused.status_code == 403
        assert "role admin" in refused.json()["detail"]
        assert client.get("/v1/traces").status_code == 403
    refused = send(service, viewer, span("x"))
    assert refused.status_code == 403
    assert "role ingest" in refused.json()["message"]
    with service.client(viewer) as client:
        other = client.get("/v1/traces", params={"tenant": "other"})
    assert other.status_code == 403
    assert other.json()["field"] == "tenant"


#: Lists that take a period or a window, of which neither is required by itself.
ONE_OF_TWO = {"/v1/focus": {"period": "2026-10"}}


def test_a_key_of_one_tenant_never_sees_another(service: Any) -> None:
    trace_ids = {"iso-a": "a" * 32, "iso-b": "b" * 32}
    for tenant, trace_id in trace_ids.items():
        key = service.make_key("sender", ["ingest"], [tenant])
        # The payload claims the other tenant; the key decides.
        other = "iso-b" if tenant == "iso-a" else "iso-a"
        assert send(service, key, span(f"of-{tenant}", other, trace_id)).status_code == 200
    viewers = {tenant: service.make_key("viewer", ["viewer"], [tenant]) for tenant in trace_ids}
    lists = {
        path: {
            one["name"]: one["schema"]["examples"][0]
            for one in methods["get"].get("parameters", [])
            if one["required"]
        }
        for path, methods in service.get("/openapi.json")["paths"].items()
        if path.startswith("/v1/") and "get" in methods and "{" not in path
    }
    for tenant, viewer in viewers.items():
        other = "iso-b" if tenant == "iso-a" else "iso-a"
        assert f"of-{tenant}" in json.dumps(service.get("/v1/traces", viewer))
        for path, required in lists.items():
            with service.client(viewer) as client:
                answer = client.get(path, params=required | ONE_OF_TWO.get(path, {}))
            assert answer.status_code in {200, 403, 404}, path
            assert other not in answer.text, path
        with service.client(viewer) as client:
            assert client.get(f"/v1/traces/{trace_ids[other]}").status_code == 404
            assert client.get(f"/v1/traces/{trace_ids[tenant]}").status_code == 200


def test_a_key_of_several_tenants_is_held_to_its_list(service: Any) -> None:
    key = service.make_key("several", ["ingest", "viewer"], ["sev-1", "sev-2"])
    assert send(service, key, span("in", "sev-2", "c" * 32)).json() == {}
    refused = send(service, key, span("out", "sev-3", "d" * 32))
    assert refused.status_code == 200
    assert refused.json()["partialSuccess"]["rejectedSpans"] == "1"
    found = service.get("/v1/traces", key)["items"]
    assert [(item["tenant"], item["root_name"]) for item in found] == [("sev-2", "in")]


def test_an_admin_of_some_tenants_stays_within_them(service: Any) -> None:
    limited = service.make_key("limited", ["admin"], ["lim-1"])
    outside = service.make_key("outside", ["viewer"], ["lim-2"])
    with service.client(limited) as client:
        body = {"name": "x", "roles": ["viewer"]}
        assert client.post("/v1/keys", json=body | {"all_tenants": True}).status_code == 403
        assert client.post("/v1/keys", json=body | {"tenants": ["lim-2"]}).status_code == 403
        assert client.post("/v1/keys", json=body | {"tenants": ["lim-1"]}).status_code == 201
        seen = client.get("/v1/keys").json()["items"]
        assert {tuple(item["tenants"]) for item in seen} == {("lim-1",)}
        assert client.delete(f"/v1/keys/{outside.split('_')[1]}").status_code == 404
    assert service.get("/v1/me", outside)["name"] == "outside"


def test_local_programs_need_no_key_where_that_is_allowed(new_service: NewService) -> None:
    running = new_service(
        environ={"ANSWERABLE_ALLOW_ANONYMOUS_LOCAL": "true", "ANSWERABLE_ADMIN_KEY": ""}
    ).start()
    assert running.started["new_admin_key"] == ""
    with httpx.Client(base_url=running.http_url, trust_env=False, timeout=30) as client:
        me = client.get("/v1/me").json()
        assert me["anonymous"]
        assert me["all_tenants"]
        json_type = {"Content-Type": "application/json"}
        assert client.post("/v1/traces", content=span("x"), headers=json_type).status_code == 200
        elsewhere = [
            {"X-Forwarded-For": "203.0.113.7"},
            {"Forwarded": "for=203.0.113.7"},
            {"Host": "rebound.example"},
            {"Origin": "https://page.example"},
        ]
        for headers in elsewhere:
            assert client.get("/v1/me", headers=headers).status_code == 401, headers
            refused = client.post("/v1/traces", content=span("y"), headers=json_type | headers)
            assert refused.status_code == 401, headers


def test_it_keeps_spans_and_metrics_of_its_own(new_service: NewService) -> None:
    running = new_service(
        environ={"ANSWERABLE_SELF_TELEMETRY": "true", "ANSWERABLE_SELF_INTERVAL_S": "1"}
    ).start()
    running.get("/v1/me")

    def names() -> list[str]:
        found = running.get("/v1/traces", tenant="answerable")["items"]
        return [item["root_name"] for item in found]

    running.wait_for(lambda: "GET /v1/me" in names())

    def signals() -> set[str]:
        rows = running.get("/v1/ledger", tenant="answerable")["rows"]
        return {row["signal"] for row in rows}

    running.wait_for(lambda: signals() >= {"traces", "metrics"})
    assert running.get("/v1/ledger", tenant="answerable")["balanced"]
    assert "/healthz" not in "".join(names())
    # Whoever looks for their own data does not find the service's in between.
    assert running.get("/v1/traces")["items"] == []
    assert running.get("/v1/services")["items"] == []
    assert running.get("/v1/ledger")["rows"] == []
    assert running.get("/v1/overview")["totals"]["spans"] == 0


def test_openapi_is_complete(service: Any) -> None:
    document = service.get("/openapi.json")
    assert document["openapi"].startswith("3.")
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert references <= document["components"]["schemas"].keys()
    identifiers = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            identifiers.append(operation["operationId"])
            assert operation["summary"], where
            assert operation["description"], where
            assert "422" not in operation["responses"], where
            if path.startswith("/v1/"):
                assert operation["security"], where
                assert {"400", "401", "403"} <= operation["responses"].keys(), where
    assert len(identifiers) == len(set(identifiers))
    posts = {path for path, methods in document["paths"].items() if "post" in methods}
    assert {"/v1/traces", "/v1/metrics", "/v1/logs"} <= posts


def test_docs_are_a_page_without_foreign_code(service: Any) -> None:
    page = httpx.get(f"{service.http_url}/docs", trust_env=False)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    for path in service.get("/openapi.json")["paths"]:
        assert path in page.text


def test_metrics_are_read_by_prometheus(service: Any) -> None:
    key = service.make_key("sender", ["ingest"], ["metrics"])
    assert send(service, key, span("m")).status_code == 200
    assert send(service, "nobody", span("m")).status_code == 401
    page = httpx.get(f"{service.http_url}/metrics", trust_env=False)
    assert page.status_code == 200
    families = {family.name: family for family in text_string_to_metric_families(page.text)}
    requests = families["answerable_ingest_requests"].samples
    codes = {sample.labels["code"] for sample in requests}
    assert {"200", "401"} <= codes
    rejected = families["answerable_ingest_rejections"].samples
    assert "unauthenticated" in {sample.labels["reason"] for sample in rejected}
    assert families["answerable_queue_bytes"].samples[0].value >= 0
    assert families["answerable_insert_seconds"].samples


def test_metrics_need_a_key_from_elsewhere(service: Any) -> None:
    url = f"{service.http_url}/metrics"
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    assert httpx.get(url, headers=forwarded, trust_env=False).status_code == 401
    sender = service.make_key("sender", ["ingest"], ["metrics"])
    headers = forwarded | service.headers(sender)
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 403
    headers = forwarded | service.headers()
    assert httpx.get(url, headers=headers, trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("PUT", "/v1/me", 405),
        ("POST", "/v1/me", 405),
        ("DELETE", "/v1/keys/unknown", 404),
        ("GET", "/v1/traces/zz", 400),
        ("GET", "/v1/traces?limit=0", 400),
        ("GET", "/v1/traces?from=yesterday", 400),
    ],
)
def test_every_error_is_a_problem(service: Any, method: str, path: str, status: int) -> None:
    with service.client() as client:
        answer = client.request(method, path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    assert body["instance"] == path.partition("?")[0]
    assert body["request_id"] == answer.headers["x-request-id"]


def test_answers_carry_security_headers(service: Any) -> None:
    with service.client() as client:
        for path in ["/v1/me", "/v1/nothing", "/docs", "/healthz"]:
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "server" not in headers
