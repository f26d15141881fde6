"""Providers: the names telemetry and price lists have for one, and where else prices are found."""

from __future__ import annotations

#: What charges rename when they read a span; keys as reported, in lower case.
REPORTED = {
    "az.ai.openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "vertex_ai": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "xai": "x_ai",
}


def reported(provider: str) -> str:
    """Give a provider as charges name it."""
    return REPORTED.get(provider, provider)
