"""Scores and tables from predictions and truth. NumPy only, so that it can be checked against any other library.

Both functions return plain JSON. Numbers are finite Python floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_POINTS = 500
_SMALLEST_PROBABILITY = 1e-7


def classification(y_true: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Return the report of a classification.

    `y_true` int `(rows,)`, `probabilities` float `(rows, classes)`. Precision, recall and F1 per class and their macro
    averages as in Sokolova and Lapalme (2009), https://doi.org/10.1016/j.ipm.2009.03.002: the mean over the classes that
    have rows; a class that is never predicted has precision 0. `loss` is the mean cross-entropy in nats.
    `confusion[true][predicted]` counts rows.
    """
    predicted = probabilities.argmax(axis=1)
    confusion = _confusion(y_true, predicted, len(classes))
    hits, support = confusion.diagonal(), confusion.sum(axis=1)
    precision = _share(hits, confusion.sum(axis=0))
    recall = _share(hits, support)
    f1 = _share(2 * precision * recall, precision + recall)
    seen = support > 0
    scores = {
        "accuracy": hits.sum() / max(len(y_true), 1),
        "precision": precision[seen].mean(),
        "recall": recall[seen].mean(),
        "f1": f1[seen].mean(),
        "loss": _cross_entropy(y_true, probabilities),
    }
    return {
        "task": "classification",
        "scores": {name: float(value) for name, value in scores.items()},
        "confusion": confusion.tolist(),
        "classes": list(classes),
        "per_class": [
            {"name": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
            for name, p, r, f, n in zip(classes, precision, recall, f1, support)
        ],
    }


def _confusion(y_true: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    cells = np.bincount(y_true.astype(np.int64) * num_classes + predicted, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _cross_entropy(y_true: np.ndarray, probabilities: np.ndarray) -> float:
    of_truth = probabilities[np.arange(len(y_true)), y_true].astype(np.float64)
    return float(-np.log(of_truth.clip(_SMALLEST_PROBABILITY, 1.0)).mean())


def regression(y_true: np.ndarray, y_pred: np.ndarray) -> dict[str, Any]:
    """Return the report of a regression, in the target's own unit.

    `y_true` and `y_pred` float `(rows,)`. `mae` is the mean absolute error, `rmse` the root of the mean squared error,
    `loss` the mean squared error, `r2` the share of the variance that is explained (0 when the truth does not vary).
    `residuals` holds up to 500 rows, evenly picked: truth, prediction, and their difference `predicted - true`.
    """
    y_true, y_pred = y_true.astype(np.float64), y_pred.astype(np.float64)
    error = y_pred - y_true
    spread = float(np.square(y_true - y_true.mean()).sum())
    squared = float(np.square(error).mean())
    scores = {
        "mae": float(np.abs(error).mean()),
        "rmse": squared**0.5,
        "r2": 1.0 - float(np.square(error).sum()) / spread if spread > 0 else 0.0,
        "loss": squared,
    }
    picked = np.linspace(0, len(error) - 1, min(len(error), MOST_POINTS)).round().astype(int)
    residuals = {"true": y_true[picked].tolist(), "predicted": y_pred[picked].tolist(), "error": error[picked].tolist()}
    return {"task": "regression", "scores": scores, "residuals": residuals}
