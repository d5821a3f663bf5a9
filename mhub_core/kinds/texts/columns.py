"""Which column of a table holds the texts, and whether a table is one of texts at all."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mhub_core.kinds.tables import columns as facts

_TEXT_NAMES = (
    "text",
    "review",
    "comment",
    "message",
    "sentence",
    "tweet",
    "content",
    "body",
    "description",
    "headline",
    "question",
)
_LABEL_NAMES = ("label", "target", "class", "sentiment", "rating", "stars", "score", "category", "topic", "mood", "spam", "y")
_FEW_VALUES = 20  # of a label without a telling name
_SAMPLE = 2_000
_LETTERS_PER_WORD = 4  # of scripts without blanks: as much as a word of others
_SOME_WORDS, _SEVERAL_WORDS, _MANY_WORDS = 1.5, 4.5, 15.0  # on average
_FEW_OTHERS, _OTHERS = 2, 6  # columns beside texts and label that a model could learn from as well
_MOSTLY_DIFFERENT = 0.5


@dataclass(frozen=True)
class Texts:
    """A column that may hold the texts: how many words one has on average, and the share of different ones."""

    name: str
    words: float
    different: float

    @property
    def is_text(self) -> bool:
        """Whether it reads like sentences rather than like names."""
        return self.words >= _SEVERAL_WORDS and self.different >= _MOSTLY_DIFFERENT


def find(frame: pl.DataFrame) -> list[Texts]:
    """Return the columns of a tidy frame that may hold the texts, the likeliest first."""
    found = [_measure(frame[name].head(_SAMPLE)) for name in frame.columns if frame[name].dtype == pl.String]
    return sorted((one for one in found if one.words >= _SOME_WORDS), key=lambda one: (-_named(one), -one.words))


def _named(one: Texts) -> bool:
    return one.is_text and one.name.strip().lower() in _TEXT_NAMES


def _measure(values: pl.Series) -> Texts:
    there = values.drop_nulls()
    if not len(there):
        return Texts(values.name, 0.0, 0.0)
    blanks = there.str.count_matches(r"\s+").mean()
    unspaced = there.str.count_matches(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]").mean()
    words = 1 + float(blanks or 0) + float(unspaced or 0) / _LETTERS_PER_WORD  # type: ignore[arg-type]
    return Texts(values.name, words, there.n_unique() / len(there))


def guess_label(frame: pl.DataFrame) -> str:
    """Return which of the columns beside the texts is likely the label: by its name, else the one with the fewest values."""
    by_name = {name.strip().lower(): name for name in frame.columns}
    named = next((by_name[name] for name in _LABEL_NAMES if name in by_name), None)
    distinct = {name: frame[name].drop_nulls().n_unique() for name in frame.columns}
    few = [name for name in frame.columns if 2 <= distinct[name] <= _FEW_VALUES]
    return named or min(few, key=distinct.__getitem__, default=facts.guess_target(frame))


def is_likely(found: list[Texts], num_others: int) -> bool:
    """Tell whether a table is meant as texts: it has a column of sentences, and little else to learn from.

    `num_others`: how many columns, beside the texts and the label, could teach a model something. Beside two of these, short
    texts without a telling name are rather notes.
    """
    if not found or not found[0].is_text:
        return False
    if found[0].words >= _MANY_WORDS:
        return num_others <= _OTHERS
    return num_others <= (_FEW_OTHERS if _named(found[0]) else 1)
