"""Which category a cell stands for: a number that is one is read alike, however a file or a program writes it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?")  # no code such as 007


def category_text(value: Any) -> str:
    """Return a category as the text that stands for it: true and false in lower case, 1 for 1.0, without outer blanks, in the
    form NFC."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else unicodedata.normalize("NFC", str(value).strip())


def as_categories(values: Sequence[Any], categories: Sequence[str]) -> list[str | None]:
    """Return the text that stands for each value: that of a category which is the same number, where only one is."""
    by_number, known = _by_number(categories), set(categories)
    texts = (None if value is None else category_text(value) for value in values)
    return [one if one is None or one in known else by_number.get(_bare(one) or "", one) for one in texts]


def _by_number(categories: Sequence[str]) -> Mapping[str, str]:
    bare = [(number, one) for one in categories if (number := _bare(one))]
    several = Counter(number for number, _ in bare)
    return {number: one for number, one in bare if several[number] == 1}


def _bare(text: str) -> str | None:
    return f"{float(text):.15g}" if len(text) < 40 and _NUMBER.fullmatch(text) else None
