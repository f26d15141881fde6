"""`GET /v1/costs/report`: showback and chargeback as a file."""

from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from cost.api.asking import SumsQuery
from cost.parts import CostParts
from cost.reports.allocation import bearer
from cost.reports.conversion import RatesAt
from cost.reports.daily import day_of
from cost.reports.dimensions import FILTERS
from cost.reports.formats import FORMATS
from cost.reports.periods import Every, Period, containing, named
from cost.reports.question import Question, cut
from cost.reports.report import Order, ReportKind, build
from cost.reports.sums import Sums
from sql.errors import InvalidInputError
from web.principal import Reader
from web.render import timestamp
from web.window import Window

#: A page with data of tenants runs nothing, whatever their names say.
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}

#: Formats a report comes in.
FormatName = Literal["json", "csv", "parquet", "html"]


class ReportQuery(SumsQuery):
    """Which report."""

    #: `kind` is that of the report here.
    filterable: ClassVar[tuple[str, ...]] = tuple(key for key in FILTERS if key != "kind")

    from_: str = Field(
        "",
        alias="from",
        max_length=64,
        description="Start, included, where no period is named.",
        examples=["2026-11-01"],
    )
    period_: str = Field(
        "",
        alias="period",
        max_length=64,
        description="A month as 2026-11, a day as 2026-11-23, a week as 2026-W48, a quarter as "
        "2026-Q4, a year as 2026; UTC. Left out with `from`, this month until now.",
        examples=["2026-11"],
    )
    kind: ReportKind = Field(
        ReportKind.SHOWBACK,
        description="showback says what was spent; chargeback adds who bears what was shared.",
    )
    allocate: Literal["", "none", "proportional"] = Field(
        "",
        description="Of a chargeback: proportional spreads what has no project (else no user) over "
        "those of its tenant, by what they spent. Proportional where left out.",
    )
    format: FormatName = Field("json", description="json, csv, parquet, or html to read and print.")

    def period(self, now_ns: int) -> Window:
        """Resolve the window, from a period or from both ends."""
        if self.period_ and self.from_:
            raise InvalidInputError("period and from exclude each other.", field="period")
        if self.from_:
            return super().period(now_ns)
        return cut(self.calendar(now_ns).window(), self.as_of_ns(now_ns), now_ns)

    def calendar(self, now_ns: int) -> Period:
        """Give the period that is named, or this month."""
        return named(self.period_) if self.period_ else containing(Every.MONTHLY, day_of(now_ns))

    @property
    def allocates(self) -> bool:
        """Whether shared cost is spread."""
        if self.kind is ReportKind.SHOWBACK:
            if self.allocate == "proportional":
                raise InvalidInputError(
                    "A showback allocates nothing; use kind=chargeback.", field="allocate"
                )
            return False
        return self.allocate != "none"

    def order(self, question: Question, period: str) -> Order:
        """Order the report; raises InvalidInputError where nobody could bear what is shared."""
        if self.allocates:
            bearer(question)
        return Order(self.kind, question, period, self.allocates)

    def in_words(self, question: Question, now_ns: int) -> str:
        """Name the window as file names and titles do."""
        if not self.from_:
            return self.calendar(now_ns).name
        ends = (question.window.from_ns, question.window.to_ns)
        return "_".join(timestamp(end)[:19].replace(":", "") for end in ends)


class CostReports:
    """Writes reports."""

    def __init__(self, parts: CostParts, rates_at: RatesAt) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._sums = Sums(parts.store, rates_at)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        content: dict[str, Any] = {
            form.media_type.partition(";")[0]: {} for form in FORMATS.values()
        }
        router.get(
            "/v1/costs/report",
            response_class=Response,
            responses={200: {"description": "The report.", "content": content}},
        )(self.read_report)
        return router

    def read_report(self, reader: Reader, query: Annotated[ReportQuery, Query()]) -> Response:
        """Write what was spent, and who is to bear it, as JSON, CSV, Parquet or a page to print.

        Every figure has its coverage beside it. What has no price is missing from a cost and is
        never 0; it is an empty cell where a row has nothing else.
        """
        now = self._clock()
        question = query.question(reader, now)
        order = query.order(question, query.in_words(question, now))
        form = FORMATS[query.format]
        report = build(self._store, self._sums, order, now)
        place = "inline" if form.inline else "attachment"
        return StreamingResponse(
            form.write(report),
            media_type=form.media_type,
            headers={
                "Content-Disposition": f'{place}; filename="{form.named(order)}"',
                **SAFE_HEADERS,
            },
        )
