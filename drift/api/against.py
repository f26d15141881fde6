"""What a window is compared with: a reference by name, or a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from drift.slices.question import Against
from sql.errors import InvalidInputError
from web import window
from web.principal import one_tenant
from web.window import Window

if TYPE_CHECKING:
    from drift.references import References
    from sql.access import Principal


class Comparison(Protocol):
    """The part of a body that says what to compare with."""

    @property
    def model(self) -> str:
        """Whose decisions; empty to take the reference's model."""
        ...

    @property
    def reference(self) -> str:
        """Id of a reference."""
        ...

    @property
    def reference_from(self) -> str:
        """Or the start of a window."""
        ...

    @property
    def reference_to(self) -> str:
        """And its end."""
        ...


def against(references: References, tenant: str, body: Comparison, now_ns: int) -> Against:
    """Find the window to compare with.

    Raises
    ------
    InvalidInputError
        Unless there is either a reference of this model or a window.
    NotFoundError
        For a reference that does not exist.
    """
    spans = bool(body.reference_from or body.reference_to)
    if bool(body.reference) == spans:
        raise InvalidInputError(
            "Drift needs something to differ from: give reference, or reference_from and "
            "reference_to, and not both.",
            field="reference",
        )
    if spans:
        return Against(_span(body, now_ns), body.model)
    found = references.get(tenant, body.reference)
    if body.model and found.model != body.model:
        raise InvalidInputError(
            f"reference {body.reference!r} is of the model {found.model!r}, and model is "
            f"{body.model!r}.",
            field="reference",
        )
    return Against(Window(found.from_ns, found.to_ns), found.model, found.id, found.version)


def _span(body: Comparison, now_ns: int) -> Window:
    start = window.instant(body.reference_from, now_ns, "reference_from")
    end = window.instant(body.reference_to, now_ns, "reference_to")
    if start >= end:
        raise InvalidInputError(
            f"reference_from ({body.reference_from}) must be earlier than reference_to "
            f"({body.reference_to}).",
            field="reference_from",
        )
    return Window(start, end)


def tenant_of(reader: Principal, named: str) -> str:
    """Give the one tenant that is read; a key of several has to name it."""
    return one_tenant(
        reader,
        named or None,
        "tenant is missing; the key reads several, so name the one to search.",
    )
