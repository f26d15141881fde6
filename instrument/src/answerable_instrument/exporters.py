"""OTLP exporters for the three signals, over HTTP or, with the extra ``grpc``, over gRPC."""

import importlib
from collections.abc import Sequence
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http import Compression

from answerable_instrument.guard import UnfitError
from answerable_instrument.targets import Signal, Target

_CLASSES: Final[dict[Signal, tuple[str, str]]] = {
    "traces": ("trace_exporter", "OTLPSpanExporter"),
    "logs": ("_log_exporter", "OTLPLogExporter"),
    "metrics": ("metric_exporter", "OTLPMetricExporter"),
}


class Watched:
    """An exporter that remembers whether anything was lost; the SDK's flush does not say."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._closed = False
        self.lost = 0

    def export(self, batch: Sequence[Any]) -> Any:
        """Export a batch; its records count as lost until the server took them."""
        self.lost += len(batch)
        result = self._inner.export(batch)
        if result.name == "SUCCESS":
            self.lost -= len(batch)
        return result

    def shutdown(self) -> None:
        """Stop retries and close connections; what is still queued is lost."""
        if not self._closed:
            self._closed = True
            self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back here."""
        return bool(self._inner.force_flush(timeout_millis))


def otlp_exporter(signal: Signal, target: Target) -> Any:
    """Build the exporter of one signal; ``UnfitError`` where the gRPC package is missing."""
    module, name = _CLASSES[signal]
    if target.protocol == "grpc":
        return _grpc_exporter(module, name, signal, target)
    exporter = importlib.import_module(f"opentelemetry.exporter.otlp.proto.http.{module}")
    return getattr(exporter, name)(
        endpoint=target.url(signal), headers=dict(target.headers), compression=Compression.Gzip
    )


def _grpc_exporter(module: str, name: str, signal: Signal, target: Target) -> Any:
    try:
        grpc = importlib.import_module("grpc")
        exporter = importlib.import_module(f"opentelemetry.exporter.otlp.proto.grpc.{module}")
    except ImportError as error:
        raise UnfitError(
            "setup", "gRPC needs: pip install 'answerable-instrument[grpc]'"
        ) from error
    return getattr(exporter, name)(
        endpoint=target.url(signal),
        headers=tuple(target.headers.items()),
        compression=grpc.Compression.Gzip,
    )
