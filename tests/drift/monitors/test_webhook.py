"""Webhooks: signed, sent only where they may be, tried again, given up, telling no secrets."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from drift.incidents import Incident
from drift.monitors import webhook
from drift.monitors.monitor import Monitor, Trigger
from drift.monitors.monitors import Monitors
from drift.monitors.triggers import KIND, TriggerJob, Triggers
from drift.monitors.variables import Variables
from sql.errors import InvalidInputError
from tests.drift.worlds import drift_parts

SECRET = "whsec_" + base64.b64encode(b"a secret of many bytes").decode()
LISTED = {
    "school-a": ["WEBHOOK_RETRAIN", "WEBHOOK_URL", "WEBHOOK_NONE", "WEBHOOK_TOKEN_URL"],
    "school_a": ["WEBHOOK_OTHER"],
}
OWN = Variables.of(LISTED, "school-a")
EVENT = {"specversion": "1.0", "id": "school-a/watch-1", "data": {}}


class Receiver:
    """A server of this machine that keeps what it is sent."""

    def __init__(self, answers=(200,), location=""):
        self.requests, answering = [], list(answers)
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.path, dict(self.headers), body))
                self.send_response(answering.pop(0) if len(answering) > 1 else answering[0])
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook?job=1"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("WEBHOOK_RETRAIN", SECRET)


def send(url, **more):
    asked = {"now_s": 1_700_000_000, "timeout_s": 5, "private": True}
    asked = {"variables": OWN, **asked, **more}
    webhook.send(url, "WEBHOOK_RETRAIN", EVENT, **asked)


def incident(**more):
    found = {
        "feature": "words",
        "dimension": "",
        "value": "",
        "statistic": "population_stability",
        "estimate": 0.4,
        "low": 0.3,
        "high": 0.5,
        "tolerance": 0.01,
    }
    values = {
        "tenant": "school-a",
        "id": "watch-1",
        "monitor_id": "watch",
        "monitor_version": 3,
        "kind": "feature",
        "model": "grader",
        "reference_id": "base",
        "severity": "critical",
        "state": "open",
        "window_start_ns": 0,
        "window_end_ns": 3_600_000_000_000,
        "opened_ns": 1,
        "findings": (found,),
        "keys": (("words", "", "", "population_stability"),),
    }
    return Incident(**{**values, **more})


def test_a_receiver_can_check_who_sent_what_and_when():
    with Receiver() as receiver:
        send(receiver.url)
    [(path, headers, body)] = receiver.requests
    headers = {name.lower(): value for name, value in headers.items()}
    assert path == "/hook?job=1"
    assert headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
    assert json.loads(body) == EVENT
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"a secret of many bytes", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["webhook-timestamp"] == "1700000000"
    assert headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "::",
    ],
)
def test_addresses_that_are_not_public_are_not_reached(monkeypatch, number):
    family = socket.AF_INET6 if ":" in number else socket.AF_INET
    entry = (family, socket.SOCK_STREAM, 6, "", (number, 443))
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [public, entry])
    assert not webhook.public(number)
    with pytest.raises(webhook.WebhookError, match="not public") as raised:
        send("https://innocent.example/", private=False)
    assert raised.value.final


def test_a_public_address_is_connected_to_by_the_number_that_was_checked(monkeypatch):
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 8443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    target = webhook.resolved("https://ci.example.com:8443/retrain?x=1", private=False)
    assert target.url == "https://93.184.216.34:8443/retrain?x=1"
    assert (target.host, target.name) == ("ci.example.com:8443", "ci.example.com")


@pytest.mark.parametrize(
    "address",
    [
        "http://ci.example.com/",
        "ftp://ci.example.com/",
        "file:///etc/passwd",
        "https://user:secret@ci.example.com/",
        "https://",
        "https://[::1",
        "retrain",
        "https://ci.example.com/\x7f",
        "https://m\u00fcller.example/",
        "https://ci.example.com/a b",
    ],
)
def test_what_is_no_webhook_is_refused_before_it_is_kept(address):
    with pytest.raises(InvalidInputError) as raised:
        webhook.checked(address, "WEBHOOK_RETRAIN", variables=OWN, private=False)
    assert raised.value.field == "trigger.webhook"
    assert "secret" not in raised.value.detail


def test_a_webhook_needs_a_secret():
    with pytest.raises(InvalidInputError) as raised:
        webhook.checked("https://ci.example.com/", "", variables=OWN, private=False)
    assert raised.value.field == "trigger.secret_env"


def test_a_redirect_is_not_followed():
    with Receiver() as inner, Receiver([302], location=inner.url) as outer:
        with pytest.raises(webhook.WebhookError, match="302"):
            send(outer.url)
        assert inner.requests == []
        assert len(outer.requests) == 1


def test_an_address_may_stay_in_the_environment(monkeypatch):
    with Receiver() as receiver:
        monkeypatch.setenv("WEBHOOK_URL", receiver.url)
        send("$WEBHOOK_URL")
    assert len(receiver.requests) == 1
    with pytest.raises(webhook.WebhookError, match="WEBHOOK_NONE is not set"):
        send("$WEBHOOK_NONE")


def test_nobody_who_answers_is_an_error_without_the_address():
    with pytest.raises(webhook.WebhookError) as raised:
        send("http://127.0.0.1:9/token-in-path")
    assert "token" not in str(raised.value)
    assert not raised.value.final


@pytest.fixture
def parts(drift_store, clock):
    settings = {
        "drift_trigger_attempts_max": 3,
        "drift_trigger_backoff_s": 60,
        "drift_trigger_variables": LISTED,
    }
    return drift_parts(drift_store, clock, drift_trigger_private=True, **settings)


def queue(parts, url):
    trigger = Trigger(webhook=url, secret_env="WEBHOOK_RETRAIN")
    Triggers(parts).queue(trigger, incident())
    return Triggers(parts)


def test_an_incident_is_sent_once_with_its_evidence(parts):
    with Receiver() as receiver:
        triggers = queue(parts, receiver.url)
        queue(parts, receiver.url)
        job = TriggerJob(parts)
        job.run()
        job.run()
    [(_, _, body)] = receiver.requests
    event = json.loads(body)
    assert {name: event[name] for name in ("specversion", "type", "source", "subject")} == {
        "specversion": "1.0",
        "type": "ai.answerable.drift.retrain",
        "source": "/v1/monitors/watch",
        "subject": "grader",
    }
    assert event["id"] == "school-a/watch-1"
    assert event["data"]["monitor"] == {"id": "watch", "version": 3, "kind": "feature"}
    assert event["data"]["findings"][0]["low"] == 0.3
    held = triggers.get("school-a", "watch-1")
    assert (held.state, held.attempts) == ("delivered", 1)
    assert held.event == event


def test_failures_are_tried_again_ever_later_and_then_given_up(parts, clock):
    with Receiver([500]) as receiver:
        triggers, job = queue(parts, receiver.url), TriggerJob(parts)
        job.run()
        job.run()
        assert len(receiver.requests) == 1
        clock.step(seconds=59)
        job.run()
        assert len(receiver.requests) == 1
        clock.step(seconds=1)
        job.run()
        clock.step(seconds=119)
        job.run()
        assert len(receiver.requests) == 2
        clock.step(seconds=1)
        job.run()
        clock.step(seconds=100_000)
        job.run()
        assert len(receiver.requests) == 3
    held = triggers.get("school-a", "watch-1")
    assert (held.state, held.attempts, held.error) == ("dead", 3, "answered 500")
    [signal] = parts.signals.list([], start_ns=0, end_ns=2**62, kinds=["drift_trigger"])
    assert (signal.tenant, signal.severity) == ("school-a", "critical")


def test_it_arrives_at_last(parts, clock):
    with Receiver([503, 429, 204]) as receiver:
        triggers, job = queue(parts, receiver.url), TriggerJob(parts)
        for _ in range(3):
            job.run()
            clock.step(seconds=1000)
    assert triggers.get("school-a", "watch-1").state == "delivered"
    ids = [headers["webhook-id"] for _, headers, _ in receiver.requests]
    assert ids == ["school-a/watch-1"] * 3
    assert len({headers["webhook-timestamp"] for _, headers, _ in receiver.requests}) == 3


def test_a_crash_before_the_mark_is_made_good(parts):
    with Receiver() as receiver:
        trigger = Trigger(webhook=receiver.url, secret_env="WEBHOOK_RETRAIN")
        triggers = queue(parts, receiver.url)
        triggers.unmark("school-a", "watch-1")
        TriggerJob(parts).run()
        assert receiver.requests == []
        # The window is judged again, as its rows are missing too.
        triggers.queue(trigger, incident())
        TriggerJob(parts).run()
        assert len(receiver.requests) == 1
    triggers.queue(trigger, incident())
    assert triggers.waiting() == []


def test_gone_is_final(parts):
    with Receiver([410]) as receiver:
        triggers = queue(parts, receiver.url)
        TriggerJob(parts).run()
    assert triggers.get("school-a", "watch-1").state == "dead"


def test_neither_records_nor_logs_hold_the_secret(parts, capsys, monkeypatch):
    monkeypatch.setenv("WEBHOOK_TOKEN_URL", "http://127.0.0.1:9/token-in-path")
    queue(parts, "$WEBHOOK_TOKEN_URL")
    TriggerJob(parts).run()
    with parts.store.handle() as client:
        held = str(client.query("SELECT kind, body FROM records").result_rows)
    told = capsys.readouterr()
    for text in (held, told.out, told.err):
        assert SECRET not in text
        assert "token-in-path" not in text
    assert KIND in held
    assert "trigger_failed" in told.out + told.err


def test_without_a_webhook_the_event_is_kept(parts):
    Triggers(parts).queue(Trigger(event="ai.example.retrain"), incident())
    TriggerJob(parts).run()
    held = Triggers(parts).get("school-a", "watch-1")
    assert (held.state, held.event["type"]) == ("kept", "ai.example.retrain")


@pytest.mark.parametrize(
    ("address", "secret_env"),
    [("", "WEBHOOK_OTHER"), ("$WEBHOOK_OTHER", "WEBHOOK_RETRAIN"), ("", "WEBHOOK_NOWHERE")],
)
def test_a_monitor_may_not_name_a_variable_of_another_tenant(parts, address, secret_env):
    trigger = Trigger(webhook=address, secret_env=secret_env)
    monitor = Monitor(id="watch", tenant="school-a", model="m", reference="r", trigger=trigger)
    with pytest.raises(InvalidInputError, match="ANSWERABLE_DRIFT_TRIGGER_VARIABLES") as raised:
        Monitors(parts).create(monitor, actor="key", reason="made")
    assert raised.value.field == ("trigger.webhook" if address else "trigger.secret_env")
    assert Monitors(parts).list(["school-a"]) == []
    # Who may is told by exact name: another that looks alike is another.
    theirs = monitor.model_copy(update={"tenant": "school_a"})
    if secret_env == "WEBHOOK_OTHER":
        assert Monitors(parts).create(theirs, actor="key", reason="made").trigger == trigger


@pytest.mark.parametrize("tenant", ["school_a", "School-A", "school-a ", ""])
def test_what_is_kept_is_no_permission_when_it_is_sent(parts, monkeypatch, tenant):
    monkeypatch.setenv("WEBHOOK_OTHER", "another-tenants-secret")
    own = {"school_a": "WEBHOOK_RETRAIN"}.get(tenant, "WEBHOOK_OTHER")
    with Receiver() as receiver:
        trigger = Trigger(webhook=receiver.url, secret_env=own)
        Triggers(parts).queue(trigger, incident(tenant=tenant))
        TriggerJob(parts).run()
        assert receiver.requests == []
    held = Triggers(parts).get(tenant, "watch-1")
    assert (held.state, held.attempts) == ("pending", 1)
    assert f"may not use the environment variable {own}" in held.error
    assert "another-tenants-secret" not in held.error


def test_a_refusal_tells_nothing_about_a_variable(monkeypatch):
    monkeypatch.setenv("WEBHOOK_OTHER", "secret")
    known, unknown = OWN.refusal("WEBHOOK_OTHER"), OWN.refusal("WEBHOOK_NOBODYS")
    assert known.replace("WEBHOOK_OTHER", "X") == unknown.replace("WEBHOOK_NOBODYS", "X")


def test_an_address_that_cannot_be_sent_holds_up_no_other(parts, monkeypatch):
    monkeypatch.setenv("WEBHOOK_URL", "https://ci.example.com/token\x7f")
    with Receiver() as receiver:
        queue(parts, "$WEBHOOK_URL")
        trigger = Trigger(webhook=receiver.url, secret_env="WEBHOOK_RETRAIN")
        Triggers(parts).queue(trigger, incident(id="watch-2"))
        TriggerJob(parts).run()
        assert len(receiver.requests) == 1
    held = Triggers(parts).get("school-a", "watch-1")
    assert held.state == "dead"
    assert "token" not in held.error


def test_an_empty_secret_signs_nothing(monkeypatch):
    monkeypatch.setenv("WEBHOOK_RETRAIN", "whsec_")
    with Receiver() as receiver:
        with pytest.raises(webhook.WebhookError, match="holds nothing"):
            send(receiver.url)
        assert receiver.requests == []
