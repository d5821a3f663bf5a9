"""The quick job that asks a trained model."""

from __future__ import annotations

from typing import Any

from jobs.broker import actor
from mhub_core.evaluation import engine


@actor("predict", seconds=30, answers=True, now=engine.predict_now)  # no longer than the one who asks waits
def predict(model_key: str, serving: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a model's answer to new input, see `mhub_core.evaluation.engine.predict`."""
    return engine.predict(model_key, serving, inputs)
