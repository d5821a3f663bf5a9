"""Hashing and checking passwords with bcrypt, in the form that streamlit-authenticator's Hasher writes and reads."""

from __future__ import annotations

from functools import cache

import bcrypt

MIN_LENGTH = 8
MAX_BYTES = 72  # bcrypt reads no further


def problem(password: str) -> str:
    """Return what is wrong with a new password, or an empty string."""
    if len(password) < MIN_LENGTH:
        return f"must have at least {MIN_LENGTH} characters"
    if len(password.encode()) > MAX_BYTES:
        return f"must have at most {MAX_BYTES} bytes (letters with accents and emoji count two to four)"
    if password != password.strip():
        return "must not begin or end with a space"
    return ""


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
