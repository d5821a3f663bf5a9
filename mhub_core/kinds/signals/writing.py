"""Series become the arrays of a version: brought to one length, missing values filled, standardised by the training series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mhub_core import settings
from mhub_core.data import room, signal, splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.signals import fitting, gather
from mhub_core.kinds.signals.fitting import Moments
from mhub_core.kinds.signals.gather import Gathered
from mhub_core.tasks.registry import require_task

_AT_ONCE = 200  # series between two words of progress
_NAMED = 5


def require_enough(series: Gathered, target: str) -> None:
    """Raise Invalid where nothing can be learned from so few series, or of one label."""
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


def write(
    series: Gathered,
    split: np.ndarray,
    target: str,
    task: str,
    sizes: tuple[int, str],
    about: dict[str, Any],
    folder: Path,
    progress: Progress,
) -> tuple[DataSpec, list[str]]:
    """Write `x.npy`, `y.npy`, `split.npy`, `lengths.npy` and `gaps.npy`. Return the description and what is to be said.

    `sizes`: how many steps and by which way. `about`: what `input` holds besides.
    """
    asked = require_task(task)
    require_enough(series, target)
    assert series.labels is not None
    y, classes = asked.read_column(series.labels)
    splits.require_test(split)
    (length, fit), train = sizes, split == splits.TRAIN
    require_memory(len(series), length, len(series.channels), folder)
    missing = np.array([np.isnan(one).sum(axis=0) for one in series], np.int32)  # (series, channels)
    moments = _moments(series, train, length, fit, progress)
    given = {
        "shape": [length, len(series.channels)],
        "channels": list(series.channels),
        "mean": moments.mean().tolist(),
        "std": moments.std().tolist(),
        "fit": fit,
        **about,
    }
    _write(series, given, folder / "x.npy", progress)
    lengths, gaps = series.lengths.astype(np.int32), missing.sum(axis=1, dtype=np.int32)
    arrays = {"y": y, "split": split, "lengths": lengths, "gaps": gaps}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    files = {name: f"{name}.npy" for name in ("x", *arrays)}
    spec = DataSpec("series", task, files, given, asked.describe(target, y, classes, train), **splits.counts(split))
    return spec, [*_notes(lengths, missing, given), *asked.notes(y, classes)]


def require_memory(num: int, length: int, num_channels: int, folder: Path) -> None:
    """Raise TooLarge for series that take too much memory or disk."""
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
            found.add(fitting.fitted(signal.filled(one), length, fit))
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
