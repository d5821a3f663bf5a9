"""Who is told what, and how much of it is kept."""

from __future__ import annotations

from sqlalchemy import select

from db.engine import reading, writing
from db.tables.comments import NoticeChoiceRow, NoticeRow
from mhub_core.accounts.records import User
from mhub_core.notices import service as notices


def tell(people: list[int], words: str = "Ada invited you", actor_id: int | None = None) -> None:
    with writing() as session:
        notices.tell(session, people, notices.INVITATION, "model", 7, actor_id, words)


def told(person: User) -> list[str]:
    with reading() as session:
        query = select(NoticeRow.words).where(NoticeRow.person_id == person.id).order_by(NoticeRow.id.desc())
        return list(session.scalars(query))


def test_everybody_is_told_once_but_whoever_did_it_and_whoever_is_gone(ada, bob):
    tell([bob.id, ada.id, bob.id, 4711], actor_id=ada.id)

    assert (told(ada), told(bob)) == ([], ["Ada invited you"])


def test_who_does_not_want_to_hear_of_a_kind_is_not_told(ada, bob):
    with writing() as session:
        session.add(NoticeChoiceRow(person_id=bob.id, kind=notices.INVITATION, in_hub=False, by_mail=False))
        session.add(NoticeChoiceRow(person_id=ada.id, kind=notices.COMMENT, in_hub=False, by_mail=False))

    tell([ada.id, bob.id])

    assert (told(ada), told(bob)) == (["Ada invited you"], [])


def test_the_oldest_notices_of_a_person_go(ada, bob, monkeypatch):
    monkeypatch.setattr(notices, "MAX_KEPT", 3)
    tell([bob.id], "of Bob")

    for number in range(5):
        tell([ada.id], f"{number} " + "x" * 1000)

    assert [words[:2] for words in told(ada)] == ["4 ", "3 ", "2 "]
    assert {len(words) for words in told(ada)} == {notices.MAX_WORDS}
    assert told(bob) == ["of Bob"]
