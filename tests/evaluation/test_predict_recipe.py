"""A model that learned from a version made by steps answers to rows as they were uploaded."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from mhub_core.evaluation import engine
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.tables import prepare
from mhub_core.kinds.tables.encoding import encode_rows
from mhub_core.storage import service as storage
from mhub_core.training.engine import stored
from tests.evaluation.test_predict import png, trained
from tests.training import real

pytestmark = pytest.mark.slow


def test_raw_rows_pass_the_steps_of_the_version_before_they_are_answered(hub_home, tmp_path):
    draw = np.random.default_rng(1)
    size = draw.lognormal(3, 1, 200)
    frame = pl.DataFrame(
        {"size": size, "town": [f"town {n % 70}" for n in range(200)], "large": np.where(size > 20, "yes", "no")}
    )
    frame = frame.with_columns(pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise("size").alias("size"))
    first, made = tmp_path / "first", tmp_path / "made"
    first.mkdir(), made.mkdir()
    spec, _ = prepare.prepare_frame(frame, "large", "classification", first, lambda *_: None)
    recipe = [
        {"step": "fill_missing", "params": {"columns": ["size"], "how": "median"}},
        {"step": "log", "params": {"columns": ["size"]}},
        {"step": "group_rare", "params": {"columns": ["town"], "share": 1.8, "name": "other"}},
        {"step": "rename", "params": {"column": "size", "to": "extent"}},
    ]
    paths = {name: first / file for name, file in spec.arrays.items()}
    data, _ = require_kind("table").recipes.process(spec, paths, recipe, made, lambda *_: None)
    files = {name: made / file if (made / file).exists() else first / file for name, file in data.arrays.items()}
    data = replace(data, arrays={name: storage.put_file(path) for name, path in files.items()})
    assert [column["kind"] for column in spec.input["columns"]] == ["number", "ignored"]
    key, serving = trained("softmax_regression", data, tmp_path, epochs=5)

    given = require_kind("table").check_inputs(data, [{"size": "40.5", "town": "town 3"}, {"size": None, "town": "elsewhere"}])
    answer = engine.predict(key, serving, given)

    fill = serving["data"]["input"]["recipe"][0]["state"]["values"]["size"]
    by_hand = [{"extent": np.log1p(40.5), "town": "town 3"}, {"extent": np.log1p(fill), "town": "other"}]
    frequent = serving["data"]["input"]["recipe"][2]["state"]["frequent"]["town"]
    by_hand[0]["town"] = "town 3" if "town 3" in frequent else "other"
    expected = stored.load(key).predict(encode_rows(data.input["encoder"], by_hand), verbose=0)
    assert np.allclose([one["probabilities"] for one in answer["answers"]], expected, atol=1e-5)


def test_a_photo_as_it_was_uploaded_passes_the_steps_for_images_before_it_is_answered(hub_home, tmp_path):
    start = real.digits()
    paths = {name: storage.local_path(key) for name, key in start.arrays.items()}
    height, width, _ = start.input_shape
    recipe = [
        {"step": "invert", "params": {}},
        {"step": "pad", "params": {"pixels": 2, "margin": "white"}},
        {"step": "resize", "params": {"width": width, "height": height}},
    ]
    (tmp_path / "made").mkdir()
    data, _ = require_kind("images").recipes.process(start, paths, recipe, tmp_path / "made", lambda *_: None)
    files = {name: tmp_path / "made" / f"{name}.npy" for name in ("x", "y", "split")}
    data = replace(data, arrays=data.arrays | {name: storage.put_file(path) for name, path in files.items()})
    key, serving = trained("small_cnn", data, tmp_path, epochs=1)
    raw = np.load(paths["x"])[:40]

    answer = engine.predict(key, serving, {"images": [base64.b64encode(png(image[:, :, 0])).decode() for image in raw]})

    expected = stored.load(key).predict(np.load(storage.local_path(data.arrays["x"]))[:40], verbose=0)
    probabilities = [one["probabilities"] for one in answer["answers"]]
    assert np.allclose(probabilities, expected, atol=1e-5)
