"""Bounds on what one record may hold."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one record may hold; what exceeds them is cut or left out with a warning.

    Parameters
    ----------
    text_chars
        Longest text value, in characters.
    name_chars
        Longest name of a span, feature or meter, in characters.
    features
        Most features of one decision. OpenTelemetry keeps 128 attributes a span unless told
        otherwise; 96 leaves room for the rest.
    datasets
        Most datasets of one decision.
    embeddings
        Most embeddings of one decision.
    embedding_numbers
        Longest embedding, in numbers; a number is nine bytes on the wire.
    warnings
        Most warnings noted on one span.
    """

    text_chars: int = 8192
    name_chars: int = 256
    features: int = 96
    datasets: int = 64
    embeddings: int = 4
    embedding_numbers: int = 4096
    warnings: int = 8
