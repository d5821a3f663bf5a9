"""Letters wait in a table, are sent once, again when a server was away, and are given up in words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.base import now
from db.engine import reading, writing
from db.tables.mail import OutboxRow
from mhub_core.errors import Invalid
from mhub_core.mail import service as mail
from mhub_core.mail import worker_service

TO = "ada@school.example"


def put(subject: str = "Hello", text: str = "A line.\nÄ second one.", to: str = TO) -> None:
    with writing() as session:
        mail.put(session, to, subject, text)


def waiting() -> list[OutboxRow]:
    with reading() as session:
        return list(session.scalars(select(OutboxRow)))


def make_due() -> None:
    with writing() as session:
        session.execute(update(OutboxRow).where(OutboxRow.due.is_not(None)).values(due=now() - timedelta(seconds=1)))


def test_a_letter_that_is_put_arrives_once_and_leaves_nothing_behind(hub, mailbox):
    put()

    letter = mailbox.only()

    assert (letter["To"], letter["From"], letter["Subject"]) == (TO, "The hub <hub@school.example>", "Hello")
    assert letter.get_content() == "A line.\nÄ second one.\n"
    assert (mailbox.fetch(), waiting()) == ([], [])


def test_workers_that_send_at_the_same_time_send_each_letter_once(hub, mailbox):
    for number in range(12):
        put(f"Letter {number}")

    with ThreadPoolExecutor(4) as workers:
        num_sent = sum(workers.map(lambda _: worker_service.send_due(), range(4)))

    assert num_sent == 12 and len({letter["Subject"] for letter in mailbox.letters}) == 12 == len(mailbox.letters)


def test_a_letter_of_a_change_that_did_not_happen_is_not_sent(database, mailbox):
    with pytest.raises(KeyError), writing() as session:
        mail.put(session, TO, "Hello", "")
        raise KeyError

    assert mailbox.fetch() == []


def test_a_server_that_refuses_for_now_is_asked_again_later_for_the_same_letter(database, mailbox, caplog):
    mailbox.refusals = ["451 Busy, come back later"]
    put()

    assert mailbox.fetch() == []
    [row] = waiting()
    assert timedelta(seconds=50) < row.due - now() < timedelta(seconds=70) and "Busy" in row.trouble
    assert "was not sent, try 1: 451 Busy, come back later; it is tried again at" in caplog.text
    assert mailbox.fetch() == []  # not before its time
    make_due()
    assert mailbox.only()["Subject"] == "Hello"


def test_a_server_that_stays_away_is_given_up_in_words_and_the_text_is_forgotten(database, mailbox, monkeypatch, caplog):
    monkeypatch.setenv("MHUB_SMTP_URL", "smtp://127.0.0.1:1")
    put(text="a secret link")
    for _ in range(len(worker_service.PAUSES) + 3):
        worker_service.send_due()
        make_due()

    [row] = waiting()
    assert (row.tries, row.due, row.text) == (len(worker_service.PAUSES) + 1, None, "")
    assert "refused; it is given up" in caplog.text


def test_what_a_server_refuses_for_good_is_not_tried_again(database, mailbox):
    mailbox.refusals = ["550 No such mailbox"]
    put()
    mailbox.fetch()

    assert [(row.due, row.trouble) for row in waiting()] == [(None, "550 No such mailbox")]


def test_a_letter_that_cannot_be_written_keeps_no_other_one_from_being_sent(database, mailbox):
    put(to="a..b@old.example")
    put()

    assert mailbox.only()["To"] == TO
    assert [(row.due, row.trouble) for row in waiting()] == [(None, "this is not an e-mail address")]


def test_a_letter_keeps_its_number_so_that_a_server_can_tell_that_it_has_it(database, mailbox):
    put()
    mailbox.refusals = ["451 Busy"]
    mailbox.fetch()
    with reading() as session:
        row = session.scalars(select(OutboxRow)).one()
    make_due()

    assert mailbox.only()["Message-ID"] == f"<{row.id}.{row.created:%Y%m%d%H%M%S%f}@school.example>"


def test_nothing_that_is_typed_becomes_a_header_or_a_second_recipient(database, mailbox):
    put("A run\r\nBcc: eve@evil.example\nended\x00", "Text.\r\n.\r\nMAIL FROM:<eve@evil.example>")

    letter = mailbox.only()
    assert (letter["Subject"], letter["Bcc"]) == ("A run Bcc: eve@evil.example ended", None)
    assert mailbox.recipients == [[TO]] and "MAIL FROM:<eve@evil.example>" in letter.get_content()
    hostile = ("a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "A <a@b.example>", "no address", "", "ä@b.example")
    for to in hostile:
        with pytest.raises(Invalid):
            put(to=to)


def test_a_hub_without_a_mail_server_puts_nothing_by(database, monkeypatch):
    monkeypatch.delenv("MHUB_SMTP_URL", raising=False)
    put()

    assert (mail.is_configured(), waiting(), worker_service.send_due()) == (False, [], 0)


@pytest.mark.parametrize(
    "name, value",
    [
        ("MHUB_SMTP_URL", "mail.school.example"),
        ("MHUB_SMTP_URL", "https://mail.school.example"),
        ("MHUB_SMTP_URL", "smtp://mail.school.example:70000"),
        ("MHUB_MAIL_FROM", "the hub"),
        ("MHUB_ADDRESS", "hub.school.example"),
        ("MHUB_ADDRESS", "https://hub.school.example/?x"),
    ],
)
def test_a_wrong_setting_of_mail_is_told_by_its_name(mailbox, monkeypatch, name, value):
    mail.check()
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=name):
        mail.check()
