"""A table of series becomes a version: read, found, split by series, written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import split_ways, splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.split_ways import USUAL, Drawn, Split
from mhub_core.kinds.signals import fitting, gather, layout, preview, roots, writing
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.layout import Layout
from mhub_core.kinds.tables import prepare as tables
from mhub_core.kinds.tables import types
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.kinds.tables.formats.format import Refusals, Whole
from mhub_core.tasks.registry import require_task

_REFUSED = "refused.json"


def prepare_file(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a file into arrays in `folder`. `request` is as `Series.check_request` returns it, with the `file_name`."""
    asked, sizes = Split(**request.get("split", {})), preview.sizes(request.get("reading", {}))
    series, found, whole = read(path, request, folder, progress)
    spec, report = keep_series(series, found, request["task"], sizes, folder, progress, asked)
    report["warnings"] = [*whole.notes, *report["warnings"]]
    return spec, with_refused(report, whole.refusals, folder)


def read(path: Path, request: Mapping[str, Any], folder: Path, progress: Progress) -> tuple[Gathered, Layout, Whole]:
    """Return the usable series of a file, how it holds them, and what its format tells. Raises Invalid or TooLarge."""
    format, reading = formats.format_of(path, request.get("file_name", "")), request.get("reading", {})
    tables.require_memory(path, formats.look(path, request.get("file_name", ""), reading), in_pieces=False)
    whole = format.read(path, reading, folder, progress)
    tables.require_column(whole.frame.columns, request["target"])
    progress(0, 0, "Finding types")
    tidy = types.tidy(whole.frame, _with_numbers(reading, request, whole.frame.columns))
    asked = Split(**request.get("split", {}))
    found = _layout(tidy.frame, request, asked)
    series = gather.gather(tidy.frame, found, asked.column)
    return series, found, replace(whole, notes=(*whole.notes, *tidy.notes))


def with_refused(report: dict[str, Any], before: Refusals, folder: Path) -> dict[str, Any]:
    """Return a report that also tells of the rows that a format refused before."""
    rows = [*before.rows, *report.pop("refused_rows")]
    if rows:
        (folder / _REFUSED).write_text(json.dumps(rows), "utf-8")
        report["refused_rows"] = _REFUSED
    report["refused"] += before.count
    report["reasons"] = [*before.examples, *report["reasons"]]
    return report


def _with_numbers(reading: Mapping[str, Any], request: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Return how to read the columns, so that what the beginning showed to be numbers stays that: text among them is missing."""
    values = [name for name in request.get("series", {}).get("values", ()) if name in names and name != request["target"]]
    return {**reading, "columns": {**dict.fromkeys(values, "number"), **reading.get("columns", {})}}


def _layout(frame: pl.DataFrame, request: Mapping[str, Any], asked: Split) -> Layout:
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
    """Turn series into arrays in `folder`, and keep them as they are beside.

    `sizes`: how many steps and by which way, see `fitting.choose`. `how`: the way to split; `is_given`: `beside` tells
    which series are the test. In the report `refused_rows` is a list.
    """
    writing.require_enough(series, found.target)
    split, told = _split(series, task, how, is_given)
    asked = splits.GIVEN if is_given else how.to_json()
    about = {"split": asked, "layout": {"form": found.form, "id": found.id, "time": found.time, "values": list(found.values)}}
    length_and_fit = fitting.choose(series.lengths, *sizes)
    spec, notes = writing.write(series, split, found.target, task, length_and_fit, about, folder, progress)
    spec = replace(spec, arrays=spec.arrays | roots.write(series, folder))
    refused, warnings = series.refusals, [*series.notes, *notes, *told]
    report = {"accepted": len(split), "refused": refused.count, "reasons": refused.examples, "warnings": warnings}
    return spec, {**report, "refused_rows": refused.rows}


def _split(series: Gathered, task: str, how: Split, is_given: bool) -> Drawn:
    assert series.labels is not None
    if is_given and series.beside is not None:
        return series.beside.cast(pl.UInt8).to_numpy(), []
    asked = require_task(task)
    y, classes = asked.read_column(series.labels)
    return split_ways.draw(how, len(y), asked.strata(y), classes, series.beside)


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
