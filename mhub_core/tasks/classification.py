"""Classification: the answer is one of several classes, with a probability for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame
from mhub_core.errors import Invalid
from mhub_core.graphs import answer
from mhub_core.graphs.answer import Output
from mhub_core.tasks.task import LOSS_SCORE, Loss, Score

MAX_CLASSES = 1000
MAX_CLASS_NAME = 80
SMALLEST_PROBABILITY = 1e-7


ACCURACY = Score("accuracy", "Accuracy", "Share of the test examples that were classified correctly.")


class Classification:
    """`y` is int32 `(examples,)`; `target` is `{"name", "classes", "counts", "open"}`; a model gives `(batch, classes)`."""

    name = "classification"
    title = "Classification"
    help = "predict a class"
    curve = ACCURACY
    curve_help = ""
    batch_size = 32
    num_steps = 300
    hidden_share = "a fifth of every class"
    num_examples = 0
    losses: tuple[Loss, ...] = (
        Loss(
            "sparse_categorical_crossentropy",
            "Cross-entropy",
            "Penalizes a low probability for the true class. Nearly always the best choice.",
            "SparseCategoricalCrossentropy",
        ),
        Loss(
            "categorical_focal_crossentropy",
            "Focal cross-entropy",
            "Cross-entropy that gives more weight to difficult and rare examples: for classes of very different size.",
            "CategoricalFocalCrossentropy",
            one_hot=True,
        ),
        Loss(
            "categorical_hinge",
            "Hinge",
            "Requires the true class to win by a margin and ignores anything beyond it.",
            "CategoricalHinge",
            one_hot=True,
        ),
        Loss(
            "mean_squared_error",
            "Squared error (Brier score)",
            "The squared distance between the probabilities and the truth. Tolerant of wrong labels.",
            "MeanSquaredError",
            one_hot=True,
        ),
    )
    scores: tuple[Score, ...] = (
        ACCURACY,
        Score("f1", "F1", "Precision and recall combined in one number (their harmonic mean), averaged over the classes."),
        Score(
            "precision",
            "Precision",
            "Of the examples predicted as a class, the share that belong to it, averaged over the classes.",
        ),
        Score("recall", "Recall", "Of the examples of a class, the share that the model finds, averaged over the classes."),
        LOSS_SCORE,
    )

    def output(self, data: DataSpec) -> Output:
        """One probability for each class."""
        return answer.one_of(len(data.classes))

    def read_column(self, values: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return int32 class numbers and the names of the classes, in the order of numbers or of the alphabet."""
        distinct = values.unique().sort()
        if distinct.len() > MAX_CLASSES:
            raise Invalid(
                f"The target {values.name!r} has {distinct.len():,} different values.",
                f"At most {MAX_CLASSES:,} classes.",
                "Choose regression, or another target.",
            )
        return _places(values, distinct), tuple(class_name(value) for value in distinct)

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        """Count the examples of each class, all and those that are not hidden."""
        counts = {"counts": np.bincount(y, minlength=len(classes)), "open": np.bincount(y[train], minlength=len(classes))}
        return {"name": name, "classes": list(classes), **{key: numbers.tolist() for key, numbers in counts.items()}}

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        """Name the classes that cannot be tested."""
        single = int((np.bincount(y) == 1).sum())
        words = "1 class has" if single == 1 else f"{single} classes have"
        return [f"{words} a single example, which is used for training only."] if single else []

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Each class is a group."""
        return y

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        """Return class numbers, or float32 `(examples, classes)` for a loss that is one-hot."""
        return one_hot(y, len(data.classes)) if loss.one_hot else y

    def scorer(self, data: DataSpec) -> ClassificationScorer:
        """Return what counts the confusion matrix."""
        return ClassificationScorer(data.classes)

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        """How sure of a wrong class."""
        surest: np.ndarray = np.where(output.argmax(axis=1) == truth, 0.0, output.max(axis=1))
        return surest

    def answer(self, output: np.ndarray, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
        """Return the probability of each class, in their order."""
        return {"probabilities": output.tolist()}

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        """Return the name of the class."""
        return {"class": data.classes[y]}

    def truth_file(self, y: Any, data: DataSpec) -> None:
        """The folder names the class."""
        return None


def _places(values: pl.Series, distinct: pl.Series) -> np.ndarray:
    """Return int32 `(rows,)`: where each value stands among the distinct ones."""
    if values.dtype == pl.String and not values.null_count():
        return values.cast(pl.Enum(distinct)).to_physical().cast(pl.Int32).to_numpy()
    return values.replace_strict(distinct, pl.Series(range(distinct.len()), dtype=pl.Int32)).to_numpy()


def class_name(value: object) -> str:
    """Return what a class is called of which a column holds this value."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)[:MAX_CLASS_NAME]


def one_hot(y: np.ndarray, num_classes: int) -> np.ndarray:
    """Return float32 with one more axis, of the classes."""
    rows: np.ndarray = np.eye(num_classes, dtype=np.float32)[y]
    return rows


def best(answer: dict[str, Any], classes: Sequence[str]) -> tuple[str, float]:
    """Return the likeliest class of an answer and its probability."""
    probabilities = answer["probabilities"]
    index = max(range(len(probabilities)), key=probabilities.__getitem__)
    return classes[index], probabilities[index]


def confusion_of(truth: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Return int64 `(classes, classes)`: how many of each true class (row) were taken for each class (column)."""
    cells = np.bincount(truth.astype(np.int64).ravel() * num_classes + predicted.ravel(), minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, 0 where there is nothing."""
    shares: np.ndarray = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return shares


class ClassificationScorer:
    """Precision, recall and F1 per class and their macro averages as in Sokolova and Lapalme (2009),
    https://doi.org/10.1016/j.ipm.2009.03.002: the mean over the classes that have rows; a class that is never predicted has
    precision 0. `loss` is the mean cross-entropy in nats, whatever a model trained with.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = list(classes)
        self._confusion = np.zeros((len(classes), len(classes)), np.int64)
        self._losses: list[np.ndarray] = [np.zeros(0)]

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Count a batch: `truth` int `(rows,)`, `output` float `(rows, classes)`."""
        self._confusion += confusion_of(truth, output.argmax(axis=1), len(self._classes))
        of_truth = output[np.arange(len(truth)), truth].astype(np.float64)
        self._losses.append(-np.log(of_truth.clip(SMALLEST_PROBABILITY, 1.0)))

    def report(self) -> dict[str, Any]:
        """Return the scores, the table by class, and `confusion[true][predicted]` as counts of rows."""
        hits, support = self._confusion.diagonal(), self._confusion.sum(axis=1)
        precision = share(hits, self._confusion.sum(axis=0))
        recall = share(hits, support)
        f1 = share(2 * precision * recall, precision + recall)
        seen = support > 0
        scores = {
            "accuracy": hits.sum() / max(support.sum(), 1),
            "precision": precision[seen].mean(),
            "recall": recall[seen].mean(),
            "f1": f1[seen].mean(),
            "loss": np.concatenate(self._losses).mean(),
        }
        return {
            "task": Classification.name,
            "scores": {name: float(value) for name, value in scores.items()},
            "confusion": self._confusion.tolist(),
            "classes": self._classes,
            "per_class": [
                {"name": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
                for name, p, r, f, n in zip(self._classes, precision, recall, f1, support, strict=True)
            ],
        }
