"""The OpenTelemetry Collector configurations: nothing that was acknowledged may be lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed, so YAML cannot be parsed")

CONFIGS = Path(__file__).parents[2] / "deploy" / "otel-collector"
HOUR_S = 3600
BODY_LIMIT_BYTES = 64 * 1024 * 1024
UNIT_S = {"s": 1, "m": 60, "h": HOUR_S}
SENDING_QUEUE_KEYS = {
    "enabled", "storage", "sizer", "queue_size", "num_consumers", "block_on_overflow", "batch",
}  # fmt: skip
FILE_STORAGE_KEYS = {"directory", "create_directory", "fsync", "timeout", "compaction"}


def seconds(duration: str) -> int:
    """Seconds of a duration such as 72h, 30s or 1h30m."""
    parts = re.findall(r"(\d+)([smh])", duration)
    assert "".join(f"{count}{unit}" for count, unit in parts) == duration
    return sum(int(count) * UNIT_S[unit] for count, unit in parts)


@pytest.fixture(params=["agent.yaml", "gateway.yaml"])
def config(request) -> dict[str, Any]:
    return yaml.safe_load((CONFIGS / request.param).read_text())


@pytest.fixture
def exporter(config) -> dict[str, Any]:
    return config["exporters"]["otlp_http/answerable"]


def test_every_pipeline_limits_memory_first_and_exports_to_us(config):
    pipelines = config["service"]["pipelines"]
    assert set(pipelines) == {"traces", "logs", "metrics"}
    for pipeline in pipelines.values():
        assert pipeline["processors"][0] == "memory_limiter"
        assert pipeline["exporters"] == ["otlp_http/answerable"]


def test_every_component_named_in_the_service_is_configured(config):
    assert set(config["service"]["extensions"]) == set(config["extensions"])
    for pipeline in config["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= set(config[kind])


def test_exporter_carries_the_key_from_the_environment(exporter):
    assert exporter["headers"] == {"Authorization": "Bearer ${env:ANSWERABLE_KEY}"}
    assert exporter["compression"] == "gzip"


def test_retries_for_an_hour_or_more(exporter):
    retry = exporter["retry_on_failure"]
    assert retry["enabled"] is True
    longest_s = seconds(retry["max_elapsed_time"])
    assert longest_s == 0 or longest_s >= HOUR_S  # 0 means without end


def test_queue_is_on_disk_and_synced(config, exporter):
    queue = exporter["sending_queue"]
    assert set(queue) <= SENDING_QUEUE_KEYS
    assert queue["enabled"] is True
    storage = config["extensions"][queue["storage"]]
    assert queue["storage"].startswith("file_storage/")
    assert queue["storage"] in config["service"]["extensions"]
    assert set(storage) <= FILE_STORAGE_KEYS
    assert storage["fsync"] is True
    assert storage["create_directory"] is True


def test_batches_in_the_queue_and_not_in_a_processor(config, exporter):
    assert [name for name in config["processors"] if name.split("/")[0] == "batch"] == []
    queue = exporter["sending_queue"]
    batch = queue["batch"]
    assert batch["sizer"] == queue["sizer"] == "bytes"
    assert 0 < batch["min_size"] <= batch["max_size"] < BODY_LIMIT_BYTES
    assert batch["min_size"] <= queue["queue_size"]


def test_accepts_bodies_as_large_as_the_service_does(config):
    protocols = config["receivers"]["otlp"]["protocols"]
    assert protocols["http"]["max_request_body_size"] == BODY_LIMIT_BYTES
    assert protocols["grpc"]["max_recv_msg_size_mib"] * 1024 * 1024 == BODY_LIMIT_BYTES


def test_agent_listens_on_loopback_only():
    text = (CONFIGS / "agent.yaml").read_text()
    agent = yaml.safe_load(text)
    listeners = [
        *(protocol["endpoint"] for protocol in agent["receivers"]["otlp"]["protocols"].values()),
        agent["extensions"]["health_check"]["endpoint"],
    ]
    assert [at for at in listeners if not at.startswith("127.0.0.1:")] == []
    assert "0.0.0.0" not in text
