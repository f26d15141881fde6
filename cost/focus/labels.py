"""Names FOCUS asks for that telemetry does not carry: who sells, who made a model, what a meter is.

Providers are named by the values of `gen_ai.provider.name`. A name that is not listed stands for
itself, so nothing is lost; a model nobody knows has no developer and no family.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells a service, and as what.

    Parameters
    ----------
    host
        Whose infrastructure it runs on; the seller's own unless said otherwise.
    """

    name: str
    service: str
    host: str = ""

    @property
    def host_name(self) -> str:
        """The host's name."""
        return self.host or self.name


SELLERS = {
    "anthropic": Seller("Anthropic", "Claude API"),
    "aws.bedrock": Seller("Amazon Web Services", "Amazon Bedrock"),
    "azure.ai.inference": Seller("Microsoft", "Azure AI Inference"),
    "azure.ai.openai": Seller("Microsoft", "Azure OpenAI"),
    "cohere": Seller("Cohere", "Cohere API"),
    "deepseek": Seller("DeepSeek", "DeepSeek API"),
    "gcp.gemini": Seller("Google", "Gemini API"),
    "gcp.gen_ai": Seller("Google", "Google Generative AI"),
    "gcp.vertex_ai": Seller("Google", "Vertex AI"),
    "groq": Seller("Groq", "Groq API"),
    "ibm.watsonx.ai": Seller("IBM", "watsonx.ai"),
    "mistral_ai": Seller("Mistral AI", "Mistral API"),
    "openai": Seller("OpenAI", "OpenAI API"),
    "perplexity": Seller("Perplexity", "Perplexity API"),
    "x_ai": Seller("xAI", "xAI API"),
}

#: Use that names no provider: own machines, connectors.
_NOBODY = Seller("Unspecified", "Unspecified")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model's name says about it; empty where it says nothing."""

    developer: str
    family: str
    version: str


#: How model names begin, whose they are, and the family's name.
_FAMILIES = (
    ("claude", "Anthropic", "Claude"),
    ("chatgpt", "OpenAI", "GPT"),
    ("gpt", "OpenAI", "GPT"),
    ("o1", "OpenAI", "o-series"),
    ("o3", "OpenAI", "o-series"),
    ("o4", "OpenAI", "o-series"),
    ("text-embedding", "OpenAI", "Embedding"),
    ("gemini", "Google", "Gemini"),
    ("gemma", "Google", "Gemma"),
    ("llama", "Meta", "Llama"),
    ("mistral", "Mistral AI", "Mistral"),
    ("mixtral", "Mistral AI", "Mixtral"),
    ("codestral", "Mistral AI", "Codestral"),
    ("ministral", "Mistral AI", "Ministral"),
    ("magistral", "Mistral AI", "Magistral"),
    ("command", "Cohere", "Command"),
    ("grok", "xAI", "Grok"),
    ("deepseek", "DeepSeek", "DeepSeek"),
    ("qwen", "Alibaba Cloud", "Qwen"),
    ("nova", "Amazon", "Nova"),
    ("titan", "Amazon", "Titan"),
    ("phi", "Microsoft", "Phi"),
    ("granite", "IBM", "Granite"),
    ("jamba", "AI21 Labs", "Jamba"),
    ("kimi", "Moonshot AI", "Kimi"),
    ("glm", "Z.ai", "GLM"),
)

#: Bedrock puts region and developer in front, routers a developer and a slash.
_PREFIX = re.compile(
    r"(?:.*/)?(?:(?:us|eu|apac|global)\.)?"
    r"(?:(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.)?",
    re.ASCII,
)
_DATE = re.compile(r"[-@](20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))", re.ASCII)

#: Meter -> (SkuMeter, direction, what the cache did).
_METERS = {
    "input": ("Input Tokens", "Input", "Uncached"),
    "input_audio": ("Audio Input Tokens", "Input", "Uncached"),
    "cache_read": ("Cache Read Input Tokens", "Input", "Read"),
    "cache_write": ("Cache Write Input Tokens", "Input", "Write"),
    "cache_write_1h": ("1-Hour Cache Write Input Tokens", "Input", "Write"),
    "output": ("Output Tokens", "Output", ""),
    "reasoning": ("Reasoning Output Tokens", "Output", ""),
    "output_audio": ("Audio Output Tokens", "Output", ""),
}

#: Names others give these meters.
_OTHER_LABELS = {
    "cached input tokens": "cache_read",
    "cache read tokens": "cache_read",
    "cache write tokens": "cache_write",
    "requests": "requests",
}

#: Unit -> (ConsumedUnit, PricingUnit, consumed units in one pricing unit).
_UNITS = {
    "tokens": ("Tokens", "1000000 Tokens", 1_000_000),
    "requests": ("Requests", "Requests", 1),
    "calls": ("Calls", "Calls", 1),
    "seconds": ("Seconds", "Seconds", 1),
    "bytes": ("B", "B", 1),
    "count": ("Counts", "Counts", 1),
}


def seller(provider: str) -> Seller:
    """Give who sells under a provider's name."""
    if not provider:
        return _NOBODY
    return SELLERS.get(provider.lower()) or Seller(provider, provider)


def model_facts(model: str) -> ModelFacts:
    """Read developer, family and dated version out of a model's name.

    >>> model_facts("us.anthropic.claude-sonnet-4-20250514-v1:0")
    ModelFacts(developer='Anthropic', family='Claude', version='20250514')
    """
    bare = _bare(model)
    dated = _DATE.search(bare)
    version = dated[1] if dated else ""
    for begins, developer, family in _FAMILIES:
        if bare.startswith(begins):
            return ModelFacts(developer, family, version)
    return ModelFacts("", "", version)


def undated(model: str) -> str:
    """Give a model's name without its seller's prefix and its date: what two names may share."""
    return _DATE.split(_bare(model), maxsplit=1)[0]


def _bare(model: str) -> str:
    lowered = model.strip().lower()
    prefix = _PREFIX.match(lowered)
    return lowered[prefix.end() :] if prefix else lowered


def sku_meter(meter: str) -> str:
    """Give a meter's name as an invoice would have it."""
    known = _METERS.get(meter)
    return known[0] if known else meter.replace("_", " ").strip().title()


def token_facts(meter: str) -> tuple[str, str]:
    """Give (direction, cache action) of a token meter; empty where they do not apply."""
    known = _METERS.get(meter)
    return (known[1], known[2]) if known else ("", "")


def units(unit: str) -> tuple[str, str, int]:
    """Give (consumed unit, pricing unit, consumed units in one pricing unit)."""
    named = unit.replace("_", "-").title() or "Counts"
    return _UNITS.get(unit, (named, named, 1))


def meter_named(label: str) -> str:
    """Give the meter a SkuMeter names; empty for a name that is not one of these."""
    named = label.strip().lower()
    for meter, (known, _, _) in _METERS.items():
        if known.lower() == named:
            return meter
    return _OTHER_LABELS.get(named, "")
