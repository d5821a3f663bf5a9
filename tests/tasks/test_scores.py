"""The scores agree with scikit-learn's, which are computed in another way."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from mhub_core.data.records import DataSpec
from mhub_core.tasks.registry import require_task

NUMBERS = np.random.default_rng(5)


def classification(truth, probabilities, classes):
    """What the hub reports, having seen the answers in two batches."""
    return scored("classification", {"name": "target", "classes": list(classes)}, truth, probabilities)


def regression(truth, predicted):
    return scored("regression", {"name": "target", "mean": 0.0, "std": 1.0}, truth, predicted[:, None])


def scored(task, target, truth, output):
    data = DataSpec("table", task, {}, {"shape": [1]}, target, len(truth), 0, len(truth))
    scorer, half = require_task(task).scorer(data), (len(truth) + 1) // 2
    for batch in (slice(0, half), slice(half, None)):
        scorer.add(truth[batch], output[batch])
    return scorer.report()


def test_a_classification_is_scored_as_scikit_learn_does():
    truth = NUMBERS.integers(0, 4, 300)
    probabilities = NUMBERS.dirichlet(np.ones(4), 300)
    predicted = probabilities.argmax(1)

    found = classification(truth, probabilities, ["a", "b", "c", "d"])

    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, predicted, average="macro")
    expected = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "loss": metrics.log_loss(truth, probabilities),
    }
    assert found["scores"] == pytest.approx(expected)
    assert found["confusion"] == metrics.confusion_matrix(truth, predicted).tolist()
    per_class = metrics.precision_recall_fscore_support(truth, predicted)
    assert [row["f1"] for row in found["per_class"]] == pytest.approx(per_class[2].tolist())
    assert [row["support"] for row in found["per_class"]] == per_class[3].tolist()


def test_a_class_that_is_never_predicted_has_precision_zero_and_one_without_rows_does_not_count():
    truth, probabilities = np.array([0, 0, 1]), np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.6, 0.4, 0.0]])

    found = classification(truth, probabilities, ["a", "b", "absent"])

    assert [row["precision"] for row in found["per_class"]] == pytest.approx([2 / 3, 0, 0])
    assert found["scores"]["recall"] == pytest.approx(0.5)


def test_a_sure_and_wrong_answer_costs_much_but_not_infinitely_much():
    found = classification(np.array([0]), np.array([[0.0, 1.0]]), ["a", "b"])
    assert 10 < found["scores"]["loss"] < 20


def test_a_regression_is_scored_as_scikit_learn_does():
    truth = NUMBERS.normal(50, 10, 1_000).astype(np.float32)
    predicted = (truth + NUMBERS.normal(0, 3, 1_000)).astype(np.float32)

    found = regression(truth, predicted)

    expected = {
        "mae": metrics.mean_absolute_error(truth, predicted),
        "rmse": metrics.root_mean_squared_error(truth, predicted),
        "r2": metrics.r2_score(truth, predicted),
    }
    assert found["scores"] == pytest.approx(expected, rel=1e-4)
    assert len(found["residuals"]["true"]) == 500


def test_reports_are_plain_json():
    one = classification(np.array([0, 1]), np.eye(2, dtype=np.float32), ("a", "b"))
    other = regression(np.ones(3, np.float32), np.ones(3, np.float32))
    assert json.loads(json.dumps([one, other], allow_nan=False)) == [one, other]
