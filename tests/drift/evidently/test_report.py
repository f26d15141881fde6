"""`POST /v1/drift/report` with a real Evidently, apart from it with interpreters that fail."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from drift.api.report import DriftReport
from drift.evidently.report import Reports
from drift.references import Definition, References
from sql.access import Role
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, decide, decision, drift_parts

PYTHON = os.environ.get("ANSWERABLE_EVIDENTLY_PYTHON", "")
needs_evidently = pytest.mark.skipif(
    not PYTHON, reason="ANSWERABLE_EVIDENTLY_PYTHON names no interpreter with Evidently"
)
SCHOOL = principal("school-a")
BODY = {"model": "grader", "from": "-1d", "reference_from": "-4d", "reference_to": "-2d"}


def essays(start_ns, rows, *, shift=0.0, language=("english", "french"), seed=1):
    rng = np.random.default_rng(seed)
    return [
        decision(
            start_ns + at * 1_000_000_000,
            features={
                "words": float(rng.normal(500 + shift, 100)),
                "language": language[rng.integers(len(language))],
            },
            confidence=float(rng.random()),
            outcome="pass",
        )
        for at in range(rows)
    ]


def two_windows(store, clock, rows=400, **more):
    decide(store, essays(clock() - 72 * HOUR_NS, rows, seed=1))
    decide(store, essays(clock() - 10 * HOUR_NS, rows, seed=2, **more))


def asked(store, clock, reader=None, settings=None, **body):
    chosen = {"evidently_python": PYTHON, **(settings or {})}
    api = Api([DriftReport(drift_parts(store, clock, **chosen)).router()], SCHOOL)
    return api.response("/v1/drift/report", reader, method="POST", json=BODY | body)


def odd_ones(start_ns, name):
    """Infinities, not a number, a constant, mixed kinds, new values by the hundred."""
    odd = (float("inf"), float("nan"), "text", 1.0, 2.0, 3.0)
    rows = essays(start_ns, 1200, shift=150.0 if name == "after" else 0.0, seed=len(name))
    for at, row in enumerate(rows):
        value = odd[at % 6]
        more = {"constant": 1.0, name: 1.0, 'a "quoted", <b>name</b>': float(at % 7)}
        row["feature_number"] |= more if isinstance(value, str) else more | {"odd": value}
        row["feature_string"] |= {"unique": f"{name}{at}"}
        if isinstance(value, str):
            row["feature_string"] |= {"odd": value}
    return rows


def read_by_evidently(content, folder):
    """Load a snapshot with Evidently itself; give what it says of each column's drift."""
    file = folder / "snapshot.json"
    file.write_bytes(content)
    code = (
        "import json, sys; from evidently.core.report import Snapshot;"
        "print(json.dumps([[one.get('config', {}), one.get('value')]"
        " for one in Snapshot.load(sys.argv[1]).dict()['metrics']], default=str))"
    )
    environment = {"DO_NOT_TRACK": "1", "HOME": str(folder), "PATH": os.environ["PATH"]}
    shown = subprocess.run(
        [PYTHON, "-I", "-c", code, file], env=environment, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr[-500:]
    return {
        config["column"]: {"method": config["method"], "value": value}
        for config, value in json.loads(shown.stdout)
        if str(config.get("type", "")).endswith(":ValueDrift")
    }


def stand_in(folder, text):
    """Make a program that is called as the interpreter would be."""
    program = folder / "python"
    program.write_text(f"#!{sys.executable}\n{text}\n")
    program.chmod(0o755)
    return {"evidently_python": str(program)}


@needs_evidently
@pytest.mark.slow
def test_a_snapshot_says_what_drifted_and_what_it_is_of(drift_store, clock, tmp_path):
    """A reference by name, a share of the rows, columns of every bad kind; Evidently reads it."""
    for start_h, name in ((72, "before"), (10, "after")):
        decide(drift_store, odd_ones(clock() - start_h * HOUR_NS, name))
    parts = drift_parts(drift_store, clock)
    window = (clock() - 96 * HOUR_NS, clock() - 48 * HOUR_NS)
    References(parts).define(Definition("school-a", "term-1", "grader", *window), "k1")
    body = {"model": "", "reference": "term-1", "reference_from": "", "reference_to": ""}
    answer = asked(
        drift_store, clock, settings={"evidently_rows_max": 700}, format="snapshot", **body
    )
    assert answer.status_code == 200, answer.text
    metadata = answer.json()["metadata"]
    assert (metadata["tenant"], metadata["reference_id"]) == ("school-a", "term-1")
    assert (metadata["window_decisions"], metadata["window_one_in"]) == ("1200", "2")
    left_out = metadata["left_out"]
    assert any(one.startswith("unique: ") and "more than 1000" in one for one in left_out)
    assert "before: no value in the window" in left_out
    assert "after: no value in the reference" in left_out
    drifted = read_by_evidently(answer.content, tmp_path)
    assert drifted["words"]["method"] == "K-S p_value"
    assert drifted["words"]["value"] < 1e-6 < drifted["language"]["value"]
    assert {"odd", "constant", "language"} <= set(drifted)


@needs_evidently
@pytest.mark.slow
def test_a_page_is_a_file_that_may_not_act_as_the_service(drift_store, clock):
    two_windows(drift_store, clock)
    answer = asked(drift_store, clock, features=["words", "language", "gone"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["answerable-left-out"] == "gone"
    assert "<html" in answer.text
    assert "words" in answer.text


def test_a_report_that_takes_too_long_is_ended(drift_store, clock, tmp_path):
    two_windows(drift_store, clock, rows=20)
    slow = stand_in(tmp_path, "import time; time.sleep(60)")
    answer = asked(drift_store, clock, settings=slow | {"evidently_timeout_s": 0.5})
    assert answer.status_code == 504
    assert "EVIDENTLY_TIMEOUT_S" in answer.json()["detail"]


def test_a_report_that_is_too_large_is_refused(drift_store, clock, tmp_path):
    two_windows(drift_store, clock, rows=20)
    large = stand_in(tmp_path, "open('report.html', 'w').write('x' * 1_000_001)")
    answer = asked(drift_store, clock, settings=large | {"evidently_report_mb_max": 1})
    assert answer.status_code == 502
    assert "more than ANSWERABLE_EVIDENTLY_REPORT_MB_MAX" in answer.json()["detail"]


def test_a_program_that_writes_no_report_failed(drift_store, clock, tmp_path):
    two_windows(drift_store, clock, rows=20)
    answer = asked(drift_store, clock, settings=stand_in(tmp_path, "pass"))
    assert answer.status_code == 502
    assert "wrote no report" in answer.json()["detail"]


def test_without_evidently_the_answer_says_how_to_install_it(drift_store, clock):
    two_windows(drift_store, clock, rows=20)
    answer = asked(drift_store, clock, settings={"evidently_python": ""})
    assert answer.status_code == 501
    detail = answer.json()["detail"]
    assert "pip install 'evidently==" in detail
    assert "ANSWERABLE_EVIDENTLY_PYTHON=" in detail


def test_an_interpreter_that_is_not_there_or_has_no_evidently_is_told(drift_store, clock):
    two_windows(drift_store, clock, rows=20)
    gone = asked(drift_store, clock, settings={"evidently_python": "/no/such/python"})
    assert gone.status_code == 501
    assert "/no/such/python" in gone.json()["detail"]
    ours = asked(drift_store, clock, settings={"evidently_python": sys.executable})
    assert ours.status_code == 501
    assert "cannot import Evidently" in ours.json()["detail"]


def test_what_evidently_says_when_it_fails_is_told(drift_store, clock, tmp_path):
    two_windows(drift_store, clock, rows=20)
    failing = stand_in(tmp_path, "raise ValueError('columns are sad')")
    answer = asked(drift_store, clock, settings=failing)
    assert answer.status_code == 502
    assert "ValueError: columns are sad" in answer.json()["detail"]


def test_the_other_interpreter_gets_no_secret_and_a_private_folder(
    drift_store, clock, tmp_path, monkeypatch
):
    """Its variables are few, telemetry is off, and what it was given is gone afterwards."""
    monkeypatch.setenv("ANSWERABLE_KEY", "swordfish")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    seen = tmp_path / "seen.json"
    spy = (
        "import json, os, pathlib, stat, sys\n"
        "folder = pathlib.Path(sys.argv[-1])\n"
        f"facts = {{'variables': dict(os.environ), 'arguments': sys.argv[1:],\n"
        "    'mode': stat.S_IMODE(folder.stat().st_mode), 'files': sorted(os.listdir(folder))}\n"
        f"pathlib.Path({str(seen)!r}).write_text(json.dumps(facts))\n"
        "(folder / 'report.html').write_text('<html>')"
    )
    two_windows(drift_store, clock, rows=20)
    answer = asked(drift_store, clock, settings=stand_in(tmp_path, spy))
    assert answer.text == "<html>"
    facts = json.loads(seen.read_text())
    assert facts["variables"]["DO_NOT_TRACK"] == "1"
    assert "swordfish" not in seen.read_text()
    assert "PYTHONPATH" not in facts["variables"]
    assert facts["arguments"][0] == "-I"
    assert facts["mode"] == 0o700
    assert facts["files"] == ["ask.json", "current.parquet", "reference.parquet"]
    assert not Path(facts["arguments"][-1]).exists()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "from"),
        ({"format": "pdf"}, 400, "format"),
        ({"model": ""}, 400, "model"),
        ({"reference": "r"}, 400, "reference"),
        ({"reference_from": "", "reference_to": ""}, 400, "reference"),
        ({"from": "now", "to": "-1d"}, 400, "from"),
        ({"tenant": "school-b"}, 403, "tenant"),
        ({"surprise": 1}, 400, "surprise"),
    ],
)
def test_a_wrong_question_names_the_field(drift_store, clock, body, status, field):
    answer = asked(drift_store, clock, **body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_other_tenants_decisions_are_not_drawn(drift_store, clock):
    two_windows(drift_store, clock, rows=20)
    answer = asked(drift_store, clock, principal("school-b"))
    assert answer.status_code == 400
    assert "0 decisions and the other 0" in answer.json()["detail"]
    sender = principal("school-a", roles=(Role.INGEST,))
    assert asked(drift_store, clock, sender).status_code == 403


def test_a_second_report_is_asked_to_wait(drift_store, clock):
    resource = DriftReport(drift_parts(drift_store, clock))
    assert isinstance(resource._reports, Reports)
    assert resource._reports._places.acquire(blocking=False)
    answer = Api([resource.router()], SCHOOL).response("/v1/drift/report", method="POST", json=BODY)
    assert answer.status_code == 503
