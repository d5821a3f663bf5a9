"""The working side of every learner: one line for each."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from mhub_core.errors import Invalid, MHubError
from mhub_core.training.engine.learners.keras import KerasEngine
from mhub_core.training.engine.learners.learner import LearnerEngine
from mhub_core.training.learners.registry import require_learner
from mhub_core.training.records import Outcome, Report, RunSpec

ENGINES: dict[str, LearnerEngine] = {
    "keras": KerasEngine(),
}


def require_engine(learner: str) -> LearnerEngine:
    """Return the working side of a learner. Raises Invalid for a learner that this release does not know."""
    return ENGINES[require_learner(learner).name]


def warm_up() -> None:
    """Get ready for a run of any learner."""
    for engine in ENGINES.values():
        engine.warm_up()


def fit_json(spec: dict[str, Any], report: Report, folder: Path) -> Outcome:
    """Carry out a spec that came as JSON. Raises MHubError, whatever the learner raised."""
    read = RunSpec.from_json(spec)
    try:
        return require_engine(read.learner).fit(read, report, folder)
    except MHubError:
        raise
    except Exception as error:
        traceback.print_exc()
        title = require_learner(read.learner).title
        raise Invalid(
            f"{title} could not train on this data. It reported: {error}", mend="Try other settings, or another learner."
        ) from error
