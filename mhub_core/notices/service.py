"""Telling people something, within the transaction of what happened: `tell`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.base import now
from db.tables.accounts import UserRow
from db.tables.comments import NoticeChoiceRow, NoticeRow

RUN_ENDED, COMMENT, MENTION, INVITATION = KINDS = ("run_ended", "comment", "mention", "invitation")
MAX_KEPT = 500  # of one person: the oldest go
MAX_WORDS = 400


def tell(
    session: Session,
    person_ids: Iterable[int],
    kind: str,
    thing_kind: str,
    thing_id: int,
    actor_id: int | None,
    words: str,
    comment_id: int | None = None,
) -> None:
    """Tell people, each once, what happened to a thing: a plain sentence. Whoever did it is not told, nor who is gone.

    It is up to the caller that all of them may see the thing. `comment_id`: where on its page the notice leads.
    """
    wanted = set(person_ids) - {actor_id}
    # In one order: two that tell the same people would each wait for the other.
    people = session.scalars(select(UserRow.id).where(UserRow.id.in_(wanted)).order_by(UserRow.id)).all() if wanted else []
    silent = _silent(session, people, kind)
    told: dict[str, Any] = {
        "kind": kind,
        "thing_kind": thing_kind,
        "thing_id": thing_id,
        "actor_id": actor_id,
        "comment_id": comment_id,
    }
    told |= {"words": words[:MAX_WORDS], "created": now()}
    heard = [person_id for person_id in people if person_id not in silent]
    if heard:
        session.execute(insert(NoticeRow), [{"person_id": person_id, **told} for person_id in heard])
    for person_id in heard:
        _drop_oldest(session, person_id)


def _silent(session: Session, person_ids: Iterable[int], kind: str) -> set[int]:
    """Return which of these people do not want to hear of a kind."""
    choices = select(NoticeChoiceRow.person_id).where(NoticeChoiceRow.person_id.in_(person_ids), NoticeChoiceRow.kind == kind)
    return set(session.scalars(choices.where(NoticeChoiceRow.in_hub.is_(False))))


def _drop_oldest(session: Session, person_id: int) -> None:
    ids = select(NoticeRow.id).where(NoticeRow.person_id == person_id).order_by(NoticeRow.id.desc())
    newest_to_go = ids.offset(MAX_KEPT).limit(1).scalar_subquery()
    session.execute(delete(NoticeRow).where(NoticeRow.person_id == person_id, NoticeRow.id <= newest_to_go))
