"""What a ledger in Redis keeps beside reservations: charges, marks, suspensions, events."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
from redis.exceptions import RedisError

from cost.budgets import redis_codec as codec
from cost.budgets.holdings import BudgetsUnavailableError, Charges, Seed, Suspension

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_UNIT = "\x1f\x1f"


class RedisBookkeeping:
    """The half of a Redis ledger that jobs use."""

    def __init__(self, client: Any, script: Any, prefix: str, events_max: int) -> None:
        # The driver types every answer as bytes, text, or a promise of them.
        self._client = client
        self._script = script
        # One hash slot for all keys, as a script over them needs it on a cluster.
        self._prefix = f"{prefix}:{{budgets}}:"
        self._events_max = events_max

    def watermark(self) -> int:
        """Up to when charges were counted."""
        with self._answering():
            return int(self._client.get(self._key("watermark")) or 0)

    def tracked(self) -> set[tuple[str, str]]:
        """Traces whose charges have to be told apart."""
        with self._answering():
            found = self._client.zrange(self._key("traces"), 0, -1)
        return {(name.partition("\x1f")[0], name.partition("\x1f")[2]) for name in found}

    def charge(self, charges: Charges) -> bool:
        """Count charges once."""
        done = self._run(
            "charge",
            charges.watermark_ns,
            follows=str(charges.follows_ns),
            watermark=str(charges.watermark_ns),
            sums=[[key, str(slot), str(amount)] for key, slot, amount in charges.sums],
            traced=[[*where, str(amount)] for *where, amount in charges.traced],
            unconverted=[[*where, str(amount)] for *where, amount in charges.unconverted],
            keys=dict.fromkeys(charges.keys, 1),
        )
        return bool(done)

    def seeds(self) -> Mapping[str, int]:
        """Budgets whose charges are known, and from which slot on."""
        with self._answering():
            found = self._client.hgetall(self._key("seeds"))
        return {key: int(start) for key, start in found.items()}

    def unconverted(self) -> Mapping[str, Mapping[str, int]]:
        """Money that is in no sum."""
        with self._answering():
            found = self._client.hgetall(self._key("unconverted"))
        held: dict[str, dict[str, int]] = {}
        for name, amount in found.items():
            key, _, currency = name.rpartition(_UNIT)
            held.setdefault(key, {})[currency] = int(amount)
        return held

    def seed(self, seed: Seed) -> bool:
        """Set what a budget was charged."""
        done = self._run(
            "seed",
            0,
            key=seed.key,
            start=seed.start,
            watermark=str(seed.watermark_ns),
            sums=[[str(slot), str(amount)] for slot, amount in seed.sums.items()],
            unconverted=[[currency, str(amount)] for currency, amount in seed.unconverted.items()],
        )
        return bool(done)

    def forget(self, key: str) -> None:
        """Drop the sums of a budget that was removed."""
        self._run("forget", 0, key=key)

    def claim(self, mark: str, now_ns: int, until_ns: int) -> bool:
        """Take on something that is to be done once."""
        if self.marked(mark):
            return False
        # Redis lets go of a claim by its own clock; the difference is what the clocks agree on.
        milliseconds = max(1, (until_ns - now_ns) // 1_000_000)
        with self._answering():
            name = self._key("claim", mark)
            return bool(self._client.set(name, "1", nx=True, px=milliseconds))

    def mark(self, mark: str, now_ns: int) -> None:
        """Say that it is done."""
        with self._answering():
            self._client.hset(self._key("marks"), mark, str(now_ns // 1000))
            self._client.delete(self._key("claim", mark))

    def marked(self, mark: str) -> bool:
        """Whether it is done."""
        with self._answering():
            return bool(self._client.hexists(self._key("marks"), mark))

    def suspend(self, suspension: Suspension, now_ns: int) -> None:
        """Keep a tenant from new work."""
        text = codec.suspension_text(suspension)
        with self._answering():
            self._client.hset(self._key("suspended"), suspension.tenant, text)
        self.note({"op": "suspend", "at": now_ns, "suspension": orjson.loads(text)})

    def lift(self, tenant: str, now_ns: int) -> None:
        """Let a tenant work again."""
        with self._answering():
            self._client.hdel(self._key("suspended"), tenant)
        self.note({"op": "lift", "at": now_ns, "tenant": tenant})

    def suspensions(self, now_ns: int) -> list[Suspension]:
        """List what holds now."""
        with self._answering():
            found = self._client.hgetall(self._key("suspended"))
        held = [codec.suspension(text) for text in found.values()]
        return [suspension for suspension in held if suspension.until_ns > now_ns]

    def note(self, event: Mapping[str, Any]) -> None:
        """Keep an event that changes no sum."""
        with self._answering():
            self._client.xadd(
                self._key("events"),
                {"e": orjson.dumps(dict(event)).decode()},
                maxlen=self._events_max,
            )

    def events(self, limit: int) -> tuple[list[dict[str, Any]], str]:
        """Read events not delivered yet."""
        with self._answering():
            found = self._client.xrange(self._key("events"), count=limit)
        events = [{**orjson.loads(fields["e"]), "at_line": name} for name, fields in found]
        return events, found[-1][0] if found else ""

    def delivered(self, token: str) -> None:
        """Say that the events up to a token are in the store."""
        if not token:
            return
        first, _, second = token.partition("-")
        with self._answering():
            self._client.xtrim(
                self._key("events"), minid=f"{first}-{int(second) + 1}", approximate=False
            )

    def _run(self, operation: str, now_ns: int, **arguments: Any) -> Any:
        arguments |= {
            "now_us": now_ns // 1000,
            "now_ns": str(now_ns),
            "events_max": self._events_max,
        }
        with self._answering():
            answer = self._script(
                keys=[self._prefix], args=[operation, orjson.dumps(arguments).decode()]
            )
        return orjson.loads(answer) if isinstance(answer, str) else answer

    def _key(self, *parts: str) -> str:
        return self._prefix + ":".join(parts)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except RedisError as error:
            raise BudgetsUnavailableError(
                f"Redis cannot answer for budgets: {type(error).__name__}: {error}."
            ) from None
