"""A gRPC call through a proxy on this machine is not this machine's own."""

from __future__ import annotations

import pytest

from collector.receivers import otlp_grpc


class Context:
    """What a servicer context tells of its call."""

    def __init__(self, peer: str, metadata: tuple[tuple[str, str], ...]) -> None:
        self._peer, self._metadata = peer, metadata

    def peer(self) -> str:
        return self._peer

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata


@pytest.mark.parametrize(
    ("peer", "metadata", "local"),
    [
        ("ipv4:127.0.0.1:5000", (), True),
        ("ipv6:%5B::1%5D:5000", (("user-agent", "otel"),), True),
        ("ipv4:127.0.0.1:5000", (("x-forwarded-for", "203.0.113.7"),), False),
        ("ipv4:127.0.0.1:5000", (("forwarded", "for=203.0.113.7"),), False),
        ("ipv4:203.0.113.7:5000", (), False),
        ("unix:/tmp/socket", (), False),
    ],
)
def test_who_is_local(peer: str, metadata: tuple[tuple[str, str], ...], local: bool) -> None:
    assert otlp_grpc._is_local(Context(peer, metadata)) is local
