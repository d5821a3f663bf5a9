"""Who may be mentioned in a comment and who is told of it, within the transaction of a verb that let its person in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from db.tables.accounts import UserRow
from db.tables.comments import CommentRow
from db.tables.sharing import GrantRow
from mhub_core.accounts.records import User
from mhub_core.comments import mentions
from mhub_core.notices import service as notices
from mhub_core.sharing import policy, thing_service
from mhub_core.sharing import service as sharing
from mhub_core.sharing.reach_service import on
from mhub_core.sharing.thing_service import Found

_THREADS, _PEOPLE = 30, 100  # looked at, at most


def mentionable(session: Session, viewer: User, thing: Found) -> dict[int, str]:
    """Return the names of those whom somebody may mention, by id, in the order of letters.

    They are the owner and those who took part lately, and whoever has a grant where the viewer may know of grants: as one who
    manages the thing, or as a member of the project. So nobody learns who else is on the hub, or who may see a private thing.
    """
    threads = select(CommentRow.id).where(
        CommentRow.thing_kind == thing.kind, CommentRow.thing_id == thing.id, CommentRow.parent_id.is_(None)
    )
    newest = threads.order_by(CommentRow.id.desc()).limit(_THREADS).subquery()
    asked = [
        select(CommentRow.author_id).join(newest, newest.c.id == CommentRow.id),
        select(CommentRow.author_id).join(newest, newest.c.id == CommentRow.parent_id),
    ]
    if policy.reaches(thing.level, policy.MANAGE) or _is_member(session, viewer, thing):
        asked.append(select(GrantRow.person_id).where(*on(thing.kind, thing.id)))
    ids = {one for one in session.scalars(union(*asked).limit(_PEOPLE)) if one is not None} | {thing.owner_id}
    query = select(UserRow.id, UserRow.name).where(UserRow.id.in_(ids - {viewer.id})).order_by(UserRow.name, UserRow.id)
    return {person_id: name for person_id, name in session.execute(query)}


def _is_member(session: Session, viewer: User, thing: Found) -> bool:
    """Tell whether somebody is in a project, of which members know each other."""
    grants = select(GrantRow.id).where(*on(thing.kind, thing.id), GrantRow.person_id == viewer.id)
    return thing.kind == sharing.PROJECT and session.scalar(grants) is not None


@dataclass(frozen=True)
class Written:
    """A comment that was just written or changed. `root_id`: the comment that it replies to."""

    id: int
    root_id: int | None
    text: str
    text_before: str = ""


def tell(session: Session, author: User, thing: Found, comment: Written) -> None:
    """Tell those who are mentioned, and of a new comment the thing's owner and those who took part in its thread.

    Each is told once, in the words that concern them most, and nobody who may not see the thing.
    """
    told = {author.id}
    people = mentionable(session, author, thing)
    before = mentions.mentioned(comment.text_before, people)
    mentioned = [one for one in mentions.mentioned(comment.text, people) if one not in before]
    _tell(session, told, mentioned, notices.MENTION, thing, author, comment, "mentioned you in a comment on the")
    if comment.text_before:
        return
    owner = [thing.owner_id] if thing.owner_id is not None else []
    _tell(session, told, owner, notices.COMMENT, thing, author, comment, "commented on your")
    if comment.root_id is not None:
        began = session.scalars(select(CommentRow.author_id).where(CommentRow.id == comment.root_id)).all()
        _tell(session, told, _known(began), notices.COMMENT, thing, author, comment, "replied to your comment on the")
        replied = _known(session.scalars(_replied(comment.root_id)))
        _tell(session, told, replied, notices.COMMENT, thing, author, comment, "also replied to a comment on the")


def _replied(root_id: int) -> Select[Any]:
    return select(CommentRow.author_id).where(CommentRow.parent_id == root_id).distinct().limit(_PEOPLE)


def _known(ids: Iterable[int | None]) -> list[int]:
    return [one for one in ids if one is not None]


def _tell(
    session: Session, told: set[int], ids: Sequence[int], kind: str, thing: Found, author: User, comment: Written, what: str
) -> None:
    """Tell those of these people who were not told yet and may see the thing."""
    people = session.scalars(select(UserRow).where(UserRow.id.in_(set(ids) - told))).all()
    may_see = [one.id for one in people if thing_service.may_read(session, one, thing.kind, thing.id)]
    told.update(may_see)
    notices.tell(session, may_see, kind, thing.kind, thing.id, author.id, f"{author.name} {what} {thing.phrase}", comment.id)
