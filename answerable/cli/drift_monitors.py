"""`answerable drift monitors` and `incidents`: what is watched, what alarmed, what would have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
import yaml

from answerable.cli import monitor_tables as tables
from answerable.cli.explain import ReadKey
from answerable.cli.keys import DEFAULT_URL, Url
from answerable.cli.output import EPILOG, EXIT_USAGE, Json, fail, out, write_json
from answerable.cli.remote import Remote, address, remote

monitors = typer.Typer(
    help="Watch models for drift: make, try, change and remove monitors.",
    no_args_is_help=True,
    epilog=EPILOG,
)
incidents = typer.Typer(
    help="What drifted, and whether somebody saw to it.", no_args_is_help=True, epilog=EPILOG
)

Tenant = Annotated[str, typer.Option(help="May be left out by a key of one tenant.")]
From = Annotated[str, typer.Option("--from", help="RFC 3339, or relative to now.")]
To = Annotated[str, typer.Option(help="End of the window, not included.")]
MonitorId = Annotated[str, typer.Argument(help="Id of the monitor.")]
IncidentId = Annotated[str, typer.Argument(help="Id of the incident.")]
File = Annotated[Path, typer.Argument(help="YAML or JSON of a monitor; see docs/monitors.md.")]
Note = Annotated[str, typer.Option(help="What was done; kept.")]
State = Annotated[str, typer.Option(help="Only in this state.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most shown.")]


@monitors.command("list", epilog=EPILOG)
def list_monitors(
    tenant: Tenant = "", url: Url = DEFAULT_URL, key: ReadKey = None, json: Json = False
) -> None:
    """List monitors and how each stands."""
    answer = remote(url, key).get(address("/v1/monitors", {"tenant": tenant}))
    _told(answer, json, tables.show_monitors)


@monitors.command("show", epilog=EPILOG)
def show_monitor(
    monitor_id: MonitorId,
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Show one monitor."""
    answer = remote(url, key).get(address(_monitor(monitor_id), {"tenant": tenant}))
    _told(answer, json, tables.show_monitor)


@monitors.command("set", epilog=EPILOG)
def set_monitor(
    file: File,
    reason: Annotated[str, typer.Option(help="Why; kept with the version.")] = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Make a monitor, or write the next version of the one that has its id."""
    body = _read(file)
    if reason:
        body["reason"] = reason
    service = remote(url, key)
    held = _held(service, body)
    if held is None:
        answer = service.post("/v1/monitors", body)
    else:
        changed = {**body, "tenant": held["tenant"]}
        answer = service.put(_monitor(held["id"]), changed)
    _told(answer, json, tables.show_monitor)


@monitors.command("remove", epilog=EPILOG)
def remove_monitor(
    monitor_id: MonitorId,
    tenant: Tenant = "",
    reason: Annotated[str, typer.Option(help="Why; kept.")] = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Stop watching; what was found stays."""
    asked = {name: value for name, value in (("tenant", tenant), ("reason", reason)) if value}
    answer = remote(url, key).delete(_monitor(monitor_id), asked)
    _told(answer, json, lambda one: out.print(f"{one['id']} of {one['tenant']} is removed."))


@monitors.command("try", epilog=EPILOG)
def try_monitor(
    file: File,
    from_: From = "-7d",
    to: To = "now",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Judge the past with a monitor, keep nothing, and say how often it would have alarmed."""
    body = {"monitor": _read(file), "from": from_, "to": to}
    _told(remote(url, key).post("/v1/monitors/dry-run", body), json, tables.show_dry_run)


@monitors.command("backfill", epilog=EPILOG)
def backfill(
    monitor_id: MonitorId,
    from_: From = "-7d",
    to: To = "now",
    incidents: Annotated[
        bool, typer.Option(help="Open incidents, closed from the start; nobody is told.")
    ] = False,
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Judge the past and keep what is found; nobody is told."""
    path = address(f"{_monitor(monitor_id)}/backfill", {"tenant": tenant})
    answer = remote(url, key).post(path, {"from": from_, "to": to, "incidents": incidents})
    _told(answer, json, tables.show_backfill)


@monitors.command("results", epilog=EPILOG)
def results(
    monitor_id: MonitorId,
    from_: From = "-7d",
    to: To = "now",
    state: State = "",
    feature: Annotated[str, typer.Option(help="Only this feature.")] = "",
    tenant: Tenant = "",
    limit: Limit = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List what a monitor found, newest window first."""
    asked = {"from": from_, "to": to, "state": state, "feature": feature, "tenant": tenant}
    path = address(f"{_monitor(monitor_id)}/results", {**asked, "limit": str(limit)})
    _told(remote(url, key).get(path), json, tables.show_results)


@incidents.command("list", epilog=EPILOG)
def list_incidents(
    from_: From = "-30d",
    to: To = "now",
    state: State = "",
    model: Annotated[str, typer.Option(help="Only of this model.")] = "",
    tenant: Tenant = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Most shown.")] = 50,
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """List incidents, newest first."""
    asked = {"from": from_, "to": to, "state": state, "model": model, "tenant": tenant}
    answer = remote(url, key).get(address("/v1/drift/incidents", {**asked, "limit": str(limit)}))
    _told(answer, json, tables.show_incidents)


@incidents.command("show", epilog=EPILOG)
def show_incident(
    incident_id: IncidentId,
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Show one incident with its evidence."""
    answer = remote(url, key).get(address(_incident(incident_id), {"tenant": tenant}))
    _told(answer, json, tables.show_incident)


@incidents.command("acknowledge", epilog=EPILOG)
def acknowledge(
    incident_id: IncidentId,
    note: Note = "",
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Say that somebody looks into it."""
    path = address(f"{_incident(incident_id)}/acknowledge", {"tenant": tenant})
    _told(remote(url, key).post(path, {"note": note}), json, tables.show_incident)


@incidents.command("close", epilog=EPILOG)
def close(
    incident_id: IncidentId,
    note: Note = "",
    tenant: Tenant = "",
    url: Url = DEFAULT_URL,
    key: ReadKey = None,
    json: Json = False,
) -> None:
    """Say that it is done with."""
    path = address(f"{_incident(incident_id)}/close", {"tenant": tenant})
    _told(remote(url, key).post(path, {"note": note}), json, tables.show_incident)


def _told(answer: dict[str, Any], json: bool, show: tables.Show) -> None:
    if json:
        write_json(answer)
        return
    show(answer)


def _monitor(monitor_id: str) -> str:
    return f"/v1/monitors/{quote(monitor_id, safe='')}"


def _incident(incident_id: str) -> str:
    return f"/v1/drift/incidents/{quote(incident_id, safe='')}"


def _held(service: Remote, body: dict[str, Any]) -> dict[str, Any] | None:
    tenant = str(body.get("tenant") or "")
    items = service.get(address("/v1/monitors", {"tenant": tenant}))["items"]
    found = [one for one in items if one["id"] == body.get("id")]
    if len(found) > 1:
        named = ", ".join(one["tenant"] for one in found)
        fail(f"{named} have a monitor {body['id']!r}; name one in the file.", EXIT_USAGE)
    return found[0] if found else None


def _read(file: Path) -> dict[str, Any]:
    try:
        # JSON is YAML.
        held = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", EXIT_USAGE)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        fail(f"{file} is no YAML: {' '.join(str(error).split())}.", EXIT_USAGE)
    if not isinstance(held, dict):
        fail(f"{file} holds no names and values of a monitor.", EXIT_USAGE)
    return {str(name): value for name, value in held.items()}
