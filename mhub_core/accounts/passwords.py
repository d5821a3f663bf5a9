"""Hashing and checking passwords with bcrypt, in the form that streamlit-authenticator's Hasher writes and reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import bcrypt

from mhub_core.accounts import worst_passwords

MIN_LENGTH = 8
MAX_BYTES = 72  # bcrypt reads no further
_ABOUT_A_PERSON = 3  # letters from which on a part of a name or an address counts
_EASY = "choose three or four unrelated words"


def problem(password: str, about: Sequence[str] = ()) -> str:
    """Return what is wrong with a new password, or an empty string. `about` is what others know of the person: name, e-mail."""
    if len(password) < MIN_LENGTH:
        return f"must have at least {MIN_LENGTH} characters"
    if len(password.encode()) > MAX_BYTES:
        return f"must have at most {MAX_BYTES} bytes (letters with accents and emoji count two to four)"
    if password != password.strip():
        return "must not begin or end with a space"
    if worst_passwords.is_easy(password):
        return f"is one of the first that others would try; {_EASY}"
    rest = _without(password.lower(), about)
    if rest != password.lower() and (len(rest) < MIN_LENGTH or worst_passwords.is_easy(rest)):
        return f"must not be made of your name or e-mail address; {_EASY}"
    return ""


def problems(password: str, about: Sequence[str], again: str | None = None) -> dict[str, str]:
    """Return what is wrong with the fields of a new password. `again`: what was typed the second time; None: it was not asked."""
    differs = "is not the same as the password" if again is not None and again != password else ""
    found = {"password": problem(password, about), "again": differs}
    return {field: words for field, words in found.items() if words}


def _without(password: str, about: Sequence[str]) -> str:
    """Return what is left of a password without the words of some texts, the longest first."""
    parts = {part for text in about for part in (text, *re.split(r"[\W_]+", text))}
    for part in sorted(map(str.lower, parts), key=len, reverse=True):
        if len(part) >= _ABOUT_A_PERSON:
            password = password.replace(part, "")
    return password


def hash_password(password: str) -> str:
    """Return the bcrypt hash of a password that has no `problem`. Takes about 0.3 s on purpose."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


@cache
def _nobodys_hash() -> str:
    return hash_password("no account has this password")


def is_right(password: str, password_hash: str | None) -> bool:
    """Return whether a password fits a hash.

    Without a hash it takes the same time, so that nobody learns who has an account.
    """
    known = bcrypt.checkpw(password.encode()[:MAX_BYTES], (password_hash or _nobodys_hash()).encode())
    return known and password_hash is not None and len(password.encode()) <= MAX_BYTES
