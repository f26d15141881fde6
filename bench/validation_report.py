"""Tables of what `drift_validation` found, as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[dict[str, Any]]

SHORT = {
    "kolmogorov_smirnov": "KS",
    "cramer_von_mises": "CvM",
    "anderson_darling": "AD",
    "mann_whitney": "MW",
    "wasserstein": "W1",
    "energy_distance": "energy",
    "population_stability": "PSI",
    "kullback_leibler": "KL",
    "jensen_shannon": "JS",
    "hellinger": "Hellinger",
    "total_variation": "TV",
    "l_infinity": "L-inf",
    "chi_square": "chi-square",
    "g_test": "G",
    "fisher": "Fisher",
    "standardised_mean_difference": "SMD",
    "mmd": "MMD",
    "lsdd": "LSDD",
    "domain_classifier": "classifier",
    "mean_shift": "mean shift",
}
#: Statistics whose p-value is chi-square's.
BORROWED = {
    "population_stability",
    "kullback_leibler",
    "jensen_shannon",
    "hellinger",
    "total_variation",
    "l_infinity",
}

HEAD = """# Validation of the drift statistics

Written by `python bench/drift_validation.py --part {part:g} --write docs/drift-validation.md`; do
not edit it by hand. All is drawn from fixed seeds, with numpy {numpy} and scipy {scipy};
{cpu:.0f} s of CPU on a shared machine. Laws, drifts, sizes and repetitions are in
[`bench/validation_worlds.py`](../bench/validation_worlds.py), the rules of other tools in
[`bench/validation_peers.py`](../bench/validation_peers.py).

That estimates and p-values equal scipy's, to 1e-12 and 1e-9, is in `tests/drift/statistics/`.
Where ours differ from scipy's on purpose:

- **Ties.** Kolmogorov-Smirnov, Cramér-von Mises and Anderson-Darling take the law at the values
  that occur. scipy takes the law of untied values: for KS that hides drift, for CvM and AD it
  makes false alarms (tables below). With 50 and 30 values that are all the same, scipy's CvM
  gives p = 0.00004, ours 1.
- **Tails.** scipy's AD p-value is held between 0.001 and 0.25 and its CvM p-value is 1 minus a
  sum near 1, so that errors of 1e-9 remain. Ours are of the limit law to its end.
- **Small cells.** Chi-square and G merge cells that expect fewer than 5 in the smaller sample;
  what then has fewer than two cells is tested exactly or by drawn tables. G is divided by its
  mean over all tables with the same totals (`correction="none"` is the textbook law).
- **Means.** The p-value of the standardised mean difference is that of two samples of the pooled
  values, skewness included; in samples of unequal size it sees other spread as well.
  `test="welch"` is Welch's, which alarms up to three times as often as it says where values are
  skewed and sizes unequal.
- PSI, KL, Jensen-Shannon, Hellinger, total variation and L-infinity have the p-value of
  chi-square on the same counts.
"""

LEVEL = """
## False alarms without drift

Share of p-values at most 0.05, in per cent; it should be 5, or less where values are discrete.
The last column is twice the standard error of a share of 5 %. **Bold** is above 5 by more than
three standard errors.

"""

DEEP = """
## False alarms at 0.01 and 0.001

Per cent at 0.01 / per cent at 0.001, over all sizes from 1,000 observations in the larger
sample.

"""

POWER = """
## Drift found, in both directions

Share of p-values at most 0.05 with a drift, in per cent.

"""

COVER = """
## Intervals of 95 %

How often the interval holds the true value, in per cent: without drift over all sizes, and with
drift at 1,000 against 1,000. The truth is the estimate of 400,000 observations (for
counts, a million million). Intervals by the triangle inequality, of Dvoretzky-Kiefer-Wolfowitz
and of McDiarmid hold at least their level and are wide.

"""

PEER = """
## Rules of other tools on the same data

Per cent of alarms: without drift at three sizes of reference and current, then at 1,000 against
1,000 with the first two drifts of the law in the table of power above. scipy's tests are at
p < 0.05. A rule with a fixed threshold has no level: it alarms by sample size.

"""

SPEED = """
## Time

Milliseconds of CPU for samples of n and 8/9 n normal values, best of three or more, ours /
scipy's. Ours include the interval, and for W1 and energy a p-value, which scipy does not give.

"""


def report(rows: Rows, speed: Rows, cpu_s: float, part: float) -> str:
    """Write all tables."""
    parts = [HEAD.format(numpy=np.__version__, scipy=scipy.__version__, cpu=cpu_s, part=part)]
    parts += [LEVEL, *(_levels(rows, group) for group in _groups(rows))]
    parts += [DEEP, _deep(rows), POWER, *(_powers(rows, group) for group in _groups(rows))]
    parts += [COVER, _covers(rows), PEER, _peers(rows), SPEED, _speeds(speed)]
    return "".join(parts)


def _groups(rows: Rows) -> list[list[str]]:
    """Statistics that are tried on the same worlds, in the order they came."""
    by_world: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] == "level" and row["statistic"] not in BORROWED:
            names = by_world.setdefault(row["world"], [])
            if row["statistic"] not in names:
                names.append(row["statistic"])
    groups: list[list[str]] = []
    for names in by_world.values():
        if names not in groups:
            groups.append(names)
    return groups


def _table(head: list[str], lines: list[list[str]]) -> str:
    if not lines:
        return ""
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, rule, *lines]) + "\n"


def _cells(rows: Rows, kind: str, group: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by world, drift and sizes, then by statistic."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        if row["kind"] == kind and row["statistic"] in group:
            key = (row["world"], row["drift"], row["n"], row["m"])
            found.setdefault(key, {})[row["statistic"]] = row
    return found


def _names(group: list[str]) -> list[str]:
    return [SHORT.get(name, name) for name in group]


def _levels(rows: Rows, group: list[str]) -> str:
    lines = []
    for (world, _, n, m), cells in _cells(rows, "level", group).items():
        tries = next(iter(cells.values()))["tries"]
        error = math.sqrt(0.05 * 0.95 / tries)
        shown = []
        for name in group:
            share = cells[name]["alarms"]["0.05"] if name in cells else None
            text = "" if share is None else f"{100 * share:.1f}"
            shown.append(f"**{text}**" if share and share > 0.05 + 3 * error else text)
        lines.append([f"{world}, {n:,} / {m:,}", *shown, f"± {200 * error:.1f}"])
    return _table(["law, sizes", *_names(group), ""], lines)


def _deep(rows: Rows) -> str:
    lines = []
    for group in _groups(rows):
        for name in group:
            kept = [
                row
                for row in rows
                if row["kind"] == "level"
                and row["statistic"] == name
                and max(row["n"], row["m"]) >= 1000
            ]
            tries = sum(row["tries"] for row in kept)
            if not tries:
                continue
            shares = [
                100 * sum(row["tries"] * row["alarms"][level] for row in kept) / tries
                for level in ("0.01", "0.001")
            ]
            shown = " / ".join(f"{share:.2f}" for share in shares)
            line = [SHORT.get(name, name), shown, f"{tries:,}"]
            if line not in lines:
                lines.append(line)
    return _table(["statistic", "alarms", "repetitions"], lines)


def _powers(rows: Rows, group: list[str]) -> str:
    lines = []
    for (world, drift, n, m), cells in _cells(rows, "power", group).items():
        shown = [
            f"{100 * cells[name]['alarms']['0.05']:.0f}" if name in cells else "" for name in group
        ]
        lines.append([f"{world}: {drift}, {n:,} / {m:,}", *shown])
    return _table(["law: drift, sizes", *_names(group)], lines)


def _covers(rows: Rows) -> str:
    statistics = list(dict.fromkeys(row["statistic"] for row in rows if row["kind"] == "level"))
    lines = []
    for name in statistics:
        mine = [row for row in rows if row["statistic"] == name and row["covered"] is not None]
        none = [row for row in mine if row["kind"] == "level"]
        some = [row for row in mine if row["kind"] == "power" and row["n"] == row["m"] == 1000]
        lines.append([SHORT.get(name, name), _mean(none), _least(none), _mean(some), _least(some)])
    head = ["statistic", "no drift", "least", "drift", "least"]
    return _table(head, lines)


def _mean(rows: Rows) -> str:
    tries = sum(row["tries"] for row in rows)
    held = sum(row["tries"] * row["covered"] for row in rows)
    return f"{100 * held / tries:.1f}" if tries else ""


def _least(rows: Rows) -> str:
    kept = [row for row in rows if row["tries"] >= 100]
    if not kept:
        return ""
    row = min(kept, key=lambda one: one["covered"])
    where = row["drift"] or f"{row['n']:,} / {row['m']:,}"
    return f"{100 * row['covered']:.1f} ({row['world']}, {where})"


def _peers(rows: Rows) -> str:
    """One line for a rule and a law: alarms without drift by size, then with drift."""
    sizes = [(50, 50), (1000, 100), (1000, 1000)]
    found: dict[tuple[str, str], dict[tuple[str, int, int], float]] = {}
    drifts: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] in {"peer level", "peer power"}:
            share = 100 * row["alarms"]["0.05"]
            cells = found.setdefault((row["statistic"], row["world"]), {})
            cells[row["drift"], row["n"], row["m"]] = share
            names = drifts.setdefault(row["world"], [])
            if row["drift"] and row["drift"] not in names:
                names.append(row["drift"])
    lines = []
    for (rule, world), cells in sorted(found.items()):
        none = [f"{cells['', n, m]:.0f}" if ("", n, m) in cells else "" for n, m in sizes]
        first = [f"{cells[drift, 1000, 1000]:.0f}" for drift in drifts[world][:2]]
        lines.append([rule, world, *none, *first])
    head = ["rule", "law", *(f"none, {n:,} / {m:,}" for n, m in sizes), "one way", "the other"]
    return _table(head, lines)


def ratios(speed: Rows) -> str:
    """Write how many times as long as scipy's each takes, beside the milliseconds."""
    return _speeds(speed, lambda row: f" = {row['ours_ms'] / row['scipy_ms']:.2f}")


def _speeds(speed: Rows, more: Callable[[dict[str, Any]], str] = lambda _: "") -> str:
    kinds = list(dict.fromkeys((row["size"], row["kind"]) for row in speed))
    names = list(dict.fromkeys(row["statistic"] for row in speed))
    by_key = {(row["size"], row["kind"], row["statistic"]): row for row in speed}
    lines = []
    for size, kind in kinds:
        cells = [by_key[size, kind, name] for name in names]
        shown = [f"{cell['ours_ms']:.3g} / {cell['scipy_ms']:.3g}{more(cell)}" for cell in cells]
        lines.append([f"{size:,}, {kind}", *shown])
    return _table(["n", *_names(names)], lines)
