"""The simulation as a whole: the last hour at once, then live until stopped."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import answerable_instrument as answerable
from answerable.demo.books import keep_books
from answerable.demo.dice import Dice, SeededIds
from answerable.demo.digests import play_nights
from answerable.demo.grading import review_decision
from answerable.demo.stage import Stage
from answerable.demo.telemetry import Sending, open_telemetry
from answerable.demo.traffic import Traffic
from answerable.demo.triage import DAYS, Outbox, Triage
from answerable.demo.watching import keep_watch
from answerable.demo.world import DAY_NS, HOUR_NS, NS
from answerable_instrument import runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from answerable.demo.telemetry import Telemetry
    from answerable.demo.traffic import Arrival

#: A request is played once its last span is over: this long after it arrived.
LAG_S = 6
TICK_S = 0.1
#: After a longer pause of the machine what was missed is left out.
CATCH_UP_MAX_S = 60
CLOSE_TIMEOUT_S = 1.5
PROBE_TIMEOUT_S = 1.0


class Simulation:
    """The platform from an hour before `start_ns` on.

    What happens depends on the seed; identifiers depend on the start too, so that a second run
    with the same seed does not overwrite the first. One a process at a time: the instrumentation
    library has one tracer.
    """

    def __init__(
        self, telemetry: Telemetry, ids: SeededIds, *, seed: int, start_ns: int, speed: float
    ) -> None:
        dice = Dice(random.Random(f"world {seed}"))  # noqa: S311  A simulation, no secret.
        self._traffic = Traffic(dice, from_ns=start_ns - HOUR_NS, live_ns=start_ns, speed=speed)
        self._stage = Stage(telemetry, dice, ids)
        self._seed = seed
        self._start_ns = start_ns
        self.outbox = Outbox()
        self._triage = self._triaged(start_ns - HOUR_NS)
        self._past = self._triaged((start_ns // DAY_NS - DAYS) * DAY_NS)
        self._past_days = DAYS

    def __enter__(self) -> Simulation:
        runtime.install(runtime.Runtime(tracer=self._stage.tracer))
        return self

    def __exit__(self, *_: object) -> None:
        runtime.install(None)

    @property
    def next_ns(self) -> int:
        """When the next thing happens."""
        return self._traffic.next_ns

    def go_live(self) -> None:
        """Measure from now on."""
        self._stage.go_live()

    def play_nights(self, stop: threading.Event) -> None:
        """Play the nights of the last weeks, up to the hour that `play_until` fills."""
        play_nights(self._stage, self._seed, self._start_ns - HOUR_NS, stop)

    def play_day(self, stop: threading.Event) -> None:
        """Play one day more of the triage of the last weeks, up to the hour `play_until` fills.

        A day at a time, so that what is live goes on and the sender's queue is never full.
        """
        if self._past_days < 0:
            return
        until = self._start_ns - max(self._past_days * DAY_NS, HOUR_NS)
        self._past.play_until(until, stop)
        self._past_days -= 1
        if self._past_days < 0 and not stop.is_set():
            self.outbox.month.set()

    def play_until(self, time_ns: int, stop: threading.Event) -> None:
        """Play everything that arrives before a time, or until stopped."""
        while self._traffic.next_ns < time_ns and not stop.is_set():
            self._play(self._traffic.take())
            self._traffic.expect(self._stage.later)
            self._stage.later.clear()
        self._triage.play_until(time_ns, stop)

    def skip_to(self, time_ns: int) -> None:
        """Leave out what would have happened before a time."""
        self._traffic.skip_to(time_ns)
        self._triage.skip_to(time_ns)

    def _triaged(self, from_ns: int) -> Triage:
        where = {"from_ns": from_ns, "start_ns": self._start_ns}
        return Triage(self._stage, self._seed, self.outbox, **where)

    def _play(self, arrival: Arrival) -> None:
        stage = self._stage
        with answerable.tenant(arrival.school.id):
            stage.timeline.now_ns = arrival.time_ns
            if arrival.due is not None:
                stage.timeline.now_ns -= arrival.due.duration_ms * 1_000_000
                review_decision(stage, arrival.due)
            elif arrival.scene is not None:
                arrival.scene(stage, arrival.school)


def seeded_ids(seed: int, start_ns: int) -> SeededIds:
    """Build the identifiers of one run."""
    return SeededIds(random.Random(f"ids {seed} {start_ns}"))  # noqa: S311  No secret.


def run(endpoint: str, stop: threading.Event, seed: int, speed: float = 1.0) -> None:
    """Send the platform's telemetry until `stop` is set.

    A receiver that is away is waited for at the start and costs records later; it never ends
    the run. Returns within two seconds of `stop`.

    Parameters
    ----------
    endpoint
        Base address of an OTLP/HTTP receiver, such as http://127.0.0.1:4318. ANSWERABLE_KEY
        holds the key, where it needs one.
    speed
        Factor on the rate of arrivals; 1 makes 20 to 40 spans a second.
    """
    if not await_receiver(endpoint, stop):
        return
    start_ns = time.time_ns()
    ids = seeded_ids(seed, start_ns)
    key = os.environ.get("ANSWERABLE_KEY", "")
    telemetry = open_telemetry(Sending(endpoint, key), ids)
    _in_background(keep_books, endpoint, key, stop)
    try:
        with Simulation(telemetry, ids, seed=seed, start_ns=start_ns, speed=speed) as simulation:
            _in_background(keep_watch, endpoint, key, simulation.outbox, stop, start_ns)
            simulation.play_nights(stop)
            drive(simulation, stop, clock_ns=time.time_ns)
    finally:
        telemetry.close(CLOSE_TIMEOUT_S)


def _in_background(work: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()


def drive(simulation: Simulation, stop: threading.Event, *, clock_ns: Callable[[], int]) -> None:
    """Play what is over by now, again and again, and the weeks before it bit by bit."""
    simulation.play_until(clock_ns() - LAG_S * NS, stop)
    simulation.go_live()
    while not stop.wait(TICK_S):
        over_ns = clock_ns() - LAG_S * NS
        if over_ns - simulation.next_ns > CATCH_UP_MAX_S * NS:
            simulation.skip_to(over_ns)
        simulation.play_until(over_ns, stop)
        simulation.play_day(stop)


def await_receiver(endpoint: str, stop: threading.Event) -> bool:
    """Wait until something listens at an address; False where `stop` came first."""
    parts = urlsplit(endpoint)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    while not stop.is_set():
        try:
            socket.create_connection((parts.hostname or "", port), PROBE_TIMEOUT_S).close()
        except OSError:
            stop.wait(PROBE_TIMEOUT_S)
        else:
            return True
    return False
