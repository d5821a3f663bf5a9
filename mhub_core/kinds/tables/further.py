"""A further file of the same columns: its rows come to those of a version, or in their place, and the steps are done again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import split_further, split_ways
from mhub_core.data.records import Column, DataSpec, Progress, UploadPreview
from mhub_core.data.split_further import Known
from mhub_core.data.split_ways import Drawn, Rows, Split
from mhub_core.errors import Invalid
from mhub_core.kinds.kind import Addition, Paths, Prepared
from mhub_core.kinds.tables import dates, prepare, process, types
from mhub_core.kinds.tables.formats.registry import format_of
from mhub_core.kinds.tables.types import Found
from mhub_core.recipes import run
from mhub_core.tasks.registry import require_task

KINDS = {"number": "number", "date": "date", "text": "category"}
_READ_AS = {
    "number": "Values that are not numbers count as missing.",
    "date": "Values that are not dates count as missing.",
    "text": "They are read as categories.",
}
_NAMED = 8


def source(data: DataSpec) -> tuple[str, str]:
    """Return the names of the arrays that hold the table as it was uploaded, and its split."""
    prefix = next((prefix for prefix in ("source_", "raw_") if f"{prefix}parquet" in data.arrays), "")
    if f"{prefix}split" not in data.arrays:
        told = "This version was made before the split of its upload was kept."
        raise Invalid(told, mend="Add the file to the first version, and do the steps again.")
    return f"{prefix}parquet", f"{prefix}split"


def differences(data: DataSpec, paths: Paths, preview: UploadPreview) -> tuple[list[str], list[str]]:
    """Return why a file cannot be added to a version, and what is to be known before."""
    known = run.columns_of(pl.read_parquet_schema(paths(source(data)[0])))
    found = {column.name: column for column in preview.columns}
    if preview.kind != data.kind:
        return ["The file does not hold rows of a table."], []
    target = data.target["name"]
    problems = [f"It has no column “{target}”, which is the target."] if target not in found else []
    if not (known.keys() - {target}) & found.keys():
        problems.append("It has none of the columns of the dataset.")
    notes = columns_words(known, found.keys())
    other = [name for name, column in found.items() if name in known and _is_other(column, known[name])]
    return problems, notes + [
        f"Column “{name}” holds other values than before. {_READ_AS[known[name]]}" for name in other[:_NAMED]
    ]


def _is_other(column: Column, holds: str) -> bool:
    return column.kind not in ("ignored", KINDS[holds]) and not (holds == "text" and column.kind == "number")


def columns_words(known: Mapping[str, Any], found: Any) -> list[str]:
    """Return which columns a file lacks, and which it has besides."""
    missing, more = ([f"“{name}”" for name in one if name not in other] for one, other in ((known, found), (found, known)))
    told = [f"Missing in the file, so empty in its rows: {listed(missing)}."] if missing else []
    return told + ([f"Not in the dataset, so left out: {listed(more)}."] if more else [])


def listed(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")


def extend(data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
    """Turn a version and a further file into arrays of the next version in `folder`."""
    parquet, split_name = source(data)
    old, old_split = pl.read_parquet(paths[parquet]), np.load(paths[split_name])
    new, report = _read(old, data, addition, folder, progress)
    both = pl.concat([old, new], how="vertical_relaxed")
    split, notes = split_of(data, addition, both, old_split)
    frame = both[old.height :] if addition.replaces else both
    spec, told = _keep(data, addition, frame, split, folder, progress)
    report["warnings"] += notes
    counts = {name: report[name] + told[name] for name in ("refused",)} | {"accepted": told["accepted"]}
    lists = {name: [*report[name], *told[name]] for name in ("reasons", "warnings")}
    return spec, {**told, **report, **counts, **lists}


def _read(
    old: pl.DataFrame, data: DataSpec, addition: Addition, folder: Path, progress: Progress
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return the rows of a file with the columns that are there already, and what is to be said."""
    request, target = addition.request, data.target["name"]
    format, reading = format_of(addition.path, request.get("file_name", "")), dict(request.get("reading") or {})
    known = run.columns_of(old.schema)
    names = set(format.look(addition.path, reading).frame.columns)
    reading["columns"] = {name: KINDS[holds] for name, holds in known.items() if name in names}
    whole = format.read(addition.path, reading, folder, progress)
    prepare.require_column(whole.frame.columns, target)
    tidied = types.tidy(whole.frame, reading)
    found = tidied.frame.select(name for name in old.columns if name in tidied.frame.columns)
    missing = [pl.lit(None, old.schema[name]).alias(name) for name in old.columns if name not in found.columns]
    frame = found.with_columns(missing).select(old.columns)
    kept = frame.filter(pl.col(target).is_not_null())
    gone = frame.height - kept.height
    if not kept.height:
        raise Invalid("No row of the file can be used.", "Rows that have a target.", "Upload another file.")
    if whole.refusals.rows:
        (folder / prepare.REFUSED).write_text(json.dumps(whole.refusals.rows), "utf-8")
    report = {
        "refused": whole.refusals.count + gone,
        "reasons": [*whole.refusals.examples, *prepare.missing_reason(gone, target)],
        "warnings": [*whole.notes, *columns_words(known, whole.frame.columns), *tidied.notes],
    }
    return kept, report | ({"refused_rows": prepare.REFUSED} if whole.refusals.rows else {})


def split_of(data: DataSpec, addition: Addition, both: pl.DataFrame, old_split: np.ndarray, same_in: Sequence[str] = ()) -> Drawn:
    """Return the split of the next version, in which old rows keep their side, and what is to be said. `same_in`: the columns by
    which a row is there already; without it all of them."""
    asked, task, at = Split(**addition.request.get("split") or {}), require_task(data.task), len(old_split)
    hidden = asked.column if split_ways.WAYS[asked.way].hides_column else ""
    new, target, cells = both[at:], data.target["name"], _cells(both, at, same_in, hidden)
    keys, known = split_further.by_group(asked, both, cells), Known(cells[:at], old_split, None)
    y, _ = task.read_column(dates.in_words(new.select(target))[target])
    before, values = (part[asked.column] if asked.column in part.columns else None for part in (both[:at], new))
    rows = Rows(new.height, task.strata(y), values)
    drawn, notes = split_further.draw(asked, Known(keys[:at], old_split, before), keys[at:], rows)
    drawn = split_further.stay_hidden(known, cells[at:], keys, drawn, addition.replaces)
    if not addition.replaces:
        return np.concatenate([old_split, drawn]), notes
    alone, told = split_further.draw_alone(asked, drawn, rows)
    return alone, [*(told or notes), *split_further.lost_words(known, cells[at:])]


def _cells(both: pl.DataFrame, at: int, same_in: Sequence[str], hidden: str) -> np.ndarray:
    """Return by what a row is there already: some columns, or all but one that only tells of the split."""
    return split_further.cells_of(both, at, same_in or [name for name in both.columns if name != hidden])


def _keep(
    data: DataSpec, addition: Addition, frame: pl.DataFrame, split: np.ndarray, folder: Path, progress: Progress
) -> Prepared:
    root = folder / "root" if addition.steps else folder
    root.mkdir(exist_ok=True)
    prepare.drop_missing_target(frame, data.target["name"])
    left_out, found = _left_out(addition.request), _found(data, addition.request, frame)
    spec, report = prepare.keep_frame(frame, data.target["name"], data.task, root, progress, split, left_out, found)
    spec = replace(spec, input=spec.input | process.split_of(data))
    if not addition.steps:
        return spec, report
    for name, file in (("parquet", "raw.parquet"), ("split", "raw_split.npy")):
        shutil.move(root / spec.arrays[name], folder / file)
        spec.arrays[name] = file
    paths = {name: folder / file for name, file in spec.arrays.items() if name in ("parquet", "split")}
    made, told = process.process(spec, paths, addition.steps, folder, progress)
    return made, told | {"warnings": [*report["warnings"], *told["warnings"]]}


def _left_out(request: Mapping[str, Any]) -> list[str]:
    """Return the columns that a model does not look at: those that a person left out, and one that only tells of the split."""
    asked, chosen = Split(**request.get("split") or {}), (request.get("reading") or {}).get("columns") or {}
    hidden = [asked.column] if split_ways.WAYS[asked.way].hides_column else []
    return [*hidden, *(name for name, kind in chosen.items() if kind == "ignored")]


def _found(data: DataSpec, request: Mapping[str, Any], frame: pl.DataFrame) -> dict[str, Found]:
    """Return what was found out of the columns when the first file was read, and what a person chose for them."""
    chosen = (request.get("reading") or {}).get("columns") or {}
    known = process.found(data.input.get("raw_columns") or data.input["columns"], frame)
    return {name: replace(known.get(name, Found()), chosen=chosen.get(name)) for name in frame.columns}
