"""Hashing passwords."""

from __future__ import annotations

from streamlit_authenticator.utilities import Hasher

from mhub_core.accounts import passwords


def test_a_hash_is_one_that_streamlit_authenticator_reads_and_writes() -> None:
    assert Hasher.check_pw("correct horse", passwords.hash_password("correct horse"))
    assert passwords.is_right("correct horse", Hasher.hash("correct horse"))


def test_nobody_has_a_right_password_without_a_hash() -> None:
    assert not passwords.is_right("nobody has this password", None)


def test_a_password_that_only_begins_like_the_right_one_is_wrong() -> None:
    stored = passwords.hash_password("a" * 72)
    assert passwords.is_right("a" * 72, stored)
    assert not passwords.is_right("a" * 73, stored)
