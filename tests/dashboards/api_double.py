"""A small real HTTP server that answers as the read API does."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.dashboards import answers

KEY = "ak_test_0123456789"


@dataclass
class Problem:
    """An error answer: status and the body's members."""

    status: int
    title: str
    detail: str = ""
    field: str | None = None


@dataclass
class ApiDouble:
    """Routes to answers; a test replaces what it needs. Records what was asked."""

    key: str | None = KEY
    routes: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    posts: dict = field(default_factory=dict)
    url: str = ""

    def __post_init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._closed = False
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.empty()

    def close(self):
        if self._closed:
            return
        self._closed = True
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def empty(self):
        self.routes = {
            "/v1/me": answers.me() if self.key else answers.me(anonymous=True, name="", tenants=[]),
            "/v1/overview": answers.empty_overview(),
            "/v1/ledger": answers.empty_ledger(),
            "/v1/traces": answers.page([]),
            "/v1/decisions": answers.page([]),
        }

    def fill(self, now=answers.NOW, rows=1):
        self.routes |= {
            "/v1/overview": answers.overview(now),
            "/v1/ledger": answers.ledger(now),
            "/v1/traces": answers.page([answers.trace_row(i, now) for i in range(rows)], now),
            f"/v1/traces/{answers.TRACE}": answers.trace(now=now),
            "/v1/decisions": answers.page([answers.decision_row(i, now) for i in range(rows)], now),
            f"/v1/decisions/{answers.DECISION}": answers.decision(now),
        }

    def fail(self, status, title, detail="", routes=None):
        problem = Problem(status, title, detail)
        for route in routes or [name for name in self.routes if name != "/v1/me"]:
            self.routes[route] = problem

    def last(self, path):
        """The query of the last request for `path`."""
        return [query for asked, query in self.asked if asked == path][-1]

    def answer(self, path, authorization, query):
        if self.key and authorization != f"Bearer {self.key}":
            return Problem(401, "Unauthenticated", "This needs a valid key.")
        found = self.routes.get(path, Problem(404, "Not found", f"Nothing at {path}."))
        return found(query) if callable(found) else found


def _handler(double):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if double._closed:
                # A kept connection outlives the listener; a stopped service answers nothing.
                self.close_connection = True
                return
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            double.asked.append((parts.path, query))
            self._answer(double.answer(parts.path, self.headers.get("Authorization"), query))

        def _answer(self, answer):
            status, kind, body = 200, "application/json", answer
            if isinstance(answer, Problem):
                status, kind = answer.status, "application/problem+json"
                body = {"type": "about:blank", **vars(answer), "instance": self.path}
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"] or 0))
            double.sent.append((self.path, self.headers.get("Authorization")))
            taken = double.posts.get(urlsplit(self.path).path)
            if taken is not None:
                self._answer(taken(raw) if callable(taken) else taken)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_PUT(self):
            self.do_POST()

        def do_DELETE(self):
            self.do_POST()

        def log_message(self, *arguments):
            pass

    return Handler
