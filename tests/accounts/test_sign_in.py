"""Signing up, in and out, and what becomes of sessions."""

from __future__ import annotations

import base64
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from sqlalchemy import func, select, update

from db.base import now
from db.engine import reading, writing
from db.tables.accounts import AttemptRow, SessionRow
from mhub_core.accounts import devices, password_service, service, throttle
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, Throttled

PASSWORD = "correct horse"
HERE = "10.0.0.7"

pytestmark = pytest.mark.usefixtures("database")


def ada() -> User:
    return service.sign_up("Ada@Example.org ", "Ada  Lovelace", PASSWORD, HERE)


def token_for(user: User) -> str:
    return service.redeem_ticket(service.issue_ticket(user.id), "a browser")


def fail_to_sign_in(times: int, email: str = "ada@example.org", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(Invalid):
            service.sign_in(email, "wrong password", address)


def test_the_first_account_is_the_administrators_and_no_later_one() -> None:
    assert ada().is_admin
    assert not service.sign_up("bob@example.org", "Bob", PASSWORD, HERE).is_admin


def test_of_many_first_accounts_made_at_once_exactly_one_is_the_administrators() -> None:
    def sign_up(number: int) -> User:
        return service.sign_up(f"p{number}@example.org", "P", PASSWORD, HERE)

    with ThreadPoolExecutor(8) as pool:
        assert sum(user.is_admin for user in pool.map(sign_up, range(8))) == 1


def test_an_email_is_kept_in_lower_case_and_a_name_with_single_spaces() -> None:
    assert (ada().email, ada_again().name) == ("ada@example.org", "Ada Lovelace")


def ada_again() -> User:
    return service.sign_in("ADA@example.org", PASSWORD, HERE)


def test_an_email_has_one_account_only() -> None:
    ada()
    with pytest.raises(Conflict):
        service.sign_up("ADA@EXAMPLE.ORG", "Another", PASSWORD, HERE)


def test_all_problems_of_a_sign_up_are_named_at_once() -> None:
    with pytest.raises(Invalid) as error:
        service.sign_up("no-email", " ", "short", HERE)
    assert set(error.value.problems) == {"email", "name", "password"}


@pytest.mark.parametrize(
    "email",
    [
        "a b@x.org",
        "<b>@x.org",
        "a@",
        "@x.org",
        "a@x..org",
        "a@b@c.org",
        "a" * 250 + "@x.org",
        "а@x.org",
        "a\u200b@x.org",
        "a\0@x.org",
        "ａ@x.org",
    ],
)
def test_what_has_not_the_shape_of_an_email_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as error:
        service.sign_up(email, "Ada", PASSWORD, HERE)
    assert "email" in error.value.problems


def test_a_password_over_72_bytes_is_refused_and_says_so() -> None:
    with pytest.raises(Invalid) as error:
        service.sign_up("ada@example.org", "Ada", "é" * 37, HERE)
    assert "72 bytes" in error.value.problems["password"]


def test_a_wrong_password_and_an_unknown_person_get_the_same_words() -> None:
    ada()
    with pytest.raises(Invalid) as wrong:
        service.sign_in("ada@example.org", "wrong password", HERE)
    with pytest.raises(Invalid) as unknown:
        service.sign_in("nobody@example.org", "wrong password", HERE)
    assert str(wrong.value) == str(unknown.value)


def test_after_five_wrong_passwords_an_account_must_wait_even_with_the_right_one() -> None:
    ada()
    fail_to_sign_in(5)
    with pytest.raises(Throttled, match="seconds"):
        service.sign_in("ada@example.org", PASSWORD, HERE)


def test_who_guesses_elsewhere_locks_nobody_out() -> None:
    ada()
    fail_to_sign_in(5)
    assert service.sign_in("ada@example.org", PASSWORD, "another address").name == "Ada Lovelace"


def test_a_browser_that_an_account_is_known_in_waits_only_for_its_own_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "SIGN_IN_ANYWHERE", throttle.Limit("sign-in anywhere", 10))
    user = ada()
    cookie = devices.with_user("", user.id)
    for number in range(5):  # from everywhere, and the school's own address among them
        fail_to_sign_in(1, address=f"address {number}")
    fail_to_sign_in(5)
    with pytest.raises(Throttled):
        service.sign_in("ada@example.org", PASSWORD, "one more")

    assert service.sign_in("ada@example.org", PASSWORD, HERE, cookie) == user
    for _ in range(5):
        with pytest.raises(Invalid):
            service.sign_in("ada@example.org", "wrong horse", HERE, cookie)
    with pytest.raises(Throttled):
        service.sign_in("ada@example.org", PASSWORD, HERE, cookie)


def test_a_browsers_cookie_speaks_for_its_own_people_alone_and_cannot_be_made_up() -> None:
    user, bob = ada(), service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)
    cookie = devices.with_user("", bob.id)
    fail_to_sign_in(5)
    for other in (cookie, cookie[:-2] + "xx", "x" * 5000, "[1]"):
        with pytest.raises(Throttled):
            service.sign_in("ada@example.org", PASSWORD, HERE, other)
    assert devices.read(devices.with_user(cookie, user.id)).user_ids == (user.id, bob.id)


def test_an_address_that_guesses_at_many_accounts_must_wait() -> None:
    for number in range(40):
        fail_to_sign_in(1, f"p{number}@example.org")
    with pytest.raises(Throttled):
        service.sign_in("new@example.org", PASSWORD, HERE)


def test_whoever_has_a_whole_network_of_addresses_counts_as_one() -> None:
    for number in range(40):
        fail_to_sign_in(1, f"p{number}@example.org", f"2001:db8::{number:x}")
    with pytest.raises(Throttled):
        service.sign_in("new@example.org", PASSWORD, "2001:db8::ffff")
    for number in range(60):
        service.sign_up(f"p{number}@example.org", "P", PASSWORD, f"2001:db8::{number:x}")
    with pytest.raises(Throttled):
        service.sign_up("new@example.org", "P", PASSWORD, "2001:db8::ffff")
    fail_to_sign_in(1, "new@example.org", "2001:db8:0:1::1")


def test_a_wait_ends_and_a_success_forgets_the_failures() -> None:
    ada()
    fail_to_sign_in(5)
    with writing() as session:
        session.execute(update(AttemptRow).values(at=now() - timedelta(seconds=30)))
    assert ada_again().name == "Ada Lovelace"
    fail_to_sign_in(4)
    assert ada_again()


def test_attempts_older_than_an_hour_are_thrown_away() -> None:
    fail_to_sign_in(3)
    with writing() as session:
        session.execute(update(AttemptRow).values(at=now() - timedelta(hours=2)))
    fail_to_sign_in(1, "other@example.org")
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(AttemptRow)) == 3  # one for each limit


def test_a_session_knows_its_person_until_it_is_signed_out() -> None:
    user = ada()
    token = token_for(user)
    assert service.get_session_user(token) == user
    service.sign_out(token)
    assert service.get_session_user(token) is None


def test_signing_out_everywhere_ends_every_session_and_unused_ticket() -> None:
    user = ada()
    tokens, ticket = [token_for(user), token_for(user)], service.issue_ticket(user.id)
    service.sign_out_everywhere(user)
    assert [service.get_session_user(token) for token in tokens] == [None, None]
    with pytest.raises(Invalid):
        service.redeem_ticket(ticket, "a browser")


def test_a_ticket_works_once() -> None:
    ticket = service.issue_ticket(ada().id)
    service.redeem_ticket(ticket, "a browser")
    with pytest.raises(Invalid, match="already been used or has expired"):
        service.redeem_ticket(ticket, "a thief")


def test_an_expired_session_is_nobodys() -> None:
    token = token_for(ada())
    with writing() as session:
        session.execute(update(SessionRow).values(expires=now() - timedelta(seconds=1)))
    assert service.get_session_user(token) is None


def test_the_database_holds_no_token_and_no_password() -> None:
    token = token_for(ada())
    with reading() as session:
        stored = session.scalar(select(SessionRow.token_hash))
    assert stored != token and len(stored) == 64


def test_a_reset_link_sets_a_password_once_and_ends_all_sessions() -> None:
    admin = ada()
    bob = service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)
    session_token, reset = token_for(bob), password_service.issue_reset(admin, "bob@example.org")
    password_service.reset_password(reset, "a new password")
    assert service.get_session_user(session_token) is None
    assert service.sign_in("bob@example.org", "a new password", HERE) == bob
    with pytest.raises(Invalid, match="already been used or has expired"):
        password_service.reset_password(reset, "another password")


def test_a_reset_link_that_is_used_several_times_at_once_sets_one_password() -> None:
    admin, bob = ada(), service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)
    reset, passwords = password_service.issue_reset(admin, bob.email), [f"a new password {number}" for number in range(6)]

    def use(password: str) -> str:
        try:
            password_service.reset_password(reset, password)
        except Invalid:
            return ""
        return password

    with ThreadPoolExecutor(6) as users:
        [used] = filter(None, users.map(use, passwords))
    assert service.sign_in(bob.email, used, HERE) == bob


def test_a_forged_reset_link_is_refused() -> None:
    ada()
    for token in ("", "x", "MQ.aaaa.bbbb", "W10.aaaa.bbbb"):
        with pytest.raises(Invalid):
            password_service.reset_password(token, "a new password")


def test_guesses_that_come_all_at_once_are_counted_one_by_one(hub, monkeypatch: pytest.MonkeyPatch) -> None:
    ada()
    wait = throttle.wait
    monkeypatch.setattr(throttle, "wait", lambda *given: (sleep(0.05), wait(*given))[1])  # time for others to come between

    def guess(_number: int) -> type[Exception]:
        with pytest.raises((Invalid, Throttled)) as caught:
            service.sign_in("ada@example.org", "wrong horse", HERE)
        return caught.type

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(guess, range(16))).count(Invalid) == 5


def test_a_reset_token_that_unpacks_to_a_bomb_or_names_an_endless_id_is_refused() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" + b" " * 50_000_000 + b"1]")).rstrip(b"=").decode()
    endless = base64.urlsafe_b64encode(b"9" * 30).decode()
    tracemalloc.start()
    for token in (f".{bomb}.aaaa.bbbb", f"{endless}.aaaa.bbbb"):
        with pytest.raises(Invalid, match="already been used or has expired"):
            password_service.reset_password(token, "a new password")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_only_an_administrator_makes_reset_links_and_only_for_people() -> None:
    admin = ada()
    bob = service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)
    for other in (bob, None):
        with pytest.raises(Forbidden):
            password_service.issue_reset(other, "ada@example.org")
    with pytest.raises(NotFound):
        password_service.issue_reset(admin, "nobody@example.org")


def test_changing_the_password_needs_the_old_one() -> None:
    user = ada()
    with pytest.raises(Invalid):
        password_service.change_password(user, "wrong password", "a new password", HERE)
    password_service.change_password(user, PASSWORD, "a new password", HERE)
    assert service.sign_in(user.email, "a new password", HERE) == user


def test_names_are_found_by_id_and_unknown_ids_are_left_out() -> None:
    user = ada()
    assert service.get_names([user.id, 999]) == {user.id: "Ada Lovelace"}
