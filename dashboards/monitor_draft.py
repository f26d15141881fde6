"""A monitor being written: between YAML text, what the form says, and what the API takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Kinds of monitors and what each watches.
KINDS: dict[str, str] = {
    "feature": "feature: what the model sees",
    "prediction": "prediction: what it decides",
    "confidence": "confidence: how sure it is",
    "length": "length: tokens in and out",
    "missing": "missing: features that are not there",
    "schema": "schema: features of another kind or name",
    "embedding": "embedding: vectors",
    "performance": "performance: right, by estimate and labels",
    "calibration": "calibration: as sure as right",
}
WINDOWS: dict[str, str] = {"1h": "an hour", "6h": "6 hours", "1d": "a day", "7d": "a week"}

#: What the service adds and does not take back.
_ADDED = ("version", "changed_at", "changed_by", "state")
#: Characters of a text that is read; a monitor is much shorter.
_CHARS_MAX = 20_000

_EXAMPLE: dict[str, Any] = {
    "id": "my-monitor",
    "tenant": "",
    "model": "",
    "reference": "",
    "kind": "feature",
    "features": ["*"],
    "slices": [],
    "window": "1d",
    "alpha": 0.01,
    "confirmations": 1,
    "cool_down": "24h",
    "severity": "warning",
}


class DraftError(ValueError):
    """The text is no monitor; says where it goes wrong."""


def text(monitor: Mapping[str, Any] | None) -> str:
    """Write a monitor as YAML, or an example where there is none; what is not set is left out."""
    shown = _EXAMPLE if monitor is None else monitor
    kept = {
        name: value
        for name, value in shown.items()
        if name not in _ADDED and (value not in (None, "") or monitor is None)
    }
    return str(yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=90))


def read(written: str) -> dict[str, Any]:
    """Read YAML as the API takes a monitor.

    Raises
    ------
    DraftError
        Where it is no YAML, or not a mapping of names to values.
    """
    if len(written) > _CHARS_MAX:
        raise DraftError(
            f"it has {len(written):,} characters; a monitor has at most {_CHARS_MAX:,}"
        )
    try:
        found = yaml.safe_load(written)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise DraftError(f"{place}{error.problem or 'it is no YAML'}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DraftError("it is no YAML") from error
    if not isinstance(found, dict):
        raise DraftError("write names and values, such as `id: my-monitor`")
    return {str(name): value for name, value in found.items() if name not in _ADDED}


def lenient(written: str) -> dict[str, Any]:
    """Read what can be read; nothing of a text with an error."""
    try:
        return read(written)
    except DraftError:
        return {}


def merged(draft: Mapping[str, Any], filled: Mapping[str, Any]) -> dict[str, Any]:
    """Put what the form says over a draft; an empty choice takes its line away."""
    whole = {**draft, **filled}
    return {name: value for name, value in whole.items() if value is not None and value != ""}
