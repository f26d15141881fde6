"""`answerable keys`: make, list and revoke API keys of a running service."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from rich.table import Table

from answerable.cli.output import EPILOG, Json, out, write_json
from answerable.cli.remote import remote
from sql.access import Role

app = typer.Typer(
    help="Make, list and revoke API keys of a running service.", no_args_is_help=True, epilog=EPILOG
)

DEFAULT_URL = "http://127.0.0.1:4318"

Url = Annotated[str, typer.Option(envvar="ANSWERABLE_URL", help="Address of the service.")]
Key = Annotated[
    str | None,
    typer.Option(
        help="An admin key. Better in the environment, where it leaves no trace: ANSWERABLE_KEY, "
        "else ANSWERABLE_ADMIN_KEY.",
        show_default=False,
    ),
]


@app.command("create", epilog=EPILOG)
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Annotated[list[Role], typer.Option(help="What it may do; repeat for several.")],
    tenant: Annotated[
        list[str] | None, typer.Option(help="Tenant it is scoped to; repeat for several.")
    ] = None,
    all_tenants: Annotated[
        bool, typer.Option("--all-tenants", help="Make it for every tenant.")
    ] = False,
    expires_at: Annotated[
        str | None, typer.Option(help="RFC 3339 time it ends, as 2027-01-31T00:00:00Z.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Make a key and print it. It is shown this once; only its hash is stored."""
    body: dict[str, Any] = {
        "name": name,
        "roles": [*role],
        "tenants": tenant or [],
        "all_tenants": all_tenants,
    }
    if expires_at is not None:
        body["expires_at"] = expires_at
    made = remote(url, _chosen(key)).post("/v1/keys", body)
    if json:
        write_json(made)
        return
    out.print(f"[bold]{made['key_id']}[/bold] {_scope(made)}. The key, shown this once:")
    out.out(made["key"], highlight=False)


@app.command("list", epilog=EPILOG)
def list_keys(url: Url = DEFAULT_URL, key: Key = None, json: Json = False) -> None:
    """List keys, revoked ones included; secrets are not stored and so not shown."""
    answer = remote(url, _chosen(key)).get("/v1/keys")
    if json:
        write_json(answer)
        return
    table = Table("Key", "Name", "Scope", "Created", "By", "State")
    for item in answer["items"]:
        created = item["created_at"][:19].replace("T", " ")
        table.add_row(
            item["key_id"], item["name"], _scope(item), created, item["created_by"], _state(item)
        )
    out.print(table)


@app.command("revoke", epilog=EPILOG)
def revoke(
    key_id: Annotated[str, typer.Argument(help="Public identifier, as `list` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the key.")] = "",
    url: Url = DEFAULT_URL,
    key: Key = None,
    json: Json = False,
) -> None:
    """Revoke a key at once."""
    answer = remote(url, _chosen(key)).delete(f"/v1/keys/{key_id}", {"reason": reason})
    if json:
        write_json(answer)
        return
    out.print(f"[bold]{answer['key_id']}[/bold] is revoked.")


def _scope(item: dict[str, Any]) -> str:
    tenants = "all tenants" if item["all_tenants"] else ", ".join(item["tenants"])
    return f"{', '.join(item['roles'])} for {tenants}"


def _state(item: dict[str, Any]) -> str:
    if item["revoked_at"]:
        return f"revoked {item['revoked_at'][:10]}"
    return f"until {item['expires_at'][:10]}" if item["expires_at"] else "live"


def _chosen(key: str | None) -> str | None:
    """Give the key to manage keys with; the one a service was started with does too."""
    environ = os.environ
    return key or environ.get("ANSWERABLE_KEY") or environ.get("ANSWERABLE_ADMIN_KEY")
