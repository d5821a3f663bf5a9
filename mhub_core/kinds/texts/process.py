"""A version of texts becomes another by a recipe; a text for a prediction goes the same way, from how it was uploaded.

The steps are those of tables (`recipes.run`), on the table of the texts. A version that a recipe made names the table at its
root: `arrays["raw_parquet"]`, of which its rows are `arrays["raw_rows"]` int64 `(texts,)`; `input["recipe"]` holds the fitted
steps from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from mhub_core.data import splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.kinds import after_steps
from mhub_core.kinds.kind import Prepared
from mhub_core.kinds.texts import prepare, vocabulary
from mhub_core.recipes import run
from mhub_core.recipes.run import Made, Recipe

NOUN = ("text", "texts")


def process(data: DataSpec, paths: Mapping[str, Path], recipe: Recipe, folder: Path, progress: Progress) -> Prepared:
    """Turn a version into arrays of another in `folder`. Its split goes along with the texts."""
    frame, split = pl.read_parquet(paths["parquet"]), np.load(paths["split"])
    roots = np.load(paths["raw_rows"]) if "raw_rows" in paths else np.arange(frame.height)
    made = run.make(frame, split == splits.TRAIN, recipe, progress, data.target["name"], data.classes, roots)
    found = vocabulary.read(made.frame[data.input["text"]], progress)
    has_words = found.lengths > 0
    kept = np.where(made.train[has_words], splits.TRAIN, splits.TEST).astype(np.uint8)
    after_steps.require_enough(kept, NOUN)
    left, wanted = made.frame.filter(pl.Series(has_words)), prepare.wanted_of(data)
    spec, warnings = prepare.write(left, found.only(has_words), kept, wanted, folder, progress)
    np.save(folder / "raw_rows.npy", roots[made.rows][has_words].astype(np.int64))
    told = after_steps.told(recipe, made.changes, NOUN)
    if gone := int((~has_words).sum()):
        told["refused"] += gone
        told["reasons"].append((after_steps.counted(gone, NOUN), "no words are left after the steps"))
    return _with_root(spec, data, made), {"accepted": len(kept), "warnings": warnings, **told}


def _with_root(spec: DataSpec, parent: DataSpec, made: Made) -> DataSpec:
    roots = {f"raw_{name}": parent.arrays.get(f"raw_{name}", parent.arrays[name]) for name in ("parquet", "split")}
    steps = {"recipe": [*parent.input.get("recipe", ()), *made.fitted]}
    return replace(spec, arrays=spec.arrays | roots | {"raw_rows": "raw_rows.npy"}, input=spec.input | steps)


def replayed(data: DataSpec, texts: Sequence[str]) -> list[str]:
    """Return texts, as somebody wrote them, as the steps of a version change them."""
    recipe, name = data.input.get("recipe", ()), data.input["text"]
    if not recipe:
        return list(texts)
    touched = {column for part in recipe for column in run.require_table_step(part["step"]).changed(part["params"])}
    others = [pl.lit(None, pl.String).alias(column) for column in sorted(touched - {name})]
    frame = pl.DataFrame({name: texts}, {name: pl.String}).with_columns(others)
    return [text or "" for text in run.replay(frame, recipe)[name]]
