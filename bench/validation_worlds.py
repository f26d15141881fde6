"""Laws that statistics are tried on: without drift, and with drift in both directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[Any]
Draw = Callable[[np.random.Generator, int], Values]


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn as the reference, and what as current for each drift.

    Parameters
    ----------
    takes
        What the statistics it is for are computed from.
    draw
        Of the reference, and of current where there is no drift.
    drifts
        Of current, by name. The size of a drift is for samples of about 1,000.
    """

    takes: str
    draw: Draw
    drifts: dict[str, Draw]


_SHARES = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.015, 0.005])


def _moved(by: float) -> npt.NDArray[np.float64]:
    moved = _SHARES.copy()
    moved[0] += by
    moved[1] -= by
    return moved


def _zeros(generator: np.random.Generator, size: int, share: float = 0.6) -> Values:
    return np.where(generator.random(size) < share, 0.0, generator.lognormal(size=size))


def _counts(shares: npt.NDArray[np.float64]) -> Draw:
    return lambda generator, size: generator.multinomial(size, shares)


#: Every law, by name. Whoever adds a statistic that takes something else adds a world for it.
WORLDS: dict[str, World] = {
    "normal": World(
        "samples",
        lambda g, n: g.normal(size=n),
        {
            "mean +0.15 sd": lambda g, n: g.normal(0.15, 1, n),
            "mean -0.15 sd": lambda g, n: g.normal(-0.15, 1, n),
            "spread x1.2": lambda g, n: g.normal(0, 1.2, n),
            "spread /1.2": lambda g, n: g.normal(0, 1 / 1.2, n),
        },
    ),
    "heavy tail": World(
        "samples",
        lambda g, n: g.lognormal(0, 2, n),
        {
            "x1.4": lambda g, n: g.lognormal(np.log(1.4), 2, n),
            "/1.4": lambda g, n: g.lognormal(-np.log(1.4), 2, n),
        },
    ),
    "counts (ties)": World(
        "samples",
        lambda g, n: g.poisson(1.0, n),
        {
            "rate x1.15": lambda g, n: g.poisson(1.15, n),
            "rate /1.15": lambda g, n: g.poisson(1 / 1.15, n),
        },
    ),
    "zeros and tail (ties)": World(
        "samples",
        _zeros,
        {
            "zeros +7 %": lambda g, n: _zeros(g, n, 0.67),
            "zeros -7 %": lambda g, n: _zeros(g, n, 0.53),
        },
    ),
    "two values (ties)": World(
        "samples",
        lambda g, n: (g.random(n) < 0.3).astype(np.float64),
        {
            "share +6 %": lambda g, n: (g.random(n) < 0.36).astype(np.float64),
            "share -6 %": lambda g, n: (g.random(n) < 0.24).astype(np.float64),
        },
    ),
    "ten even cells": World(
        "counts",
        _counts(np.full(10, 0.1)),
        {
            "rising": _counts(np.linspace(0.08, 0.12, 10)),
            "falling": _counts(np.linspace(0.12, 0.08, 10)),
        },
    ),
    "ten uneven cells": World(
        "counts",
        _counts(_SHARES),
        {"first +6 %": _counts(_moved(0.06)), "first -6 %": _counts(_moved(-0.06))},
    ),
    "eight normals": World(
        "vectors",
        lambda g, n: g.normal(size=(n, 8)),
        {
            "mean +0.25 sd": lambda g, n: g.normal(0.25, 1, (n, 8)),
            "mean -0.25 sd": lambda g, n: g.normal(-0.25, 1, (n, 8)),
            "spread x1.3": lambda g, n: g.normal(0, 1.3, (n, 8)),
        },
    ),
    "two cells, one rare": World(
        "counts",
        _counts(np.array([0.98, 0.02])),
        {
            "rare x2": _counts(np.array([0.96, 0.04])),
            "rare /2": _counts(np.array([0.99, 0.01])),
        },
    ),
}

#: Sizes of reference and current without drift, and how often each is tried.
SIZES: dict[str, dict[tuple[int, int], int]] = {
    "samples": {
        (50, 50): 1000,
        (50, 500): 1000,
        (1000, 100): 1000,
        (1000, 1000): 600,
        (10_000, 1000): 300,
        (100_000, 100_000): 300,
        (1_000_000, 1_000_000): 100,
    },
    "counts": {
        (50, 50): 1000,
        (50, 500): 1000,
        (1000, 100): 1000,
        (1000, 1000): 1000,
        (10_000, 1000): 1000,
        (100_000, 100_000): 1000,
        (1_000_000, 1_000_000): 1000,
    },
    "vectors": {(100, 100): 150, (300, 100): 100},
}
#: Sizes at which drift is tried, and how often.
DRIFTED: dict[str, dict[tuple[int, int], int]] = {
    "samples": {(100, 100): 200, (1000, 100): 200, (1000, 1000): 200, (10_000, 1000): 60},
    "counts": {(100, 100): 200, (1000, 100): 200, (1000, 1000): 200, (10_000, 1000): 200},
    "vectors": {(100, 100): 40, (300, 100): 40},
}
#: From here on samples are of the first law only, for which sorting takes long enough.
LARGE = 100_000
