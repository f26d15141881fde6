"""Where telemetry goes: endpoint, protocol and headers, from arguments and environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from answerable_instrument.version import VERSION

Protocol = Literal["http/protobuf", "grpc"]
Signal = Literal["traces", "logs", "metrics"]

_DEFAULTS: Final[dict[str, str]] = {
    "http/protobuf": "http://127.0.0.1:4318",
    "grpc": "http://127.0.0.1:4317",
}
_HEADER_VARIABLES: Final = (
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where telemetry goes; the headers hold the key and stay out of ``repr``."""

    endpoint: str
    protocol: str
    headers: Mapping[str, str] = field(repr=False)

    def url(self, signal: Signal) -> str:
        """Address of one signal: OTLP over HTTP has a path each, gRPC none."""
        base = self.endpoint.rstrip("/")
        return base if self.protocol == "grpc" else f"{base}/v1/{signal}"

    @property
    def problem(self) -> str | None:
        """What is wrong with the target, if anything."""
        if self.protocol not in _DEFAULTS:
            return f"protocol {self.protocol!r} is unknown: use 'http/protobuf' or 'grpc'"
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "endpoint is not a URL such as http://127.0.0.1:4318"
        return None

    @property
    def exposes_key(self) -> bool:
        """Whether the key would cross a network unencrypted."""
        parts = urlsplit(self.endpoint)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        return bool(self.headers.get("authorization")) and parts.scheme == "http" and not local


def resolve_target(
    endpoint: str | None, key: str | None, protocol: str | None, environ: Mapping[str, str]
) -> Target:
    """Choose the target: argument, then ``ANSWERABLE_*``, then ``OTEL_*``, then the default."""
    protocol = protocol or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    ours = endpoint or environ.get("ANSWERABLE_ENDPOINT")
    chosen = ours or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or _DEFAULTS.get(protocol, "")
    shared = not ours and "OTEL_EXPORTER_OTLP_ENDPOINT" in environ
    headers = {} if shared else _blanked(environ)
    headers["x-answerable-instrument"] = VERSION
    key = key or environ.get("ANSWERABLE_KEY")
    if key:
        headers["authorization"] = f"Bearer {key}"
    return Target(chosen, protocol, headers)


def _blanked(environ: Mapping[str, str]) -> dict[str, str]:
    """Overwrite headers meant for another backend, which exporters add from the environment."""
    pairs = ",".join(environ.get(name, "") for name in _HEADER_VARIABLES).split(",")
    keys = (unquote(pair.partition("=")[0]).strip().lower() for pair in pairs)
    return {key: "" for key in keys if key}
