"""Run by Evidently's interpreter, not by ours: read two tables, write one report.

`python -I runner.py FOLDER` reads ask.json, reference.parquet and current.parquet of the folder and
writes report.html or snapshot.json there. It imports nothing of this package, so that the other
interpreter needs nothing of it; this is why it may use pandas.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Render what ask.json asks for."""
    ask = json.loads((folder / "ask.json").read_text(encoding="utf-8"))
    run = _report(folder, ask)
    if ask["format"] == "html":
        run.save_html(str(folder / "report.html"))
        return
    from evidently.legacy.utils import (  # type: ignore[import-not-found]  # noqa: PLC0415
        NumpyEncoder,
    )

    # All of it, widgets included: what Snapshot.load and a workspace take.
    text = json.dumps(run.dump_dict(), cls=NumpyEncoder)
    (folder / "snapshot.json").write_text(text, encoding="utf-8")


def _report(folder: Path, ask: dict[str, Any]) -> Any:
    # After telemetry was switched off by the environment, which is read at import.
    import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415
    from evidently import (  # type: ignore[import-not-found]  # noqa: PLC0415
        DataDefinition,
        Dataset,
        Report,
    )
    from evidently.presets import (  # type: ignore[import-not-found]  # noqa: PLC0415
        DataDriftPreset,
        DataSummaryPreset,
    )

    definition = DataDefinition(numerical_columns=ask["numbers"], categorical_columns=ask["texts"])
    reference, current = (
        Dataset.from_pandas(pd.read_parquet(folder / name), data_definition=definition)
        for name in ("reference.parquet", "current.parquet")
    )
    report = Report(
        [DataDriftPreset(), DataSummaryPreset()], metadata=ask["metadata"], tags=["answerable"]
    )
    at = pd.Timestamp(ask["timestamp"]).to_pydatetime()
    return report.run(current, reference, timestamp=at, name=ask["name"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
