"""Colours and type of the pages: one meaning, one colour, on every page.

State colours come from the Okabe-Ito palette, which people with any colour vision tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#8A94A3"
DARK = "#1B2430"

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
    "theme.headingFontSizes": '["1.6rem","1.25rem","1.1rem","1rem","0.95rem","0.9rem"]',
    "theme.headingFontWeights": "[650,600,600,600,600,600]",
    "theme.metricValueFontSize": "1.4rem",
    "theme.metricValueFontWeight": "600",
    "theme.paddingTop": "1rem",
    "theme.light.primaryColor": BLUE,
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.secondaryBackgroundColor": "#F4F6F8",
    "theme.light.textColor": DARK,
    "theme.light.borderColor": "#DDE2E8",
    "theme.dark.primaryColor": SKY,
    "theme.dark.backgroundColor": "#11161D",
    "theme.dark.secondaryBackgroundColor": "#1A212B",
    "theme.dark.textColor": "#E3E8EE",
    "theme.dark.borderColor": "#2C3644",
}

#: The few rules Streamlit has no option for.
CSS = """<style>
.block-container { max-width: 1560px; padding-left: 2.2rem; padding-right: 2.2rem; }
h1 { padding: 0 !important; overflow-wrap: anywhere; }
[data-testid="stMetricValue"], .an-value, .an-table td.num {
  font-variant-numeric: tabular-nums; }
.an-tiles { display: grid; gap: .7rem;
  grid-template-columns: repeat(auto-fit, minmax(8.4rem, 1fr)); }
.an-tile { padding: .65rem .85rem; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 15%, transparent);
  border-top: 3px solid var(--an-colour, color-mix(in srgb, currentColor 15%, transparent)); }
.an-label, .an-note { font-size: .8rem; opacity: .72; }
.an-label, .an-note { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.an-value { font-size: 1.5rem; font-weight: 600; line-height: 1.35; white-space: nowrap; }
.an-badge { display: inline-block; font-size: .8rem; white-space: nowrap; padding: .02rem .5rem;
  border-radius: 1rem; border: 1.5px solid var(--an-colour, currentColor);
  font-variant-numeric: tabular-nums; }
.an-badges { display: flex; flex-wrap: wrap; gap: .4rem; font-size: .85rem; }
.an-meta { font-size: .85rem; opacity: .72; font-variant-numeric: tabular-nums; }
.an-wrap { overflow-x: auto; }
.an-table { width: 100%; border-collapse: collapse; font-size: .9rem; }
.an-table th { text-align: left; font-weight: 600; font-size: .78rem; opacity: .7; }
.an-table th, .an-table td { padding: .38rem .6rem; vertical-align: top;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 13%, transparent); }
.an-table td.num, .an-table th.num { text-align: right; white-space: nowrap; }
.an-table td.code { font-family: var(--an-mono, ui-monospace, monospace); font-size: .84rem;
  overflow-wrap: anywhere; }
.an-table td.dotted { white-space: nowrap; }
.an-table a { color: inherit; text-decoration: underline; text-underline-offset: .15em; }
.an-table td.dim { opacity: .6; white-space: nowrap; }
.an-dot { display: inline-block; width: .6rem; height: .6rem; border-radius: 50%;
  margin-right: .45rem; }
.an-keys { font-size: .85rem; }
.an-key { margin-right: 1.1rem; white-space: nowrap; display: inline-block; }
.an-said { opacity: .6; font-style: italic; }
@media (max-width: 1000px) {
  .block-container { padding-left: 1rem; padding-right: 1rem; }
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) { flex-wrap: wrap; }
  [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { flex: 1 1 100%; min-width: 100%; }
}
</style>"""


def service_colours(services: Iterable[str]) -> dict[str, str]:
    """Give each service a colour by its order of appearance; colours repeat after ten."""
    names = list(dict.fromkeys(services))
    return {name: SERVICE_COLOURS[i % len(SERVICE_COLOURS)] for i, name in enumerate(names)}
