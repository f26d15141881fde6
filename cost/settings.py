"""Settings of the cost meter."""

from __future__ import annotations

from pydantic import Field
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
