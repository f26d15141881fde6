"""Drift: a whole table against scipy and Evidently, a month of the cube, and the GPU if any."""

from __future__ import annotations

import importlib
import sys


def main() -> int:
    # This file has the name of the package it measures, and Python looks beside it first.
    sys.path.append(sys.path.pop(0))
    return int(importlib.import_module("drift_speed").main())


if __name__ == "__main__":
    sys.exit(main())
