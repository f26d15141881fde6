"""Query parameters the endpoints share; an unknown one is refused rather than ignored."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from web import window
from web.window import Window

TEXT_CHARS_MAX = 1000
LIMIT_MAX = 1000

#: A filter on a text; empty means any.
Text = Annotated[str, Field(max_length=TEXT_CHARS_MAX)]


class TenantQuery(BaseModel):
    """What every endpoint takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: Text = Field(
        "",
        description="One tenant of the key's scope; left out, all of them.",
        examples=["school-a"],
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, values: Any) -> Any:
        """Take `service=` as if it were not there, as a form with an empty field sends it."""
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value != ""}

    @property
    def chosen(self) -> str | None:
        """The tenant asked for, as Principal.scope takes it."""
        return self.tenant or None


class WindowQuery(TenantQuery):
    """A window of time."""

    from_: str = Field(
        "-1h",
        alias="from",
        max_length=64,
        description="Start, included: RFC 3339, unix seconds or nanoseconds, or relative to now "
        "(-15m, -1h, -7d).",
        examples=["-1h", "2026-11-23T22:00:00Z"],
    )
    to: str = Field(
        "now",
        max_length=64,
        description="End, not included; written like `from`.",
        examples=["now", "2026-11-23T23:00:00.5Z"],
    )

    def window(self, now_ns: int) -> Window:
        """Resolve the window; raises InvalidInputError naming `from` or `to`."""
        return window.parse(self.from_, self.to, now_ns)


class ListQuery(WindowQuery):
    """A page of a list."""

    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="Most items in the answer.")
    cursor: str = Field(
        "",
        max_length=4096,
        description="`next_cursor` of the page before. It keeps that page's window, so a "
        "relative window does not move while one pages.",
    )
