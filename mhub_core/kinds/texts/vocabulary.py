"""Which words a model knows, and texts as their numbers: 0 fills up, 1 is any other word, the known ones follow by frequency."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from mhub_core.data import room
from mhub_core.data.records import Progress
from mhub_core.kinds.texts import words

NUM_SPECIAL = 2
FILL, UNKNOWN = 0, 1
MIN_WORDS, DEFAULT_WORDS, MAX_WORDS = 100, 10_000, 20_000
MIN_LENGTH, MAX_LENGTH = 4, 1_000
_USUAL_LENGTHS = (8, 256)  # that are chosen without a person
_COVERED = 95  # percent of the training texts fit into the chosen length as a whole
_OFTEN = 2  # a word that is there once teaches nothing; those give the number of unknown words something to learn from
_BATCH = 20_000


@dataclass(frozen=True)
class Read:
    """All texts as numbers of the distinct words that they hold, one behind the other: `numbers` int32 `(words,)`.

    `lengths` int64 `(texts,)`: how many words each has, of which the first `MAX_LENGTH` are among `numbers`.
    """

    numbers: np.ndarray
    lengths: np.ndarray
    distinct: list[str]

    @property
    def kept(self) -> np.ndarray:
        """How many words of each text are among the numbers."""
        kept: np.ndarray = np.minimum(self.lengths, MAX_LENGTH)
        return kept

    def of(self, shown: np.ndarray) -> np.ndarray:
        """Return the numbers of some texts, given as a mask."""
        numbers: np.ndarray = self.numbers[np.repeat(shown, self.kept)]
        return numbers

    def only(self, shown: np.ndarray) -> Read:
        """Return some texts, given as a mask."""
        return Read(self.of(shown), self.lengths[shown], self.distinct)


def read(texts: pl.Series, progress: Progress) -> Read:
    """Take texts apart into words."""
    known: dict[str, int] = {}
    numbers, lengths = array("i"), array("q")
    for start in range(0, len(texts), _BATCH):
        progress(start, len(texts), "Reading words")
        for found in words.each(texts[start : start + _BATCH].to_list()):
            lengths.append(len(found))
            numbers.extend([known.setdefault(word, len(known)) for word in found[:MAX_LENGTH]])
    return Read(np.array(numbers, np.int32), np.array(lengths, np.int64), list(known))


def choose(found: Read, train: np.ndarray, max_words: int) -> tuple[str, ...]:
    """Return the words that a model knows: the most frequent of the training texts, those that are there twice at least.

    `max_words` counts the two numbers that are no words. Where no word is there twice, all are taken.
    """
    counts = np.bincount(found.of(train), minlength=len(found.distinct))
    enough = np.flatnonzero(counts >= _OFTEN)
    candidates = enough if len(enough) else np.flatnonzero(counts)
    ranked = sorted(candidates.tolist(), key=lambda number: (-counts[number], found.distinct[number]))
    return tuple(found.distinct[number] for number in ranked[: max_words - NUM_SPECIAL])


def usual_length(lengths: np.ndarray) -> int:
    """Return a length into which nearly all of some texts fit, a multiple of 8."""
    low, high = _USUAL_LENGTHS
    covering = float(np.percentile(lengths, _COVERED)) if len(lengths) else low
    return int(np.clip(-(-int(np.ceil(covering)) // 8) * 8, low, high))


def lookup(found: Read, vocabulary: Sequence[str]) -> np.ndarray:
    """Return int32 `(distinct words,)`: the number that a model gets for each."""
    numbers = numbers_of("\n".join(vocabulary))
    return np.array([numbers.get(word, UNKNOWN) for word in found.distinct], np.int32)


def write(found: Read, becomes: np.ndarray, length: int, path: Path, progress: Progress) -> None:
    """Write int32 `(texts, length)`: the beginning of each text, filled up with 0 behind its end."""
    num, kept = len(found.lengths), found.kept
    room.require_room(path.parent, num * length * 4)
    x = np.lib.format.open_memmap(path, "w+", np.int32, (num, length))
    ends = np.cumsum(kept)
    for start in range(0, num, _BATCH):
        progress(start, num, "Writing texts")
        some = kept[start : start + _BATCH]
        first = int(ends[start] - kept[start])
        x[start : start + len(some)] = _rows(becomes[found.numbers[first : first + int(some.sum())]], some, length)
    x.flush()


def _rows(numbers: np.ndarray, lengths: np.ndarray, length: int) -> np.ndarray:
    rows = np.full((len(lengths), length), FILL, np.int32)
    row = np.repeat(np.arange(len(lengths)), lengths)
    step = np.arange(len(numbers)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    fits = step < length
    rows[row[fits], step[fits]] = numbers[fits]
    return rows


@lru_cache(maxsize=8)
def numbers_of(joined: str) -> dict[str, int]:
    """Return the number of each word of a vocabulary, which is given as its words with line ends between them."""
    return {word: number for number, word in enumerate(joined.split("\n"), NUM_SPECIAL)} if joined else {}


def encode(found: Sequence[str], joined: str, length: int) -> np.ndarray:
    """Return int32 `(length,)`: the words of one text as a model takes them."""
    numbers, known = np.full(length, FILL, np.int32), numbers_of(joined)
    told = [known.get(word, UNKNOWN) for word in found[:length]]
    numbers[: len(told)] = told
    return numbers
