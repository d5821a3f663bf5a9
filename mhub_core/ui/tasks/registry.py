"""The view of every task: one line for each."""

from __future__ import annotations

from mhub_core.tasks.registry import require_task
from mhub_core.ui.tasks import classification, detection, regression, segmentation
from mhub_core.ui.tasks.view import TaskView

VIEWS: dict[str, TaskView] = {
    "classification": classification,
    "detection": detection,
    "regression": regression,
    "segmentation": segmentation,
}


def require_view(task: str) -> TaskView:
    """Return the view of a task. Raises Invalid for a task that this release does not know."""
    return VIEWS[require_task(task).name]
