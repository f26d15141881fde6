"""The Dockerfile and the systemd unit: unprivileged, pinned, and true to the repository."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "answerable.service"


def instructions(keyword: str) -> list[str]:
    """Arguments of every instruction of one kind, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text())
    return re.findall(rf"^{keyword}\s+(.+)$", text, flags=re.MULTILINE)


def unit_settings() -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=True, interpolation=None)
    parser.optionxform = str
    parser.read_string(UNIT.read_text())
    return dict(parser["Service"])


def test_image_runs_as_a_numbered_user_that_is_not_root():
    last_stage = (DEPLOY / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    users = re.findall(r"^USER (\d+):(\d+)$", last_stage, flags=re.MULTILINE)
    assert users == [("10001", "10001")]
    assert last_stage.index("USER ") < last_stage.index("ENTRYPOINT ")


def test_image_starts_the_service_directly():
    assert instructions("ENTRYPOINT") == ['["answerable"]']
    assert instructions("CMD") == ['["up", "--host", "0.0.0.0", "--data", "/var/lib/answerable"]']
    assert instructions("EXPOSE") == ["4318 4317 8501"]
    assert any("/healthz" in check for check in instructions("HEALTHCHECK"))


def test_image_installs_both_wheels_within_the_constraints():
    build = " ".join(instructions("RUN"))
    assert "./instrument ." in build
    assert "--constraint constraints.txt /wheels/*.whl" in build


def test_build_context_holds_every_package_of_the_wheel():
    wheel = re.search(r"^packages = \[(.+)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    packages = re.findall(r'"([a-z_]+)"', wheel.group(1))
    context = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    needed = [*packages, "instrument", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"]
    assert len(packages) >= 4
    assert [name for name in needed if f"!{name}" not in context] == []


def test_build_context_leaves_out_what_may_hold_secrets():
    context = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in context
    assert "**/.env" in context
    assert [name for name in context if name in {"!.git", "!.venv", "!deploy"}] == []


def test_unit_is_hardened_and_has_time_to_drain():
    settings = unit_settings()
    expected = {
        "DynamicUser": "yes",
        "StateDirectory": "answerable",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "Restart": "on-failure",
        "KillMode": "mixed",
    }
    assert {name: settings[name] for name in expected} == expected
    assert int(settings["TimeoutStopSec"].removesuffix("s")) >= 30
    assert "--host 127.0.0.1" in settings["ExecStart"]


def test_systemd_accepts_the_unit(tmp_path):
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    # The check wants the program to exist; everything else is as shipped.
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/answerable/bin/answerable", "/bin/true"))
    result = subprocess.run(
        [analyse, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ours = [line for line in result.stderr.splitlines() if UNIT.name in line]
    assert ours == []


def test_cluster_example_replicates_inside_a_shard():
    tree = ET.parse(DEPLOY / "clickhouse" / "config.d" / "cluster.xml")
    shards = tree.findall("./remote_servers/answerable/shard")
    assert len(shards) >= 1
    for shard in shards:
        assert shard.findtext("internal_replication") == "true"
        assert len(shard.findall("replica")) >= 2
    assert {macro.tag for macro in tree.find("macros")} == {"shard", "replica"}
    assert tree.find("./remote_servers/answerable/secret").get("from_env")
