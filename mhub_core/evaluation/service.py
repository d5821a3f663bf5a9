"""Asks a trained model. Whoever may see the model may ask it, signed in or not."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from mhub_core import errors, queue
from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.errors import Conflict, Forbidden
from mhub_core.evaluation.records import Prediction
from mhub_core.kinds.registry import require_kind
from mhub_core.models import service as models

ANSWER_SECONDS = 30.0


def predict(viewer: User | None, model_version_id: int, given: Sequence[Any]) -> Prediction:
    """Return what a trained version answers to examples: encoded images, such as PNG, or rows (`{column: value}`).

    Of several examples some may be unreadable. Raises NotFound, Conflict for a version without weights, Forbidden where the
    owner keeps the data private, Invalid and TooLarge for the input, Unavailable when no worker answers.
    """
    version = models.require_card(viewer, model_version_id)
    if version.model_key is None:
        raise Conflict(
            "This version has not been trained, so it cannot predict anything yet.",
            "Predictions need a trained version.",
            "Train it first.",
        )
    if version.serving is None:
        raise Forbidden(
            "The owner of this model keeps its training data private.",
            "Predictions need a model whose owner allows them.",
            "Ask the owner to allow predictions on the page of the model.",
        )
    data = DataSpec.from_json(version.serving["data"])
    inputs = require_kind(data.kind).check_inputs(data, given)
    answer = queue.ask("predict", version.model_key, version.serving, inputs, seconds=ANSWER_SECONDS)
    seen = tuple(map(base64.b64decode, answer["seen"]))
    problems = {int(place): errors.from_json(problem) for place, problem in answer["problems"].items()}
    notes = {int(place): note for place, note in answer["notes"].items()}
    return Prediction(data, tuple(answer["answers"]), answer["milliseconds"], seen, problems, notes)
