"""Hashing passwords."""

from __future__ import annotations

import bcrypt
import pytest
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


ADA = ("ada@example.org", "Ada Lovelace")
GOOD = ["correct horse", "tulip7-Bahnhof", "kx4vLm2qTz", "my dog eats clouds", "829104573362", "welcome to my old house"]
PERSONAL = ["ada@example.org", "Lovelace", "lovelace1852", "AdaLovelace!", "ada.lovelace", "example.org", "Ada12345678"]
WORST = """
    password password1 Password123 P@ssw0rd! passw0rd passwort 12345678 123456789 1234567890 11111111 87654321 qwertyui qwerty123
    qwertz12 abcdefgh abcd1234 abc12345 iloveyou iloveyou1 letmein1 welcome1 Welcome2024! admin123 adminadmin
    administrator football1 sunshine princess1 superman dragon12 trustno1 aaaaaaaa abababab asdfghjkl asdf1234 zxcvbnm1 1qaz2wsx
    monkey123 helloworld hello123 changeme changeme1 computer summer2024 test1234 testtest 19871224 blablabla 1234abcd
""".split()


@pytest.mark.parametrize("password", WORST)
def test_the_worst_passwords_are_refused_with_a_way_out(password) -> None:
    assert "first that others would try; choose three or four" in passwords.problem(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "tulip7-Bahnhof",
        "kx4vLm2qTz",
        "my dog eats clouds",
        "Passwordless lamp 42",
        "829104573362",
        "welcome to my old house",
    ],
)
def test_others_are_taken(password) -> None:
    assert passwords.problem(password, ADA) == ""


@pytest.mark.parametrize("password", PERSONAL)
def test_a_password_made_of_the_persons_name_or_address_is_refused(password) -> None:
    assert "name or e-mail" in passwords.problem(password, ADA)


def test_a_password_may_hold_the_name_when_enough_is_left() -> None:
    assert passwords.problem("ada likes wet gravel", ADA) == ""
