"""The words of a search, and how they are asked of the index of each database (`db.found`).

Words are runs of letters and digits; case and diacritics count for nothing. Whatever else is typed separates words, so nothing in
a search is a command to a database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from mhub_core.sharing import texts
from mhub_core.sharing.policy import PRIVATE, PUBLIC

WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")
_DIACRITIC = re.compile("[\u0300-\u036f]")
# Where the words may stand: in the title; there or in the text; or also in the names of what a thing is of.
TITLE, TEXT, NAMES = "title", "title text", "title text names"


@lru_cache(maxsize=4096)
def bare_letter(letter: str) -> str:
    """Return a letter in lower case and without diacritics; of a diacritic by itself nothing remains."""
    return unicodedata.normalize("NFC", _DIACRITIC.sub("", unicodedata.normalize("NFD", letter))).lower()


def bare(text: str) -> str:
    """Return text in lower case and without diacritics."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", "".join(map(bare_letter, text)))


def read(text: str) -> tuple[str, ...]:
    """Return the words of a search in lower case, as many and as long as a database is asked for."""
    typed = unicodedata.normalize("NFC", text[: texts.LONGEST_SEARCH]).lower()
    return tuple(WORD.findall(typed)[: texts.MOST_WORDS])


def for_sqlite(words: Sequence[str], where: str, seen: str | None = None) -> str:
    """Return the words as FTS5 is asked for them, which takes the diacritics away that it knows (of Latin letters).

    The last one may be the beginning of a word. `seen`: public, private, or both (None).
    """
    asked = " AND ".join(f'"{word}"' for word in words)
    found = f"{{{where}}} : ({asked} *)"
    return f"({found}) AND (seen : {seen})" if seen else found


def for_postgres(words: Sequence[str], where: str, seen: str | None = None) -> str:
    """Return the words as a `tsquery`."""
    *whole, last = map(bare, words)
    starts = {TITLE: ("=",), TEXT: ("",), NAMES: ("", "@")}[where]
    asked = [*([f"'{start}{word}'" for start in starts] for word in whole), [f"'{start}{last}':*" for start in starts]]
    mark = {PUBLIC: [f"'!{PUBLIC}'"], PRIVATE: [f"!'!{PUBLIC}'"], None: []}[seen]  # no word of a text begins with "!"
    return " & ".join([*(f"({' | '.join(one)})" for one in asked), *mark])
