"""The profile of images: what they look like on average, and which are blank or nearly the same."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np

from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.splits import TRAIN
from mhub_core.exploring import classes, odd_images
from mhub_core.exploring.records import Profile
from mhub_core.kinds.pictures import decode
from mhub_core.tasks.registry import require_task

MAX_IMAGES = 50_000  # that are looked at; of more, those that lie evenly among all
MAX_MEANS = 24
_SIDE = 96  # of a mean image, at most
_CHUNK_BYTES = 32 << 20


def profile(arrays: dict[str, Path], data: DataSpec, progress: Progress) -> Profile:
    """Return the profile of images. Each is read once, some at a time; only small gray ones of all are kept."""
    x = np.load(arrays["x"], mmap_mode="r")
    is_test, y = np.load(arrays["split"]) != TRAIN, np.load(arrays["y"], mmap_mode="r")
    strata = require_task(data.task).strata(y)
    has_classes = strata is not None and bool(data.classes) and y.ndim == 1  # one for each image, not one for each pixel or box
    groups = strata.astype(np.int64) if strata is not None and has_classes else np.zeros(len(x), np.int64)
    rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), MAX_IMAGES)).astype(np.int64))
    means = _Means(x.shape[1:], int(groups.max(initial=0)) + 1)
    small = np.empty((len(rows), odd_images.SIDE, odd_images.SIDE), np.float32)
    step = max(1, _CHUNK_BYTES // int(np.prod(x.shape[1:])))
    for start in range(0, len(rows), step):
        progress(start, len(rows), "Looking at images")
        some = rows[start : start + step]
        images = np.asarray(x[some])
        means.add(images[~is_test[some]], groups[some][~is_test[some]])
        small[start : start + len(some)] = odd_images.shrunk(images)
    progress(len(rows), len(rows), "Comparing images")
    return Profile(
        findings=(
            *odd_images.findings(small, rows, is_test[rows], groups[rows] if has_classes else None, data.classes),
            *(classes.findings(data.classes, np.asarray(y), is_test, "images") if has_classes else ()),
            *(classes.few_boxes(data.classes, counts) if not has_classes and (counts := data.target.get("counts")) else ()),
        ),
        sampled=len(rows),
        pictures={"means": means.told(data.classes if has_classes else ())},
    )


class _Means:
    """Adds images up by group."""

    def __init__(self, shape: tuple[int, ...], num_groups: int) -> None:
        self._sums = np.zeros((min(num_groups, MAX_MEANS), *shape), np.float64)
        self._counts = np.zeros(len(self._sums), np.int64)
        self._all, self._num = np.zeros(shape, np.float64), 0

    def add(self, images: np.ndarray, groups: np.ndarray) -> None:
        """Add training images."""
        self._all += images.sum(axis=0, dtype=np.float64)
        self._num += len(images)
        for group in np.unique(groups[groups < len(self._sums)]):
            mine = images[groups == group]
            self._sums[group] += mine.sum(axis=0, dtype=np.float64)
            self._counts[group] += len(mine)

    def told(self, classes: tuple[str, ...]) -> list[list[str]]:
        """Return names with pictures, that of all first."""
        told = [["All training images", _picture(self._all / max(1, self._num))]]
        shown = zip(classes, self._sums, self._counts, strict=False)
        return told + [[name, _picture(sums / count)] for name, sums, count in shown if count]


def _picture(mean: np.ndarray) -> str:
    step = -(-max(mean.shape[:2]) // _SIDE)
    return base64.b64encode(decode.to_png(np.round(mean[::step, ::step]).astype(np.uint8))).decode("ascii")
