"""The Keras side of every task: one line for each."""

from __future__ import annotations

from mhub_core.tasks.registry import require_task
from mhub_core.training.engine.tasks.classification import ClassificationEngine
from mhub_core.training.engine.tasks.detection import DetectionEngine
from mhub_core.training.engine.tasks.regression import RegressionEngine
from mhub_core.training.engine.tasks.segmentation import SegmentationEngine
from mhub_core.training.engine.tasks.task import TaskEngine

ENGINES: dict[str, TaskEngine] = {
    "classification": ClassificationEngine(),
    "detection": DetectionEngine(),
    "regression": RegressionEngine(),
    "segmentation": SegmentationEngine(),
}


def require_engine(task: str) -> TaskEngine:
    """Return the Keras side of a task. Raises Invalid for a task that this release does not know."""
    return ENGINES[require_task(task).name]
