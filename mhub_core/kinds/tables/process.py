"""A version of a table becomes another by a recipe; rows for a prediction go the same way, from the columns of the upload.

A version that a recipe made names the table at its root: `arrays["raw_parquet"]`, of which its rows are `arrays["raw_rows"]`
int64 `(rows,)`. `input["recipe"]` holds the fitted steps from there, and `input["raw_columns"]` the columns there.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import splits
from mhub_core.data.records import Column, DataSpec, Progress
from mhub_core.kinds import after_steps
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables import dates, encoding, prepare
from mhub_core.kinds.tables.types import Found
from mhub_core.recipes import run
from mhub_core.recipes.run import Made, Recipe

_ANEW = "anew"
_MAX_RAW_CATEGORIES = 1_000  # of a column in a form: the most frequent ones


def process(
    data: DataSpec, paths: Mapping[str, Path], recipe: Recipe, folder: Path, progress: Progress
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a version into arrays of another in `folder`. Its split goes along with the rows."""
    end = run.end_of_anew(recipe)
    if not 0 < end < len(recipe):
        return _process(data, paths, recipe, folder, progress)
    (folder / _ANEW).mkdir()
    anew, first = _process(data, paths, recipe[:end], folder / _ANEW, progress)
    between = {"parquet": "anew.parquet", "split": "anew_split.npy"}  # the root of the steps behind, which predictions go through
    for name, file in between.items():
        shutil.move(folder / _ANEW / anew.arrays[name], folder / file)
    shutil.rmtree(folder / _ANEW)
    anew = replace(anew, arrays=anew.arrays | between)
    spec, told = _process(anew, {name: folder / file for name, file in between.items()}, recipe[end:], folder, progress)
    return spec, told | {name: first[name] + told[name] for name in ("refused", "repeated", "reasons")}


def _process(
    data: DataSpec, paths: Mapping[str, Path], recipe: Recipe, folder: Path, progress: Progress
) -> tuple[DataSpec, dict[str, Any]]:
    frame, split = pl.read_parquet(paths["parquet"]), np.load(paths["split"])
    target, classes = data.target["name"], data.classes
    sources = np.load(paths["raw_rows"]) if "raw_rows" in paths else None
    made = run.make(frame, split == splits.TRAIN, recipe, progress, target, classes, sources)
    kept = np.where(made.train, splits.TRAIN, splits.TEST).astype(np.uint8)
    after_steps.require_enough(kept)
    prepare.drop_missing_target(made.frame, data.target["name"])
    touched = {name for part in recipe for name in run.require_table_step(part["step"]).changed(part["params"])}
    left_out = {column["name"] for column in data.input["columns"] if column["kind"] == "ignored"} - touched
    spec, report = prepare.keep_frame(
        made.frame, target, data.task, folder, progress, kept, left_out, found(data.input["columns"], made.frame)
    )
    report |= after_steps.told(recipe, made.changes)
    return _with_root(spec, data, paths, frame, made, folder), report


def found(columns: Sequence[dict[str, Any]], frame: pl.DataFrame) -> dict[str, Found]:
    """Return what was found out of the columns that are still what they were."""
    kinds = {"number": lambda values: values.dtype.is_numeric(), "date": lambda values: values.dtype.is_temporal()}
    known = [Column.from_json(column) for column in columns]
    same = [one for one in known if one.kind in kinds and one.name in frame.columns and kinds[one.kind](frame[one.name])]
    return {one.name: Found(None, one.unit, one.convention, one.marks, one.written) for one in same}


def _with_root(
    spec: DataSpec,
    parent: DataSpec,
    paths: Mapping[str, Path],
    frame: pl.DataFrame,
    made: Made,
    folder: Path,
) -> DataSpec:
    """Return a spec that also names the table at the root, with the steps from there."""
    uploaded = {name: parent.arrays[name] for name in ("source_parquet", "source_split") if name in parent.arrays}
    root, root_split = (parent.arrays.get(f"raw_{name}", parent.arrays[name]) for name in ("parquet", "split"))
    if made.begins_anew:  # it is a root itself, and the table of the upload is kept for a further file
        uploaded = uploaded or {"source_parquet": root, "source_split": root_split}
        return replace(spec, arrays=spec.arrays | uploaded, input=spec.input | split_of(parent))
    roots = np.load(paths["raw_rows"])[made.rows] if "raw_rows" in paths else made.rows
    np.save(folder / "raw_rows.npy", roots.astype(np.int64))
    seen = frame.filter(np.load(paths["split"]) == splits.TRAIN)
    columns = parent.input.get("raw_columns") or _raw_columns(parent.input["columns"], seen)
    return replace(
        spec,
        arrays=spec.arrays | {"raw_rows": "raw_rows.npy", "raw_parquet": root, "raw_split": root_split} | uploaded,
        input=spec.input | {"recipe": [*parent.input.get("recipe", ()), *made.fitted], "raw_columns": columns} | split_of(parent),
    )


def split_of(parent: DataSpec) -> dict[str, Any]:
    """Return what a spec says of how its rows were split."""
    return {"split": parent.input["split"]} if "split" in parent.input else {}


def _raw_columns(columns: Sequence[dict[str, Any]], frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [asdict(_raw(Column.from_json(column), frame[column["name"]])) for column in columns]


def _raw(column: Column, values: pl.Series) -> Column:
    """Return what a form asks for a column that a model does not look at as it is, but may through a recipe. `values`: those of
    the training rows, because all may read the categories."""
    if column.kind != "ignored":
        return column
    if not facts.is_text(values):
        return replace(column, kind="date" if values.dtype.is_temporal() else "number")
    counts = values.alias("text").drop_nulls().value_counts(name="rows").sort("rows", "text", descending=[True, False])
    return replace(column, kind="category", categories=tuple(sorted(counts["text"].head(_MAX_RAW_CATEGORIES))))


def raw_features(data: DataSpec) -> list[Column]:
    """Return the columns of the root from which the features come."""
    names = run.needed(data.input["recipe"], (part["name"] for part in data.input["encoder"]["columns"]))
    return [Column.from_json(column) for column in data.input["raw_columns"] if column["name"] in names]


def encode_raw(data: DataSpec, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return float32 `(rows, features)` of rows with the columns of the root. Raises Invalid as `encoding.read_rows` does."""
    columns, encoder = data.input["raw_columns"], data.input["encoder"]
    given = encoding.read_rows(columns, rows)
    frame = pl.DataFrame([_series(given[column["name"]], column) for column in columns])
    made = run.replay(frame, data.input["recipe"])
    arrays = {part["name"]: encoding.array_of(made[part["name"]], part["kind"]) for part in encoder["columns"]}
    return encoding.encode_columns(encoder, arrays, len(rows))


def _series(values: np.ndarray, column: Mapping[str, Any]) -> pl.Series:
    if column["kind"] == "number":
        return pl.Series(column["name"], values, dtype=pl.Float64).fill_nan(None)
    if column["kind"] == "date":
        return dates.from_days(values).alias(column["name"])
    return pl.Series(column["name"], values.tolist(), dtype=pl.String)
