"""A table of series becomes arrays: found, brought to one length, missing values filled, standardised, split by series."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core import settings
from mhub_core.data import room, split_ways, splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.split_ways import USUAL, Split
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.signals import fitting, gather, layout, preview
from mhub_core.kinds.signals.fitting import Moments
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.layout import Layout
from mhub_core.kinds.tables import prepare as tables
from mhub_core.kinds.tables import types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.format import Refusals
from mhub_core.tasks.registry import require_task

_REFUSED = "refused.json"
_AT_ONCE = 200  # series between two words of progress
_NAMED = 5


def prepare_file(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a file into arrays in `folder`. `request` is as `Series.check_request` returns it, with the `file_name`."""
    format, reading = formats.format_of(path, request.get("file_name", "")), request.get("reading", {})
    tables.require_memory(path, formats.look(path, request.get("file_name", ""), reading), in_pieces=False)
    whole = format.read(path, reading, folder, progress)
    if request["target"] not in whole.frame.columns:
        told = f"There is no column {request['target'][:80]!r}."
        raise Invalid(told, "The target must be a column of the table.", "Choose another target.")
    progress(0, 0, "Finding types")
    tidy = types.tidy(whole.frame, _with_numbers(reading, request, whole.frame.columns))
    asked = Split(**request.get("split", {}))
    found = _layout(tidy.frame, request, asked)
    series = gather.gather(tidy.frame, found, asked.column)
    spec, report = keep_series(series, found, request["task"], preview.sizes(reading), folder, progress, asked)
    report["warnings"] = [*whole.notes, *tidy.notes, *report["warnings"]]
    return spec, with_refused(report, whole.refusals, folder)


def with_refused(report: dict[str, Any], before: Refusals, folder: Path) -> dict[str, Any]:
    """Return a report that also tells of the rows that a format refused before."""
    rows = [*before.rows, *report.pop("refused_rows")]
    if rows:
        (folder / _REFUSED).write_text(json.dumps(rows), "utf-8")
        report["refused_rows"] = _REFUSED
    report["refused"] += before.count
    report["reasons"] = [*before.examples, *report["reasons"]]
    return report


def _with_numbers(reading: dict[str, Any], request: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return how to read the columns, so that what the beginning showed to be numbers stays that: text among them is missing."""
    values = [name for name in request.get("series", {}).get("values", ()) if name in names and name != request["target"]]
    return {**reading, "columns": {**dict.fromkeys(values, "number"), **reading.get("columns", {})}}


def _layout(frame: pl.DataFrame, request: dict[str, Any], asked: Split) -> Layout:
    """Return the layout that the form showed, else the one that the whole file looks like; without a column that tells of the
    target or of the split among the values."""
    told, target = request.get("series") or {}, request["target"]
    guess = preview.layout_of(frame, request.get("reading", {})) if not told.get("values") else None
    values = guess.values if guess else told["values"]
    hidden = asked.column if split_ways.WAYS[asked.way].hides_column else ""
    kept = tuple(name for name in values if name not in (target, hidden))
    return replace(guess, values=kept, target=target) if guess else Layout(told["form"], kept, target, told["id"], told["time"])


def keep_series(
    series: Gathered,
    found: Layout,
    task: str,
    sizes: tuple[int, str],
    folder: Path,
    progress: Progress,
    how: Split = USUAL,
    is_given: bool = False,
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn series into `x.npy`, `y.npy`, `split.npy`, `lengths.npy` and `gaps.npy` in `folder`.

    `sizes`: how many steps and by which way, see `fitting.choose`. `how`: the way to split; `is_given`: `beside` tells
    which series are the test. In the report `refused_rows` is a list.
    """
    asked = require_task(task)
    _require_enough(series, found.target)
    assert series.labels is not None
    y, classes = asked.read_column(series.labels)
    told: list[str] = []
    if is_given and series.beside is not None:
        split = series.beside.cast(pl.UInt8).to_numpy()
    else:
        split, told = split_ways.draw(how, len(y), asked.strata(y), classes, series.beside)
    splits.require_test(split)
    length, fit = fitting.choose(series.lengths, *sizes)
    _require_memory(len(series), length, len(series.channels), folder)
    missing = np.array([np.isnan(one).sum(axis=0) for one in series], np.int32)  # (series, channels)
    moments = _moments(series, split == splits.TRAIN, length, fit, progress)
    given = {
        "shape": [length, len(series.channels)],
        "channels": list(series.channels),
        "mean": moments.mean().tolist(),
        "std": moments.std().tolist(),
        "fit": fit,
        "split": splits.GIVEN if is_given else how.to_json(),
        "layout": {"form": found.form, "id": found.id, "time": found.time, "values": list(found.values)},
    }
    _write(series, given, folder / "x.npy", progress)
    lengths, gaps = series.lengths.astype(np.int32), missing.sum(axis=1, dtype=np.int32)
    for name, array in (("y", y), ("split", split), ("lengths", lengths), ("gaps", gaps)):
        np.save(folder / f"{name}.npy", array)
    names = ("x", "y", "split", "lengths", "gaps")
    target = asked.describe(found.target, y, classes, split == splits.TRAIN)
    spec = DataSpec("series", task, {name: f"{name}.npy" for name in names}, given, target, **splits.counts(split))
    notes = [*series.notes, *_notes(lengths, missing, given), *told, *asked.notes(y, classes)]
    refused = series.refusals
    report = {"accepted": len(y), "refused": refused.count, "reasons": refused.examples, "warnings": notes}
    return spec, {**report, "refused_rows": refused.rows}


def _require_enough(series: Gathered, target: str) -> None:
    if len(series) < splits.MIN_ROWS:
        why = "; ".join(f"{what} {why}" for what, why in series.refusals.examples[:_NAMED])
        told = f"Only {len(series)} series can be used." + (f" Left out: {why}." if why else "")
        raise Invalid(told, f"At least {splits.MIN_ROWS} series.", "Add series, or choose another layout or series column.")
    if series.labels is None or series.labels.n_unique() < 2:
        raise Invalid(
            f"The target {target!r} has only one value, so there is nothing to learn.",
            "A target needs two or more different values.",
            "Choose another target, or upload a file with more series.",
        )


def _require_memory(num: int, length: int, num_channels: int, folder: Path) -> None:
    size, limit = num * length * num_channels * 4, settings.number("MHUB_PREPARE_MEMORY_MB") * 500_000
    if size > limit:
        raise TooLarge(
            f"{num:,} series of {length:,} steps and {num_channels:,} channels take {size / 1e6:,.0f} MB.",
            f"At most {limit / 1e6:,.0f} MB.",
            f"Choose fewer steps, such as {max(gather.MIN_STEPS, int(length * limit / size)):,}.",
        )
    room.require_room(folder, size)


def _moments(series: Gathered, train: np.ndarray, length: int, fit: str, progress: Progress) -> Moments:
    """Measure the training series as they will be, without the steps that are filled up."""
    found = Moments(len(series.channels))
    for place, one in enumerate(series):
        if place % _AT_ONCE == 0:
            progress(place, len(series), "Measuring series")
        if train[place]:
            found.add(fitting.fitted(fitting.filled(one), length, fit))
    return found


def _write(series: Gathered, given: dict[str, Any], path: Path, progress: Progress) -> None:
    """Write float32 `(series, steps, channels)`."""
    x = np.lib.format.open_memmap(path, "w+", np.float32, (len(series), *given["shape"]))
    for place, one in enumerate(series):
        if place % _AT_ONCE == 0:
            progress(place, len(series), "Writing series")
        x[place] = fitting.encode(one, given)
    x.flush()


def _notes(lengths: np.ndarray, missing: np.ndarray, given: dict[str, Any]) -> list[str]:
    """Say what was done to lengths and missing values. `missing` `(series, channels)`: how many values each lacks."""
    (length, _), told = given["shape"], []
    shorter, longer = int((lengths < length).sum()), int((lengths > length).sum())
    if shorter or longer:
        told.append(
            f"The series have {int(lengths.min()):,} to {int(lengths.max()):,} steps, and a model takes {length:,}. "
            + " ".join(_done(shorter, longer, given["fit"]))
        )
    is_empty = missing == lengths[:, None]  # nothing lies beside such gaps, so nothing is filled
    gaps = np.where(is_empty, 0, missing).sum(axis=1)
    if gaps.any():
        values = "1 missing value" if gaps.sum() == 1 else f"{int(gaps.sum()):,} missing values"
        told.append(f"{values} of {_series(gaps > 0)} filled with the line between the neighbours.")
    return told + _empty(is_empty, given["channels"])


def _empty(is_empty: np.ndarray, channels: list[str]) -> list[str]:
    """Tell of channels without a value, in all series or in some."""
    nowhere = np.logical_and.reduce(is_empty, axis=0)
    names = [name for name, is_lost in zip(channels, nowhere, strict=True) if is_lost]
    told = [f"Channel {name!r} has no values: a model sees 0." for name in names[:_NAMED]]
    some = np.logical_or.reduce(is_empty[:, ~nowhere], axis=1)
    if some.any():
        told.append(f"{_series(some)} without any value in a channel that others have: a model sees the mean there.")
    return told


def _series(mask: np.ndarray) -> str:
    return f"{int(mask.sum()):,} series"


def _done(shorter: int, longer: int, fit: str) -> list[str]:
    if fit == fitting.STRETCH:
        return [
            part for number, part in ((shorter, f"{shorter:,} are stretched."), (longer, f"{longer:,} are condensed.")) if number
        ]
    end = "end" if fit == fitting.END else "beginning"
    cut, filled = f"{longer:,} are cut off at the {end}.", f"{shorter:,} are filled up at the {end} with the mean."
    return [part for number, part in ((shorter, filled), (longer, cut)) if number]


def keep_arrays(
    values: np.ndarray, labels: pl.Series, channels: tuple[str, ...], task: str, folder: Path
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn series in memory `(series, steps, channels)` into arrays in `folder`."""
    num, steps, _ = values.shape
    ends, names = np.arange(num + 1) * steps, [f"series {number}" for number in range(1, num + 1)]
    flat = values.reshape(num * steps, -1).astype(np.float64)
    series = gather.usable(Gathered(flat, ends, names, channels, labels), labels.name)
    found = Layout(layout.LONG, channels, labels.name)
    spec, report = keep_series(series, found, task, (steps, fitting.END), folder, lambda *_: None)
    return spec, with_refused(report, Refusals(), folder)
