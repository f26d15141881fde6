"""Providers: the names telemetry and price lists have for one, and where else prices are found."""

from __future__ import annotations

#: What charges rename when they read a span; keys as reported.
REPORTED = {
    "az.ai.openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "vertex_ai": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "xai": "x_ai",
}

#: A price list's provider -> what OpenTelemetry's gen_ai.provider.name calls it.
CONVENTIONAL: dict[str, tuple[str, ...]] = {
    "anthropic": (),
    "aws": ("aws.bedrock",),
    "azure": ("azure.ai.openai", "azure.ai.inference"),
    "cohere": (),
    "deepseek": (),
    "google": ("gcp.vertex_ai", "gcp.gemini", "gcp.gen_ai"),
    "groq": (),
    "ibm.watsonx.ai": (),
    "mistral": ("mistral_ai",),
    "moonshotai": ("moonshot_ai",),
    "openai": (),
    "perplexity": (),
    "x-ai": ("x_ai",),
}

#: Other spellings that libraries send -> the price list's provider.
SPELLINGS = {
    "amazon": "aws",
    "amazon-bedrock": "aws",
    "amazon_bedrock": "aws",
    "aws_bedrock": "aws",
    "aws-bedrock": "aws",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure-openai": "azure",
    "azure openai": "azure",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "azureopenai": "azure",
    "azure-ai-foundry": "azure",
    "claude": "anthropic",
    "cohere_ai": "cohere",
    "deep_seek": "deepseek",
    "fireworks_ai": "fireworks",
    "fireworks-ai": "fireworks",
    "gemini": "google",
    "google-genai": "google",
    "google-gla": "google",
    "google-vertex": "google",
    "google_genai": "google",
    "google_vertexai": "google",
    "google.generative-ai": "google",
    "google.vertex": "google",
    "google_generative_ai": "google",
    "vertex": "google",
    "vertex_ai": "google",
    "vertexai": "google",
    "github_copilot": "github-copilot",
    "copilot": "github-copilot",
    "grok": "x-ai",
    "x.ai": "x-ai",
    "xai": "x-ai",
    "mistralai": "mistral",
    "kimi": "moonshotai",
    "moonshot": "moonshotai",
    "open_router": "openrouter",
    "perplexity_ai": "perplexity",
    "perplexityai": "perplexity",
    "pplx": "perplexity",
    "together-ai": "together",
    "together_ai": "together",
    "togetherai": "together",
    "voyage": "voyageai",
    "voyage_ai": "voyageai",
    "watsonx": "ibm.watsonx.ai",
    "ibm_watsonx_ai": "ibm.watsonx.ai",
    "z.ai": "zai",
    "z_ai": "zai",
    "zhipu": "zhipuai",
    "workers_ai": "cloudflare",
}

#: Whose prices hold where a provider has none of its own for a model, in order.
FALLBACKS: dict[str, tuple[str, ...]] = {
    "azure": ("openai", "anthropic", "deepseek", "x-ai", "moonshotai"),
    "google": ("anthropic",),
}

#: Those who develop models: a span without a provider is priced by the one that has its model.
DEVELOPERS = (
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "minimax",
    "mistral",
    "moonshotai",
    "openai",
    "perplexity",
    "voyageai",
    "x-ai",
    "zhipuai",
)

#: In the price book: any provider.
ANY = "*"

_LISTED = {
    **SPELLINGS,
    **{name: listed for listed, names in CONVENTIONAL.items() for name in names},
}


def reported(provider: str) -> str:
    """Give a provider as charges name it."""
    return REPORTED.get(provider, provider)


def listed(provider: str) -> str:
    """Give the price list's provider for a spelling; one it does not know stands for itself."""
    return _LISTED.get(provider, provider)


def recorded(provider: str) -> str:
    """Give a provider as the price book has it.

    A conventional name stays where the price list has several under one, for there a price may
    hold for one of them alone: gcp.vertex_ai, azure.ai.openai.
    """
    name = reported(provider.strip()).lower()
    conventional = CONVENTIONAL.get(listed(name), ())
    return name if len(conventional) > 1 and name in conventional else listed(name)


def direct(provider: str) -> tuple[str, ...]:
    """Whose rows of the book may price a span that names this provider, closest first."""
    return tuple(dict.fromkeys((provider, listed(provider), ANY)))


def fallbacks(provider: str) -> tuple[str, ...]:
    """Whose rows may where none of those has a price for its model, in order."""
    return FALLBACKS.get(listed(provider), ())


def spellings(recorded_as: str) -> tuple[str, ...]:
    """Names under which rows of a provider are published before any span was seen.

    The empty one is for spans that name none.
    """
    own = (recorded_as, *CONVENTIONAL.get(recorded_as, ()))
    others = [
        name
        for provider, behind in FALLBACKS.items()
        if recorded_as in behind
        for name in (provider, *CONVENTIONAL.get(provider, ()))
    ]
    return (*own, *others, *([""] if recorded_as in DEVELOPERS else []))
