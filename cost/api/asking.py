"""Parameters that questions about costs share, and how they become a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from cost.prices.currencies import currency as known_currency
from cost.reports.dimensions import FILTERS, GROUPS, groups_named, source_of
from cost.reports.question import Question, cut, known
from sql.access import Principal
from sql.errors import InvalidInputError
from web import pages, window
from web.parameters import ListQuery, TenantQuery, Text, WindowQuery

#: How the standard service tier is written in a filter; charges leave it empty.
STANDARD_TIER = "standard"


class FilterQuery(TenantQuery):
    """Which charges: until when, known when, with which values."""

    #: Keys that can be filtered by.
    filterable: ClassVar[tuple[str, ...]] = FILTERS

    as_of: str = Field(
        "",
        max_length=64,
        description="Leaves out what happened after this time. Written like `from`.",
        examples=["2026-11-15T12:00:00Z"],
    )
    known_at: str = Field(
        "",
        max_length=64,
        description="Answers as it was known at this time: without what was booked or corrected "
        "later. Now where left out. Written like `from`.",
        examples=["2026-11-15T12:00:00Z"],
    )
    user: Text = Field("", examples=["user-7"])
    project: Text = Field("", examples=["grading"])
    provider: Text = Field("", examples=["openai"])
    model: Text = Field("", examples=["gpt-5-mini"])
    prompt: Text = Field("", description="Name of the prompt.", examples=["rubric"])
    prompt_version: Text = Field("", examples=["7"])
    feature: Text = Field("", examples=["feedback"])
    connector: Text = Field("", examples=["gradebook"])
    service: Text = Field("", examples=["grader"])
    environment: Text = Field("", examples=["production"])
    operation: Text = Field("", examples=["chat"])
    meter: Text = Field("", examples=["input"])
    tier: Text = Field("", description="`standard` is the one that costs the plain price.")
    kind: Text = Field(
        "",
        description="usage, late_price, correction, adopted, reversed or shortfall.",
        examples=["correction"],
    )
    missing: Text = Field(
        "",
        description="Comma list of keys that must be empty, such as charges without a project.",
        examples=["project"],
    )

    @property
    def filters(self) -> dict[str, str]:
        """What is filtered by; raises InvalidInputError for a key that cannot be missing."""
        given = {key: str(getattr(self, key)) for key in self.filterable if getattr(self, key)}
        if given.get("tier") == STANDARD_TIER:
            given["tier"] = ""
        for key in (name.strip() for name in self.missing.split(",") if name.strip()):
            if key not in self.filterable or key in given:
                raise InvalidInputError(
                    f"missing names {key!r}; use keys that are not filtered by otherwise, of "
                    f"{', '.join(self.filterable)}.",
                    field="missing",
                )
            given[key] = ""
        return given

    def as_of_ns(self, now_ns: int) -> int | None:
        """Read `as_of`."""
        return window.instant(self.as_of, now_ns, "as_of") if self.as_of else None

    def known_ns(self, now_ns: int) -> int:
        """Read `known_at`."""
        at = window.instant(self.known_at, now_ns, "known_at") if self.known_at else None
        return known(at, now_ns)


class ChargesQuery(FilterQuery, WindowQuery):
    """Which charges of a window."""

    from_: str = Field(
        "-30d",
        alias="from",
        max_length=64,
        description="Start, included: RFC 3339, unix seconds or nanoseconds, or relative to now.",
        examples=["2026-11-01", "-7d"],
    )

    def period(self, now_ns: int) -> window.Window:
        """Resolve the window, without what happened after `as_of`."""
        return cut(self.window(now_ns), self.as_of_ns(now_ns), now_ns)


class SumsQuery(ChargesQuery):
    """Which charges, summed how."""

    group_by: Text = Field(
        "tenant",
        description=f"Comma list of {', '.join(GROUPS)}; `none` for one sum. Users are kept by day "
        "and go with month, day, tenant, project, provider, model, meter and kind only.",
        examples=["tenant,model"],
    )
    currency: str = Field(
        "",
        max_length=64,
        description="Converts everything to this currency at the rate of the day it was spent. "
        "Left out, there is a sum for each.",
        examples=["EUR"],
    )

    def question(self, reader: Principal, now_ns: int, *, resumes: bool = False) -> Question:
        """Check the parameters.

        Parameters
        ----------
        resumes
            Whether a cursor brings the window.

        Raises
        ------
        InvalidInputError
            Names the parameter at fault.
        ForbiddenError
            For a tenant outside the reader's scope.
        """
        covered = window.Window(0, 0) if resumes else self.period(now_ns)
        known_ns = now_ns if resumes else self.known_ns(now_ns)
        return self.of(reader.scope(self.chosen), covered, known_ns)

    def of(self, tenants: Sequence[str], covered: window.Window, known_ns: int) -> Question:
        """Ask about a window, for tenants that were checked; none means all."""
        groups = () if self.group_by == "none" else groups_named(self.group_by)
        filters = self.filters
        return Question(
            window=covered,
            known_ns=known_ns,
            tenants=tuple(tenants),
            groups=groups,
            filters=filters,
            source=source_of(groups, filters),
            currency=known_currency(self.currency) if self.currency else None,
        )


class SumsPageQuery(SumsQuery, ListQuery):
    """A page of such sums."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that was asked for.

    Parameters
    ----------
    name
        Of the list; a cursor of another is refused.
    as_of_ns
        As the first page had it; None for no bound.
    after
        Sort key of the last row of the page before; empty before the first.
    """

    name: str
    question: Question
    as_of_ns: int | None
    after: tuple[str, ...]

    def cursor(self, last: tuple[str, ...]) -> str:
        """Write where the next page starts, with this one's window and what was known."""
        key: tuple[int | str, ...] = (self.question.known_ns, self.as_of_ns or 0, *last)
        return pages.next_cursor(self.name, self.question.window, key)


def asked(list_name: str, reader: Principal, query: SumsPageQuery, now_ns: int) -> Asked:
    """Check what is asked for; a cursor brings the window and the time of the first page.

    Parameters
    ----------
    list_name
        Sums grouped another way are a list of their own.
    """
    question = query.question(reader, now_ns, resumes=bool(query.cursor))
    name = f"{list_name} by {','.join(question.groups)} in {question.currency or 'each currency'}"
    if not query.cursor:
        return Asked(name, question, query.as_of_ns(now_ns), ())
    kinds = (int, int, *(str,) * len(question.source.keys))
    held = pages.position(name, query, kinds, now_ns)
    known_ns, as_of_ns, *after = held.after or ()
    resumed = question.at(held.window, int(known_ns))
    return Asked(name, resumed, int(as_of_ns) or None, tuple(str(text) for text in after))
