"""The compose file: what it publishes, what it demands, and that compose accepts it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed, so YAML cannot be parsed")

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
SECRET_NAME = re.compile(r"PASSWORD|KEY|SECRET|TOKEN")
SECRETS = {"CLICKHOUSE_PASSWORD": "pw", "ANSWERABLE_ADMIN_KEY": "admin"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def compose_command() -> list[str] | None:
    """Compose as a plugin of docker, else as a program of its own, else None."""
    docker = shutil.which("docker")
    if docker:
        plugin = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
        if plugin.returncode == 0:
            return [docker, "compose"]
    standalone = shutil.which("docker-compose")
    return [standalone] if standalone else None


def run_config(secrets: dict[str, str], empty: Path) -> subprocess.CompletedProcess[str]:
    command = compose_command()
    if command is None:
        pytest.skip("neither 'docker compose' nor 'docker-compose' is installed")
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return subprocess.run(
        [*command, "-f", str(COMPOSE), "--env-file", str(empty), "config"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=kept | secrets,
    )


def test_has_the_four_parts_of_the_product(compose):
    assert {"clickhouse", "answerable", "dashboards", "otel-collector"} <= set(compose["services"])


def test_publishes_on_loopback_only(compose):
    published = [
        port for service in compose["services"].values() for port in service.get("ports", [])
    ]
    assert len(published) >= 3
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_store_is_not_published_and_not_on_the_outer_network(compose):
    clickhouse = compose["services"]["clickhouse"]
    assert "ports" not in clickhouse
    assert clickhouse["networks"] == ["store"]
    assert compose["networks"]["store"]["internal"] is True


def test_holds_no_literal_secret(compose):
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if SECRET_NAME.search(variable):
                assert value.startswith("${"), f"{name}: {variable} is written out"
            user_info = re.search(r"://[^/@]*:([^/@]*)@", str(value).replace("${", "$("))
            if user_info:
                assert "$(" in user_info.group(1), f"{name}: {variable} holds a password"


def test_example_environment_holds_no_value_of_a_secret():
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and SECRET_NAME.search(name) and not line.startswith("#"):
            assert value == "", f"{name} has a value"


def test_demands_the_admin_key_and_the_password(compose):
    environment = compose["services"]["answerable"]["environment"]
    assert environment["ANSWERABLE_ADMIN_KEY"].startswith("${ANSWERABLE_ADMIN_KEY:?")
    assert "${CLICKHOUSE_PASSWORD:?" in environment["ANSWERABLE_STORE"]
    clickhouse = compose["services"]["clickhouse"]["environment"]
    assert clickhouse["CLICKHOUSE_PASSWORD"].startswith("${CLICKHOUSE_PASSWORD:?")


def test_collector_waits_for_the_step_that_demands_its_key(compose):
    services = compose["services"]
    needed = services["otel-collector"]["depends_on"]["otel-collector-prepare"]
    assert needed["condition"] == "service_completed_successfully"
    assert "$${ANSWERABLE_KEY:?" in services["otel-collector-prepare"]["command"][0]


def test_state_lives_in_named_volumes(compose):
    named = set(compose["volumes"])
    assert "clickhouse-data:/var/lib/clickhouse" in compose["services"]["clickhouse"]["volumes"]
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in named or volume.endswith(":ro"), f"{volume} is writable on the host"


def test_every_image_has_a_fixed_tag(compose):
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"\d+(\.\d+)+", tag), f"{name}: {service['image']}"


@pytest.fixture
def no_env_file(tmp_path) -> Path:
    """Stands in for deploy/.env, so that one on this machine changes nothing."""
    path = tmp_path / "empty.env"
    path.touch()
    return path


def test_compose_accepts_the_file(no_env_file):
    result = run_config(SECRETS, no_env_file)
    assert result.returncode == 0, result.stderr
    assert "clickhouse://answerable:pw@clickhouse:8123/answerable" in result.stdout


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_compose_refuses_to_start_without_a_secret(missing, no_env_file):
    given = {name: value for name, value in SECRETS.items() if name != missing}
    result = run_config(given, no_env_file)
    assert result.returncode != 0
    assert f"set {missing} in deploy/.env" in result.stderr
