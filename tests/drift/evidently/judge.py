"""Run by Evidently's interpreter: what its tests say of samples, as JSON."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from evidently.legacy.calculations import stattests
from evidently.legacy.calculations.stattests.registry import get_registered_stattest
from evidently.legacy.core import ColumnType


def judged(case):
    kind = ColumnType.Numerical if case["numeric"] else ColumnType.Categorical
    reference, current = pd.Series(case["reference"]), pd.Series(case["current"])
    lengths = len(reference), len(current)
    test = get_registered_stattest(case["test"], kind)
    try:
        result = test(reference, current, kind, None)
        said = {"value": float(result.drift_score), "drifted": bool(result.drifted)}
    except ValueError as error:
        said = {"error": str(error)[:200]}
    return said | {"altered": (len(reference), len(current)) != lengths}


warnings.simplefilter("ignore")
np.seterr(all="ignore")
assert stattests
cases = json.loads(Path(sys.argv[1]).read_text())
Path(sys.argv[2]).write_text(json.dumps({name: judged(case) for name, case in cases.items()}))
