"""Which encoding from before Unicode a text is written in, as far as its bytes tell: that of the West unless they tell other."""

from __future__ import annotations

import re

WEST = "cp1252"
_HIGH = re.compile(rb"[\x80-\xff]+")
_IN_RUNS = 0.6  # of the bytes beyond ASCII: accents of the West stand alone between plain letters
# First bytes of nearly all letters there; Hangul has but the first half of those of Chinese.
_PAIRS = {"shift_jis": (0x81, 0x9F), "euc-kr": (0xB0, 0xC8), "gb18030": (0xB0, 0xF7)}
_FEW_PAIRS = 3  # different ones: with fewer it may be accents that stand together
_CYRILLIC, _HEBREW = ("cp1251", "koi8-r"), "cp1255"
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_LATIN = re.compile(rb"[A-Za-z]")
_FEW_MIXED, _HALF = 0.2, 0.5  # of the words with letters beyond ASCII: they have plain ones, too
_HEBREW_WORDS = re.compile(rb"[\xe0-\xfa]+")
_FINAL = b"\xea\xed\xef\xf3\xf5"  # letters with which Hebrew words end, and which stand in no other place
_DOS = "cp850"
_NEARLY_ALL = 0.9
_HALF_UTF8 = 0.3


def guess(head: bytes) -> str:
    """Return the likely encoding of a text that is no Unicode, from its beginning."""
    runs = _HIGH.findall(head)
    total = sum(map(len, runs))
    if sum(map(_is_utf8, runs)) > _HALF_UTF8 * len(runs) or not total:  # lines of two encodings
        return WEST
    if sum(len(run) for run in runs if len(run) > 1) >= _IN_RUNS * total:
        return _of_words(head, total) or _of_pairs(head) or WEST
    return _DOS if _score(head, WEST) < 0 and _score(head, _DOS) >= _NEARLY_ALL * total else WEST


def _is_utf8(run: bytes) -> bool:
    try:
        return bool(run.decode())
    except UnicodeDecodeError:
        return False


def _share_mixed(head: bytes) -> float:
    """Return how many of the words with letters beyond ASCII have plain ones, too, as those of the West do."""
    words = _WORD.findall(head)
    return sum(1 for word in words if _LATIN.search(word)) / max(1, len(words))


def _of_words(head: bytes, total: int) -> str | None:
    """Return the encoding in which whole words are of letters beyond ASCII, one byte each. `total`: how many such bytes."""
    if _share_mixed(head) > _FEW_MIXED:
        return None
    if _is_hebrew(_HIGH.findall(head)):
        return _HEBREW
    best = max(_CYRILLIC, key=lambda name: _score(head, name))
    return best if _score(head, best) >= _NEARLY_ALL * total else None


def _is_hebrew(words: list[bytes]) -> bool:
    different = {word for word in words if len(word) > 1}
    ends = any(word[-1] in _FINAL for word in different)
    return ends and all(_HEBREW_WORDS.fullmatch(one) and not any(letter in _FINAL for letter in one[:-1]) for one in different)


def _of_pairs(head: bytes) -> str | None:
    """Return the encoding in which letters are pairs of bytes that begin as most do there."""
    is_mixed = _share_mixed(head) > _HALF
    for name, (low, high) in _PAIRS.items():
        if is_mixed and name != "shift_jis":  # there the second byte may be a plain letter
            continue
        try:
            letters = [one.encode(name) for one in head[: head.rfind(b"\n") + 1].decode(name) if ord(one) > 0xFF]
        except UnicodeError:
            continue
        usual = [one for one in letters if len(one) == 2 and low <= one[0] <= high]
        if len(set(usual)) >= _FEW_PAIRS and len(usual) >= _NEARLY_ALL * len(letters):
            return name
    return None


def _score(head: bytes, name: str) -> float:
    """Return how many letters beyond ASCII fit: no capital behind a small one, and nothing that is no letter."""
    score, before = 0.0, " "
    for one in head.decode(name, "replace"):
        if one > "\x7f":
            fits = one.isalpha() and not (one.isupper() and before.islower())
            score += 1 if fits else 0 if one in "€£§°²³µ«»–—“”‘’…·×±®©½¼¾ºª¿¡" else -1
        before = one
    return score
