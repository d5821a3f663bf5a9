"""The target against one column: how much the column alone tells of it, and the figures of a chart of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from mhub_core.exploring.codes import codes, together
from mhub_core.exploring.relations import pearson

MAX_GROUPS, MAX_POINTS = 12, 400
BOXES, SHARES, POINTS = "boxes", "shares", "points"
_SEED = 11
_PARTS = (0.05, 0.25, 0.5, 0.75, 0.95)


def strength(values: pl.Series, target: np.ndarray, is_class: bool) -> float:
    """Return how much a column alone tells of the target, 0 to 1, measured on rows that were not looked at.

    Each value, or range of a number, is answered with what is usual there in the other half of the rows: the most frequent class,
    or the mean. Of a number it is R squared. Of classes it is the share of the mistakes of always naming the most frequent class
    that this avoids or, where that is more, as of rare classes, the share of the uncertainty (cross-entropy) that it takes away.
    """
    groups, halves = codes(values), np.random.default_rng(_SEED).permutation(len(values)) % 2
    tell = _told_of_classes if is_class else _told_of_numbers
    found = tell(groups, target, halves)
    if not is_class and values.dtype.is_numeric():
        numbers = values.cast(pl.Float64).to_numpy()
        there = ~np.isnan(numbers)
        straight = pearson(numbers[there], target[there]) ** 2 * there.mean() if there.sum() > 2 else 0.0
        found = max(found, 0.0 if np.isnan(straight) else straight)
    return float(np.clip(found, 0.0, 1.0))


def _told_of_classes(groups: np.ndarray, target: np.ndarray, halves: np.ndarray) -> float:
    shape = (int(groups.max()) + 1, int(target.max()) + 1)
    right, base, surprise, usual_surprise = 0, 0, 0.0, 0.0
    for half in (0, 1):
        learn, ask = halves != half, halves == half
        counts = np.zeros(shape, np.int64)
        found = together(groups[learn], target[learn])
        counts[: found.shape[0], : found.shape[1]] = found
        shares = (np.bincount(target[learn], minlength=shape[1]) + 0.5) / (learn.sum() + 0.5 * shape[1])
        # What is usual counts as much as one row, so that a value that was not seen is answered with it.
        told = ((counts + shares) / (counts.sum(axis=1, keepdims=True) + 1))[groups[ask]]
        truth = target[ask]
        right += int((told.argmax(axis=1) == truth).sum())
        base += int((shares.argmax() == truth).sum())
        surprise -= float(np.log(told[np.arange(len(truth)), truth]).sum())
        usual_surprise -= float(np.log(shares[truth]).sum())
    avoided = (right - base) / (len(target) - base) if base < len(target) else 0.0
    return max(avoided, 1 - surprise / usual_surprise if usual_surprise > 0 else 0.0)


def _told_of_numbers(groups: np.ndarray, target: np.ndarray, halves: np.ndarray) -> float:
    answers = np.empty(len(target))
    for half in (0, 1):
        learn, ask = halves != half, halves == half
        length = int(groups.max()) + 1
        counts = np.bincount(groups[learn], minlength=length)
        sums = np.bincount(groups[learn], target[learn], length)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), target[learn].mean() if learn.any() else 0.0)
        answers[ask] = means[groups[ask]]
    total = float(((target - target.mean()) ** 2).sum())
    return 1 - float(((target - answers) ** 2).sum()) / total if total > 0 else 0.0


def chart(values: pl.Series, target: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the figures of a chart of a column and the target, as JSON: its `form` and `rows`. None where there is nothing.

    `boxes`: five parts of the numbers in each group (5, 25, 50, 75, 95 %). `shares`: of each value the share of each class.
    `points`: some rows, both numbers.
    """
    there = values.is_not_null()
    values, target = values.filter(there), target[there.to_numpy()]
    if not len(values) or values.dtype.is_temporal():
        return None
    is_number = values.dtype.is_numeric()
    if classes and is_number:
        return {"form": BOXES, "rows": _boxes(_names(classes, target), values.cast(pl.Float64).to_numpy())}
    if classes:
        return {"form": SHARES, "rows": _shares(values.cast(pl.String), target, classes)}
    if is_number:
        some = np.random.default_rng(_SEED).permutation(len(target))[:MAX_POINTS]
        numbers = values.cast(pl.Float64).to_numpy()
        return {"form": POINTS, "rows": [[float(numbers[row]), float(target[row])] for row in some]}
    return {"form": BOXES, "rows": _boxes(values.cast(pl.String).to_list(), target)}


def _names(classes: tuple[str, ...], target: np.ndarray) -> list[str]:
    return [classes[number] for number in target]


def _boxes(groups: list[str], numbers: np.ndarray) -> list[list[Any]]:
    frame = pl.DataFrame({"group": groups, "number": numbers})
    parts = [pl.col("number").quantile(part, "linear").alias(f"part{part}") for part in _PARTS]
    found = frame.group_by("group").agg(pl.len().alias("rows"), *parts).sort("rows", "group", descending=[True, False])
    return [[name[:80], rows, *told] for name, rows, *told in found.head(MAX_GROUPS).iter_rows()]


def _shares(values: pl.Series, target: np.ndarray, classes: tuple[str, ...]) -> list[list[Any]]:
    frame = pl.DataFrame({"value": values, "class": target})
    often = frame["value"].value_counts(name="rows").sort("rows", "value", descending=[True, False]).head(MAX_GROUPS)
    large = set(np.argsort(-np.bincount(target, minlength=len(classes)), kind="stable")[: MAX_GROUPS - 2].tolist())
    counted = frame.join(often.select("value"), on="value").group_by("value", "class").len()
    found: dict[tuple[str, str], int] = {}
    for value, number, rows in counted.iter_rows():
        name = classes[number] if number in large else "other classes"
        found[value, name] = found.get((value, name), 0) + rows
    totals = dict(often.iter_rows())
    order = {value: place for place, value in enumerate(often["value"])}
    shown = sorted(found.items(), key=lambda pair: (order[pair[0][0]], pair[0][1]))
    return [[value[:80], name, rows, rows / totals[value]] for (value, name), rows in shown]
