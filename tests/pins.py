"""What twelve pairs of model and data become, to the bit: `python -m tests.pins`.

A change of the ground under training must change none of it. The program trains each pair for two epochs and compares
the sentences of the adaptation, a hash of the weights and the report with `pins.json`; `--write` writes that file anew.
Hashes hold for one kind of processor; `tests/training/test_pins.py` compares what holds on all.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.training.engine import fit
from tests.training import real

FILE = Path(__file__).with_name("training") / "pins.json"
# Stock model, data, and what the plan says other than its defaults.
PAIRS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("dense_classifier", "iris", {}),
    ("dense_classifier", "tumours", {"optimizer": "adamw"}),
    ("softmax_regression", "iris", {"loss": "categorical_focal_crossentropy", "optimizer": "sgd"}),
    ("wide_and_deep", "tumours", {"validation_share": 0.0}),
    ("dense_regressor", "diabetes", {}),
    ("linear_regression", "diabetes", {"loss": "huber", "optimizer": "rmsprop"}),
    ("image_regressor", "diabetes", {"batch_size": 64}),
    ("small_cnn", "digits", {"batch_size": 128}),
    ("small_cnn", "iris", {}),
    ("lenet5", "digits", {"loss": "categorical_hinge", "batch_size": 128}),
    ("dense_classifier", "digits", {"seed": 7}),
    ("lstm_classifier", "digits", {"batch_size": 256}),
)


def name_of(pair: tuple[str, str, dict[str, Any]]) -> str:
    """Return what a pair is called in the file."""
    return f"{pair[0]} on {pair[1]}"


def carry_out(pair: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """Train a pair for two epochs and return what is pinned of it."""
    import keras

    model, data_name, values = pair
    data: DataSpec = getattr(real, data_name)()
    spec = real.run_spec(model, data, epochs=2, **values)
    notes = real.Notes()
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit.fit(spec, notes, Path(folder))
        weights = keras.saving.load_model(outcome.model_path, compile=False).get_weights()
    return {
        "adaptations": list(spec.adaptations),
        "parameters": outcome.num_parameters,
        "weights": hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in weights)).hexdigest(),
        "norm": float(np.sqrt(sum(np.square(one.astype(np.float64)).sum() for one in weights))),
        "epochs": [values for _, values in notes.epochs],
        "said": notes.words,
        "result": outcome.result,
    }


def main() -> None:
    """Compare all pairs with the file, or write it."""
    found = {name_of(pair): carry_out(pair) for pair in PAIRS}
    if "--write" in sys.argv:
        FILE.write_text(json.dumps(found, indent=1) + "\n")
        return
    pinned = json.loads(FILE.read_text())
    for name, now in found.items():
        now = json.loads(json.dumps(now))
        changed = [what for what in pinned[name] if pinned[name][what] != now[what]]
        print(f"{name}: {'changed: ' + ', '.join(changed) if changed else 'the same'}")
    print(f"{sum(json.loads(json.dumps(found[name])) == pinned[name] for name in found)} of {len(found)} the same")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        import os

        os.environ |= {"MHUB_HOME": home, "TF_CPP_MIN_LOG_LEVEL": "2"}
        main()
