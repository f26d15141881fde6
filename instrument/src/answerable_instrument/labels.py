"""``label()``: say what the right outcome of a decision was, once that is known."""

from answerable_instrument.budget_errors import BudgetError
from answerable_instrument.budget_service import BudgetService, default_service
from answerable_instrument.guard import UnfitError, note
from answerable_instrument.tenancy import current_tenant
from answerable_instrument.values import as_count, as_scalar, as_text

_PATH = "/v1/labels"


def label(
    decision_id: str,
    right: object,
    *,
    source: str | None = None,
    at_ns: int | None = None,
    tenant: str | None = None,
    service: BudgetService | None = None,
) -> bool:
    """Store the right outcome of a decision; True once it is stored.

    It waits for the answer, at most the service's ``timeout_s``, and raises nothing: False means
    that it is not known to be stored. Sending it again is safe. Many labels at once are better sent
    as a file, with ``answerable labels import``.

    Parameters
    ----------
    decision_id
        The decision's id; it may not have arrived yet.
    right
        Written like outcomes: a text, a number or a boolean. What is sent last holds.
    source
        Who or what says so.
    at_ns
        When it was established, in nanoseconds since 1970; now where left out.
    tenant
        Else that of the context; needed with a key of several tenants.
    service
        Whom to tell; else where budgets are asked, which is where telemetry goes.
    """
    try:
        item: dict[str, object] = {"decision_id": as_text(decision_id), "label": as_scalar(right)}
        if source is not None:
            item["source"] = as_text(source)
        if at_ns is not None:
            item["labelled_at"] = as_count(at_ns)
        whose = as_text(tenant) if tenant is not None else current_tenant()
        body: dict[str, object] = {"items": [item]}
        if whose:
            body["tenant"] = whose
        (service or default_service()).post(_PATH, body)
    except (UnfitError, BudgetError, ValueError) as error:
        note("label_unsent", "label", str(error))
        return False
    return True
