"""Settings of the service: the server's own, and every package's, from one environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from answerable.environment import PREFIX, check_names, is_set
from collector.receivers.peers import is_loopback
from collector.receivers.settings import ReceiverSettings
from collector.settings import PipelineSettings
from cost.settings import CostSettings
from dashboards.settings import DashboardSettings
from drift.settings import DriftSettings
from sql.errors import InvalidInputError
from sql.settings import StoreSettings

_Section = TypeVar("_Section", bound=BaseSettings)


class ServerSettings(BaseSettings):
    """Where the service listens, who may enter, and how it stops."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True
    )

    host: str = Field(
        "127.0.0.1",
        min_length=1,
        max_length=255,
        description="Address that HTTP, gRPC and the dashboards bind.",
    )
    http_port: int = Field(
        4318, ge=0, le=65535, description="Port of OTLP/HTTP, the API and /docs; 0 takes any free."
    )
    dashboards: bool = Field(True, description="Whether `up` starts the dashboards too.")
    dashboard_port: int = Field(
        8501, ge=0, le=65535, description="Port of the dashboards; 0 takes any free one."
    )
    data_dir: Path = Field(
        Path("data"), description="Directory of the embedded store and of the journal."
    )
    admin_key: SecretStr | None = Field(
        None,
        min_length=16,
        max_length=512,
        description="An admin key for every tenant, valid while it is set; else one is made.",
    )
    allow_anonymous_local: bool = Field(
        False,
        description="Whether this machine's own programs need no key: they act as admin of the "
        "tenant `default`. Only with a loopback host.",
    )
    key_cache_ttl_s: float = Field(
        5.0, gt=0, le=3600, description="Seconds until a key changed by another process holds here."
    )
    keys_max: int = Field(
        10_000, ge=1, le=1_000_000, description="Most keys kept, revoked ones included."
    )
    http_threads: int = Field(
        16, ge=1, le=512, description="API requests that query the store at one time."
    )
    http_backlog: int = Field(
        2048, ge=1, le=65535, description="Connections the system holds until they are accepted."
    )
    http_keep_alive_s: int = Field(
        75, ge=1, le=3600, description="Seconds an idle HTTP connection is kept."
    )
    drain_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds from SIGTERM until the process has to be gone."
    )
    dashboard_restarts_max: int = Field(
        10, ge=0, le=1000, description="Times in a row the dashboards are started again."
    )
    dashboard_backoff_max_s: float = Field(
        30.0, gt=0, le=600, description="Longest pause before they are started again, in seconds."
    )
    disk_free_min_mib: int = Field(
        256, ge=0, le=1_048_576, description="Below this much free disk, in MiB: not ready."
    )
    self_telemetry: bool = Field(
        True,
        description="Whether the service stores spans and metrics of its own, tenant `answerable`.",
    )
    self_trace_ratio: float = Field(
        0.01, ge=0, le=1, description="Share of export requests that get a span; the API's all do."
    )
    self_queue_max_spans: int = Field(
        2048, ge=1, le=1_000_000, description="Own spans waiting; beyond it they are dropped."
    )
    self_interval_s: float = Field(
        15.0, ge=1, le=3600, description="Seconds between two exports of its own telemetry."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line written: debug, info, warning or error."
    )


#: Section name -> its class; a field name occurs in one section only.
SECTIONS: dict[str, type[BaseSettings]] = {
    "server": ServerSettings,
    "store": StoreSettings,
    "receivers": ReceiverSettings,
    "pipeline": PipelineSettings,
    "cost": CostSettings,
    "drift": DriftSettings,
    "dashboards": DashboardSettings,
}


def setting_names() -> frozenset[str]:
    """Names of every setting of every section."""
    return frozenset(name for section in SECTIONS.values() for name in section.model_fields)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service is started with.

    Parameters
    ----------
    sources
        Where each setting came from: flag, environment, derived or default.
    """

    server: ServerSettings
    store: StoreSettings
    receivers: ReceiverSettings
    pipeline: PipelineSettings
    cost: CostSettings
    drift: DriftSettings
    dashboards: DashboardSettings
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> Self:
        """Read the environment; `flags`, by setting name, win over it.

        Raises
        ------
        InvalidInputError
            When a value is wrong, or a variable is unknown; it names variable and fix.
        """
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        check_names(os.environ, setting_names())
        server = _build(ServerSettings, given)
        _check_anonymous(server)
        derived = {
            name: value
            for name, value in _derived(server).items()
            if name not in given and not is_set(os.environ, name)
        }
        values = {**derived, **given}
        return cls(
            server,
            _build(StoreSettings, values),
            _build(ReceiverSettings, values),
            _build(PipelineSettings, values),
            _build(CostSettings, values),
            _build(DriftSettings, values),
            _build(DashboardSettings, values),
            {name: _source(name, given, derived) for name in sorted(setting_names())},
        )

    def value(self, name: str) -> Any:
        """Read one setting by its name; KeyError where there is none."""
        for section, kind in SECTIONS.items():
            if name in kind.model_fields:
                return getattr(getattr(self, section), name)
        raise KeyError(name)


def _derived(server: ServerSettings) -> dict[str, Any]:
    """Choose settings that follow others unless they are set themselves."""
    data = server.data_dir.expanduser().resolve()
    return {
        "store": SecretStr(f"chdb://{data / 'store'}"),
        "journal_dir": data / "journal",
        "budget_dir": data / "budgets",
        "report_dir": data / "reports",
        # gRPC wants an IPv6 address in brackets.
        "grpc_host": f"[{server.host}]" if ":" in server.host else server.host,
    }


def _build(section: type[_Section], values: Mapping[str, Any]) -> _Section:
    own = {name: value for name, value in values.items() if name in section.model_fields}
    try:
        return section(**own)
    except ValidationError as error:
        raise InvalidInputError(_explained(error, own)) from None


def _explained(error: ValidationError, own: Mapping[str, Any]) -> str:
    # The value itself is left out: it may be a key, or an address with a password.
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        variable = f"{PREFIX}{name.upper()}" if name else "The settings"
        shown = f"{name} ({variable})" if name in own else variable
        lines.append(f"{shown}: {problem['msg']}")
    return "; ".join(lines) + "."


def _check_anonymous(server: ServerSettings) -> None:
    if server.allow_anonymous_local and not (
        server.host == "localhost" or is_loopback(server.host)
    ):
        raise InvalidInputError(
            f"allow_anonymous_local needs a loopback host, and host is {server.host!r}: "
            "unset ANSWERABLE_ALLOW_ANONYMOUS_LOCAL, or listen on 127.0.0.1.",
            field="allow_anonymous_local",
        )


def _source(name: str, given: Mapping[str, Any], derived: Mapping[str, Any]) -> str:
    if name in given:
        return "flag"
    if name in derived:
        return "derived"
    return "environment" if is_set(os.environ, name) else "default"
