"""Colours and type of the pages: one meaning, one colour, on every page.

State colours come from the Okabe-Ito palette, which people with any colour vision tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#8A94A3"

#: What became of data, on every page.
STATE_COLOURS: Mapping[str, str] = {
    "received": GREY,
    "stored": GREEN,
    "rejected": VERMILLION,
    "duplicate": SKY,
    "quarantined": PURPLE,
}

#: Who decided.
ROUTE_COLOURS: Mapping[str, str] = {"auto": BLUE, "human": ORANGE, "fallback": PURPLE}

SERIES_COLOURS: Mapping[str, str] = {
    "spans": BLUE,
    "errors": VERMILLION,
    "decisions": ORANGE,
    "tokens": PURPLE,
}

ERROR = VERMILLION

#: Services of one trace, in order of appearance; errors keep their own colour.
SERVICE_COLOURS = (
    BLUE,
    GREEN,
    SKY,
    PURPLE,
    ORANGE,
    "#5B6BBF",
    "#7A9E3F",
    "#8C6D52",
    "#3E8E9E",
    GREY,
)

_FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'Liberation Sans', sans-serif"
_MONO = "'JetBrains Mono', 'SF Mono', Consolas, 'Liberation Mono', monospace"

#: Options of `streamlit run`, without the leading dashes.
OPTIONS: Mapping[str, str] = {
    "theme.font": _FONT,
    "theme.headingFont": _FONT,
    "theme.codeFont": _MONO,
    "theme.baseFontSize": "15",
    "theme.baseRadius": "6px",
    "theme.metricValueFontSize": "1.6rem",
    "theme.metricValueFontWeight": "600",
    "theme.paddingTop": "1rem",
    "theme.light.primaryColor": BLUE,
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F4F6F8",
    "theme.light.textColor": "#1B2430",
    "theme.light.borderColor": "#DDE2E8",
    "theme.dark.primaryColor": SKY,
    "theme.dark.backgroundColor": "#11161D",
    "theme.dark.secondaryBackgroundColor": "#1A212B",
    "theme.dark.textColor": "#E3E8EE",
    "theme.dark.borderColor": "#2C3644",
}

#: The few rules Streamlit has no option for.
CSS = """<style>
.block-container { max-width: 1500px; }
h1 { font-size: 1.65rem !important; font-weight: 650 !important; padding: 0 !important; }
[data-testid="stMetricValue"], .an-table td.num { font-variant-numeric: tabular-nums; }
[data-testid="stMetric"] { padding: .75rem .9rem; }
.an-meta { font-size: .85rem; opacity: .72; font-variant-numeric: tabular-nums; }
.an-wrap { overflow-x: auto; }
.an-table { width: 100%; border-collapse: collapse; font-size: .9rem; }
.an-table th { text-align: left; font-weight: 600; font-size: .78rem; opacity: .7; }
.an-table th, .an-table td { padding: .38rem .6rem; vertical-align: top;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 13%, transparent); }
.an-table td.num, .an-table th.num { text-align: right; white-space: nowrap; }
.an-table td.code { font-family: var(--an-mono, ui-monospace, monospace); font-size: .84rem;
  overflow-wrap: anywhere; }
.an-table td.dim { opacity: .6; white-space: nowrap; }
.an-dot { display: inline-block; width: .6rem; height: .6rem; border-radius: 50%;
  margin-right: .45rem; }
.an-said { opacity: .6; font-style: italic; }
@media (max-width: 900px) { .block-container { padding-left: 1rem; padding-right: 1rem; } }
</style>"""


def service_colours(services: list[str]) -> dict[str, str]:
    """Give each service a colour by its order of appearance; colours repeat after ten."""
    names = list(dict.fromkeys(services))
    return {name: SERVICE_COLOURS[i % len(SERVICE_COLOURS)] for i, name in enumerate(names)}
