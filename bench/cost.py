"""The cost meter: what pricing adds to ingest, a month's report, a restatement, budgets."""

from __future__ import annotations

import importlib
import sys


def main() -> int:
    # This file has the name of the package it measures, and Python looks beside it first.
    sys.path.append(sys.path.pop(0))
    return int(importlib.import_module("cost_meter").main())


if __name__ == "__main__":
    sys.exit(main())
