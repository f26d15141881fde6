"""A budget service with one budget, over real HTTP; it can be slow, silent and wrong."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class BudgetServer:
    """Keeps reservations of one budget; every request it got is in `requests`.

    Parameters
    ----------
    limit
        What may be spent.
    ttl_s
        How long a reservation lives that names no time of its own.
    """

    def __init__(self, limit: str = "100", ttl_s: float = 120.0) -> None:
        self.limit = Decimal(limit)
        self.ttl_s = ttl_s
        self.reservations: dict[str, dict] = {}
        self.requests: list[tuple[str, dict]] = []
        self.answer: dict[str, object] = {}
        self.status: int | None = None
        self.delay_s = 0.0
        self.drops = 0
        self.lock = threading.Lock()
        self.connections = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                server.connections += 1
                super().setup()

            def do_POST(self):
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                verb = self.path.rpartition("/")[2]
                with server.lock:
                    server.requests.append((verb, body))
                    answered = server.handled(verb, body)
                    drop, server.drops = server.drops > 0, max(0, server.drops - 1)
                time.sleep(server.delay_s)
                if drop:
                    # Handled, and the answer lost on its way.
                    self.close_connection = True
                    return
                with contextlib.suppress(ConnectionError):
                    self.written(*answered)

            def written(self, status, body):
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._http = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def held(self) -> Decimal:
        return sum(
            (r["amount"] for r in self.reservations.values() if r["state"] == "open"), Decimal(0)
        )

    @property
    def spent(self) -> Decimal:
        return sum((r["settled"] for r in self.reservations.values()), Decimal(0))

    def verbs(self, *, wait_for: str = "") -> list[str]:
        """Name the requests so far, waiting a moment for one that comes from the background."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [verb for verb, _ in self.requests]
            if not wait_for or wait_for in found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"no {wait_for} among {found}")

    def body(self, verb: str) -> dict:
        (found,) = [body for name, body in self.requests if name == verb]
        return found

    def handled(self, verb: str, body: dict) -> tuple[int, dict]:
        if self.status is not None:
            return self.status, {"status": self.status, "detail": f"told to answer {self.status}"}
        return getattr(self, f"_{verb}")(body["reservation_id"], body)

    def _reserve(self, name: str, body: dict) -> tuple[int, dict]:
        amount = Decimal(body.get("amount", "1"))
        known = self.reservations.get(name)
        allowed = known is not None or self.spent + self.held + amount <= self.limit
        decision = self.answer.get("decision", "allow" if allowed else "deny")
        held = decision in {"allow", "downgrade"}
        expires = datetime.now(UTC) + timedelta(seconds=body.get("ttl_s", self.ttl_s))
        if held and known is None:
            self.reservations[name] = {"state": "open", "amount": amount, "settled": Decimal(0)}
        return 200, {
            "reservation_id": name,
            "decision": decision,
            "reason": "" if held else "over_limit",
            "detail": "" if held else "The budget maths has nothing left.",
            "model": None,
            "held": held,
            "amount": str(amount) if held else None,
            "currency": "USD" if held else None,
            "estimate": "given",
            "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%S.%f000Z") if held else None,
            "resets_at": None,
            "replayed": known is not None,
            "budgets": [],
            **self.answer,
        }

    def _settle(self, name: str, body: dict) -> tuple[int, dict]:
        known = self.reservations.get(name)
        if known is None:
            return 404, {"detail": "unknown reservation"}
        amount = Decimal(body.get("amount", known["amount"]))
        if known["state"] == "settled" and known["settled"] != amount:
            return 409, {"detail": "settled with another amount"}
        known |= {"state": "settled", "settled": amount}
        return 200, {"reservation_id": name, "state": "settled"}

    def _release(self, name: str, body: dict) -> tuple[int, dict]:
        known = self.reservations.get(name)
        if known is None:
            return 404, {"detail": "unknown reservation"}
        if known["state"] == "settled":
            return 409, {"detail": "settled already"}
        known["state"] = "released"
        return 200, {"reservation_id": name, "state": "released"}

    def _extend(self, name: str, body: dict) -> tuple[int, dict]:
        known = self.reservations.get(name)
        if known is None or known["state"] != "open":
            return 409, {"detail": "no longer open"}
        known["extended"] = known.get("extended", 0) + 1
        return 200, {"reservation_id": name, "state": "open"}

    def __enter__(self) -> BudgetServer:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
