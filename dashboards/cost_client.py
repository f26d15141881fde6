"""The cost meter's part of the API: costs, budgets, prices, invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from dashboards.client import ApiClient, Params
    from dashboards.cost_contract import CostPage, Explanation

#: Pages of sums one chart is made of; what lies beyond is said to be left out.
PAGES_MAX = 5
ROWS_A_PAGE = "1000"


class CostClient:
    """The cost meter as one visitor sees it.

    Parameters
    ----------
    api
        The visitor's client.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def sums(self, params: Params) -> CostPage:
        """Read sums of charges, at most PAGES_MAX pages; `next_cursor` says whether that is all."""
        return self._whole("/v1/costs", params)

    def units(self, params: Params) -> CostPage:
        """Read what one decision, outcome or review cost."""
        return self._whole("/v1/costs/unit", params)

    def explanation(self, params: Params) -> Explanation:
        """Read why a cost moved."""
        return cast("Explanation", self._api.get("/v1/costs/explain", params))

    def forecast(self, params: Params) -> dict[str, Any]:
        """Read what the month comes to."""
        return self._api.get("/v1/costs/forecast", params)

    def unpriced(self, params: Params) -> dict[str, Any]:
        """Read why usage has no price."""
        return self._api.get("/v1/costs/unpriced", params)

    def report(self, params: Params) -> bytes:
        """Read a report as a file."""
        return self._api.download("/v1/costs/report", params)

    def budgets(self, params: Params) -> dict[str, Any]:
        """Read every budget with its state now."""
        return self._api.get("/v1/budgets", params)

    def budget_history(self, budget_id: str, params: Params) -> dict[str, Any]:
        """Read the versions of a budget and how it was used up."""
        return self._api.get(f"/v1/budgets/{quote(budget_id, safe='')}/history", params)

    def reservations(self, params: Params) -> dict[str, Any]:
        """Read what is held for calls under way."""
        return self._api.get("/v1/budgets/reservations", params)

    def prices(self, params: Params) -> dict[str, Any]:
        """Read the prices that hold at a time."""
        return self._api.get("/v1/prices", params)

    def price_history(self, params: Params) -> dict[str, Any]:
        """Read every row there ever was for some prices, newest first."""
        return self._api.get("/v1/prices/history", params)

    def resolved(self, params: Params) -> dict[str, Any]:
        """Read what a call costs, and why."""
        return self._api.get("/v1/prices/resolve", params)

    def restatements(self, params: Params) -> dict[str, Any]:
        """Read the published price books with what each booked in the past."""
        return self._api.get("/v1/costs/restatements", params)

    def invoices(self, params: Params) -> dict[str, Any]:
        """Read which invoices were imported, newest first."""
        return self._api.get("/v1/invoices", params)

    def reconciled(self, invoice_id: str, params: Params) -> dict[str, Any]:
        """Read how an invoice differs from what was charged."""
        return self._api.get(_invoice(invoice_id), params)

    def reconciled_file(self, invoice_id: str, params: Params) -> bytes:
        """Read the same as CSV, all of it."""
        return self._api.download(_invoice(invoice_id), {**params, "format": "csv"})

    def import_invoice(self, content: bytes, params: Params) -> dict[str, Any]:
        """Send a provider's file; sent again it is the same invoice."""
        return self._api.send("/v1/invoices", content, "application/octet-stream", params)

    def _whole(self, path: str, params: Params) -> CostPage:
        answer = self._api.get(path, {**params, "limit": ROWS_A_PAGE})
        for _ in range(PAGES_MAX - 1):
            if not answer["next_cursor"]:
                break
            following = {**params, "limit": ROWS_A_PAGE, "cursor": answer["next_cursor"]}
            more = self._api.get(path, following)
            answer["items"] += more["items"]
            answer["next_cursor"] = more["next_cursor"]
        return cast("CostPage", answer)


def _invoice(invoice_id: str) -> str:
    return f"/v1/invoices/{quote(invoice_id, safe='')}/reconcile"
