"""Models of known honesty whose decisions and labels are drawn, and stored where that is wanted."""

from dataclasses import dataclass

import numpy as np

from drift.performance.calibrator import Calibrator
from drift.performance.scores import Scores


@dataclass
class Drawn:
    """Decisions of a binary model: `right` is drawn with the true chance."""

    positive: np.ndarray
    truth: np.ndarray

    @property
    def outcome(self):
        return self.positive >= 0.5

    @property
    def confidence(self):
        return np.where(self.outcome, self.positive, 1 - self.positive)

    @property
    def right(self):
        return (self.outcome == self.truth).astype(float)


def draw(rng, n, *, shift=0.0, flipped=0.0, boast=1.0):
    """Draw inputs and labels of a model that knows the chance of a label.

    Parameters
    ----------
    shift
        Of the inputs: covariate shift. What an input means stays.
    flipped
        Share of inputs above 0 whose label turned round: concept drift.
    boast
        Factor on the logits the model states; 1 is honest.
    """
    inputs = rng.normal(shift, 1.5, n)
    chance = 1 / (1 + np.exp(-inputs))
    truth = rng.random(n) < chance
    turned = (inputs > 0) & (rng.random(n) < flipped)
    return Drawn(1 / (1 + np.exp(-boast * inputs)), truth ^ turned)


def scores(drawn, steps=1):
    n = len(drawn.truth)
    return Scores(
        step=np.arange(n) * steps // n,
        confidence=drawn.confidence,
        right=drawn.right,
        positive=drawn.positive,
        truth=drawn.truth.astype(float),
        delay_s=np.full(n, 60.0),
    )


def calibrator(drawn, labels_min=100):
    return Calibrator(scores(drawn), 0, 1, labels_min)


def unlabelled(found, share, rng):
    """Take labels away but for a share."""
    gone = rng.random(len(found.right)) >= share
    return Scores(
        found.step,
        found.confidence,
        np.where(gone, np.nan, found.right),
        found.positive,
        np.where(gone, np.nan, found.truth),
        np.where(gone, np.nan, found.delay_s),
    )


def store(
    parts,
    prefix,
    start_ns,
    end_ns,
    drawn,
    *,
    model="loan",
    features=None,
    tenant="school-a",
    version="1",
):
    """Store decisions at a steady pace; give the labels that would be right, unsent.

    Parameters
    ----------
    features
        Values by name, as long as what was drawn; None is one that a decision lacks.
    """
    features = features or {}
    times = np.linspace(start_ns, end_ns, len(drawn.truth), endpoint=False).astype(np.int64)
    names = np.array(["no", "yes"])
    parts.store.insert(
        "decisions",
        [
            {
                "tenant": tenant,
                "time": int(at),
                "decision_id": f"{prefix}{number}",
                "source": "span",
                "outcome": str(outcome),
                "confidence": float(confidence),
                "model_name": model,
                "model_version": version,
                "received_at": int(at),
                "feature_number": _features(features, number, (int, float)),
                "feature_string": _features(features, number, str),
            }
            for number, (at, outcome, confidence) in enumerate(
                zip(times, names[drawn.outcome * 1], drawn.confidence, strict=True)
            )
        ],
    )
    return [(f"{prefix}{number}", str(name)) for number, name in enumerate(names[drawn.truth * 1])]


def _features(features, number, kind):
    held = {name: values[number] for name, values in features.items()}
    return {name: value for name, value in held.items() if isinstance(value, kind)}
