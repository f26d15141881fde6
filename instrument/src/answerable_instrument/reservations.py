"""One reservation from when it is asked for to when it is settled or given back, once."""

import threading
import time
import weakref
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from answerable_instrument.background import BACKGROUND, Background, Job
from answerable_instrument.budget_answers import Answer, parsed
from answerable_instrument.budget_errors import BudgetRefusedError, BudgetUnavailableError
from answerable_instrument.budget_service import BudgetService, Verb
from answerable_instrument.guard import note

#: ``new`` before the question, ``open`` while it is held, ``left`` where the span or its time
#: ends it, ``idle`` where nothing is held.
State = Literal["new", "open", "settled", "released", "left", "idle"]

#: Seconds before each further try to settle or release.
_RETRIES_S: Final = (0.5, 2.0, 8.0)
_BEAT_S_MIN: Final = 1.0
_GONE: Final = (404, 409)


class Reservation:
    """A reservation under way; safe to share between threads.

    Whatever ends it ends it once: a second settlement or release is no request at all, and one
    that is repeated because no answer came carries the same identifier, so it counts once.
    """

    def __init__(
        self, service: BudgetService, identifier: str, *, background: Background = BACKGROUND
    ) -> None:
        self.id = identifier
        self.tenant: str | None = None
        self._service = service
        self._background = background
        self._lock = threading.Lock()
        self._state: State = "new"
        self._ttl_s: float | None = None

    @property
    def state(self) -> State:
        """How far it is."""
        return self._state

    @property
    def service(self) -> BudgetService:
        """Who is asked."""
        return self._service

    def reserve(self, request: Mapping[str, object]) -> Answer:
        """Ask for it; see ``BudgetService.ask`` for what it raises."""
        tenant = request.get("tenant")
        self.tenant = None if tenant is None else str(tenant)
        body = self._service.ask("reserve", {"reservation_id": self.id, **request})
        try:
            answer = parsed(body)
        except (ValueError, TypeError) as error:
            raise BudgetUnavailableError(f"the budget's answer makes no sense: {error}") from None
        self._ttl_s = _ttl_s(request.get("ttl_s"), answer.expires_at)
        with self._lock:
            if self._state == "new":
                self._state = "open" if answer.held else "idle"
        return answer

    def undo(self) -> None:
        """Give back what may or may not have been reserved, once no answer can come any more."""
        self._end("released")
        self._background.put(self._service.timeout_s, self._job("release", {}))

    def settle(self, settlement: Mapping[str, object]) -> bool:
        """Report what the call cost; False where it was ended before."""
        return self._close("settled", "settle", settlement)

    def release(self, reason: str) -> bool:
        """Give it back, as nothing was spent; False where it was ended before."""
        return self._close("released", "release", {"reason": reason})

    def leave(self) -> None:
        """Leave it to the telemetry of the call, which settles it, or to its time."""
        self._end("left")

    def keep_alive(self) -> None:
        """Prolong it at half its time, as long as it is open and somebody holds on to it."""
        ttl_s = self._ttl_s
        if self._state != "open" or ttl_s is None:
            return
        # A weak reference: a stream that was forgotten must not hold its reservation for ever.
        held = weakref.ref(self)

        def beat() -> float | None:
            reservation = held()
            return None if reservation is None else reservation._beat(ttl_s)  # noqa: SLF001

        self._background.put(max(_BEAT_S_MIN, ttl_s / 2), beat)

    def _beat(self, ttl_s: float) -> float | None:
        if self._state != "open":
            return None
        try:
            self._service.ask("extend", self._body({"ttl_s": max(1, round(ttl_s))}))
        except BudgetRefusedError as error:
            if error.status not in _GONE:
                note("budget_refused", "budget", f"extend was refused with {error.status}")
            return None
        except BudgetUnavailableError:
            note("budget_unreachable", "budget", "a reservation could not be prolonged")
            return max(_BEAT_S_MIN, ttl_s / 8)
        return max(_BEAT_S_MIN, ttl_s / 2)

    def _end(self, state: State) -> bool:
        with self._lock:
            if self._state not in ("new", "open"):
                return False
            self._state = state
            return True

    def _close(self, state: State, verb: Verb, more: Mapping[str, object]) -> bool:
        if not self._end(state):
            return False
        again = self._job(verb, more)()
        if again is not None:
            self._background.put(again, self._job(verb, more, made=1))
        return True

    def _job(self, verb: Verb, more: Mapping[str, object], made: int = 0) -> Job:
        """Ask until there is an answer, a few times at most."""
        attempts = made

        def ask() -> float | None:
            nonlocal attempts
            attempts += 1
            try:
                self._service.ask(verb, self._body(more))
            except BudgetRefusedError as error:
                # What may never have been reserved need not be there.
                if verb != "release" or error.status not in _GONE:
                    note("budget_unsettled", "budget", f"{verb} was refused: {error}")
            except BudgetUnavailableError:
                if attempts <= len(_RETRIES_S):
                    return _RETRIES_S[attempts - 1]
                note("budget_unsettled", "budget", f"no answer to {verb}; its time will end it")
            return None

        return ask

    def _body(self, more: Mapping[str, object]) -> dict[str, object]:
        named = {} if self.tenant is None else {"tenant": self.tenant}
        return {"reservation_id": self.id, **named, **more}


def _ttl_s(asked: object, expires_at: datetime | None) -> float | None:
    if isinstance(asked, (int, float)):
        return float(asked)
    if expires_at is None:
        return None
    return max(_BEAT_S_MIN, expires_at.timestamp() - time.time())
