"""Numbers and states in the words of people."""

from __future__ import annotations

from datetime import datetime

from mhub_core.runs import records

STATES = {
    records.QUEUED: "Waiting",
    records.STARTING: "Starting",
    records.RUNNING: "Training",
    records.STOPPING: "Stopping",
    records.FINISHED: "Finished",
    records.STOPPED: "Stopped",
    records.FAILED: "Failed",
}
SCORES = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "loss": "Loss",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R²",
}
EXPLANATIONS = {
    "accuracy": "Share of the test rows that got the right class.",
    "precision": "When it names a class, how often that is right. The mean over the classes.",
    "recall": "Of the rows of a class, how many it finds. The mean over the classes.",
    "f1": "Precision and recall in one number. The mean over the classes.",
    "loss": "How wrong the answers were; for classes, weighed by how sure the model was. Lower is better.",
    "mae": "Mean absolute error: how far off an answer is on average, in the unit of the target.",
    "rmse": "Root mean squared error: as MAE, but large errors count more.",
    "r2": "Share of the target's ups and downs that it explains. 1 is perfect; 0 is no better than the mean.",
}


def score(name: str, value: float) -> str:
    """Return a score as people read it: `0.953`; in the unit of the target where it has one."""
    return f"{value:.4g}" if name in ("mae", "rmse", "loss") else f"{value:.3f}"


def duration(seconds: float) -> str:
    """Return a time span: `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(at: datetime) -> str:
    """Return a date and time of day."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
