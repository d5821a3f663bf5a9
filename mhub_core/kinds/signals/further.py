"""A further file of series: they come to those of a version, or in their place, and the steps are done again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import split_further, split_ways
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.split_further import Known
from mhub_core.data.split_ways import Drawn, Rows, Split
from mhub_core.data.splits import GIVEN, TEST, TRAIN
from mhub_core.errors import Invalid
from mhub_core.kinds.kind import Addition, Prepared
from mhub_core.kinds.pictures import parts
from mhub_core.kinds.signals import arrays, prepare, process, roots, writing
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.layout import WIDE
from mhub_core.kinds.signals.roots import Root
from mhub_core.kinds.tables.formats.format import Refusals
from mhub_core.kinds.tables.further import listed
from mhub_core.recipes import labels
from mhub_core.tasks.registry import require_task

_KEY = "key"


def differences(data: DataSpec, preview: UploadPreview) -> tuple[list[str], list[str]]:
    """Return why a file cannot be added to a version, and what is to be known before."""
    roots.names_in(data)
    if preview.kind != data.kind:
        return ["The file does not hold series."], []
    target, known, found = data.target["name"], data.input["channels"], preview.about["channels"]
    columns = {column.name for column in preview.columns}
    layout = data.input["layout"]
    needed = {target: "is the target", layout["id"]: "identifies each series", layout["time"]: "orders the steps"}
    problems = [f"It has no column “{name}”, which {what}." for name, what in needed.items() if name and name not in columns]
    problems = problems if columns else []  # arrays have none
    if missing := [name for name in known if name not in found]:
        problems.append(f"It lacks channels of the dataset: {listed(missing)}.")
    more = [name for name in found if name not in known]
    notes = [f"Not in the dataset, so left out: {listed(more)}."] if more else []
    told = {one["label"] for one in preview.about["drawn"]} if preview.guessed_target == target else set()
    new = sorted(told - {*data.classes}) if data.classes and not data.input.get("steps") else []
    return problems, notes + ([f"New labels: {listed(new)}. A design needs as many outputs then."] if new else [])


def extend(data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
    """Turn a version and a further file into arrays of the next version in `folder`."""
    root = roots.read(data, paths.__getitem__)
    new, given, report, before = _read(data, addition, folder, progress)
    split, told = _split(data, addition, root, new, given)
    made = Root(new if addition.replaces else _joined(root.series, new), split, np.arange(len(split)))
    spec, done = _keep(data, made, addition, folder, progress)
    report["warnings"] += [*told, *done["warnings"]]
    counts = {"accepted": done["accepted"], "repeated": done.get("repeated", 0)}
    read = prepare.with_refused({**report, **counts}, before, folder)
    more = {"refused": read["refused"] + done.get("refused", 0), "reasons": [*read["reasons"], *done.get("reasons", ())]}
    return spec, read | more


def _read(
    data: DataSpec, addition: Addition, folder: Path, progress: Progress
) -> tuple[Gathered, np.ndarray | None, dict[str, Any], Refusals]:
    """Return the usable series of a file with the channels that are there already; bool `(series,)` which of them it says are for
    the test; what is to be said; and what its format refused."""
    request, chosen, given = addition.request, addition.request.get("reading") or {}, None
    if arrays.holds(addition.path):
        series, counts = arrays.read(addition.path, progress)
        notes, before = parts.notes(counts, chosen, "series"), Refusals()
        if parts.keeps_test(counts, chosen) and series.beside is not None:
            given = series.beside.to_numpy()
    else:
        series, _, whole = prepare.read(addition.path, _asked(data, request), folder, progress)
        notes, before = [*whole.notes], whole.refusals
    refused = series.refusals
    report = {"refused": refused.count, "reasons": refused.examples, "refused_rows": refused.rows}
    return _with_channels(series, data), given, {**report, "warnings": [*notes, *series.notes]}, before


def _asked(data: DataSpec, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return how to read a table: by the layout of the first one. One series in each row may have more or fewer columns."""
    told = data.input["layout"]
    chosen = {**(request.get("reading") or {}), "layout": told["form"]}
    if told["form"] == WIDE:
        chosen["columns"] = {name: kind for name, kind in (chosen.get("columns") or {}).items() if name not in told["values"]}
        return {**request, "reading": chosen, "target": data.target["name"], "series": {}}
    return {**request, "reading": chosen, "target": data.target["name"], "series": told}


def _with_channels(series: Gathered, data: DataSpec) -> Gathered:
    known = data.input["channels"]
    if missing := [name for name in known if name not in series.channels]:
        raise Invalid(
            f"The file has no channel {listed(missing)}.", "The channels of the dataset.", "Upload a file like the first one."
        )
    if not len(series):
        raise Invalid("No series of the file can be used.", "Series with a label and two steps or more.", "Upload another file.")
    values = series.values[:, [series.channels.index(name) for name in known]]
    return replace(series, values=values, channels=tuple(known))


def _joined(old: Gathered, new: Gathered) -> Gathered:
    """Return the series of both, one behind the other."""
    ends = np.concatenate([old.ends, old.ends[-1] + new.ends[1:]])
    beside = None
    if old.beside is not None and new.beside is not None:
        beside = _one_below_the_other(old.beside, new.beside)
    assert old.labels is not None and new.labels is not None
    told = _one_below_the_other(old.labels, new.labels)
    return Gathered(np.concatenate([old.values, new.values]), ends, [*old.names, *new.names], old.channels, told, beside)


def _one_below_the_other(old: pl.Series, new: pl.Series) -> pl.Series:
    if old.dtype != new.dtype and pl.String in (old.dtype, new.dtype):
        old, new = labels.names(old), labels.names(new)
    return pl.concat([old.to_frame(), new.alias(old.name).to_frame()], how="vertical_relaxed").to_series()


def _split(data: DataSpec, addition: Addition, root: Root, new: Gathered, given: np.ndarray | None) -> Drawn:
    """Return the split of the next version, and what is to be said. A series that is there already, by its name or its values,
    keeps its side: one that is hidden stays so, also when it went on since."""
    asked, task = Split(**addition.request.get("split") or {}), require_task(data.task)
    both = _joined(root.series, new)
    assert both.labels is not None
    at, strata = len(root.split), task.strata(task.read_column(both.labels)[0])
    keys = _keys(asked, both, data.input["layout"]["id"])
    values = None if both.beside is None or data.input.get("split") == GIVEN else both.beside
    before, later = (None, None) if values is None else (values[:at], values[at:])
    rows = Rows(len(new), None if strata is None else strata[at:], later)
    if given is not None:
        told: list[str] = []
        drawn = split_further.same_side(keys[:at], root.split, keys[at:], np.where(given, TEST, TRAIN).astype(np.uint8))
    else:
        drawn, told = split_further.draw(asked, Known(keys[:at], root.split, before), keys[at:], rows)
    marks = _marks(both)
    drawn[np.isin(marks[at:], marks[:at][root.split == TEST])] = TEST
    if not addition.replaces:
        return np.concatenate([root.split, drawn]), told
    alone, why = split_further.draw_alone(asked, drawn, rows)
    return alone, why or told


def _keys(asked: Split, both: Gathered, id: str) -> np.ndarray:
    """Return what tells whether two series are the same: their group where that decides, else their name where a column gives
    them one, else their values."""
    keys = pl.Series(_KEY, both.names if id else _marks(both).tolist())
    beside = [both.beside.alias(asked.column)] if both.beside is not None and split_ways.WAYS[asked.way].asks else []
    return split_further.keys_of(asked, pl.DataFrame([keys, *beside]), [_KEY])


def _marks(series: Gathered) -> np.ndarray:
    """Return a hash of the values of each series."""
    return np.array([hashlib.sha256(np.ascontiguousarray(one).tobytes()).hexdigest()[:32] for one in series])


def _keep(data: DataSpec, root: Root, addition: Addition, folder: Path, progress: Progress) -> Prepared:
    if not addition.steps:
        about: dict[str, Any] = {name: data.input[name] for name in ("split", "layout") if name in data.input}
        sizes = process.sizes_after(data, ())
        told = writing.write(root.series, root.split, data.target["name"], data.task, sizes, about, folder, progress)
        spec, notes = told
        return replace(spec, arrays=spec.arrays | roots.write(root.series, folder)), {
            "accepted": spec.num_rows,
            "warnings": notes,
        }
    kept = roots.write(root.series, folder, "raw_")
    for name, array in (("lengths", root.series.lengths.astype(np.int32)), ("split", root.split)):
        np.save(folder / f"raw_{name}.npy", array)
        kept[f"raw_{name}"] = f"raw_{name}.npy"
    spec, report = process.make(data, root, addition.steps, len(addition.steps), folder, progress)
    return replace(spec, arrays=spec.arrays | kept), report
