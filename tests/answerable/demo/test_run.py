"""The demo over the network: it sends, it outlives its receiver, and it stops when told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from answerable.demo.simulation import Simulation, drive, run
from answerable.demo.world import NS

STOP_WITHIN_S = 2.0


def _started(endpoint: str) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(endpoint, stop, 7), daemon=True)
    thread.start()
    return thread, stop


def _stopped_in_s(thread: threading.Thread, stop: threading.Event) -> float:
    before = time.monotonic()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    return time.monotonic() - before


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_all_signals_arrive_and_it_stops_in_time(receiver, monkeypatch):
    monkeypatch.setenv("ANSWERABLE_KEY", "ak_test")
    thread, stop = _started(receiver.endpoint)
    _wait_for(lambda: len(receiver.requests) == 3)
    assert _stopped_in_s(thread, stop) < STOP_WITHIN_S
    assert receiver.requests.keys() == {"/v1/traces", "/v1/logs", "/v1/metrics"}
    assert receiver.authorizations == {"Bearer ak_test"}
    assert len(receiver.span_ids) >= 3000


def test_without_a_key_none_is_sent(receiver):
    thread, stop = _started(receiver.endpoint)
    _wait_for(lambda: receiver.requests["/v1/traces"])
    _stopped_in_s(thread, stop)
    assert receiver.authorizations == {None}


def test_it_goes_on_while_the_receiver_refuses_and_stops_in_time(receiver):
    receiver.status = 503
    thread, stop = _started(receiver.endpoint)
    _wait_for(lambda: receiver.requests["/v1/traces"] >= 4)
    assert thread.is_alive()
    assert _stopped_in_s(thread, stop) < STOP_WITHIN_S


def test_it_waits_for_a_receiver_that_is_not_there_and_stops_in_time():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    thread, stop = _started(f"http://127.0.0.1:{port}")
    time.sleep(0.3)
    assert thread.is_alive()
    assert _stopped_in_s(thread, stop) < STOP_WITHIN_S


def test_the_command_ends_with_0_on_sigterm(receiver):
    command = [sys.executable, "-m", "answerable.demo", "--endpoint", receiver.endpoint]
    process = subprocess.Popen([*command, "--seed", "5"], env=os.environ | {"ANSWERABLE_KEY": ""})
    try:
        _wait_for(lambda: receiver.requests["/v1/traces"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_WITHIN_S + 1) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("speed", ["0", "-1", "1000", "fast"])
def test_a_speed_out_of_range_is_refused(speed):
    command = [sys.executable, "-m", "answerable.demo", "--speed", speed]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 2
    assert b"--speed" in done.stderr


class _Steps(Simulation):
    """Remembers what it was told instead of playing."""

    def __init__(self) -> None:
        self.skipped: list[int] = []
        self.played: list[int] = []

    @property
    def next_ns(self) -> int:
        return self.played[-1] if self.played else 0

    def go_live(self) -> None:
        pass

    def play_day(self, stop: threading.Event) -> None:
        pass

    def play_until(self, time_ns: int, stop: threading.Event) -> None:
        self.played.append(time_ns)
        if len(self.played) == 3:
            stop.set()

    def skip_to(self, time_ns: int) -> None:
        self.skipped.append(time_ns)


def test_what_a_sleeping_machine_missed_is_left_out():
    times = iter([100 * NS, 101 * NS, 5000 * NS])
    steps = _Steps()
    drive(steps, threading.Event(), clock_ns=lambda: next(times))
    assert steps.skipped == [steps.played[2]]
