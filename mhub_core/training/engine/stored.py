"""Reads the networks that runs kept."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import keras

from mhub_core.storage import service as storage

MOST_VALUES = 16_000_000  # at the output of one layer: 64 MB in float32


def load(model_key: str) -> keras.Model:
    """Return a kept network by the key of its blob."""
    return read(storage.verified_path(model_key))


def read(path: Path) -> keras.Model:
    """Return a kept network. It is a file of our own, and still nothing in it may run code."""
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / "model.keras"  # Keras decides by the ending, which a blob has not.
        named.symlink_to(path.absolute())
        return keras.saving.load_model(named, compile=False, safe_mode=True)


def rows_at_once(model: keras.Model) -> int:
    """Return how many rows may go through a network together, by its widest layer."""
    outputs = [tensor for layer in model.layers for tensor in keras.tree.flatten(layer.output)]
    widest = max(math.prod(size or 1 for size in tensor.shape) for tensor in outputs)
    return max(1, MOST_VALUES // int(widest))
