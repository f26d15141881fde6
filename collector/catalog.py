"""Every receiver by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.receivers.otlp_grpc import OtlpGrpcReceiver
from collector.receivers.otlp_http import OtlpHttpReceiver

if TYPE_CHECKING:
    from collector.component import Receiver

RECEIVERS: dict[str, type[Receiver]] = {
    "otlp_grpc": OtlpGrpcReceiver,
    "otlp_http": OtlpHttpReceiver,
}
