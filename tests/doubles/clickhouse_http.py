"""A stand-in for a ClickHouse server: the HTTP interface in front of a real chDB engine.

Run as a script in a process of its own, because a process holds one engine:
`python tests/doubles/clickhouse_http.py --directory DIR --port 0`. It prints its port.
`POST /__fault?status=503&count=3` makes it fail on purpose; see clickhouse_faults.py.
"""

from __future__ import annotations

import argparse
import base64
import re
import tempfile
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
from clickhouse_bodies import compress, form_fields, inflate, read_body
from clickhouse_faults import Faults

#: URL parameters the interface itself consumes; every other one is an engine setting.
TRANSPORT = frozenset(
    [
        "query",
        "database",
        "user",
        "password",
        "default_format",
        "session_id",
        "session_timeout",
        "session_check",
        "query_id",
        "quota_key",
        "compress",
        "decompress",
        "wait_end_of_query",
        "client_protocol_version",
        "role",
        "buffer_size",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "enable_http_compression",
        "stacktrace",
    ]
)
INSERT = re.compile(
    rb"\s*(INSERT\s+INTO\s.*?)\s+FORMAT\s+(\w+)[ \t]*(?:\r?\n|$)", re.IGNORECASE | re.DOTALL
)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
ROWS = re.compile(r"\s*(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS|\()", re.IGNORECASE)
CODE = re.compile(r"Code: (\d+)")
#: The statuses a server gives; every other code is a 500.
STATUS = {60: 404, 81: 404, 62: 400, 36: 400, 47: 400, 27: 400, 72: 400, 516: 403, 202: 503}


class RefusedError(Exception):
    """Something to answer with a status and an engine code."""

    def __init__(self, text: str, *, code: int = 0, status: int = 500) -> None:
        super().__init__(text)
        self.code = code
        self.status = status


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; two would cost 40 ms of delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Double

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        params = dict(parse_qsl(url.query, keep_blank_values=True))
        body = read_body(self.headers, self.rfile)
        if url.path == "/__fault":
            self.server.faults.set(params)
            self._answer(200, b"Ok.\n", {})
            return
        fault = self.server.faults.next(url.path)
        if fault is not None:
            time.sleep(fault.delay_s)
            if fault.status == 0 and not fault.after:
                self.close_connection = True
                self.connection.close()
                return
            if not fault.after:
                headers = {"X-ClickHouse-Exception-Code": str(fault.code)} if fault.code else {}
                text = f"Code: {fault.code}. DB::Exception: injected fault. (FAULT_INJECTED)"
                self._answer(fault.status, text.encode(), headers)
                return
        if url.path == "/ping":
            self._answer(200, b"Ok.\n", {})
            return
        try:
            self._authenticate(params)
            answer, headers = self._run(params, body)
        except RefusedError as error:
            code = {"X-ClickHouse-Exception-Code": str(error.code)} if error.code else {}
            self._answer(error.status, str(error).encode(), code)
            return
        if fault is not None:
            # The statement ran and nobody will hear of it.
            self.close_connection = True
            self.connection.close()
            return
        self._answer(200, answer, headers)

    def _authenticate(self, params: dict[str, str]) -> None:
        if not self.server.password:
            return
        given = self.headers.get("X-ClickHouse-Key") or params.get("password", "")
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            given = base64.b64decode(token).decode().partition(":")[2]
        if given != self.server.password:
            text = (
                "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)"
            )
            raise RefusedError(text, code=516, status=403)

    def _run(self, params: dict[str, str], body: bytes) -> tuple[bytes, dict[str, str]]:
        try:
            body = inflate(body, self.headers.get("Content-Encoding", ""))
        except ValueError as error:
            text = f"Code: 271. DB::Exception: {error}. (CANNOT_DECOMPRESS)"
            raise RefusedError(text, code=271, status=400) from error
        if self.headers.get("Content-Type", "").startswith("multipart/form-data"):
            params |= form_fields(body, self.headers["Content-Type"])
            body = b""
        if query := params.get("query", ""):
            body = query.encode() + b"\n" + body if body else query.encode()
        if not body.strip():
            raise RefusedError(
                "Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)", code=62, status=400
            )
        settings = {
            k: v for k, v in params.items() if k not in TRANSPORT and not k.startswith("param_")
        }
        bound = {k.removeprefix("param_"): v for k, v in params.items() if k.startswith("param_")}
        with self.server.engine(params.get("database", "")) as engine:
            insert = INSERT.match(body)
            if insert:
                result = engine.insert(
                    insert[1].decode(), insert[2].decode(), body[insert.end() :], settings
                )
                return b"", self._headers(result, "")
            text = body.decode(errors="surrogateescape")
            match = FORMAT.search(text)
            fmt = match[1] if match else params.get("default_format", "TabSeparated")
            result = engine.query(text, fmt, bound, settings)
            return result.bytes(), self._headers(result, fmt if match or ROWS.match(text) else "")

    def _headers(self, result: Any, fmt: str) -> dict[str, str]:
        headers = {
            "X-ClickHouse-Query-Id": str(uuid.uuid4()),
            "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Summary": f'{{"read_rows":"{result.rows_read()}"}}',
        }
        return headers | ({"X-ClickHouse-Format": fmt} if fmt else {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        if status == 200 and "enable_http_compression=1" in self.path:
            body, encoding = compress(body, self.headers.get("Accept-Encoding", ""))
            headers = headers | ({"Content-Encoding": encoding} if encoding else {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Keep the test output quiet."""


class Engine:
    """One chDB connection for one request, so that nothing set in it outlives it."""

    def __init__(self, directory: str, database: str) -> None:
        self._connection = chdb.connect(directory)
        self._database = database

    def __enter__(self) -> Engine:
        if self._database:
            self._query(f"USE `{self._database}`")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()

    def query(self, text: str, fmt: str, bound: dict[str, str], settings: dict[str, str]) -> Any:
        for name, value in settings.items():
            self._query(f"SET {name} = {quoted(value)}")
        return self._query(text, fmt, bound)

    def insert(self, head: str, fmt: str, data: bytes, settings: dict[str, str]) -> Any:
        clause = ", ".join(f"{name} = {quoted(value)}" for name, value in settings.items())
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self._query(
                f"{head} FROM INFILE {quoted(file.name)} COMPRESSION 'none' "
                f"{f'SETTINGS {clause}' if clause else ''} FORMAT {fmt}"
            )

    def _query(
        self, text: str, fmt: str = "TabSeparated", bound: dict[str, str] | None = None
    ) -> Any:
        try:
            return self._connection.query(text, fmt, params=bound or {})
        except Exception as error:  # noqa: BLE001  chDB raises no type of its own.
            message = str(error)
            message = message[message.find("Code: ") :] if "Code: " in message else message
            match = CODE.search(message)
            code = int(match[1]) if match else 1001
            raise RefusedError(message, code=code, status=STATUS.get(code, 500)) from None


class Double(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory: str, port: int, password: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.directory = directory
        self.password = password
        self.faults = Faults()
        # Keeps the engine up between requests.
        self._anchor = chdb.connect(directory)

    def engine(self, database: str) -> Engine:
        return Engine(self.directory, database)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    Path(options.directory).mkdir(parents=True, exist_ok=True)
    double = Double(str(Path(options.directory).resolve()), options.port, options.password)
    print(double.server_address[1], flush=True)  # noqa: T201
    double.serve_forever()


if __name__ == "__main__":
    main()
