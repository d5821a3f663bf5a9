"""Which encoding from before Unicode a text is written in, as far as its bytes tell: that of the West unless they tell other."""

from __future__ import annotations

import re

WEST = "cp1252"
_HIGH = re.compile(rb"[\x80-\xff]+")
_IN_RUNS = 0.6  # of the bytes beyond ASCII: accents of the West stand alone between plain letters
_PAIRS = {"shift_jis": (0x81, 0x9F), "gb18030": (0xB0, 0xF7)}  # first bytes of nearly all letters there
_CYRILLIC = ("cp1251", "koi8-r")
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
        best = max(_CYRILLIC, key=lambda name: _score(head, name))
        return best if _score(head, best) >= _NEARLY_ALL * total else _of_pairs(head) or WEST
    return _DOS if _score(head, WEST) < 0 and _score(head, _DOS) >= _NEARLY_ALL * total else WEST


def _is_utf8(run: bytes) -> bool:
    try:
        return bool(run.decode())
    except UnicodeDecodeError:
        return False


def _of_pairs(head: bytes) -> str | None:
    """Return the encoding in which letters are pairs of bytes that begin as most do there."""
    for name, (low, high) in _PAIRS.items():
        try:
            letters = [one.encode(name) for one in head[: head.rfind(b"\n") + 1].decode(name) if ord(one) > 0xFF]
        except UnicodeError:
            continue
        if letters and sum(len(one) == 2 and low <= one[0] <= high for one in letters) >= _NEARLY_ALL * len(letters):
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
