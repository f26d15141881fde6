"""GET /v1/me: what the caller's key is and may do."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from answerable.api.caller import Caller
from answerable.auth import ANONYMOUS
from sql.access import Role


class Me(BaseModel):
    """The caller."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key_id": "3f9c0b12a4de",
                    "name": "grading service",
                    "roles": ["ingest", "viewer"],
                    "tenants": ["school-a"],
                    "all_tenants": False,
                    "anonymous": False,
                }
            ]
        }
    )

    key_id: str
    name: str
    roles: list[Role]
    tenants: list[str]
    all_tenants: bool
    anonymous: bool


def router() -> APIRouter:
    """Build the router."""
    api = APIRouter(tags=["keys"])

    @api.get("/v1/me", summary="Who am I")
    async def me(caller: Caller) -> Me:
        """Name the key in use, its roles and its tenants."""
        return Me(
            key_id=caller.key_id,
            name=caller.name,
            roles=sorted(caller.roles),
            tenants=list(caller.tenants),
            all_tenants=caller.all_tenants,
            anonymous=caller == ANONYMOUS,
        )

    return api
