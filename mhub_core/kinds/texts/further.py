"""A further file of texts: they come to those of a version, or in their place, and the steps are done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import splits
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.kinds.kind import Addition, Paths, Prepared
from mhub_core.kinds.tables import dates
from mhub_core.kinds.tables import further as tables
from mhub_core.kinds.tables.formats.format import Refusals
from mhub_core.kinds.texts import prepare, process, vocabulary
from mhub_core.kinds.texts.prepare import Wanted
from mhub_core.recipes import run
from mhub_core.tasks.registry import require_task

_PARQUET, _SPLIT = "raw.parquet", "raw_split.npy"


def differences(data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
    """Return why a file cannot be added to a version, and what is to be known before."""
    if preview.kind != data.kind:
        return ["The file does not hold texts with labels."], []
    known = run.columns_of(pl.read_parquet_schema(paths(tables.source(data)[0])))
    found = {column.name for column in preview.columns}
    text, target = data.input["text"], data.target["name"]
    problems = [
        f"It has no column “{name}”, which {what}."
        for name, what in ((text, "holds the texts"), (target, "is the label"))
        if name not in found
    ]
    labels = {str(row[target]) for row in preview.first_rows if row.get(target) is not None}
    new = sorted(labels - {*data.classes}) if data.classes and not data.input.get("recipe") else []
    notes = [f"New labels: {tables.listed(new)}. A design needs as many outputs then."] if new else []
    return problems, [*tables.columns_words(known, found), *notes]


def extend(data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
    """Turn a version and a further file into arrays of the next version in `folder`."""
    parquet, split_name = tables.source(data)
    old, old_split = pl.read_parquet(paths[parquet]), np.load(paths[split_name])
    refusals, wanted = Refusals(), prepare.wanted_of(data)
    new, notes = _read(old, wanted, addition, refusals, folder, progress)
    both = pl.concat([old, new], how="vertical_relaxed")
    addition = replace(addition, request={**addition.request, "split": wanted.split.to_json()})
    # A text that is hidden stays so, also with another label or another number beside it.
    split, told = tables.split_of(data, addition, both, old_split, [wanted.text])
    frame = both[old.height :] if addition.replaces else both
    spec, report = _keep(data, addition, frame, split, wanted, folder, progress)
    read = prepare.report(report["accepted"], refusals, [*notes, *told, *report["warnings"]], folder)
    more = {"refused": read["refused"] + report.get("refused", 0), "reasons": [*read["reasons"], *report.get("reasons", ())]}
    return spec, {**report, **read, **more}


def _read(
    old: pl.DataFrame, wanted: Wanted, addition: Addition, refusals: Refusals, folder: Path, progress: Progress
) -> tuple[pl.DataFrame, list[str]]:
    """Return the usable rows of a file with the columns that are there already, and what is to be said."""
    request = addition.request
    whole = prepare.read(addition.path, request, folder, progress)
    for what, why, written in whole.refusals.rows:
        refusals.add(what, why, written)
    refusals.count = whole.refusals.count
    reading = dict(request.get("reading") or {})
    found, _, told = prepare.given(whole, wanted.split, reading)
    known = run.columns_of(old.schema)
    kinds = {name: tables.KINDS[known[name]] for name in (wanted.target, wanted.split.column) if name in known}
    reading["columns"] = {**(reading.get("columns") or {}), **kinds}
    frame, _, notes = prepare.usable(found, wanted, reading, refusals, progress)
    columns = [_like(frame, name, dtype) for name, dtype in old.schema.items()]
    return pl.DataFrame(columns), [*whole.notes, *told, *tables.columns_words(known, frame.columns), *notes]


def _like(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Series:
    """Return a column so that it can stand below one of a type; what does not fit is missing."""
    if name not in frame.columns:
        return pl.Series(name, [None] * frame.height, dtype)
    values = frame[name]
    if dtype.is_numeric() and values.dtype.is_numeric():
        return values
    if dtype == pl.String and values.dtype != pl.String:
        return dates.in_words(values.to_frame())[name].cast(pl.String)
    return values.cast(dtype, strict=False)


def _keep(
    data: DataSpec,
    addition: Addition,
    frame: pl.DataFrame,
    split: np.ndarray,
    wanted: Wanted,
    folder: Path,
    progress: Progress,
) -> Prepared:
    if not addition.steps:
        found = vocabulary.read(frame[wanted.text], progress)
        spec, warnings = prepare.write(frame, found, split, wanted, folder, progress)
        return spec, {"accepted": len(split), "warnings": warnings}
    frame.write_parquet(folder / _PARQUET)
    np.save(folder / _SPLIT, split)
    root = _root(data, frame, split)
    return process.process(root, {name: folder / file for name, file in root.arrays.items()}, addition.steps, folder, progress)


def _root(data: DataSpec, frame: pl.DataFrame, split: np.ndarray) -> DataSpec:
    """Describe the table of all texts, to which the steps are done again."""
    name, task = data.target["name"], require_task(data.task)
    y, classes = task.read_column(dates.in_words(frame.select(name))[name])
    target: dict[str, Any] = task.describe(name, y, classes, split == splits.TRAIN)
    known = {field: value for field, value in data.input.items() if field != "recipe"}
    arrays = {"parquet": _PARQUET, "split": _SPLIT}
    return DataSpec(data.kind, data.task, arrays, known, target, **splits.counts(split))
