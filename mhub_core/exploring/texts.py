"""The profile of texts: how long they are, which words they have, and what about them would mislead a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.splits import TRAIN
from mhub_core.exploring import classes, columns, repeats
from mhub_core.exploring.records import NOTE, WARNING, Finding, Profile
from mhub_core.exploring.repeats import Repeats
from mhub_core.kinds.texts import vocabulary, words

MAX_TEXTS = 100_000  # whose words are looked at; of more, those that lie evenly among all
MAX_CLASSES, MAX_WORDS = 30, 12  # that are shown
_BATCH = 5_000
_MANY_CUT, _MANY_UNKNOWN, _MANY_REPEATED = 0.25, 0.3, 0.01
_IN_NEARLY_ALL, _IN_HARDLY_ANY, _ENOUGH = 0.95, 0.02, 20
_PRIOR = 0.5


def profile(arrays: dict[str, Path], data: DataSpec, progress: Progress) -> Profile:
    """Return the profile of texts. Figures are those of the training texts; what is counted across the splits says so."""
    x, y = np.load(arrays["x"], mmap_mode="r"), np.load(arrays["y"], mmap_mode="r")
    is_test = np.load(arrays["split"]) != TRAIN
    train = np.flatnonzero(~is_test)
    shown = train[np.unique(np.linspace(0, len(train) - 1, min(len(train), MAX_TEXTS)).astype(np.int64))]
    lengths = _lengths(arrays["parquet"], data, shown, progress)
    progress(len(shown), len(shown), "Counting words")
    counted = _Counted(data, 1 if not data.classes else len(data.classes))
    for start in range(0, len(shown), _BATCH):
        some = shown[start : start + _BATCH]
        counted.add(np.asarray(x[some]), np.asarray(y[some]) if data.classes else np.zeros(len(some), np.int64))
    progress(len(shown), len(shown), "Comparing texts")
    table = pl.scan_parquet(arrays["parquet"]).with_columns(_plain(data.input["text"]))
    repeated = repeats.find(table, [data.input["text"]], data.target["name"], is_test, bool(data.classes))
    unknown = {name: _unknown(x, rows) for name, rows in (("training", train), ("test", np.flatnonzero(is_test)))}
    cut = float((lengths > data.input_shape[0]).mean())
    return Profile(
        findings=(
            *counted.findings(),
            *_repeated(repeated, len(train), int(is_test.sum())),
            *classes.findings(data.classes, np.asarray(y), is_test, "texts"),
            *_unread(cut, unknown["test"], data.input_shape[0]),
        ),
        sampled=len(shown),
        texts={"unknown": unknown, "cut": cut, "words": counted.told(), **_told_of_lengths(lengths)},
    )


def _plain(name: str) -> pl.Expr:
    """Return texts without what hardly matters, so that copies of one are the same."""
    return pl.col(name).str.to_lowercase().str.replace_all(r"\s+", " ")


def _batches(parquet: Path, name: str, rows: np.ndarray) -> Iterator[list[str]]:
    table = pl.scan_parquet(parquet).select(name)
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        first = int(some[0])
        yield table.slice(first, int(some[-1]) - first + 1).collect()[name].gather((some - first).tolist()).to_list()


def _lengths(parquet: Path, data: DataSpec, rows: np.ndarray, progress: Progress) -> np.ndarray:
    """Return how many words some texts have, also those that a model does not read."""
    found: list[int] = []
    for texts in _batches(parquet, data.input["text"], rows):
        progress(len(found), len(rows), "Looking at texts")
        found += [len(told) for told in words.each(texts)]
    return np.array(found, np.int64)


def _told_of_lengths(lengths: np.ndarray) -> dict[str, Any]:
    edges, counts = columns.histogram(lengths.astype(np.float64))
    facts = {"shortest": lengths.min(), "median": np.median(lengths), "longest": lengths.max()}
    return {"edges": edges.tolist(), "counts": counts.tolist(), **{name: int(value) for name, value in facts.items()}}


def _unknown(x: np.ndarray, rows: np.ndarray) -> float:
    """Return the share of the words that a model reads of these texts but does not know."""
    unknown = total = 0
    for start in range(0, len(rows), _BATCH):
        some = np.asarray(x[rows[start : start + _BATCH]])
        unknown += int((some == vocabulary.UNKNOWN).sum())
        total += int((some != vocabulary.FILL).sum())
    return unknown / max(1, total)


class _Counted:
    """Counts the known words of the training texts of each class."""

    def __init__(self, data: DataSpec, num_classes: int) -> None:
        self._data, self._names = data, data.input["words"].split("\n")
        shape = (min(num_classes, MAX_CLASSES) + 1, data.input["num_words"])  # the last row is that of all other classes
        self._words, self._texts = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self._num = np.zeros(shape[0], np.int64)

    def add(self, x: np.ndarray, groups: np.ndarray) -> None:
        """Add int `(texts, words)` and the class of each."""
        groups = np.minimum(groups, len(self._num) - 1)
        for group in np.unique(groups):
            mine = x[groups == group]
            self._num[group] += len(mine)
            self._words[group] += np.bincount(mine.ravel(), minlength=self._words.shape[1])
            ordered = np.sort(mine, axis=1)
            first = np.ones(ordered.shape, bool)
            first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
            self._texts[group] += np.bincount(ordered[first], minlength=self._texts.shape[1])

    def told(self) -> list[list[Any]]:
        """Return for each class its name, its most frequent words with their counts, and the words that set it apart."""
        names = self._data.classes[:MAX_CLASSES] or ("All texts",)
        return [[name, self._frequent(group), self._telling(group)] for group, name in enumerate(names)]

    def _frequent(self, group: int) -> list[list[Any]]:
        counts = self._words[group, vocabulary.NUM_SPECIAL :]
        ranked = np.argsort(-counts, kind="stable")[:MAX_WORDS]
        return [[self._names[word], int(counts[word])] for word in ranked if counts[word]]

    def _telling(self, group: int) -> list[str]:
        """Return the words whose log odds of being in a text of this class rather than of another are surest: Monroe, Colaresi
        and Quinn (2008), https://doi.org/10.1093/pan/mpn018, equation 22, with a flat prior."""
        if not self._data.classes:
            return []
        mine = self._texts[group, vocabulary.NUM_SPECIAL :] + _PRIOR
        others = self._texts.sum(axis=0)[vocabulary.NUM_SPECIAL :] - mine + 2 * _PRIOR
        odds = [np.log(some / np.maximum(total + 1 - some, _PRIOR)) for some, total in self._both(group, mine, others)]
        surety = (odds[0] - odds[1]) / np.sqrt(1 / mine + 1 / others)
        return [self._names[word] for word in np.argsort(-surety, kind="stable")[:MAX_WORDS] if surety[word] > 0]

    def _both(self, group: int, mine: np.ndarray, others: np.ndarray) -> list[tuple[np.ndarray, int]]:
        return [(mine, int(self._num[group])), (others, int(self._num.sum() - self._num[group]))]

    def findings(self) -> Iterator[Finding]:
        """Give the words that nearly alone tell a class: they may have been written by whoever labelled the texts."""
        for group, name in enumerate(self._data.classes[:MAX_CLASSES]):
            num, others = int(self._num[group]), int(self._num.sum() - self._num[group])
            if min(num, others) < _ENOUGH:
                continue
            mine = self._texts[group, vocabulary.NUM_SPECIAL :] / num
            rest = (self._texts.sum(axis=0) - self._texts[group])[vocabulary.NUM_SPECIAL :] / others
            for word in np.flatnonzero((mine >= _IN_NEARLY_ALL) & (rest <= _IN_HARDLY_ANY))[:1]:
                yield Finding(
                    "leak",
                    WARNING,
                    f'The word "{self._names[word]}" is in {mine[word]:.0%} of the texts of "{name}" and in '
                    f"{rest[word]:.1%} of all others.",
                    "Ask whether it is there when the label is not known yet. If it was written with the label, take it out of "
                    "the texts: a model would look at nothing else.",
                )


def _repeated(found: Repeats, num_train: int, num_test: int) -> Iterator[Finding]:
    if found.across >= max(1, _MANY_REPEATED * num_test):
        yield Finding(
            "across_splits",
            WARNING,
            f"{found.across:,} of {num_test:,} test texts are also among the training texts, with the same label.",
            "A model knows their answers already, so its test scores look better than they are. Remove the copies from the file.",
        )
    if found.in_training >= max(1, _MANY_REPEATED * num_train):
        yield Finding(
            "duplicates",
            WARNING,
            f"{found.in_training:,} of {num_train:,} training texts repeat another one.",
            "They count several times in training. Remove the copies from the file.",
        )
    if found.torn >= 2:
        yield Finding(
            "contradictions",
            WARNING,
            f"{found.torn:,} training texts are there again with another label.",
            "No model can tell them apart. Check their labels.",
        )


def _unread(cut: float, unknown: float, length: int) -> Iterator[Finding]:
    if unknown >= _MANY_UNKNOWN:
        yield Finding(
            "unknown_words",
            WARNING,
            f"A model does not know {unknown:.0%} of the words of the test texts.",
            "Few texts have few words in common. Add training texts, or let more words be known when you upload them again.",
        )
    if cut >= _MANY_CUT:
        yield Finding(
            "cut",
            NOTE,
            f"{cut:.0%} of the training texts have more than the {length:,} words that a model reads of them.",
            "Mostly the beginning is enough. If what matters stands at the end, upload them again with a greater length.",
        )
