"""What a prediction gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """Answers, one per image or row in the order they were given. `milliseconds` is the time of the network alone.

    Classification: `probabilities[row][class]` in the order of `classes`. Regression: `values[row]` in the target's own unit.
    """

    task: str
    target: str
    classes: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...]
    values: tuple[float, ...]
    milliseconds: float

    def best(self, row: int = 0) -> tuple[str, float]:
        """Return the likeliest class of a row and its probability."""
        of_row = self.probabilities[row]
        index = max(range(len(of_row)), key=of_row.__getitem__)
        return self.classes[index], of_row[index]
