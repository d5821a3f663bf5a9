"""Real architectures that nobody here wrote: networks of keras.applications go in, through the hub, and out, and stay equal.

`python -m tests.applications [names]`: each is read as `.keras` and as JSON, which must give one design; built by the hub's
engine and given the weights; then exported as JSON and as Python and built by Keras. Printed is the largest difference of the
outputs on the same random images.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mhub_core.graphs.engine import build
from mhub_core.graphs.export import to_keras_json, to_python
from mhub_core.reading import read

NAMES = ("MobileNetV2", "ResNet50", "EfficientNetB0", "DenseNet121", "InceptionV3", "Xception", "NASNetMobile", "ConvNeXtTiny")
MOST_PARAMETERS = 100_000_000


def original(name: str, **options: Any) -> keras.Model:
    """Return a network with random weights, also where it starts with zeros and ones, which would hide a mistake."""
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None, **options)
    random = np.random.default_rng(7)
    model.set_weights([_unlike(weight, random) for weight in model.get_weights()])
    return model


def _unlike(weight: np.ndarray, random: np.random.Generator) -> np.ndarray:
    is_flat = weight.size > 1 and weight.min() == weight.max()
    return weight + 0.1 * random.random(weight.shape, dtype=weight.dtype) if is_flat else weight


def difference(model: keras.Model, other: keras.Model) -> float:
    """Return the largest difference of two models with the same weights, on two random images."""
    other.set_weights(model.get_weights())
    images = np.random.default_rng(3).uniform(0, 255, (2, *model.input_shape[1:])).astype("float32")
    return float(np.abs(model(images) - other(images)).max())


def round_trip(model: keras.Model, folder: Path) -> dict[str, Any]:
    """Return how far each way through the hub is from the model, and how long reading took."""
    model.save(folder / "model.keras")
    (folder / "model.json").write_text(model.to_json())
    found: dict[str, Any] = {}
    readings = []
    for kind in ("keras", "json"):
        began = time.perf_counter()
        readings.append(read.read(f"model.{kind}", folder / f"model.{kind}"))
        found[f"{kind} seconds"] = time.perf_counter() - began
    reading = readings[1]
    assert readings[0].graph == reading.graph
    found["in"] = difference(model, build.build(reading.graph, MOST_PARAMETERS))
    found["layers"] = len(reading.graph["nodes"])
    found["json out"] = difference(model, keras.models.model_from_json(to_keras_json(reading.graph)))
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):  # The script shows a summary.
        exec(compile(to_python(reading.graph), "exported", "exec"), names)
    found["python out"] = difference(model, names["model"])
    return found


def main(names: list[str]) -> None:
    """Print the table."""
    keys = ("layers", "keras seconds", "json seconds", "in", "json out", "python out")
    print("".join(f"{key:>15}" for key in ("network", *keys)), flush=True)
    for name in names or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            found = round_trip(original(name), Path(folder))
        row = [name, *(f"{found[key]:.3g}" for key in keys)]
        print("".join(f"{value:>15}" for value in row), flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main(sys.argv[1:])
