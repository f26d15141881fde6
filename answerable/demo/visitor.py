"""A client of the service's API, as the demo uses it."""

from __future__ import annotations

import httpx


def visitor(endpoint: str, key: str, timeout_s: float) -> httpx.Client:
    """Reach the API at the address telemetry goes to; no proxy leads to this machine."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=endpoint, headers=headers, timeout=timeout_s, trust_env=False)
