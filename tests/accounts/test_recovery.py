"""Forgotten passwords, confirmed addresses and new ones: by letters that really arrive."""

from __future__ import annotations

import pytest
from itsdangerous import timed
from sqlalchemy import func, select, update

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.mail import OutboxRow
from mhub_core.accounts import email_service, links, password_service, people_service, service
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Invalid, Throttled, Unavailable

PASSWORD, HERE = "correct horse", "10.0.0.7"
HUB = "https://hub.school.example"


@pytest.fixture
def ada(database, mailbox) -> User:
    """A new person, who has read no mail yet."""
    return service.sign_up("ada@example.org", "Ada", PASSWORD, HERE)


def token_of(link: str, name: str) -> str:
    address, _, token = link.partition(f"?{name}=")
    assert address == f"{HUB}/Account"
    return token


def test_a_new_person_gets_a_letter_and_confirms_the_address_by_its_link(ada, mailbox):
    assert not email_service.is_confirmed(ada)

    assert email_service.confirm(token_of(mailbox.link(), "confirm")) == "ada@example.org"

    assert email_service.is_confirmed(ada)


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(ada, mailbox):
    mailbox.fetch()
    session = service.redeem_ticket(service.issue_ticket(ada.id), "a browser")
    password_service.mail_reset(" ADA@example.org", HERE)
    letter = mailbox.only()
    token = token_of(letter.get_content().split("once:\n")[1].split()[0], "reset")

    password_service.reset_password(token, "a new password")

    assert letter["To"] == "ada@example.org" and service.sign_in(ada.email, "a new password", HERE) == ada
    assert service.get_session_user(session) is None and email_service.is_confirmed(ada)
    with pytest.raises(Invalid, match="already been used or has expired"):
        password_service.reset_password(token, "another password")


def test_a_link_that_was_mailed_ends_after_an_hour_and_one_of_an_administrator_after_a_day(ada, monkeypatch):
    owner = links.Owner(ada.id, ada.email, "hash")
    mailed, made = links.reset(owner, links.HOUR), links.reset(owner, links.DAY)
    now = timed.time.time()
    monkeypatch.setattr(timed.time, "time", lambda: now + 3700)
    assert (links.read_reset(mailed, owner), links.read_reset(made, owner)) == (None, links.DAY)
    monkeypatch.setattr(timed.time, "time", lambda: now + 87_000)
    assert links.read_reset(made, owner) is None


def test_nobody_learns_who_has_an_account_by_asking_for_a_letter(ada, mailbox):
    mailbox.fetch()
    before = num_letters()

    assert password_service.mail_reset("nobody@example.org", HERE) is None

    assert (num_letters(), mailbox.fetch()) == (before, [])
    with pytest.raises(Invalid) as error:
        password_service.mail_reset("no address", HERE)
    assert "email" in error.value.problems


def num_letters() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_letters_to_one_address_are_few_whoever_has_it(ada, email):
    for _ in range(3):
        password_service.mail_reset(email, HERE)
    with pytest.raises(Throttled):
        password_service.mail_reset(email, "10.0.0.8")


def test_a_disabled_person_gets_no_letter(ada, mailbox):
    mailbox.fetch()
    with writing() as session:
        session.execute(update(UserRow).values(disabled=True))

    password_service.mail_reset(ada.email, HERE)

    assert mailbox.fetch() == []


def test_a_new_address_is_taken_once_its_link_is_opened_and_the_old_one_is_told(ada, mailbox):
    mailbox.fetch()
    password_service.mail_reset(ada.email, HERE)
    reset = token_of(mailbox.link().rstrip(), "reset")
    email_service.ask_to_change(ada, "Lovelace@Example.org", PASSWORD, HERE)
    letter = mailbox.only()
    assert letter["To"] == "lovelace@example.org"
    assert service.sign_in("ada@example.org", PASSWORD, HERE) == ada  # nothing has changed yet
    token = letter.get_content().split("?confirm=")[1].split()[0]

    assert email_service.confirm(token) == "lovelace@example.org"

    told = mailbox.only()
    assert told["To"] == "ada@example.org" and "lovelace@example.org" in told.get_content()
    assert service.sign_in("lovelace@example.org", PASSWORD, HERE).id == ada.id
    with pytest.raises(Invalid):
        email_service.confirm(token)
    with pytest.raises(Invalid):  # who reads the mail of the old address cannot set the password any more
        password_service.reset_password(reset, "a new password")


def test_a_new_address_needs_the_password_and_must_be_free(ada, mailbox):
    service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)
    mailbox.fetch()
    for email, password, field in (
        ("new@example.org", "wrong horse", "password"),
        ("no address", PASSWORD, "email"),
        ("ada@example.org", PASSWORD, "email"),
    ):
        with pytest.raises(Invalid) as error:
            email_service.ask_to_change(ada, email, password, HERE)
        assert set(error.value.problems) == {field}
    with pytest.raises(Conflict):
        email_service.ask_to_change(ada, "bob@example.org", PASSWORD, HERE)
    assert mailbox.fetch() == []


def test_who_knew_the_password_once_cannot_take_the_account_after_it_was_set_anew(ada, mailbox):
    mailbox.fetch()
    email_service.ask_to_change(ada, "eve@evil.example", PASSWORD, HERE)
    token = token_of(mailbox.link(), "confirm")
    password_service.mail_reset(ada.email, HERE)
    password_service.reset_password(token_of(mailbox.link().rstrip(), "reset"), "a new password")

    with pytest.raises(Invalid, match="already been used or has expired"):
        email_service.confirm(token)

    assert service.sign_in("ada@example.org", "a new password", HERE) == ada


@pytest.mark.parametrize("email", ["a..b@example.org", ".a@example.org", "=?utf-8?q?a?=@example.org"])
def test_an_address_to_which_no_letter_can_be_sent_has_no_account(database, mailbox, email):
    with pytest.raises(Invalid) as error:
        service.sign_up(email, "Eve", PASSWORD, HERE)
    assert set(error.value.problems) == {"email"}


def test_an_address_that_somebody_took_meanwhile_is_not_taken_from_them(ada, mailbox):
    mailbox.fetch()
    email_service.ask_to_change(ada, "bob@example.org", PASSWORD, HERE)
    token = token_of(mailbox.link(), "confirm")
    bob = service.sign_up("bob@example.org", "Bob", PASSWORD, HERE)

    with pytest.raises(Conflict):
        email_service.confirm(token)

    assert service.sign_in("bob@example.org", PASSWORD, HERE) == bob


def test_a_made_up_link_confirms_nothing(ada):
    for token in ("", "x", "W10.aaaa.bbbb", links.confirm(links.Owner(ada.id, ada.email, None), ada.email)[:-2], "x" * 100_000):
        with pytest.raises(Invalid, match="already been used or has expired"):
            email_service.confirm(token)


def test_the_letter_that_confirms_is_sent_again_a_few_times(ada, mailbox):
    mailbox.fetch()
    for _ in range(5):
        email_service.send_again(ada)
    with pytest.raises(Throttled):
        email_service.send_again(ada)
    assert len(mailbox.fetch()) == 5


def test_a_hub_without_mail_says_so(database):
    ada = service.sign_up("ada@example.org", "Ada", PASSWORD, HERE)
    for ask in (
        lambda: password_service.mail_reset(ada.email, HERE),
        lambda: email_service.send_again(ada),
        lambda: email_service.ask_to_change(ada, "new@example.org", PASSWORD, HERE),
    ):
        with pytest.raises(Unavailable, match="does not send e-mail"):
            ask()


def test_who_has_no_password_sets_a_first_one_once(database):
    ada = service.sign_up("ada@example.org", "Ada", PASSWORD, HERE)
    with pytest.raises(Conflict, match="has a password already"):
        password_service.set_first_password(ada, "a new password")
    with writing() as session:
        session.execute(update(UserRow).values(password_hash=None))

    password_service.set_first_password(ada, "a new password")

    assert password_service.has_password(ada) and service.sign_in(ada.email, "a new password", HERE) == ada
    assert people_service.require_person(ada, ada.id).user == ada
