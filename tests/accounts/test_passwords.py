"""Hashing passwords."""

from __future__ import annotations

import bcrypt
from streamlit_authenticator.utilities import Hasher

from mhub_core.accounts import passwords


def test_a_hash_is_one_that_streamlit_authenticator_reads_and_writes() -> None:
    assert Hasher.check_pw("correct horse", passwords.hash_password("correct horse"))
    assert passwords.is_right("correct horse", Hasher.hash("correct horse"))


def test_a_hash_is_made_with_the_rounds_that_bcrypt_advises(monkeypatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(bcrypt, "gensalt", lambda *given: asked.append(given) or b"$2b$04$" + b"." * 22)

    passwords.hash_password("correct horse")

    assert asked == [()]  # and not with the few rounds of these tests


def test_nobody_has_a_right_password_without_a_hash() -> None:
    assert not passwords.is_right("no account has this password", None)


def test_a_password_that_only_begins_like_the_right_one_is_wrong() -> None:
    stored = passwords.hash_password("a" * 72)
    assert passwords.is_right("a" * 72, stored)
    assert not passwords.is_right("a" * 73, stored)
