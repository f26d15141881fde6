"""The formats reports come in, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cost.reports.html_page import html_page
from cost.reports.parquet_file import parquet_file
from cost.reports.report import Order, Report
from cost.reports.text_files import csv_text, json_text


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Parameters
    ----------
    inline
        Whether a browser shows it rather than saving it.
    """

    media_type: str
    suffix: str
    write: Callable[[Report], Iterator[bytes]]
    inline: bool = False

    def named(self, order: Order) -> str:
        """Name the file of a report."""
        return f"{order.name}.{self.suffix}"


FORMATS: dict[str, Format] = {
    "json": Format("application/json", "json", json_text),
    "csv": Format("text/csv; charset=utf-8; header=present", "csv", csv_text),
    "parquet": Format("application/vnd.apache.parquet", "parquet", parquet_file),
    "html": Format("text/html; charset=utf-8", "html", html_page, inline=True),
}
