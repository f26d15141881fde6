"""The part of the API that watches models: references, drift, slices, labels, monitors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import orjson

if TYPE_CHECKING:
    from dashboards.client import ApiClient, Params
    from dashboards.drift_contract import (
        Calibration,
        Distribution,
        DryRun,
        Heat,
        Performance,
        SliceSearch,
    )

_JSON = "application/json"
#: A search, or a dry run over a month of hours, reads and judges a lot.
_COMPUTING_S = 180.0
_REFERENCES_MAX = "100"


class DriftClient:
    """What watches models as one visitor sees it.

    Parameters
    ----------
    api
        The visitor's client.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def models(self, params: Params) -> dict[str, Any]:
        """Read which models decided in a window, with their features and references."""
        return self._api.get("/v1/drift/models", params)

    def references(self, params: Params) -> dict[str, Any]:
        """Read what models are compared with, as far as a page of it goes."""
        return self._api.get("/v1/references", {**params, "limit": _REFERENCES_MAX})

    def define_reference(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Take a stretch of the past as what a model is compared with."""
        return self._post("/v1/references", definition)

    def heat(self, params: Params) -> Heat:
        """Read every feature over time against its reference."""
        return cast("Heat", self._api.get("/v1/drift/features", params))

    def distribution(self, params: Params) -> Distribution:
        """Read one feature as it was and as it is."""
        return cast("Distribution", self._api.get("/v1/drift/distribution", params))

    def find_slices(self, search: dict[str, Any]) -> SliceSearch:
        """Search a window for the slices a model does worst in."""
        return cast("SliceSearch", self._post("/v1/slices/find", search, timeout_s=_COMPUTING_S))

    def slice_searches(self, params: Params) -> dict[str, Any]:
        """Read which searches were made, newest first."""
        return self._api.get("/v1/slices", params)

    def slice_search(self, search_id: str, params: Params) -> SliceSearch:
        """Read what one search found."""
        return cast("SliceSearch", self._api.get(f"/v1/slices/{_name(search_id)}", params))

    def performance(self, params: Params) -> Performance:
        """Read confidence, estimated and realised performance over time."""
        return cast("Performance", self._api.get("/v1/drift/performance", params))

    def calibration(self, params: Params) -> Calibration:
        """Read how often a model was right, by how sure it was."""
        return cast("Calibration", self._api.get("/v1/drift/calibration", params))

    def monitors(self, params: Params) -> dict[str, Any]:
        """Read every monitor with its state now."""
        return self._api.get("/v1/monitors", params)

    def results(self, monitor_id: str, params: Params) -> dict[str, Any]:
        """Read what a monitor found, window by window."""
        return self._api.get(f"/v1/monitors/{_name(monitor_id)}/results", params)

    def make_monitor(self, monitor: dict[str, Any]) -> dict[str, Any]:
        """Set up a monitor."""
        return self._post("/v1/monitors", monitor)

    def change_monitor(self, monitor_id: str, monitor: dict[str, Any]) -> dict[str, Any]:
        """Replace a monitor's definition; its earlier versions are kept."""
        path = f"/v1/monitors/{_name(monitor_id)}"
        return self._api.send(path, orjson.dumps(monitor), _JSON, {}, method="PUT")

    def remove_monitor(self, monitor_id: str, params: Params) -> None:
        """Take a monitor away; what it found is kept."""
        self._api.remove(f"/v1/monitors/{_name(monitor_id)}", params)

    def dry_run(self, monitor: dict[str, Any], window: Params) -> DryRun:
        """Say how often a monitor would have alarmed; nothing is stored."""
        tried = {"monitor": monitor, **window}
        found = self._post("/v1/monitors/dry-run", tried, timeout_s=_COMPUTING_S)
        return cast("DryRun", found)

    def incidents(self, params: Params) -> dict[str, Any]:
        """Read incidents, newest first."""
        return self._api.get("/v1/drift/incidents", params)

    def settle(self, incident_id: str, step: str, params: Params) -> dict[str, Any]:
        """Acknowledge or close an incident: `step` is `acknowledge` or `close`."""
        path = f"/v1/drift/incidents/{_name(incident_id)}/{step}"
        return self._api.send(path, b"{}", _JSON, params)

    def _post(
        self, path: str, body: dict[str, Any], *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        return self._api.send(path, orjson.dumps(body), _JSON, {}, timeout_s=timeout_s)


def _name(text: str) -> str:
    return quote(text, safe="")
