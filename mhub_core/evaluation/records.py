"""What a prediction gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mhub_core.data.records import DataSpec
from mhub_core.errors import MHubError


@dataclass(frozen=True)
class Prediction:
    """Answers, one per readable example in the order they were given, each as the task of `data` tells it (`Task.answer`).

    `milliseconds` is the time of the network alone. `seen` holds the first examples as the model saw them, as PNG, if they
    are images. `problems` says by its place in what was given why an example could not be read, `notes` what was changed of one.
    """

    data: DataSpec
    answers: tuple[dict[str, Any], ...]
    milliseconds: float
    seen: tuple[bytes, ...] = ()
    problems: dict[int, MHubError] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
