"""Settings of the cost meter."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CostSettings(BaseSettings):
    """How charges are priced, summed up and reported."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERABLE_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    cost_jobs: bool = Field(
        True,
        description="Whether this process restates and sums up charges; let one of several do.",
    )
    cost_jobs_concurrent: int = Field(
        2, ge=1, le=64, description="Jobs that use the store at one time, of `store_handles`."
    )
    rollup_interval_s: float = Field(
        60.0, gt=0, le=3600, description="Seconds between two looks at what could be summed up."
    )
    rollup_rows_min: int = Field(
        200_000,
        ge=1,
        le=100_000_000,
        description="Charges booked since the last sums that are reason for the next.",
    )
    rollup_age_s: float = Field(
        900.0, ge=0, le=86_400, description="Seconds after which fewer charges are summed up too."
    )
    rollup_lag_s: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="Seconds an insert may take until its charges are summed up.",
    )
    restatement_interval_s: float = Field(
        2.0,
        gt=0,
        le=3600,
        description="Seconds between two looks for a newly published price book.",
    )
    restatement_rows_max: int = Field(
        2_000_000,
        ge=1,
        le=1_000_000_000,
        description="Charges restated by one statement, beyond an hour.",
    )
    estimate_names_max: int = Field(
        10_000,
        ge=1,
        description="Tenants' models whose prices are held in memory for estimates.",
    )
    estimate_refresh_s: float = Field(
        2.0, gt=0, le=300, description="Seconds until estimates notice a newer price book."
    )
    billing_account_id: str = Field(
        "default",
        min_length=1,
        max_length=200,
        description="BillingAccountId of FOCUS exports: the account that providers bill.",
    )
    billing_account_name: str = Field(
        "", max_length=200, description="Its name, BillingAccountName; empty for none."
    )
    billing_close_days: int = Field(
        5,
        ge=0,
        le=60,
        description="Days after a month until its billing period closes; what is booked about it "
        "later is a correction.",
    )
    focus_correction_months: int = Field(
        13,
        ge=0,
        le=120,
        description="Months before a billing period that its export looks for corrections in.",
    )
    explain_rows_max: int = Field(
        20_000,
        ge=1,
        le=1_000_000,
        description="Kinds of calls an explanation tells apart; with more, the smaller values of "
        "every dimension are taken as one.",
    )
    explain_values_kept: int = Field(
        20, ge=1, le=1000, description="Values of a dimension that are then still told apart."
    )
    usage_interval_s: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Seconds between two looks for doubles and for repeats to adopt.",
    )
    usage_lookback_s: float = Field(
        172_800.0, ge=60, le=31_536_000, description="Seconds back in time that those looks reach."
    )
    double_window_s: float = Field(
        3600.0, ge=0, le=86_400, description="Seconds between two reports of what can be one call."
    )
    aggregate_settle_s: float = Field(
        900.0,
        ge=0,
        le=86_400,
        description="Seconds after which usage only an agent reported is adopted.",
    )
    adoption_traces_max: int = Field(
        1000, ge=1, le=100_000, description="Traces adopted by one statement."
    )
    price_list_import: bool = Field(
        True,
        description="Whether the job imports the price list that comes with genai-prices at start.",
    )
    price_interval_s: float = Field(
        10.0, gt=0, le=3600, description="Seconds between two looks for models without a price."
    )
    price_sighting_window_s: float = Field(
        7 * 86_400.0,
        gt=0,
        description="Seconds back that a first look after a start for such models goes.",
    )
    price_names_max: int = Field(
        100_000, ge=1, description="Models whose prices are published, and as many without one."
    )
    price_points_max: int = Field(
        1_000_000, ge=1, description="Prices of one published version of the price book."
    )
    price_rows_max: int = Field(500_000, ge=1, description="Rows of the price book.")
    price_versions_min: int = Field(
        3, ge=2, description="Published versions of the price book kept at least."
    )
    invoice_max_mib: int = Field(
        32, ge=1, le=1024, description="Largest invoice file that is imported, in MiB."
    )
    invoice_lines_max: int = Field(
        200_000, ge=1, le=5_000_000, description="Most lines of an invoice file."
    )
    whatif_rows_max: int = Field(
        1_000_000,
        ge=1,
        le=50_000_000,
        description="Most charges a what-if replays one by one against a budget.",
    )

    report_dir: Path = Field(
        Path("data/reports"), description="Directory that scheduled reports are written to."
    )
    report_interval_s: float = Field(
        60.0, gt=0, le=3600, description="Seconds between two looks for reports that are due."
    )
    report_delay_s: float = Field(
        3600.0,
        ge=0,
        le=86_400,
        description="Seconds from the end of a period to its report, for charges that come late.",
    )
    budget_dir: Path = Field(
        Path("data/budgets"), description="Where one process keeps the journal of its budgets."
    )
    budget_redis_url: SecretStr | None = Field(
        None,
        description="Address of the Redis or Valkey in which several processes share budgets, as "
        "redis://:password@host:6379/0. Left out, one process keeps them in memory with a journal.",
    )
    budget_redis_prefix: str = Field(
        "answerable", max_length=64, description="What every key of budgets in Redis begins with."
    )
    budget_redis_timeout_s: float = Field(
        2.0, gt=0, le=60, description="Longest wait for Redis, in seconds; beyond it: 503."
    )
    budget_events_max: int = Field(
        1_000_000,
        ge=1000,
        description="Events in Redis that wait for the history; oldest go first.",
    )
    budgets_max: int = Field(10_000, ge=1, le=1_000_000, description="Most budgets there may be.")
    budget_reservations_max: int = Field(
        100_000,
        ge=100,
        le=10_000_000,
        description="Reservations kept in memory, finished ones included; the oldest of those go "
        "first. While all are open: 503.",
    )
    budget_ttl_default_s: int = Field(
        120, ge=1, description="Life of a reservation that no budget counts, in seconds."
    )
    budget_ttl_max_s: int = Field(
        3600, ge=1, le=86_400, description="Longest life of a reservation, in seconds."
    )
    budget_keep_s: int = Field(
        172_800,
        ge=86_400,
        le=2_592_000,
        description="Seconds a finished reservation is kept, to answer a repeat and to know its "
        "telemetry; at least the longest life.",
    )
    budget_refresh_interval_s: float = Field(
        2.0, gt=0, le=600, description="Seconds until a budget changed by another process holds."
    )
    budget_charges_interval_s: float = Field(
        15.0, gt=0, le=3600, description="Seconds between two looks at what telemetry charged."
    )
    budget_charges_lag_s: float = Field(
        60.0, ge=0, le=3600, description="Seconds an insert may take until its charges are seen."
    )
    budget_reseed_interval_s: float = Field(
        21_600.0,
        ge=60,
        description="Seconds until all charges of a budget's window are read anew, which brings "
        "in what an insert longer than the lag left out.",
    )
    budget_span_interval_s: float = Field(
        5.0, gt=0, le=3600, description="Seconds between two looks for spans of open reservations."
    )
    budget_span_quiet_s: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="Seconds without telemetry of a trace until its reservation is settled by it.",
    )
    budget_watch_interval_s: float = Field(
        5.0, gt=0, le=3600, description="Seconds between two looks for crossed thresholds."
    )
    budget_history_interval_s: float = Field(
        5.0, gt=0, le=3600, description="Seconds until what happened is in the history."
    )
    budget_history_batch: int = Field(
        10_000, ge=1, le=1_000_000, description="Events brought into the history at once."
    )
    budget_segment_mib: int = Field(
        16, ge=1, le=1024, description="Size of a segment of the journal, in MiB."
    )
    budget_journal_max_mib: int = Field(
        1024, ge=16, le=1_048_576, description="Journal kept while the store is away, in MiB."
    )
    verification_interval_s: float = Field(
        3600.0,
        gt=0,
        le=604_800,
        description="Seconds between two comparisons of sums with charges.",
    )
    verification_days: int = Field(
        2, ge=1, le=31, description="Days, today's included, whose sums are compared."
    )
    commitment_interval_s: float = Field(
        3600.0, gt=0, description="Seconds between two looks for commitments that fell short."
    )
    commitment_grace_s: float = Field(
        3 * 86_400.0, ge=0, description="Seconds after a month's end until its shortfall is booked."
    )
    commitment_window_s: float = Field(
        124 * 86_400.0,
        gt=0,
        description="Seconds back to the start of the months whose shortfall still follows their "
        "charges.",
    )
