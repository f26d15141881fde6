"""Evidently's drift preset on a stored table, run by its own interpreter: a line in, a line out."""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def drift_of(snapshot: Any) -> dict[str, dict[str, Any]]:
    """Read method and value of every column from a finished report."""
    found = {}
    for metric in snapshot.dict()["metrics"]:
        config = metric.get("config", {})
        if config.get("type", "").endswith("ValueDrift"):
            found[config["column"]] = {"method": config["method"], "value": float(metric["value"])}
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    directory, columns = Path(sys.argv[1]), int(sys.argv[2])
    names = [f"c{place}" for place in range(columns)]
    frames = []
    for side in ("reference", "current"):
        table = np.load(directory / f"{side}.npy", mmap_mode="r")[:, :columns]
        frames.append(pd.DataFrame(np.array(table), columns=names))
    print("ready", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        snapshot = Report([DataDriftPreset()]).run(frames[1], frames[0])
        taken = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        print(json.dumps(taken | {"drift": drift_of(snapshot)}), flush=True)


if __name__ == "__main__":
    main()
