"""Series in a NumPy `.npz`: `x` `(series, steps)` or `(series, steps, channels)` with `y`; or `x_train`, `x_test` and so on."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core import settings, zips
from mhub_core.data import signal
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.split_ways import Split
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.kind import IF_CHOSEN, LIKELY, NEVER
from mhub_core.kinds.pictures import arrays, parts
from mhub_core.kinds.pictures.arrays import Array, Part
from mhub_core.kinds.signals import fitting, gather, layout, prepare, preview
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.kinds.signals.layout import Layout
from mhub_core.kinds.tables import columns as facts
from mhub_core.kinds.tables.formats.format import Refusals

TARGET = "class"
_LOOKED_AT, _DRAWN = 100, 200
_LARGEST_PIXEL = 255
_WANTED = "Arrays x (series, steps) or (series, steps, channels), and y with one label for each series."


def holds(path: Path) -> bool:
    """Tell whether a file is a zip of arrays."""
    return arrays.is_arrays(path)


def likeness(path: Path) -> int:
    """Return whether arrays are series: two axes are no images, and three of them with negative or large fractions are none."""
    try:
        if not arrays.is_arrays(path):
            return NEVER
        with zips.opened(path, arrays.LIMITS) as archive:
            x = _checked(arrays.named_parts(archive)[0]).x
            first = list(arrays.rows_of(archive, x, _LOOKED_AT)) if len(x.shape) == 3 and x.dtype.kind == "f" else []
    except (Invalid, TooLarge):  # of what is refused the other kind says why
        return NEVER
    is_out = any(float(row.min(initial=0)) < 0 or float(row.max(initial=0)) > _LARGEST_PIXEL for row in first)
    return LIKELY if len(x.shape) == 2 or is_out else IF_CHOSEN


def look(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what arrays hold. Raises Invalid or TooLarge."""
    with zips.opened(path, arrays.LIMITS) as archive:
        found = _parts(archive)
        labels = _labels(archive, found)
        first = [row for part in found for row in arrays.rows_of(archive, part.x, _DRAWN)]
    counts = arrays.numbers_of(found)
    starts = np.cumsum([0, *counts.values()])
    shown = np.concatenate([start + np.arange(min(num, _DRAWN)) for start, num in zip(starts, counts.values(), strict=False)])
    series = _gathered(np.stack(first), labels[shown.tolist()])
    length, fit = fitting.choose(np.array([found[0].x.shape[1]]), *preview.sizes(chosen))
    return UploadPreview(
        kind="series",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=(),
        guessed_target=TARGET,
        guessed_tasks={TARGET: facts.guess_task(labels)},
        first_rows=(),
        classes={},
        warnings=tuple(parts.notes(counts, chosen, "series")),
        options=(*parts.options(counts, chosen), *preview.size_options(length, fit)),
        about={**preview.about(series, _layout(series), is_part=False), "series": int(starts[-1])},
    )


def prepare_arrays(path: Path, request: dict[str, Any], folder: Path, progress: Progress) -> tuple[DataSpec, dict[str, Any]]:
    """Turn arrays into those of a version."""
    chosen, asked = request.get("reading", {}), Split(**request.get("split", {}))
    kept, counts = read(path, progress)
    is_given, sizes = parts.keeps_test(counts, chosen), preview.sizes(chosen)
    spec, report = prepare.keep_series(kept, _layout(kept), request["task"], sizes, folder, progress, asked, is_given)
    report["warnings"] = [*parts.notes(counts, chosen, "series"), *report["warnings"]]
    return spec, prepare.with_refused(report, Refusals(), folder)


def read(path: Path, progress: Progress) -> tuple[Gathered, dict[str, int]]:
    """Return the usable series of arrays, `beside` of which are those of a test part, and how many each part has."""
    with zips.opened(path, arrays.LIMITS) as archive:
        found = _parts(archive)
        progress(0, 0, "Reading arrays")
        series = _gathered(np.concatenate([_whole(archive, part.x) for part in found]), _labels(archive, found))
    counts = arrays.numbers_of(found)
    series.beside = pl.Series("given", np.repeat([name == "test" for name in counts], list(counts.values())))
    return gather.usable(series, TARGET), counts


def _parts(archive: zipfile.ZipFile) -> list[Part]:
    found = [_checked(part) for part in arrays.named_parts(archive)]
    if len({part.x.shape[1:] for part in found}) > 1:
        raise Invalid("The series of the parts have different shapes.", "One shape.", "Save them in one shape.")
    size = sum(int(np.prod(part.x.shape, dtype=object)) for part in found) * 8
    limit = settings.number("MHUB_PREPARE_MEMORY_MB") * 250_000
    if size > limit:
        told = f"The series take {size / 1e6:,.0f} MB in memory."
        raise TooLarge(told, f"At most {limit / 1e6:,.0f} MB.", "Upload fewer series, or shorter ones.")
    return found


def _checked(part: Part) -> Part:
    x, y = part.x.shape, part.y.shape
    told = f"The array {part.x.info.filename[:40]!r} has the shape {x} and {part.y.info.filename[:40]!r} {y}."
    if len(x) not in (2, 3) or part.x.dtype.kind not in "uifb" or not x[0]:
        raise Invalid(told, _WANTED, "Change the shapes.")
    if y[:1] != x[:1] or len(y) > 2:
        raise Invalid(told, _WANTED, "Save one label for each series.")
    if not gather.MIN_STEPS <= x[1] <= signal.MAX_STEPS:
        raise Invalid(told, f"From {gather.MIN_STEPS} to {signal.MAX_STEPS:,} steps.", "Change the shape: steps come second.")
    return part


def _whole(archive: zipfile.ZipFile, array: Array) -> np.ndarray:
    return np.stack(list(arrays.rows_of(archive, array, array.shape[0])))


def _labels(archive: zipfile.ZipFile, found: list[Part]) -> pl.Series:
    """Return the labels of all parts, see `parts.one_label_each`."""
    values = np.concatenate([parts.one_label_each(_whole(archive, part.y), "series") for part in found])
    if values.dtype.kind in "US":
        return pl.Series(TARGET, values.astype(str).tolist(), pl.String)
    if values.dtype.kind != "f":
        return pl.Series(TARGET, values.astype(np.int64))
    return pl.Series(TARGET, values.astype(np.float64)).fill_nan(None)


def _gathered(values: np.ndarray, labels: pl.Series) -> Gathered:
    num, steps = values.shape[:2]
    flat = values.reshape(num * steps, -1).astype(np.float64)
    channels = ("value",) if flat.shape[1] == 1 else tuple(f"channel {number}" for number in range(1, flat.shape[1] + 1))
    names = [f"series {number:,}" for number in range(1, num + 1)]
    return Gathered(np.where(np.isfinite(flat), flat, np.nan), np.arange(num + 1) * steps, names, channels, labels)


def _layout(series: Gathered) -> Layout:
    return Layout(layout.LONG, series.channels, TARGET)
