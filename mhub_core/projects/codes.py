"""Codes by which people join a project: eight consonants, none of which looks like another letter or like a digit."""

from __future__ import annotations

import secrets

LETTERS = "BCDFGHJKMNPQRSTVWXYZ"  # without vowels, so that no code is a word
LENGTH = 8


def new() -> str:
    """Return a code that nobody can guess: one of 25,600,000,000."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(text: str) -> str:
    """Return the code that somebody typed, in whatever case and grouping; nothing for what is none."""
    letters = "".join(letter for letter in text[:100].upper() if letter.isalnum())
    return letters if len(letters) == LENGTH and set(letters) <= set(LETTERS) else ""


def shown(code: str) -> str:
    """Return a code as people read it aloud: `BCDF-GHJK`."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"
