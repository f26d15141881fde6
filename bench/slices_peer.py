"""Run in the peer's environment: fit sliceline to a table and write what it found as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
from sliceline import Slicefinder


def main() -> None:
    held = np.load(sys.argv[1])
    started = time.perf_counter()
    model = Slicefinder(verbose=False, **json.loads(sys.argv[2]))
    model.fit(held["codes"], held["errors"])
    seconds = time.perf_counter() - started
    slices = [
        {
            "conditions": [
                [at, float(value)] for at, value in enumerate(values) if value is not None
            ],
            "score": facts["slice_score"],
            "size": int(facts["slice_size"]),
        }
        for values, facts in zip(model.top_slices_, model.top_slices_statistics_, strict=True)
    ]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "slices": slices, "peak_mb": round(peak_mb)}))


if __name__ == "__main__":
    main()
