"""A lean HTTP/1.1 client: the sender must not be what a benchmark measures.

A general client costs several milliseconds a request with hundreds of connections, more than
the receiver itself.
"""

from __future__ import annotations

import asyncio


class HttpSender:
    """One kept-alive connection that posts bodies to one path.

    Parameters
    ----------
    headers
        Sent with every request, beside Host and Content-Length.
    """

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        lines = [f"POST {path} HTTP/1.1", f"host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines).encode()
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes) -> int:
        """Send one body and return the status; 0 where the connection was lost."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.writelines((self._head, b"\r\ncontent-length: %d\r\n\r\n" % len(body), body))
            await writer.drain()
            return await _answer(reader)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            return 0

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or b"0"))
    return status
