"""What is odd about the classes of a target: too few examples to learn from, or nearly all of one class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mhub_core.exploring.records import WARNING, Finding

FEW = 10
_HEAVY_RATIO, _HEAVY_SHARE = 10, 0.9
_NAMED = 5


def findings(classes: Sequence[str], y: np.ndarray, is_test: np.ndarray, noun: str) -> list[Finding]:
    """Return what is odd about int classes `(examples,)`. Small classes are counted in both splits. `noun`: several examples."""
    if not classes or y.ndim != 1:
        return []
    counts, train = (np.bincount(of, minlength=len(classes)) for of in (y, y[~is_test]))
    return [*_small(classes, counts, noun), *_heavy(classes, train, noun)]


def few_boxes(classes: Sequence[str], counts: Sequence[int]) -> list[Finding]:
    """Return what is odd about classes of which each image has any number, given how many of each the training images have."""
    return _small(classes, np.asarray(counts), "boxes in the training images", "")


def _small(classes: Sequence[str], counts: np.ndarray, noun: str, of_which: str = ", test set included") -> list[Finding]:
    small = [number for number in np.argsort(counts, kind="stable") if counts[number] < FEW]
    if not small:
        return []
    named = ", ".join(f"{classes[number]} ({counts[number]})" for number in small[:_NAMED])
    more = f" and {len(small) - _NAMED:,} more" if len(small) > _NAMED else ""
    some = "1 class has" if len(small) == 1 else f"{len(small):,} classes have"
    words = f"{some} fewer than {FEW} {noun}{of_which}: {named}{more}."
    return [
        Finding(
            "few_examples",
            WARNING,
            words,
            "A model hardly learns a class from so few, and its scores on them are chance. Add examples, or merge small classes.",
        )
    ]


def _heavy(classes: Sequence[str], train: np.ndarray, noun: str) -> list[Finding]:
    there = train[train > 0]
    if len(there) < 2:
        return []
    largest, share = int(train.argmax()), float(train.max() / train.sum())
    if share < _HEAVY_SHARE and train.max() < _HEAVY_RATIO * there.min():
        return []
    rarest = int(np.where(train > 0, train, train.max() + 1).argmin())
    words = (
        f'The classes are of very different size: {train[largest]:,} training {noun} are "{classes[largest]}" ({share:.0%}), '
        f'{train[rarest]:,} are "{classes[rarest]}".'
    )
    advice = (
        f'A model that always predicts "{classes[largest]}" is right {share:.0%} of the time: compare models by F1 or recall. '
        "Try the focal loss, or add examples of the rare classes."
    )
    return [Finding("imbalance", WARNING, words, advice)]
