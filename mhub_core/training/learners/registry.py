"""Every learner of the hub: one line for each. The first that accepts the data is offered first."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.training.learners.keras import KerasLearner
from mhub_core.training.learners.learner import Learner

LEARNERS: dict[str, Learner] = {learner.name: learner for learner in (KerasLearner(),)}


def require_learner(name: str) -> Learner:
    """Return a learner by name. Raises Invalid for one that this release does not know."""
    if name not in LEARNERS:
        raise Invalid(
            f"This release does not know the learner {str(name)[:40]!r}.",
            f"One of: {', '.join(LEARNERS)}.",
            "Update the hub, or choose another.",
        )
    return LEARNERS[name]


def list_fitting(kind: str, task: str) -> list[Learner]:
    """Return the learners that can learn data of a kind and a task."""
    return [learner for learner in LEARNERS.values() if learner.accepts(kind, task)]
