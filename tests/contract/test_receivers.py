"""What every receiver in the catalogue promises, whatever its protocol."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from pydantic import ValidationError

from collector.catalog import RECEIVERS
from collector.errors import MalformedError, OverloadedError, ShuttingDownError
from collector.models import Receipt, Signal
from collector.receivers.settings import ReceiverSettings
from collector.validation import SERVICES
from sql.errors import DataError, PermanentStoreError, RetryableStoreError
from tests.collector.receivers.bodies import BODIES
from tests.collector.receivers.kit import SENDERS, new_receiver, send_grpc, serve, until

OK, INVALID, UNKNOWN_KEY, FORBIDDEN, INTERNAL, UNAVAILABLE = 0, 3, 16, 7, 13, 14

each_receiver = pytest.mark.parametrize("name", sorted(RECEIVERS))


@pytest.fixture(scope="module", params=sorted(RECEIVERS))
def served(request):
    with serve(request.param) as running:
        running.name = request.param
        yield running


@pytest.fixture(autouse=True)
def _fresh_door(request):
    if "served" in request.fixturenames:
        running = request.getfixturevalue("served")
        running.door.outcome = Receipt()
        running.door.hold_s = 0.0
        running.door.submissions.clear()
        running.door.refusals.clear()
        running.counts.seen.clear()


def send(running, signal, body, **options):
    return SENDERS[running.name](running, signal, body, **options)


@each_receiver
def test_its_name_is_its_key_in_the_catalogue(name):
    assert RECEIVERS[name].name == name


@each_receiver
def test_stops_without_a_start_and_twice(name):
    async def scenario():
        never_started = new_receiver(name)
        await never_started.stop(0.1)
        receiver = new_receiver(name)
        await receiver.start()
        await receiver.stop(0.1)
        await receiver.stop(0.1)
        return never_started.calls, receiver.calls

    assert asyncio.run(scenario()) == (0, 0)


def test_default_settings_are_valid_and_unknown_ones_refused():
    assert ReceiverSettings().max_body_mib == 64
    with pytest.raises(ValidationError, match="max_body_mb"):
        ReceiverSettings(max_body_mb=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_body_mib": 0},
        {"body_timeout_s": 0},
        {"max_inflight_mib": 64},
        {"max_inflight_tenant_mib": 100},
        {"grpc_max_concurrent": 0},
    ],
)
def test_settings_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        ReceiverSettings(**wrong)


@pytest.mark.parametrize("signal", Signal)
def test_a_stored_request_is_answered_with_an_empty_success(served, signal):
    body = BODIES[signal]()
    answer = send(served, signal, body)
    assert (answer.code, answer.rejected, answer.message) == (OK, 0, "")
    (submission,) = served.door.submissions
    assert submission.body == body
    assert (submission.signal, submission.items) == (signal, 3)
    assert submission.grant.tenant == "school"
    assert submission.wire_bytes == len(body)
    assert served.door.refusals == []


@pytest.mark.parametrize("signal", Signal)
def test_partial_success_names_count_and_message(served, signal):
    served.door.outcome = Receipt(rejected=2, message="2 items have no id")
    answer = send(served, signal, BODIES[signal]())
    assert (answer.code, answer.rejected, answer.message) == (OK, 2, "2 items have no id")


def test_a_duplicate_is_a_plain_success(served):
    served.door.outcome = Receipt(duplicate=True)
    answer = send(served, Signal.TRACES, BODIES[Signal.TRACES]())
    assert (answer.code, answer.rejected, answer.message) == (OK, 0, "")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (MalformedError("bad bytes"), INVALID),
        (DataError("Cannot parse DateTime", code=41), INVALID),
        (OverloadedError("full", retry_after_s=9), UNAVAILABLE),
        (ShuttingDownError("closing", retry_after_s=2), UNAVAILABLE),
        (RetryableStoreError("Connection refused by 10.1.2.3", code=210), UNAVAILABLE),
        (PermanentStoreError("Missing column secret_column", code=16), INTERNAL),
        (RuntimeError("a bug with a secret in it"), INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_of_the_door_has_its_answer(served, outcome, code):
    served.door.outcome = outcome
    answer = send(served, Signal.LOGS, BODIES[Signal.LOGS]())
    assert answer.code == code
    assert answer.status is not None
    assert answer.status.code == code
    assert answer.message
    # Whatever happens after submission is the door's to count.
    assert served.door.refusals == []
    assert "10.1.2.3" not in answer.message
    assert "secret" not in answer.message


def test_a_retryable_error_says_when_to_come_back(served):
    served.door.outcome = RetryableStoreError("down")
    answer = send(served, Signal.TRACES, BODIES[Signal.TRACES]())
    info = RetryInfo()
    assert answer.status.details[0].Unpack(info)
    assert 1 <= info.retry_delay.seconds <= 30
    served.door.outcome = OverloadedError("full", retry_after_s=9)
    answer = send(served, Signal.TRACES, BODIES[Signal.TRACES]())
    assert answer.status.details[0].Unpack(info)
    assert info.retry_delay.seconds == 9


def test_bad_data_says_what_is_wrong(served):
    answer = send(served, Signal.TRACES, b"\x0a\xff\xff\xff")
    assert answer.code == INVALID
    detail = BadRequest()
    assert answer.status.details[0].Unpack(detail)
    assert "ExportTraceServiceRequest" in detail.field_violations[0].description
    assert served.door.submissions == []
    assert served.door.refusals == [(Signal.TRACES, "school", "malformed", 4)]


def test_an_empty_request_is_a_success(served):
    assert send(served, Signal.METRICS, b"").code == OK
    assert served.door.submissions[0].items == 0


@pytest.mark.parametrize(
    ("key", "code", "reason"),
    [
        (None, UNKNOWN_KEY, "unauthenticated"),
        ("Bearer wrong", UNKNOWN_KEY, "unauthenticated"),
        ("Bearer revoked", UNKNOWN_KEY, "unauthenticated"),
        ("Bearer outside", FORBIDDEN, "forbidden"),
    ],
)
def test_keys(served, key, code, reason):
    answer = send(served, Signal.TRACES, BODIES[Signal.TRACES](), key=key)
    assert answer.code == code
    assert answer.status.code == code
    assert served.door.submissions == []
    assert served.door.refusals == [(Signal.TRACES, "", reason, 0)]


def test_a_key_for_several_tenants_passes_its_grant_on(served):
    assert send(served, Signal.TRACES, BODIES[Signal.TRACES](), key="Bearer other").code == OK
    grant = served.door.submissions[0].grant
    assert (grant.key_id, grant.tenant, grant.tenants) == ("k2", "", ("a", "b"))


def test_the_peer_is_seen_as_loopback(served):
    served.keys.loopback.clear()
    send(served, Signal.TRACES, b"")
    assert served.keys.loopback == [True]


@pytest.mark.parametrize("held", Signal)
@pytest.mark.parametrize("path", Signal)
def test_a_body_on_the_wrong_path_is_told_the_right_one(served, path, held):
    answer = send(served, path, BODIES[held]())
    if path is held:
        assert answer.code == OK
        return
    assert answer.code == INVALID
    assert f"holds {held}" in answer.message
    assert f"/v1/{held}" in answer.message
    assert served.door.refusals[0][2] == "wrong_signal"


def test_each_request_is_observed_once(served):
    body = BODIES[Signal.TRACES]()
    send(served, Signal.TRACES, body)
    send(served, Signal.TRACES, b"\xff")
    until(lambda: len(served.counts.seen) == 2)
    good, bad = served.counts.seen
    assert (good["protocol"], good["signal"]) == (served.name, Signal.TRACES)
    assert (good["items"], good["wire_bytes"]) == (3, len(body))
    assert good["code"] in {"200", "OK"}
    assert bad["code"] in {"400", "INVALID_ARGUMENT"}
    assert 0 <= good["seconds"] < 10


@each_receiver
def test_a_stopping_receiver_asks_to_come_back(name):
    with serve(name) as running:
        running.call(running.receiver.stop(1.0))
        answer = SENDERS[name](running, Signal.TRACES, BODIES[Signal.TRACES]())
        assert answer.code == UNAVAILABLE


@each_receiver
def test_stop_waits_for_what_runs(name):
    with serve(name) as running, ThreadPoolExecutor() as pool:
        running.door.hold_s = 0.3
        sent = pool.submit(SENDERS[name], running, Signal.TRACES, BODIES[Signal.TRACES]())
        until(lambda: bool(running.door.submissions))
        running.call(running.receiver.stop(5.0))
        assert running.receiver.calls == 0
        assert sent.result(5).code == OK


@each_receiver
def test_a_full_budget_refuses_with_unavailable(name):
    with serve(name, max_body_mib=1, max_inflight_mib=2, max_inflight_tenant_mib=2) as running:
        lease = running.receiver.context.admission.lease("school")
        lease.grow((2 << 20) - lease.held_bytes)
        answer = SENDERS[name](running, Signal.TRACES, BODIES[Signal.TRACES]())
        assert answer.code == UNAVAILABLE
        assert running.door.refusals[0][2] == "overloaded"
        lease.shrink(lease.held_bytes)
        assert SENDERS[name](running, Signal.TRACES, BODIES[Signal.TRACES]()).code == OK


def disconnect(running):
    """Send half a request and cut the connection with a reset."""
    with socket.create_connection(("127.0.0.1", running.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(
            b"POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer good\r\n"
            b"content-type: application/x-protobuf\r\ncontent-length: 50000\r\n\r\n" + b"\x0a" * 999
        )


def test_a_thousand_mixed_requests_leave_nothing_held(served):
    rng = random.Random(11)
    body = BODIES[Signal.TRACES]()
    outcomes = [
        Receipt(),
        Receipt(rejected=1, message="one"),
        RetryableStoreError("down"),
        MalformedError("bad"),
    ]
    for _ in range(1000 if served.name == "otlp_http" else 300):
        served.door.outcome = rng.choice(outcomes)
        kind = rng.randrange(6)
        if kind == 0:
            disconnect(served)
        elif kind == 1:
            send(served, Signal.TRACES, body[: rng.randrange(len(body))])
        elif kind == 2:
            send(served, Signal.TRACES, rng.randbytes(50), key="Bearer wrong")
        else:
            send(served, rng.choice(list(Signal)), body)
    served.settle()
    assert served.held_bytes() == 0


def test_a_thousand_calls_over_one_grpc_channel_leave_nothing_held():
    with serve("otlp_grpc") as running:
        running.door.hold_s = 0.002
        body = BODIES[Signal.TRACES]()
        with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
            export = channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")
            calls = []
            for number in range(1000):
                sent = body if number % 3 else body[:-1]
                calls.append(export.future(sent, metadata=[("authorization", "Bearer good")]))
                if number % 5 == 0:
                    calls[-1].cancel()
            for call in calls:
                if not call.cancelled():
                    call.exception(timeout=20)
        running.settle()
        assert running.held_bytes() == 0
        assert send_grpc(running, Signal.TRACES, body).code == OK
