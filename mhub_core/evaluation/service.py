"""Asks a trained model. Whoever may see the model may ask it, signed in or not."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mhub_core import queue
from mhub_core.accounts.records import User
from mhub_core.datasets.records import DataSpec
from mhub_core.errors import Conflict, Invalid, TooLarge
from mhub_core.evaluation.records import Prediction
from mhub_core.models import service as models

MOST_BYTES = 10_000_000
MOST_IMAGES = 64
MOST_ROWS = 10_000
ANSWER_SECONDS = 30.0


def predict(
    viewer: User | None,
    model_version_id: int,
    images: Sequence[bytes] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Prediction:
    """Return what a trained version answers to images (encoded, such as PNG) or to rows (`{column: value}`).

    Raises NotFound, Conflict for a version without weights, Invalid and TooLarge for the input, Unavailable when no
    worker answers.
    """
    version = models.require_version(viewer, model_version_id)
    if version.model_key is None or version.serving is None:
        raise Conflict("This version was never trained, so it knows nothing yet.", "A trained version.", "Train it first.")
    data = DataSpec.from_json(version.serving["data"])
    inputs = _image_inputs(images or ()) if data.kind == "images" else _row_inputs(rows or (), data)
    answer = queue.ask("predict", version.model_key, version.serving, inputs, seconds=ANSWER_SECONDS)
    return Prediction(
        task=data.task,
        target=data.target,
        classes=data.classes,
        probabilities=tuple(tuple(of_row) for of_row in answer.get("probabilities", ())),
        values=tuple(answer.get("values", ())),
        milliseconds=answer["milliseconds"],
    )


def _image_inputs(images: Sequence[bytes]) -> dict[str, Any]:
    if not images:
        raise Invalid("There is no image to look at.", "One or more images: this model learned from pictures.", "Send an image.")
    if len(images) > MOST_IMAGES or sum(map(len, images)) > MOST_BYTES:
        raise TooLarge(
            "That is too much at once.", f"At most {MOST_IMAGES} images and 10 MB together.", "Send fewer or smaller ones."
        )
    return {"images": [base64.b64encode(image).decode("ascii") for image in images]}


def _row_inputs(rows: Sequence[Mapping[str, Any]], data: DataSpec) -> dict[str, Any]:
    """Return the rows with the model's own columns only. A missing value is None; text stays text."""
    names = [column.name for column in data.columns if column.kind != "ignored" and column.name != data.target]
    if not rows:
        raise Invalid("There is no row to look at.", f"Rows with the columns {', '.join(names[:10])}.", "Fill in a row.")
    if not any(name in row for row in rows for name in names):
        raise Invalid(
            "None of the columns is one that this model learned from.",
            f"Columns such as {', '.join(names[:10])}.",
            "Check the first line.",
        )
    kept = [{name: _plain(row.get(name)) for name in names} for row in rows[: MOST_ROWS + 1]]
    if len(rows) > MOST_ROWS or len(json.dumps(kept)) > MOST_BYTES:
        raise TooLarge("That is too much at once.", f"At most {MOST_ROWS:,} rows and 10 MB.", "Send fewer rows.")
    return {"rows": kept}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)
