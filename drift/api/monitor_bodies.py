"""What is sent about monitors: JSON or YAML, read strictly."""

from typing import Annotated, Any, Literal

import orjson
import yaml
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drift.monitors.monitor import KindName, Monitor, SeverityName, Trigger, WindowName
from sql.access import Principal
from sql.errors import InvalidInputError
from web.principal import one_tenant

#: A monitor is much shorter.
_BYTES_MAX = 65_536

EXAMPLE: dict[str, Any] = {
    "id": "essay-grader-features",
    "model": "essay-grader",
    "kind": "feature",
    "reference": "essay-grader-june",
    "features": ["*"],
    "slices": ["model_version"],
    "window": "1h",
    "trigger": {"webhook": "https://ci.example.com/retrain", "secret_env": "WEBHOOK_RETRAIN"},
}


class MonitorBody(BaseModel):
    """A monitor."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]}
    )

    id: str = Field("", description="Left out in a PUT.", examples=["essay-grader-features"])
    tenant: str | None = Field(
        None,
        max_length=128,
        description="Left out, the tenant of the key; a key of several has to name it.",
        examples=["school-a"],
    )
    name: str = Field("", description="For people.", examples=["Inputs of the grader"])
    model: str = Field(description="Name of the model.", examples=["essay-grader"])
    kind: KindName = Field("feature", examples=["feature"])
    reference: str = Field("", description="What is compared with.", examples=["essay-grader-june"])
    features: list[str] = Field(
        ["*"], description="`*` is every feature of the reference.", examples=[["*"]]
    )
    slices: list[str] = Field(
        [],
        description="Dimensions of the reference whose values are judged each by itself.",
        examples=[["model_version", "feature:language"]],
    )
    statistic: str = Field(
        "",
        description="Effect an alarm is measured by; left out, the kind's own.",
        examples=["population_stability"],
    )
    window: WindowName = Field("1h", examples=["1h"])
    alpha: float = Field(
        0.01,
        description="Accepted share of windows with a false suspicion, over everything watched; an "
        "alarm needs that of the following windows too.",
        examples=[0.01],
    )
    tolerance: float | Literal["reference"] | None = Field(
        None,
        description="Least effect worth an alarm: the lower bound of its interval has to reach it. "
        "Left out, what samples of these sizes show by chance on average; `reference`, that and at "
        "least how far windows of the reference lie apart, for each feature and slice.",
        examples=[0.02],
    )
    traffic_share_min: float = Field(
        0.01, description="Least share of the decisions a slice needs to alarm.", examples=[0.05]
    )
    rows_min: int = Field(50, description="Fewer values are not judged.", examples=[50])
    confirmations: int = Field(
        1, description="Following windows that have to show the same.", examples=[1]
    )
    cool_down: str = Field(
        "24h", description="At most one incident in this time.", examples=["24h"]
    )
    trigger: Trigger | None = Field(None, description="Who is told of an incident.")
    enabled: bool = Field(True, examples=[True])
    severity: SeverityName = Field("warning", examples=["warning"])
    reason: str = Field("", max_length=1000, description="Why; kept.", examples=["first week"])
    version: int | None = Field(
        None, description="Version this change is based on; any where left out.", examples=[1]
    )


class DryRunBody(BaseModel):
    """A monitor to try, and over which past."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    monitor: MonitorBody
    from_: str = Field("-7d", alias="from", max_length=64, examples=["-7d"])
    to: str = Field("now", max_length=64, examples=["now"])


class BackfillBody(BaseModel):
    """Which past to judge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: str = Field("-7d", alias="from", max_length=64, examples=["-7d"])
    to: str = Field("now", max_length=64, examples=["now"])
    incidents: bool = Field(
        False,
        description="Open incidents for what would have alarmed: closed from the start, marked "
        "historical, without signal or trigger.",
    )


async def monitor_body(request: Request) -> MonitorBody:
    """Read a monitor as JSON, or as YAML where the content type says so.

    Raises
    ------
    RequestValidationError, InvalidInputError
        For what is no monitor.
    """
    content = await request.body()
    if len(content) > _BYTES_MAX:
        raise InvalidInputError(
            f"The body has {len(content)} bytes; a monitor has at most {_BYTES_MAX}.", field="body"
        )
    held = _mapping(content, "yaml" in request.headers.get("content-type", "").lower())
    try:
        return MonitorBody.model_validate(held)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"])} for one in found]
        ) from None


#: Hands an endpoint the monitor that was sent.
SentMonitor = Annotated[MonitorBody, Depends(monitor_body)]

#: What the documentation says of a body that is read here.
DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"$ref": "#/components/schemas/MonitorBody"}, "example": EXAMPLE}
            for kind in ("application/json", "application/yaml")
        },
    }
}


def monitor_of(body: MonitorBody, tenant: str, monitor_id: str) -> Monitor:
    """Make a monitor of what was sent; raises InvalidInputError naming the field at fault."""
    kept = body.model_dump(exclude={"id", "tenant", "reason", "version"})
    if kept["tolerance"] == "reference":
        kept |= {"tolerance": None, "tolerance_by": "reference"}
    try:
        return Monitor(**kept, id=monitor_id, tenant=tenant)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInputError(f"{field}: {message}.", field=field) from None


def tenant_of(principal: Principal, named: str | None) -> str:
    """Find whose monitor it is; raises where it is not the key's, or not clear."""
    return one_tenant(principal, named or None, "tenant is empty; name whose monitor it is.")


def _mapping(content: bytes, is_yaml: bool) -> dict[str, Any]:
    try:
        held = yaml.safe_load(content) if is_yaml else orjson.loads(content)
    except yaml.YAMLError as error:
        raise InvalidInputError(f"The body is no YAML: {_place(error)}.", field="body") from None
    except (orjson.JSONDecodeError, UnicodeDecodeError, ValueError, RecursionError):
        form = "YAML" if is_yaml else "JSON"
        raise InvalidInputError(f"The body is no {form}.", field="body") from None
    if not isinstance(held, dict):
        raise InvalidInputError("The body holds names and values of a monitor.", field="body")
    return {str(name): value for name, value in held.items()}


def _place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return "it cannot be read"
