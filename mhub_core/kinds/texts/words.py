"""What a word is: the same for training and for predictions, in any script, without knowing a language.

Letters are small, and forms that look alike (full-width letters, ligatures) are one. Words are runs of letters and digits.
Scripts that set no blanks between words, such as Chinese, Japanese and Thai, are read character by character. Of the punctuation
only ! and ? are words, since they tell a mood; emojis and other symbols are words of their own.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

MAX_LETTERS = 100_000  # of one text that are looked at
MAX_WORD = 40  # letters of a word that are kept
_TELLING = "!?"
_BY_CHARACTER = (
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Hiragana and Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_WITH_MARKS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))  # Thai, Lao, Burmese, Khmer: signs follow their letter
_VARIATIONS = (0xFE00, 0xFE0F)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_BLANK_OF_NO_WIDTH = "\u200b"


class _Table(dict[int, str]):
    """What becomes of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _becomes(chr(code))
        return found


def _becomes(character: str) -> str:
    """Return a character as it is read: itself, between blanks where it is a word of its own, a blank, or nothing."""
    code, category = ord(character), unicodedata.category(character)
    if character == _BLANK_OF_NO_WIDTH:
        return " "
    if category == "Cf" or _is_in(code, (_VARIATIONS,)):  # marks of direction, joiners, soft hyphens
        return ""
    if _is_in(code, _BY_CHARACTER) and category[0] in "LN":
        return f" {character} "
    if _is_in(code, _WITH_MARKS) and category[0] == "L":
        return f" {character}"
    if category[0] in "LMN":
        return character
    return f" {character} " if character in _TELLING or category in ("So", "Sc") else " "


def _is_in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


_TABLE = _Table()


def words(text: str) -> list[str]:
    """Return the words of a text, in their order; of a very long one those of its first 100,000 letters."""
    return [word[:MAX_WORD] for word in _plain(text).translate(_TABLE).split()]


def _plain(text: str) -> str:
    """Return a text in one form; what was written for a web page is read as people see it there."""
    text = text[:MAX_LETTERS]
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub(" ", text))
    return unicodedata.normalize("NFKC", text)[:MAX_LETTERS].lower()


def each(texts: Iterable[str | None]) -> Iterator[list[str]]:
    """Give the words of each text; a missing one has none."""
    return (words(text) if text else [] for text in texts)
