"""Every task of the hub: one line for each."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.tasks.classification import Classification
from mhub_core.tasks.detection import Detection
from mhub_core.tasks.regression import Regression
from mhub_core.tasks.segmentation import Segmentation
from mhub_core.tasks.task import Score, Task

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Classification(),
        Regression(),
        Segmentation(),
        Detection(),
    )
}


def require_task(name: str) -> Task:
    """Return a task by name. Raises Invalid for one that this release does not know."""
    if name not in TASKS:
        raise Invalid(
            f"This release does not know the task {str(name)[:40]!r}.",
            f"One of: {', '.join(TASKS)}.",
            "Update the hub, or choose another.",
        )
    return TASKS[name]


def find_score(name: str) -> Score:
    """Return a score by its name; one that no task declares stands for itself."""
    return next(
        (score for task in TASKS.values() for score in (*task.scores, task.curve) if score.name == name), Score(name, name, "")
    )
