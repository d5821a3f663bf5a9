"""Tells quickly of cells of text that nothing has to be done to: most tables hold no others."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.kinds.tables import marks

_FEW = 1_000
_LONGEST_MARK = max(len(mark.encode()) for mark in marks.ANYWHERE)
_FIRST_LETTER, _LAST_LETTER = ord("!"), ord("~")  # of ASCII, without blanks


class PlainTexts:
    """Looks at piece after piece of a column. Where it has few different texts, those that are plain are remembered."""

    def __init__(self) -> None:
        self._known: set[str | None] = {None}
        self._has_few = True

    def are_all(self, texts: pl.Series) -> bool:
        """Return whether all of these are certainly without outer blanks, in the form NFC, and no mark for a missing value."""
        if not self._has_few:
            return _are_plain(texts)
        several = texts.unique()
        self._has_few = len(several) <= _FEW
        if not self._has_few:
            return _are_plain(texts)
        new = [text for text in several if text not in self._known]
        self._known.update(text for text in new if _are_plain(pl.Series([text])))
        return all(text in self._known for text in new)


def _are_plain(texts: pl.Series) -> bool:
    sizes, letters = _bytes(texts)
    first = np.cumsum(sizes) - sizes
    sizes, first = sizes[sizes > 0], first[sizes > 0]
    if len(sizes) < len(texts) - texts.null_count() or not len(sizes):
        return not len(texts) - texts.null_count()
    outer = letters[first], letters[first + sizes - 1]
    if any(bool((some < _FIRST_LETTER).any() or (some > _LAST_LETTER).any()) for some in outer) or letters.max() > 127:
        return False
    return bool(sizes.min() > _LONGEST_MARK) or not texts.is_in(sorted(marks.ANYWHERE)).any()


def _bytes(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return how many bytes each text has, 0 for null, and the bytes of all."""
    held = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())  # large_string
    _, ends, letters = held.buffers()
    places = np.frombuffer(ends, np.int64)[held.offset : held.offset + len(held) + 1]
    return np.diff(places), np.frombuffer(letters or b"", np.uint8)[places[0] : places[-1]]
