"""What a prediction gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mhub_core.data.records import DataSpec


@dataclass(frozen=True)
class Prediction:
    """Answers, one per example in the order they were given, each as the task of `data` tells it (`Task.answer`).

    `milliseconds` is the time of the network alone.
    """

    data: DataSpec
    answers: tuple[dict[str, Any], ...]
    milliseconds: float
