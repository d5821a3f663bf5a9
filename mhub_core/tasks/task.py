"""What a task is: everything that training, scoring, prediction and leaderboards ask about the answer of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame
from mhub_core.errors import Invalid
from mhub_core.graphs.answer import Output


@dataclass(frozen=True)
class Loss:
    """One measure of error. `one_hot`: it compares whole rows of class probabilities, so targets are one-hot for it.
    `keras_class` is the loss of Keras, empty where the engine of the task has one of its own."""

    name: str
    label: str
    help: str
    keras_class: str
    one_hot: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """One number that the hub measures on the hidden test split. `digits` is how Python formats it for people."""

    name: str
    label: str
    help: str
    higher_is_better: bool = True
    digits: str = ".3f"

    def text(self, value: float) -> str:
        """Return a value as people read it: `0.953`."""
        return format(value, self.digits)


class Scorer(Protocol):
    """Takes the outputs on the hidden test examples batch by batch, so that they are never all in memory."""

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Count one batch: `truth` as it lies in the dataset, `output` as the kept model gives it."""

    def report(self) -> dict[str, Any]:
        """Return plain JSON with at least `{"task", "scores": {name: float}}`. Numbers are finite Python floats."""


class Task(Protocol):
    """What the answer of a model is. Nobody outside of these files asks which task it is: they ask the task."""

    name: str
    title: str
    help: str  # what a model of it does, behind a colon
    losses: tuple[Loss, ...]  # the first is the default
    curve: Score  # what the second curve of a training shows, beside the loss
    curve_help: str  # what must be known to compare the curves with the scores; often nothing
    scores: tuple[Score, ...]  # the first one ranks
    batch_size: int  # a good first number of examples in a batch
    num_steps: int  # updates of the weights that a first run needs, where the usual epochs give fewer
    hidden_share: str  # in words, what a fifth is hidden of
    num_examples: int  # how many answers to open examples the report of a run keeps

    def output(self, data: DataSpec) -> Output:
        """Return what the last layer of a model gives, see `graphs.answer`."""

    def read_column(self, values: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return `y`, one entry per row, and the names of the classes, from a column of a table. Raises Invalid."""

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        """Return `DataSpec.target`. `train` is a mask of the examples that are not hidden."""

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        """Return what a person should know about such targets, in sentences."""

    def strata(self, y: np.ndarray) -> np.ndarray | None:
        """Return int `(examples,)`: each group gives its share to every split. None: there are no groups."""

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        """Return some targets as the loss compares them."""

    def scorer(self, data: DataSpec) -> Scorer:
        """Return what measures a model on the hidden test split."""

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Return float `(examples,)`: how wrong each output is, 0 where it is right. `truth` is as it lies in the dataset."""

    def answer(self, output: np.ndarray, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
        """Return the model's answer to one example as plain JSON. `frame`: where in a photo lies what the model sees."""

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        """Return what is true of one example as plain JSON, to be shown beside an answer."""

    def truth_file(self, y: Any, data: DataSpec) -> tuple[str, str, bytes] | None:
        """Return what is true of one picture as a file of a download: its folder, ending and bytes. None: the class, if there is
        one, names the folder of the picture."""


def require_loss(task: Task, name: str) -> Loss:
    """Return a loss of a task by name. Raises Invalid when it does not fit the task."""
    found = next((loss for loss in task.losses if loss.name == name), None)
    if found is None:
        known = ", ".join(loss.name for loss in task.losses)
        raise Invalid(f"The loss {str(name)[:40]!r} does not fit a {task.name}.", f"One of: {known}.")
    return found


LOSS_SCORE = Score(
    "loss",
    "Loss",
    "How wrong the predicted probabilities are: a confident mistake costs the most. Lower is better.",
    higher_is_better=False,
    digits=".4g",
)
