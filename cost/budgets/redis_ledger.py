"""The ledger several processes share: in Redis or Valkey, every operation one run of a script."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson
import redis

from cost.budgets import redis_codec as codec
from cost.budgets.holdings import OPEN, BudgetsUnavailableError, Held, Reservation, Totals
from cost.budgets.memory import SUMS_KEEP_NS
from cost.budgets.outcomes import check_extend, check_release, check_settle, unknown
from cost.budgets.redis_bookkeeping import RedisBookkeeping
from cost.budgets.windows import SLOT_NS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.budgets.holdings import Line, Settlement

#: Times an operation is tried again because the reservation changed meanwhile.
_TRIES_MAX = 50
_PAGE = 500


class RedisLedger(RedisBookkeeping):
    """Implements `cost.budgets.ledger.Ledger` for any number of processes.

    Parameters
    ----------
    events_max
        Most events that wait for the history; the oldest go beyond it.
    """

    waits = True

    def __init__(self, url: str, *, prefix: str, events_max: int, timeout_s: float) -> None:
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            health_check_interval=15,
        )
        script = resources.files("cost.budgets").joinpath("ledger.lua").read_text("utf-8")
        super().__init__(client, client.register_script(script), prefix, events_max)

    def start(self, watermark_ns: int) -> None:
        """Give a fresh ledger its watermark; one that others use keeps its own."""
        with self._answering():
            self._client.set(self._key("watermark"), str(watermark_ns), nx=True)

    def sync(self) -> None:
        """Do nothing: how safe Redis keeps it is set there (appendfsync)."""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def hold(
        self, wanted: Reservation, lines: Sequence[Line], now_ns: int, *, only_look: bool = False
    ) -> Held:
        """Hold in every budget or in none."""
        event = {"op": "hold", "at": now_ns, "reservation": codec.body(wanted)}
        answer = self._run(
            "hold",
            now_ns,
            tenant=wanted.tenant,
            id=wanted.reservation_id,
            slot=wanted.slot,
            trace_id=wanted.trace_id,
            expires_us=wanted.expires_ns // 1000,
            lines=[codec.line(line) for line in lines],
            fields=codec.fields(wanted),
            only_look=only_look,
            event=orjson.dumps(event).decode(),
        )
        existing = answer.get("existing")
        suspended = answer.get("suspension")
        return Held(
            bool(answer["held"]),
            codec.reservation(existing) if existing else None,
            tuple(codec.totals(found) for found in answer["totals"] or ()),
            codec.suspension(suspended) if suspended else None,
        )

    def find(self, tenant: str, reservation_id: str) -> Reservation | None:
        """Look a reservation up."""
        with self._answering():
            found = self._client.hgetall(self._reservation_key(f"{tenant}\x1f{reservation_id}"))
        return codec.reservation(found) if found else None

    def settle(
        self, tenant: str, reservation_id: str, settlement: Settlement, now_ns: int
    ) -> tuple[Reservation, bool]:
        """Count what it came to."""
        amounts = {key: str(amount) for key, amount in settlement.amounts.items()}
        for _ in range(_TRIES_MAX):
            found = self._get(tenant, reservation_id, now_ns)
            if check_settle(found, settlement):
                return found, True
            event = {"op": "settle", "at": now_ns, "tenant": tenant, "id": reservation_id}
            event |= {"amounts": dict(settlement.amounts), "before": found.settled}
            changed = self._change(
                "settle",
                found,
                now_ns,
                before=found.settlement,
                amounts=amounts,
                settled=orjson.dumps(amounts).decode(),
                text=settlement.text,
                by=settlement.by,
                event=orjson.dumps(event).decode(),
            )
            if changed is not None:
                return changed, False
        raise _busy(reservation_id)

    def release(self, tenant: str, reservation_id: str, now_ns: int) -> tuple[Reservation, bool]:
        """Free what it holds."""
        event = {"op": "release", "at": now_ns, "tenant": tenant, "id": reservation_id}
        for _ in range(_TRIES_MAX):
            found = self._get(tenant, reservation_id, now_ns)
            if check_release(found):
                return found, True
            changed = self._change("release", found, now_ns, event=orjson.dumps(event).decode())
            if changed is not None:
                return changed, False
        raise _busy(reservation_id)

    def extend(self, tenant: str, reservation_id: str, expires_ns: int, now_ns: int) -> Reservation:
        """Let it live longer."""
        for _ in range(_TRIES_MAX):
            found = self._get(tenant, reservation_id, now_ns)
            check_extend(found)
            changed = self._change(
                "extend",
                found,
                now_ns,
                expires_ns=str(expires_ns),
                expires_us=expires_ns // 1000,
            )
            if changed is not None:
                return changed
        raise _busy(reservation_id)

    def expire(self, now_ns: int) -> int:
        """Free what reservations hold whose time ran out."""
        return int(self._run("expire", now_ns))

    def totals(self, windows: Sequence[tuple[str, int, int]]) -> list[Totals]:
        """Sum up windows."""
        if not windows:
            return []
        return [codec.totals(found) for found in self._run("totals", 0, windows=windows)["totals"]]

    def reservations(
        self, tenants: Sequence[str], *, key: str, state: str, after: tuple[int, str], limit: int
    ) -> list[Reservation]:
        """List reservations, newest first."""
        found: list[Reservation] = []
        names = self._names("all", high=after[0] // 1000)
        for first in range(0, len(names), _PAGE):
            found += [
                held
                for held in self._read(names[first : first + _PAGE])
                if (not tenants or held.tenant in tenants)
                and (not key or key in held.lines)
                and (not state or held.state == state)
                and held.position < after
            ]
            if len(found) > limit:
                break
        return sorted(found, key=lambda held: held.position, reverse=True)[:limit]

    def open_traced(self, before_ns: int, limit: int) -> list[Reservation]:
        """List open reservations made before a time that belong to a trace, oldest first."""
        found = [
            held
            for held in self._read(self._names("open"))
            if held.state == OPEN and held.trace_id and held.created_ns < before_ns
        ]
        return sorted(found, key=lambda held: held.created_ns)[:limit]

    def is_alone(self, tenant: str, trace_id: str) -> bool:
        """Whether a trace has one reservation that is not finished, and none that was settled."""
        with self._answering():
            found = self._client.hgetall(self._key("trace", f"{tenant}\x1f{trace_id}"))
        return found.get("unfinished") == "1" and not any(name[:2] == "S|" for name in found)

    def series(self, key: str, start: int, end: int) -> dict[int, Totals]:
        """Give the sums of a budget by slot."""
        with self._answering():
            found = self._client.hgetall(self._key("sums", key))
        slots: dict[int, dict[str, int]] = {}
        for name, amount in found.items():
            if name[1:].isdigit() and start <= int(name[1:]) < end:
                slots.setdefault(int(name[1:]), {})[name[0]] = int(amount)
        return {
            slot: Totals(sums.get("c", 0), sums.get("a", 0), sums.get("h", 0))
            for slot, sums in sorted(slots.items())
        }

    def open_counts(self) -> Mapping[str, int]:
        """Count open reservations by budget key."""
        counts: dict[str, int] = {}
        for held in self._read(self._names("open")):
            for key in held.lines:
                counts[key] = counts.get(key, 0) + 1
        return counts

    def purge(self, before_ns: int) -> None:
        """Drop what is finished and was made before a time."""
        keep_ns = before_ns - SUMS_KEEP_NS
        self._run(
            "purge",
            before_ns,
            before_us=before_ns // 1000,
            marks_before_us=keep_ns // 1000,
            before_slot=keep_ns // SLOT_NS,
        )

    def _get(self, tenant: str, reservation_id: str, now_ns: int) -> Reservation:
        found = self.find(tenant, reservation_id)
        if found is None:
            raise unknown(reservation_id)
        if found.state == OPEN and found.expires_ns <= now_ns:
            self.expire(now_ns)
            found = self.find(tenant, reservation_id)
            if found is None:
                raise unknown(reservation_id)
        return found

    def _change(
        self, operation: str, found: Reservation, now_ns: int, **more: Any
    ) -> Reservation | None:
        """Change a reservation as it was read; None where it has changed since."""
        identity = {"tenant": found.tenant, "id": found.reservation_id, "state": found.state}
        answer = self._run(operation, now_ns, **identity, **more)
        return None if answer.get("again") else codec.reservation(answer["reservation"])

    def _names(self, index: str, *, high: int | None = None) -> list[str]:
        with self._answering():
            name = self._key(index)
            most = "+inf" if high is None else high
            found: list[str] = self._client.zrevrangebyscore(name, most, "-inf")
            return found

    def _read(self, names: Sequence[str]) -> list[Reservation]:
        with self._answering(), self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(self._reservation_key(name))
            return [codec.reservation(found) for found in pipe.execute() if found]

    def _reservation_key(self, name: str) -> str:
        return self._key("reservation", name)


def _busy(reservation_id: str) -> BudgetsUnavailableError:
    return BudgetsUnavailableError(f"The reservation {reservation_id!r} kept changing; try again.")
