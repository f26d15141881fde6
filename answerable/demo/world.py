"""The simulated platform: its schools, services and models, and what goes wrong there.

Schools are the tenants. Everything here is data; the ground truth of the incident is `INCIDENT`:
in the minutes 5 to 10, 20 to 25, 35 to 40 and 50 to 55 of every hour (UTC) the gradebook of
`riverside-academy` alone answers with version 2.4 of its interface. Grades then come on a scale
of 0 to 4 instead of 0 to 100, a third of its calls are rate limited, and some are reported as
`schema_changed`. The essay grader of that school sees `prior_grade` below 5, loses about 0.3 of
its confidence, and sends most essays to a teacher. No other school and no other feature changes.

There are two incidents of cost. `COST_INCIDENT`: in the minutes 10 to 14 of every quarter of an
hour the tutor of `northgate-high` alone answers with version 13 of its prompt, which is three
times as long and is never read from the cache. `DIGEST_PROMPT`: for the last five nights the class
digests of the same school come from version 5 of their prompt, with twice the text and hardly any
of it from the cache. Nothing else about cost changes but how much is asked.

There is one drift. `TRIAGE_CHANGE`: before a teacher reads an essay, a model of the platform's own
decides whether it is ready. For the last four days pupils who are new to the country hand in theirs
at the campus `harbour` of `riverside-academy`: fewer essays there are in English, many are in
Ukrainian, which the model never saw. It is less sure of those, and even that is too sure: of ten it
gets three more wrong than it says. Its other features, the other campuses and the other school
stay as they are. What was right is known one to three days later, of most essays.
"""

from __future__ import annotations

from dataclasses import dataclass

NS = 1_000_000_000
HOUR_NS = 3600 * NS
DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True, slots=True)
class School:
    """A tenant.

    Parameters
    ----------
    id
        The tenant's name, sent as `tenant.id`.
    share
        Weight of its traffic against the other schools'.
    mean_grade
        Mean of its pupils' earlier grades, 0 to 100.
    languages
        Language of an essay and its weight.
    rubric
        Version of the prompt it grades with.
    pupils
        How many write to the tutor; they are the users that costs are told apart by.
    """

    id: str
    share: float
    mean_grade: float
    languages: tuple[tuple[str, float], ...]
    rubric: str = "7"
    pupils: int = 24


@dataclass(frozen=True, slots=True)
class Model:
    """A model in use.

    Parameters
    ----------
    provider
        OpenTelemetry's name of the provider; empty for one that runs on the platform itself.
    latency_ms
        Median time of one call, in milliseconds.
    reasons
        Whether part of its output goes on reasoning.
    """

    name: str
    version: str
    provider: str
    latency_ms: float
    reasons: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the platform: its OpenTelemetry resource."""

    name: str
    version: str
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault that comes back: at one school, in the same minutes of every period.

    Parameters
    ----------
    period_min, from_min, to_min
        Minutes: how often it comes, and from when to when within the period.
    """

    school: str
    period_min: int
    from_min: int
    to_min: int

    def active(self, school: str, time_ns: int) -> bool:
        """Whether a school has it at a time, in nanoseconds since 1970."""
        minute = time_ns / (60 * NS) % self.period_min
        return school == self.school and self.from_min <= minute < self.to_min


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a model is asked for: what its cost is told apart by."""

    project: str
    feature: str
    prompt: str
    version: str


@dataclass(frozen=True, slots=True)
class Interface:
    """A version of the gradebook's interface and the digest of what it answers."""

    version: str
    schema_hash: str
    top_grade: float


SCHOOLS: tuple[School, ...] = (
    School("northgate-high", 0.38, 71.0, (("en", 0.94), ("es", 0.06))),
    School("riverside-academy", 0.27, 66.0, (("en", 0.80), ("es", 0.20))),
    School("lakeview-primary", 0.20, 74.0, (("en", 0.97), ("fr", 0.03)), rubric="8"),
    School("st-brigid", 0.15, 69.0, (("en", 0.88), ("fr", 0.12))),
)

GATEWAY = Service("lms-gateway", "1.12.0")
FEEDBACK = Service("feedback-service", "3.4.1")
GRADEBOOK = Service("gradebook-sync", "0.9.7")
TUTOR = Service("tutor-chat", "2.1.0")
DIGEST = Service("class-digest", "1.4.0")
TRIAGE_SERVICE = Service("essay-triage", "1.4.0")
SERVICES: tuple[Service, ...] = (GATEWAY, FEEDBACK, GRADEBOOK, TUTOR, DIGEST, TRIAGE_SERVICE)

GPT_MINI = Model("gpt-5-mini", "2025-08-07", "openai", 900.0, reasons=True)
SONNET = Model("claude-sonnet-4-5", "20250929", "anthropic", 1200.0)
HAIKU = Model("claude-haiku-4-5", "20251001", "anthropic", 600.0)
GEMINI = Model("gemini-2.5-flash", "2025-06", "gcp.vertex_ai", 700.0)
#: No price list knows it, so what it costs is unknown and shown as such.
LEXI = Model("lexi-large-2", "2026-10", "lexi-labs", 800.0)
RUBRIC_BERT = Model("rubric-bert", "2.3.0", "", 45.0)
SAFETY = Model("safety-classifier", "1.6.2", "", 12.0)
RISK = Model("risk-gbm", "3.1.0", "", 6.0)
TRIAGE = Model("essay-triage", "1.4.0", "", 18.0)
MODELS: tuple[Model, ...] = (
    GPT_MINI,
    SONNET,
    HAIKU,
    GEMINI,
    LEXI,
    RUBRIC_BERT,
    SAFETY,
    RISK,
    TRIAGE,
)

GRADING = Purpose("grading", "essay-feedback", "essay-rubric", "7")
TUTORING = Purpose("tutoring", "chat-tutor", "socratic-tutor", "12")
DIGESTS = Purpose("class-digests", "weekly-digest", "class-digest", "4")

GRADEBOOK_USUAL = Interface("2.3", "9f2c61d0", 100.0)
GRADEBOOK_CHANGED = Interface("2.4", "4be07a13", 4.0)

INCIDENT = Incident("riverside-academy", period_min=15, from_min=5, to_min=10)

COST_INCIDENT = Incident("northgate-high", period_min=15, from_min=10, to_min=14)
#: The prompt that is out in those minutes.
COST_PROMPT = "13"

DIGEST_CHANGE_DAYS = 5
#: The prompt of the digests since then.
DIGEST_PROMPT = "5"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that stays: at one campus of a school, from some days before the start on.

    Parameters
    ----------
    languages
        Language of an essay and its weight, from then on.
    unknown
        The language the model never saw, and by how much it is too sure of it, 0 to 1.
    """

    school: str
    campus: str
    days: int
    languages: tuple[tuple[str, float], ...]
    unknown: tuple[str, float]


#: Essays a school hands in on a school day, and its campuses with their weights.
TRIAGE_SCHOOLS: dict[str, tuple[int, tuple[tuple[str, float], ...]]] = {
    "riverside-academy": (260, (("main", 0.4), ("harbour", 0.4), ("evening", 0.2))),
    "northgate-high": (140, (("north", 0.7), ("annex", 0.3))),
}
TRIAGE_CHANGE = Change(
    "riverside-academy",
    "harbour",
    days=4,
    languages=(("en", 0.25), ("es", 0.30), ("uk", 0.45)),
    unknown=("uk", 0.3),
)

#: Below this confidence a teacher decides.
HUMAN_BELOW = 0.68
