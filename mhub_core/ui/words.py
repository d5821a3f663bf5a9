"""Numbers and states in the words of people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from mhub_core.runs import records
from mhub_core.runs.lines import Line, Mean
from mhub_core.tasks.registry import TASKS, find_score

STATES = {
    records.QUEUED: "Waiting",
    records.STARTING: "Starting",
    records.RUNNING: "Training",
    records.STOPPING: "Stopping",
    records.FINISHED: "Finished",
    records.STOPPED: "Stopped",
    records.FAILED: "Failed",
}


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


def main_score_name(scores: Collection[str]) -> str | None:
    """Return by which of these scores their task ranks, whatever their order; None of none."""
    ranking = (task.scores[0].name for task in TASKS.values())
    return next((name for name in ranking if name in scores), next(iter(scores), None))


def main_score(scores: Mapping[str, float]) -> str:
    """Return the score of a run by which its task ranks, such as `RMSE 2.699`; nothing without scores."""
    name = main_score_name(scores)
    return f"{find_score(name).label} {find_score(name).text(scores[name])}" if name else ""


def mean(name: str, score: Mean) -> str:
    """Return a score of a line: `0.953`, or over several runs `0.953 ± 0.004`."""
    told = find_score(name)
    return told.text(score.value) + (f" ± {told.text(score.deviation)}" if score.deviation is not None else "")


def line_score(line: Line) -> str:
    """Return as `main_score` what a line reached: `Accuracy 0.953 ± 0.004`, or nothing."""
    name = main_score_name(line.scores)
    return f"{find_score(name).label} {mean(name, line.scores[name])}" if name else ""


def model_on(model_name: str, dataset_name: str) -> str:
    """Return `Small net on Iris`; of a model that is called after its dataset the name alone."""
    return model_name if model_name.endswith(dataset_name) else f"{model_name} on {dataset_name}"


def moment(at: datetime) -> str:
    """Return a date and time of day."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
