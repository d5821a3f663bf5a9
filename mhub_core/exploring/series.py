"""The profile of series: their lengths and missing values, the mean of each class, and which are there several times."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data import signal
from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.splits import TRAIN
from mhub_core.exploring import classes
from mhub_core.exploring.records import NOTE, WARNING, Finding, Profile
from mhub_core.tasks.registry import require_task

MAX_MEANS, MAX_CHANNELS, MAX_POINTS = 12, 6, 300  # of a mean series
_BARS = 20
_MANY_GAPS = 0.2
_AT_ONCE_BYTES = 32 << 20


def profile(arrays: dict[str, Path], data: DataSpec, progress: Progress) -> Profile:
    """Return the profile of series, each read once. `Profile.series` is `{"means", "lengths", "channels", "gaps"}`: means
    `[[name, values by channel, deviations by channel]]` in the unit of the data, lengths a histogram of the training series."""
    x, y = np.load(arrays["x"], mmap_mode="r"), np.asarray(np.load(arrays["y"]))
    is_test = np.load(arrays["split"]) != TRAIN
    lengths, gaps = np.load(arrays["lengths"]), np.load(arrays["gaps"])
    strata = require_task(data.task).strata(y)
    has_classes = strata is not None and bool(data.classes)
    groups = strata if strata is not None and has_classes else np.zeros(len(y), np.int64)
    means = _Means(data)
    marks: list[bytes] = []
    step = max(1, _AT_ONCE_BYTES // (int(np.prod(x.shape[1:])) * 4))
    for start in range(0, len(x), step):
        progress(start, len(x), "Looking at series")
        some = np.asarray(x[start : start + step])
        marks += [hashlib.sha256(one.tobytes()).digest()[:16] for one in some]
        train = ~is_test[start : start + len(some)]
        means.add(some[train], groups[start : start + len(some)][train])
    return Profile(
        findings=(
            *_repeated(marks, is_test, groups if has_classes else None),
            *_missing(gaps, lengths, len(data.input["channels"])),
            *(classes.findings(data.classes, y, is_test, "series") if has_classes else ()),
        ),
        sampled=len(x),
        series={
            "means": means.told(data.classes if has_classes else ()),
            "channels": data.input["channels"][:MAX_CHANNELS],
            "lengths": _histogram(lengths[~is_test]),
            "gaps": {"series": int((gaps[~is_test] > 0).sum()), "values": int(gaps[~is_test].sum())},
        },
    )


def _repeated(marks: list[bytes], is_test: np.ndarray, groups: np.ndarray | None) -> list[Finding]:
    """Find series that are the same to a model, within the training series and across the splits."""
    train = [mark for mark, hidden in zip(marks, is_test, strict=True) if not hidden]
    known, found = set(train), []
    across = sum(mark in known for mark, hidden in zip(marks, is_test, strict=True) if hidden)
    if across:
        some = "1 test series is" if across == 1 else f"{across:,} test series are"
        found.append(
            Finding(
                "repeated_across",
                WARNING,
                f"{some} also among the training series.",
                "The score on them is memory, not skill. Remove the copies from the file and upload it again.",
            )
        )
    if copies := len(train) - len(known):
        some = "1 training series repeats" if copies == 1 else f"{copies:,} training series repeat"
        found.append(
            Finding("repeated", NOTE, f"{some} another one.", "A model learns them with more weight. Remove the copies.")
        )
    if groups is not None and (torn := _torn(train, groups[~is_test])):
        some = "1 series stands" if torn == 1 else f"{torn:,} series stand"
        advice = "No model can tell them apart. Check the labels."
        found.append(Finding("torn", WARNING, f"{some} in the training data with different classes.", advice))
    return found


def _torn(marks: list[bytes], groups: np.ndarray) -> int:
    classes_of: dict[bytes, set[int]] = {}
    for mark, group in zip(marks, groups.tolist(), strict=True):
        classes_of.setdefault(mark, set()).add(group)
    return sum(len(of) > 1 for of in classes_of.values())


def _missing(gaps: np.ndarray, lengths: np.ndarray, num_channels: int) -> list[Finding]:
    many = int((gaps > _MANY_GAPS * lengths * num_channels).sum())
    if not many:
        return []
    some = "1 series lacks" if many == 1 else f"{many:,} series lack"
    words = f"{some} more than {_MANY_GAPS:.0%} of the values, which were filled in."
    return [Finding("gaps", WARNING, words, "A model learns the filled lines as if they were measured. Check the source.")]


def _histogram(lengths: np.ndarray) -> dict[str, Any]:
    low, high = int(lengths.min()), int(lengths.max())
    counts, edges = np.histogram(lengths, bins=min(_BARS, max(1, high - low)), range=(low, high + 1))
    return {
        "shortest": low,
        "longest": high,
        "middle": int(np.median(lengths)),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
    }


class _Means:
    """Adds series up by group."""

    def __init__(self, data: DataSpec) -> None:
        num = min(max(1, len(data.classes)), MAX_MEANS)
        self._scale = np.array(data.input["std"])[:MAX_CHANNELS]
        self._shift = np.array(data.input["mean"])[:MAX_CHANNELS]
        self._sums = np.zeros((num, data.input_shape[0], len(self._scale)))
        self._squares = np.zeros_like(self._sums)
        self._counts = np.zeros(num, np.int64)

    def add(self, series: np.ndarray, groups: np.ndarray) -> None:
        """Add training series."""
        for group in np.unique(groups[groups < len(self._counts)]):
            mine = series[groups == group][:, :, : len(self._scale)].astype(np.float64)
            self._sums[group] += mine.sum(axis=0)
            self._squares[group] += (mine**2).sum(axis=0)
            self._counts[group] += len(mine)

    def told(self, names: tuple[str, ...]) -> list[list[Any]]:
        """Return names with means and deviations by channel, in the unit of the data."""
        shown = zip(names or ("All training series",), self._sums, self._squares, self._counts, strict=False)
        return [[name, *self._told(sums / count, squares / count)] for name, sums, squares, count in shown if count]

    def _told(self, mean: np.ndarray, squares: np.ndarray) -> tuple[list[Any], list[Any]]:
        deviation = np.sqrt((squares - mean**2).clip(0))
        both = (mean * self._scale + self._shift, deviation * self._scale)
        return tuple(_short(one).T.round(6).tolist() for one in both)


def _short(values: np.ndarray) -> np.ndarray:
    return signal.stretched(values, MAX_POINTS) if len(values) > MAX_POINTS else values
