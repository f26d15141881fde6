"""OTLP over gRPC, by a real server on a real port."""

from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from collector.models import Receipt, Signal
from collector.receivers.otlp_grpc import _encoding
from collector.receivers.settings import ReceiverSettings
from collector.validation import SERVICES
from tests.collector.receivers.bodies import BODIES, trace_request
from tests.collector.receivers.kit import KEY, new_receiver, send_grpc, serve, until

MIB = 1 << 20


@pytest.fixture(scope="module")
def running():
    with serve("otlp_grpc", max_body_mib=2, max_inflight_tenant_mib=8) as served:
        yield served


@pytest.fixture(autouse=True)
def _fresh_door(running):
    running.door.outcome = Receipt()
    running.door.hold_s = 0.0
    running.door.submissions.clear()
    running.door.refusals.clear()
    yield
    running.settle()
    assert running.held_bytes() == 0


@pytest.mark.parametrize("compression", list(grpc.Compression))
@pytest.mark.parametrize("signal", Signal)
def test_compression(running, signal, compression):
    body = BODIES[signal]() * 40
    assert send_grpc(running, signal, body, compression=compression).code == 0
    (submission,) = running.door.submissions
    assert submission.body == body
    if compression is grpc.Compression.NoCompression:
        assert submission.wire_bytes == len(body)
    else:
        assert submission.wire_bytes < len(body) / 2


def test_a_bomb_is_refused_as_it_grows(running):
    answer = send_grpc(running, Signal.TRACES, bytes(100 * MIB), compression=grpc.Compression.Gzip)
    assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert "after inflating" in answer.message
    assert running.door.refusals[0][2] == "too_large"


def test_oversize_is_resource_exhausted(running):
    answer = send_grpc(running, Signal.TRACES, bytes(100 * MIB))
    assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    until(lambda: bool(running.door.refusals))
    assert running.door.refusals[0][2] == "no_message"


def test_the_key_is_checked_before_the_message_is_read(running):
    with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
        export = channel.stream_unary(f"/{SERVICES[Signal.TRACES]}/Export")

        def never():
            until(lambda: bool(running.door.refusals))
            yield b""

        with pytest.raises(grpc.RpcError) as caught:
            export(never(), timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert running.door.refusals[0][2] == "unauthenticated"


def test_a_call_without_a_message_is_refused(running):
    with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
        export = channel.stream_unary(f"/{SERVICES[Signal.TRACES]}/Export")
        with pytest.raises(grpc.RpcError) as caught:
            export(iter(()), metadata=[("authorization", KEY)], timeout=10)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_slow_message_times_out():
    with (
        serve("otlp_grpc", body_timeout_s=0.2) as running,
        grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel,
    ):
        export = channel.stream_unary(f"/{SERVICES[Signal.TRACES]}/Export")

        def late():
            until(lambda: bool(running.door.refusals))
            yield b""

        with pytest.raises(grpc.RpcError) as caught:
            export(late(), metadata=[("authorization", KEY)], timeout=10)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert running.door.refusals[0][2] == "slow_body"


def test_a_submission_outlives_its_sender(running):
    running.door.hold_s = 0.3
    with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
        export = channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")
        call = export.future(trace_request(), metadata=[("authorization", KEY)])
        until(lambda: bool(running.door.submissions))
        call.cancel()
    assert running.receiver.calls == 1
    assert running.held_bytes() > 0
    running.settle()
    assert running.door.refusals == []


def test_too_many_calls_at_one_time():
    with (
        serve("otlp_grpc", grpc_max_concurrent=2) as running,
        grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel,
    ):
        running.door.hold_s = 0.5
        export = channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")
        metadata = [("authorization", KEY)]
        held = [export.future(trace_request(), metadata=metadata) for _ in range(2)]
        until(lambda: len(running.door.submissions) == 2)
        answer = send_grpc(running, Signal.TRACES, trace_request())
        assert answer.code == grpc.StatusCode.UNAVAILABLE.value[0]
        info = RetryInfo()
        assert answer.status.details[0].Unpack(info)
        assert info.retry_delay.seconds >= 1
        assert [call.result(5) for call in held] == [b"", b""]


def test_an_unknown_method_is_unimplemented(running):
    with grpc.insecure_channel(f"127.0.0.1:{running.port}") as channel:
        import_ = channel.unary_unary(f"/{SERVICES[Signal.LOGS]}/Import")
        with pytest.raises(grpc.RpcError) as caught:
            import_(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_taken_port_is_an_error_at_start(running):
    async def scenario():
        second = new_receiver("otlp_grpc", ReceiverSettings(grpc_port=running.port))
        with pytest.raises(RuntimeError, match="bind"):
            await second.start()
        await second.stop(0.1)

    running.call(scenario())


@pytest.mark.parametrize("body", [b"", b"\x0a", b"\x78", trace_request(), b"\x1f"])
def test_plain_messages_are_not_taken_for_compressed(body):
    assert _encoding(body) == "identity"
