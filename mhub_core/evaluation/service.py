"""Asks a trained model. Whoever may see the model may ask it, signed in or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mhub_core import queue
from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.errors import Conflict
from mhub_core.evaluation.records import Prediction
from mhub_core.kinds.registry import require_kind
from mhub_core.models import service as models

ANSWER_SECONDS = 30.0


def predict(viewer: User | None, model_version_id: int, given: Sequence[Any]) -> Prediction:
    """Return what a trained version answers to examples: encoded images, such as PNG, or rows (`{column: value}`).

    Raises NotFound, Conflict for a version without weights, Invalid and TooLarge for the input, Unavailable when no
    worker answers.
    """
    version = models.require_version(viewer, model_version_id)
    if version.model_key is None or version.serving is None:
        raise Conflict("This version was never trained, so it knows nothing yet.", "A trained version.", "Train it first.")
    data = DataSpec.from_json(version.serving["data"])
    inputs = require_kind(data.kind).check_inputs(data, given)
    answer = queue.ask("predict", version.model_key, version.serving, inputs, seconds=ANSWER_SECONDS)
    return Prediction(data, tuple(answer["answers"]), answer["milliseconds"])
