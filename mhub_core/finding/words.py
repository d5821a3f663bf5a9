"""The words of a search: how they are asked of each database, where they stand in a text, and how well they match a title.

Words are runs of letters and digits; case and diacritics count for nothing. Whatever else is typed separates words, so nothing in
a search is a command to a database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mhub_core.finding.records import Marks
from mhub_core.sharing import texts
from mhub_core.sharing.markdown import summary, without_markdown
from mhub_core.sharing.policy import PRIVATE, PUBLIC

_WORD = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")
_DIACRITIC = re.compile("[\u0300-\u036f]")
_EXCERPT, _BEFORE = 160, 50  # letters of an excerpt, and how many of them stand before the first match
_MOST_MARKS = 20
EXACT, BEGINS, BEGINS_LIKE, IN_TITLE, ELSEWHERE = range(5)  # how well a thing matches, the best first


@lru_cache(maxsize=4096)
def _bare_letter(letter: str) -> str:
    return unicodedata.normalize("NFC", _DIACRITIC.sub("", unicodedata.normalize("NFD", letter))).lower()


def bare(text: str) -> str:
    """Return text in lower case and without diacritics."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", "".join(map(_bare_letter, text)))


def read(text: str) -> tuple[str, ...]:
    """Return the words of a search in lower case, as many and as long as a database is asked for."""
    typed = unicodedata.normalize("NFC", text[: texts.LONGEST_SEARCH]).lower()
    return tuple(_WORD.findall(typed)[: texts.MOST_WORDS])


def for_sqlite(words: Sequence[str], in_title: bool, seen: str | None) -> str:
    """Return the words as FTS5 is asked for them, which takes the diacritics away that it knows (of Latin letters).

    The last one may be the beginning of a word. `seen`: public, private, or both (None).
    """
    asked = " AND ".join(f'"{word}"' for word in words)
    found = f"{{{'title' if in_title else 'title text'}}} : ({asked} *)"
    return f"({found}) AND (seen : {seen})" if seen else found


def for_postgres(words: Sequence[str], in_title: bool, seen: str | None) -> str:
    """Return the words as a `tsquery`."""
    *whole, last = map(bare, words)
    title = "=" if in_title else ""
    asked = [*(f"'{title}{word}'" for word in whole), f"'{title}{last}':*"]
    mark = {PUBLIC: [f"'!{PUBLIC}'"], PRIVATE: [f"!'!{PUBLIC}'"], None: []}[seen]  # no word of a text begins with "!"
    return " & ".join([*asked, *mark])


def rank(title: str, words: Sequence[str], in_title: bool) -> int:
    """Return how well a title matches: it is what was asked for, it begins so, it holds all words, or its text does.

    It begins so with whole words, or with the beginning of one.
    """
    if not in_title:
        return ELSEWHERE
    own, (*whole, last) = _WORD.findall(bare(title)), map(bare, words)
    if own == [*whole, last]:
        return EXACT
    if own[: len(whole)] != whole or len(own) == len(whole) or not own[len(whole)].startswith(last):
        return IN_TITLE
    return BEGINS if own[len(whole)] == last else BEGINS_LIKE


def marks(text: str, words: Sequence[str]) -> Marks:
    """Return where the words of a search stand in a text; of the last one its beginning is enough."""
    return tuple(_matches(text, words))[:_MOST_MARKS]


def _matches(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    whole, last = set(map(bare, words)), bare(words[-1])
    for match in _WORD.finditer(text):
        word = bare(match[0])
        if word in whole:
            yield match.span()
        elif word.startswith(last):
            yield match.start(), match.start() + _length(match[0], len(last))


def _length(word: str, num_bare: int) -> int:
    """Return how many letters of a word become so many without diacritics: those that stand by themselves vanish."""
    taken = 0
    for length, letter in enumerate(word, start=1):
        taken += len(_bare_letter(letter))
        if taken >= num_bare:
            return length
    return len(word)


def excerpt(markdown: str, words: Sequence[str]) -> tuple[str, Marks]:
    """Return the line of a text in which the words stand first, as plain text cut to a length, and where they stand in it."""
    for line in markdown.splitlines():
        if any(_matches(line, words)):
            shown = _around(without_markdown(line), words)
            if found := marks(shown, words):
                return shown, found
    return summary(markdown, _EXCERPT), ()


def _around(line: str, words: Sequence[str]) -> str:
    """Return the part of a line around the first match."""
    first = next(iter(_matches(line, words)), (0, 0))[0]
    start = 0 if first <= _BEFORE or len(line) <= _EXCERPT else line.rfind(" ", 0, first - _BEFORE) + 1
    part = line[start : start + _EXCERPT]
    return f"{'…' if start else ''}{part}{'…' if start + _EXCERPT < len(line) else ''}"
