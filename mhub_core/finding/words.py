"""Where the words of a search stand in a text, and how well they match a title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mhub_core.finding.records import Marks
from mhub_core.sharing.markdown import summary, without_markdown
from mhub_core.sharing.words import WORD, bare, bare_letter

_EXCERPT, _BEFORE = 160, 50  # letters of an excerpt, and how many of them stand before the first match
_MOST_MARKS = 20
EXACT, BEGINS, BEGINS_LIKE, IN_TITLE, ELSEWHERE = range(5)  # how well a thing matches, the best first


def rank(title: str, words: Sequence[str], in_title: bool) -> int:
    """Return how well a title matches: it is what was asked for, it begins so, it holds all words, or its text does.

    It begins so with whole words, or with the beginning of one.
    """
    if not in_title:
        return ELSEWHERE
    own, (*whole, last) = WORD.findall(bare(title)), map(bare, words)
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
    for match in WORD.finditer(text):
        word = bare(match[0])
        if word in whole:
            yield match.span()
        elif word.startswith(last):
            yield match.start(), match.start() + _length(match[0], len(last))


def _length(word: str, num_bare: int) -> int:
    """Return how many letters of a word become so many without diacritics: those that stand by themselves vanish."""
    taken = 0
    for length, letter in enumerate(word, start=1):
        taken += len(bare_letter(letter))
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
