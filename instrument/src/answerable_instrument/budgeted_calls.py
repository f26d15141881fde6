"""A call with a reservation: asked for before it is made, settled with what it cost."""

import asyncio
import uuid
from collections.abc import Callable
from contextvars import ContextVar, Token
from decimal import Decimal
from types import TracebackType
from typing import Literal, TypeVar

from answerable_instrument.budget_answers import ALLOW, DEFER, DENY, Answer, unasked
from answerable_instrument.budget_errors import (
    BudgetDenied,
    BudgetError,
    BudgetRefusedError,
    BudgetUnavailableError,
)
from answerable_instrument.budget_questions import Question
from answerable_instrument.budget_service import BudgetService
from answerable_instrument.budget_usage import Usage
from answerable_instrument.guard import guarded, note, reason_of
from answerable_instrument.reservations import Reservation, State
from answerable_instrument.workers import WORKERS

T = TypeVar("T")
Unreachable = Literal["fail_open", "fail_closed"]
Reaction = Literal["raise", "return"]

_current: ContextVar["BudgetedCall | None"] = ContextVar("answerable_budget", default=None)


def current_budget() -> "BudgetedCall | None":
    """Return the budgeted call under way here; None outside any."""
    return _current.get()


class BudgetedCall:
    """One call with a reservation; a context manager, plain or asynchronous, used once.

    Reporting (``tokens``, ``usage``, ``cost``) never raises and returns the call.
    """

    def __init__(
        self,
        question: Question,
        service: BudgetService,
        *,
        on_unreachable: Unreachable,
        on_deny: Reaction,
        on_defer: Reaction,
    ) -> None:
        self.answer = Answer(decision=ALLOW, detail="not asked yet")
        self._question = question
        self._reservation = Reservation(service, uuid.uuid4().hex)
        self._reactions = {"deny": on_deny, "defer": on_defer}
        self._on_unreachable = on_unreachable
        self._used = Usage()
        self._sent = False
        self._later = False
        self._traced = False
        self._token: Token[BudgetedCall | None] | None = None

    @property
    def decision(self) -> str:
        """``allow``, ``downgrade``, ``defer`` or ``deny``."""
        return self.answer.decision

    @property
    def allowed(self) -> bool:
        """Whether the call may be made now."""
        return self.answer.allowed

    @property
    def model(self) -> str | None:
        """The model to call: the one asked for, or the cheaper one of a downgrade."""
        return self.answer.model or self._question.model

    @property
    def reservation_id(self) -> str:
        """Identifier of the reservation."""
        return self._reservation.id

    @property
    def state(self) -> State:
        """How far the reservation is."""
        return self._reservation.state

    def tokens(
        self,
        *,
        input: object = None,  # noqa: A002  The name of the meter in OpenTelemetry.
        output: object = None,
        cache_read: object = None,
        cache_write: object = None,
        reasoning: object = None,
        model: str | None = None,
        provider: str | None = None,
    ) -> "BudgetedCall":
        """Add tokens used; ``input`` includes cached ones, ``output`` those spent on reasoning."""
        given = {"input": input, "output": output, "cache_read": cache_read}
        given |= {"cache_write": cache_write, "reasoning": reasoning}
        for meter, count in given.items():
            if count is not None:
                guarded(_report, self._used.add_tokens, meter, count)
        self._used.model = model or self._used.model
        self._used.provider = provider or self._used.provider
        return self

    def usage(self, **meters: object) -> "BudgetedCall":
        """Add to meters beyond tokens, such as ``gpu_seconds=1.5``."""
        for meter, amount in meters.items():
            guarded(_report, self._used.add, meter, amount)
        return self

    def cost(self, amount: Decimal | int | str, currency: str | None = None) -> "BudgetedCall":
        """Add money, where the provider says what the call cost; it goes before tokens."""
        guarded(_report, self._used.add_cost, amount, currency)
        return self

    def sent(self) -> "BudgetedCall":
        """Note that the request is about to leave: from now on an error may have cost money."""
        self._sent = True
        return self

    def settle_later(self) -> "BudgetedCall":
        """Leave the reservation open after the block, for a stream that ends later.

        Its time is prolonged until ``settle()`` or ``release()``, or until nobody holds on to it.
        """
        self._later = True
        return self

    def settle(self) -> bool:
        """Report what was used now; False where that was done before."""
        if self._used.is_empty:
            return self._settle_unknown()
        return self._reservation.settle(self._used.settlement())

    def release(self, reason: str = "") -> bool:
        """Give the reservation back, as nothing was spent; False where it was ended before."""
        return self._reservation.release(reason)

    async def asettle(self) -> bool:
        """Settle without blocking the event loop; a cancellation does not stop it."""
        return await _in_worker(self.settle)

    async def arelease(self, reason: str = "") -> bool:
        """Release without blocking the event loop; a cancellation does not stop it."""
        return await _in_worker(lambda: self.release(reason))

    def __enter__(self) -> "BudgetedCall":
        request = self._begin()
        try:
            self.answer = self._reservation.reserve(request)
        except BudgetUnavailableError as error:
            self._unreachable(error)
        except BaseException:
            self._reservation.undo()
            raise
        return self._entered()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left()
        self._finish(exc)

    async def __aenter__(self) -> "BudgetedCall":
        request = self._begin()
        future = asyncio.get_running_loop().run_in_executor(
            WORKERS.pool(), self._reservation.reserve, request
        )
        future.add_done_callback(_retrieved)
        timeout_s = self._reservation.service.timeout_s
        try:
            done, _ = await asyncio.wait({future}, timeout=timeout_s)
        except asyncio.CancelledError:
            # The request may be on its way in a thread, which no cancellation reaches.
            future.cancel()
            self._reservation.undo()
            raise
        try:
            if not done:
                future.cancel()
                raise BudgetUnavailableError(f"no answer within {timeout_s:g} s")
            self.answer = future.result()
        except BudgetUnavailableError as error:
            self._unreachable(error)
        return self._entered()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left()
        await _in_worker(lambda: self._finish(exc))

    def _begin(self) -> dict[str, object]:
        if self.state != "new" or self._token is not None:
            raise BudgetError("A budgeted call is used once; call budget() again for the next.")
        body, self._traced = self._question.body()
        return body

    def _unreachable(self, error: BudgetUnavailableError) -> None:
        kind: Literal["budget_refused", "budget_unreachable"] = (
            "budget_refused" if isinstance(error, BudgetRefusedError) else "budget_unreachable"
        )
        note(kind, "budget", str(error))
        self._reservation.undo()
        if self._on_unreachable == "fail_open":
            self.answer = unasked(ALLOW, str(error))
        elif self._reactions["deny"] == "return":
            self.answer = unasked(DENY, str(error))
        else:
            raise error

    def _entered(self) -> "BudgetedCall":
        guarded(_report, self._question.mark, self.reservation_id, self.answer)
        if self.decision in (DENY, DEFER) and self._reactions[self.decision] == "raise":
            raise BudgetDenied(self.answer)
        self._token = _current.set(self)
        self._reservation.keep_alive()
        return self

    def _left(self) -> None:
        token, self._token = self._token, None
        if token is None:
            return
        try:
            _current.reset(token)
        except ValueError:
            # A generator that is closed by another task ends in another context.
            _current.set(None)

    def _finish(self, error: BaseException | None) -> None:
        if self._later and error is None:
            return
        if not self._used.is_empty:
            self.settle()
        elif error is None:
            self._settle_unknown()
        elif self._sent and isinstance(error, Exception):
            # It may have cost something: the span says what, else the time of it runs out.
            self._reservation.leave()
        else:
            self._reservation.release(type(error).__name__)

    def _settle_unknown(self) -> bool:
        """Settle without a report: by the span where there is one, else by what was reserved."""
        if self._traced or self.state != "open":
            self._reservation.leave()
            return False
        if self.answer.amount is None:
            return self._reservation.release("nothing was reported")
        note("budget_unsettled", "budget", "no usage was reported; the estimate counts")
        return self._reservation.settle({"amount": format(self.answer.amount, "f")})


async def _in_worker(work: Callable[[], T]) -> T:
    future = asyncio.get_running_loop().run_in_executor(WORKERS.pool(), work)
    future.add_done_callback(_retrieved)
    return await asyncio.shield(future)


def _retrieved(future: "asyncio.Future[T]") -> None:
    """Look at the error of a future nobody waits for any more."""
    if not future.cancelled():
        future.exception()


def _report(error: Exception) -> None:
    kind, reason = reason_of(error)
    note(kind, "budget", reason)
