"""What can be true of images, in the order in which a person is offered the tasks."""

from __future__ import annotations

from mhub_core.kinds.pictures.truths.boxes import Boxes
from mhub_core.kinds.pictures.truths.classes import Classes
from mhub_core.kinds.pictures.truths.masks import Masks
from mhub_core.kinds.pictures.truths.truth import Truth

TRUTHS: tuple[Truth, ...] = (Classes(), Masks(), Boxes())
_BY_TASK = {truth.task: truth for truth in TRUTHS}
TARGETS = {truth.task: truth.target for truth in TRUTHS}


def truth_of(task: str) -> Truth:
    """Return what is true of images by a task."""
    return _BY_TASK[task]
