"""Settings of drift detection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from drift.monitors import variables


class DriftSettings(BaseSettings):
    """How observations are counted, compared and watched."""

    model_config = SettingsConfigDict(
        env_prefix="ANSWERABLE_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    drift_jobs: bool = Field(
        True,
        description="Whether this process counts and watches features; let one of several do.",
    )
    drift_jobs_concurrent: int = Field(
        1, ge=1, le=64, description="Drift jobs that use the store at one time, of `store_handles`."
    )
    drift_engine: Literal["auto", "numpy", "cupy"] = Field(
        "auto", description="What computes kernels and slices; `auto` chooses by size."
    )
    drift_gpu_values_min: int = Field(
        50_000, ge=1, description="Fewest values of one launch for which `auto` takes the GPU."
    )
    drift_threads: int = Field(
        2, ge=1, le=256, description="Threads that compute one block, where the processor does."
    )
    cube_interval_s: float = Field(
        15.0,
        gt=0,
        le=3600,
        description="Seconds between two runs that count what came since the run before; more "
        "where a run takes long, so that counting uses at most about a quarter of the time.",
    )
    cube_lag_s: float = Field(
        10.0,
        ge=0,
        le=3600,
        description="Seconds an insert may take to be seen; what was received later waits.",
    )
    cube_hours_max: int = Field(
        48,
        ge=1,
        le=10_000,
        description="Hours of one reference counted in one statement, and those of its history "
        "filled in by one run.",
    )
    reference_features_max: int = Field(
        1000, ge=1, le=10_000, description="Features of one reference."
    )
    reference_decisions_max: int = Field(
        2_000_000,
        ge=1000,
        le=1_000_000_000,
        description="Decisions of one reference's window; a longer window is refused.",
    )
    reference_values_max: int = Field(
        50_000_000,
        ge=1000,
        le=100_000_000_000,
        description="Values of all features of one reference's window together; a window with more "
        "is refused, as it would be sorted while somebody waits.",
    )
    slice_values_max: int = Field(
        50,
        ge=1,
        le=10_000,
        description="Values of one dimension that are a slice of their own, the first seen in "
        "order of traffic; the rest is one slice together.",
    )
    sample_rows_max: int = Field(
        1_000_000,
        ge=1000,
        le=100_000_000,
        description="Raw values of one feature read for an exact statistic; of more, those that "
        "the hash of the decision's id draws.",
    )
    labels_batch_max: int = Field(
        10_000, ge=1, le=100_000, description="Labels one request may bring."
    )
    labels_match_days: int = Field(
        90,
        ge=1,
        le=20_000,
        description="Days back in which the decisions of labels are looked for when their state is "
        "told; the comparison itself joins whatever window is asked for.",
    )
    labels_late_s: float = Field(
        2_592_000.0,
        ge=0,
        le=31_536_000,
        description="Windows that ended within this time are judged again by monitors of "
        "performance and calibration when labels come.",
    )
    performance_rows_max: int = Field(
        2_000_000,
        ge=1000,
        le=100_000_000,
        description="Decisions an estimate of performance reads; of more it takes a share by the "
        "hash of their ids, and says so.",
    )
    performance_steps_max: int = Field(
        400, ge=1, le=100_000, description="Steps one answer about performance may have."
    )
    performance_calibration_rows_max: int = Field(
        50_000,
        ge=1000,
        le=10_000_000,
        description="Labelled decisions confidence is calibrated on; of more a share by the hash "
        "of their ids.",
    )
    performance_weights_rows_max: int = Field(
        5_000,
        ge=100,
        le=1_000_000,
        description="Decisions of a step that the baseline is weighted to resemble; of more those "
        "that the hash of their ids draws.",
    )
    performance_weights_features_max: int = Field(
        20,
        ge=1,
        le=1000,
        description="Features resemblance is judged by; of more, those that most decisions have.",
    )
    performance_weights_steps_max: int = Field(
        31,
        ge=0,
        le=100_000,
        description="Steps whose estimates are weighted by resemblance; where there are more none "
        "is, and the answer says so. 0 never weighs.",
    )
    performance_baseline_days: int = Field(
        28,
        ge=1,
        le=3660,
        description="Days before a window whose labels calibrate confidence where no reference is "
        "named.",
    )
    performance_labels_min: int = Field(
        100,
        ge=10,
        le=1_000_000,
        description="Labelled decisions it takes to calibrate confidence; with fewer it is taken "
        "as it is, and the answer says so.",
    )
    performance_slices_max: int = Field(
        20,
        ge=1,
        le=1000,
        description="Values of one dimension a monitor of performance, calibration or embeddings "
        "judges by themselves, the most frequent ones.",
    )
    performance_tolerance: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Difference between estimated and realised accuracy that is no drift.",
    )
    embedding_rows_max: int = Field(
        1000,
        ge=50,
        le=20_000,
        description="Vectors of a window, and of its reference, an embedding monitor compares; "
        "drawn by the hash of the decisions' ids.",
    )
    slices_rows_max: int = Field(
        200_000,
        ge=100,
        le=20_000_000,
        description="Decisions of a window a search for slices reads; of more a share by the hash "
        "of their ids.",
    )
    slices_features_max: int = Field(
        200,
        ge=1,
        le=5000,
        description="Features a search for slices tries; of more those that were sent most often.",
    )
    slices_evaluated_max: int = Field(
        2_000_000,
        ge=1000,
        le=10**9,
        description="Slices a search counts at most; at the limit it stops and says that it did.",
    )
    slices_threads: int = Field(
        2, ge=1, le=256, description="Processors one search for slices keeps busy."
    )
    slices_gpu_values_min: int = Field(
        100_000_000,
        ge=1,
        le=10**12,
        description="Rows times conditions from which a search for slices takes the GPU, where "
        "there is one.",
    )
    slices_concurrent: int = Field(
        1, ge=1, le=64, description="Searches for slices at one time; another is asked to wait."
    )
    drift_lag_s: float = Field(
        300.0,
        ge=0,
        le=86_400,
        description="Monitors judge a window so long after its end; what comes later is judged "
        "again.",
    )
    drift_monitor_interval_s: float = Field(
        60.0, ge=1, le=86_400, description="Pause between two looks at which windows are due."
    )
    drift_windows_run_max: int = Field(
        48, ge=1, le=10_000, description="Windows of one monitor judged in one run."
    )
    drift_catch_up_s: float = Field(
        604_800.0,
        ge=0,
        le=31_536_000,
        description="After an absence, windows older than this are left to a backfill.",
    )
    drift_late_s: float = Field(
        259_200.0,
        ge=0,
        le=31_536_000,
        description="Windows that ended within this time are judged again when data come late.",
    )
    drift_late_pause_s: float = Field(
        900.0, ge=0, le=86_400, description="A window is judged again for late data so often."
    )
    drift_backfill_windows_max: int = Field(
        1000, ge=1, le=100_000, description="Windows one backfill or dry run may judge."
    )
    drift_monitors_max: int = Field(1000, ge=1, le=10_000, description="Monitors there may be.")
    drift_trigger_interval_s: float = Field(
        10.0, ge=0.1, le=3600, description="Pause between two looks at which webhooks are due."
    )
    drift_trigger_timeout_s: float = Field(
        10.0, ge=0.1, le=120, description="Longest a webhook may take to answer."
    )
    drift_trigger_attempts_max: int = Field(
        8, ge=1, le=20, description="Attempts to send a webhook before it is given up."
    )
    drift_trigger_backoff_s: float = Field(
        30.0, ge=0, le=86_400, description="Pause after the first failed attempt; it doubles."
    )
    drift_trigger_variables: Annotated[
        dict[str, tuple[str, ...]], NoDecode, BeforeValidator(variables.parsed)
    ] = Field(
        {},
        description="Variables of the environment that triggers of each tenant may use as secret "
        'or address, as JSON: {"school-a": ["WEBHOOK_RETRAIN"]}. One that is not listed is used by '
        "nobody.",
    )
    drift_trigger_private: bool = Field(
        False,
        description="Whether webhooks may reach loopback and private addresses, and go without "
        "TLS. Whoever may write a monitor could reach services of your network with it.",
    )
    evidently_python: str = Field(
        "",
        max_length=4096,
        description="Interpreter that Evidently is installed for, apart from this service; empty "
        "where there is none. See docs/evidently.md.",
    )
    evidently_timeout_s: float = Field(
        120.0, gt=0, le=3600, description="Seconds Evidently may take for one report."
    )
    evidently_rows_max: int = Field(
        50_000,
        ge=100,
        le=5_000_000,
        description="Decisions of a window Evidently is given; of more a share by the hash of "
        "their ids.",
    )
    evidently_features_max: int = Field(
        100, ge=1, le=5000, description="Features of a report; it names those left out."
    )
    evidently_report_mb_max: int = Field(
        64, ge=1, le=4096, description="Size of a report at most, in megabytes."
    )
    evidently_concurrent: int = Field(
        1, ge=1, le=64, description="Reports drawn at one time; another is asked to wait."
    )
