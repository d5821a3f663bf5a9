"""The verbs of comments. Whoever may see a thing reads what is said about it; who is signed in besides may say something.

The parts of a statement are put together once, because that takes as long as to ask.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.comments import CommentRow
from mhub_core.accounts import throttle, try_service
from mhub_core.accounts.records import User
from mhub_core.comments import people_service as people
from mhub_core.comments.people_service import Written
from mhub_core.comments.records import Comment, Discussion, Thread
from mhub_core.errors import Conflict, Forbidden, NotFound
from mhub_core.sharing import policy, texts, thing_service
from mhub_core.sharing.thing_service import Found

LONGEST = 4000
MAX_REPLIES = 100  # to one comment: whoever draws a thread draws them all

# Reading

_OF_THING = (CommentRow.thing_kind == bindparam("kind"), CommentRow.thing_id == bindparam("thing"))
_BEGINS = (*_OF_THING, CommentRow.parent_id.is_(None))
_COUNT = select(func.count()).select_from(CommentRow)
_NUMS = select(
    _COUNT.where(*_BEGINS).scalar_subquery().label("threads"),
    _COUNT.where(*_OF_THING, CommentRow.deleted.is_(None)).scalar_subquery().label("comments"),
)
_PAGE = select(CommentRow.id).where(*_BEGINS).order_by(CommentRow.id.desc())
_PAGE_OF_IDS = _PAGE.limit(bindparam("limit")).offset(bindparam("offset")).subquery()
_COLUMNS = ("id", "parent_id", "author_id", "text", "created", "edited", "deleted")
_WHOLE = select(*(getattr(CommentRow, name) for name in _COLUMNS), UserRow.name.label("author_name")).outerjoin(
    UserRow, UserRow.id == CommentRow.author_id
)
_THREADS = _WHOLE.join(_PAGE_OF_IDS, _PAGE_OF_IDS.c.id == CommentRow.id).order_by(CommentRow.id.desc())
_REPLIES = _WHOLE.join(_PAGE_OF_IDS, _PAGE_OF_IDS.c.id == CommentRow.parent_id).order_by(CommentRow.id)


def list_threads(viewer: User | None, kind: str, thing_id: int, limit: int = 10, offset: int = 0) -> Discussion:
    """Return a page of what was said about a thing, the newest thread first. Raises NotFound."""
    asked = {"kind": kind, "thing": thing_id, "limit": limit, "offset": offset}
    with reading() as session:
        thing = thing_service.require(session, viewer, policy.READ, kind, thing_id)
        nums = session.execute(_NUMS, asked).one()
        rows = session.execute(_THREADS, asked).all() if nums.threads else []
        replies: defaultdict[int, list[Comment]] = defaultdict(list)
        for reply in session.execute(_REPLIES, asked) if rows else ():
            replies[reply.parent_id].append(_comment(reply, viewer, thing))
    threads = tuple(Thread(_comment(row, viewer, thing), tuple(replies[row.id])) for row in rows)
    return Discussion(threads, nums.threads, nums.comments)


def _comment(row: Any, viewer: User | None, thing: Found) -> Comment:
    is_own = viewer is not None and row.author_id == viewer.id
    return Comment(
        id=row.id,
        author_id=row.author_id,
        author_name=row.author_name,
        text=row.text,
        created=row.created,
        is_edited=row.edited is not None,
        is_deleted=row.deleted is not None,
        may_edit=is_own and row.deleted is None,
        may_delete=(is_own or policy.reaches(thing.level, policy.MANAGE)) and row.deleted is None,
    )


def num_threads_before(viewer: User | None, kind: str, thing_id: int, comment_id: int) -> int | None:
    """Return how many threads stand before the one with a comment; None when the thing has no such comment. Raises NotFound."""
    asked = {"kind": kind, "thing": thing_id, "comment": comment_id}
    with reading() as session:
        thing_service.require(session, viewer, policy.READ, kind, thing_id)
        root_id = session.scalar(_ROOT, asked)
        return session.scalar(_COUNT.where(*_BEGINS, CommentRow.id > root_id), asked) if root_id is not None else None


_ROOT = select(func.coalesce(CommentRow.parent_id, CommentRow.id)).where(*_OF_THING, CommentRow.id == bindparam("comment"))


def list_mentionable(user: User | None, kind: str, thing_id: int) -> list[str]:
    """Return the names of those whom a person may mention in a comment on a thing, each once. Raises NotFound, SignInRequired."""
    person = policy.require_signed_in(user)
    with reading() as session:
        thing = thing_service.require(session, person, policy.READ, kind, thing_id)
        return list(dict.fromkeys(people.mentionable(session, person, thing).values()))


# Writing


def write(user: User | None, kind: str, thing_id: int, text: str, parent_id: int | None = None) -> int:
    """Comment on a thing, or reply to a comment on it, and tell those whom it concerns. Returns the id of the comment.

    A reply to a reply stands beside that one. Raises SignInRequired, NotFound, Invalid for a text that is empty or too long,
    Throttled for too many, and Conflict when the comment is gone or has as many replies as it may have.
    """
    person = policy.require_signed_in(user)
    text = _checked(text)
    _count(person)
    with writing() as session:
        thing = thing_service.require(session, person, policy.READ, kind, thing_id, hold=True)
        root_id = _require_root(session, thing, parent_id) if parent_id is not None else None
        row = CommentRow(thing_kind=kind, thing_id=thing_id, parent_id=root_id, author_id=person.id, text=text)
        session.add(row)
        session.flush()
        people.tell(session, person, thing, Written(row.id, root_id, text))
        return row.id


def _checked(text: str) -> str:
    text = text.strip()
    texts.refuse("The comment was not saved.", {"text": texts.problem(text, LONGEST) if text else "must not be empty"})
    return text


def _count(person: User) -> None:
    try_service.count(throttle.COMMENTS, str(person.id), "You have written many comments within the last hour.")


def _require_root(session: Session, thing: Found, parent_id: int) -> int:
    """Return the comment that begins a thread, which stays until the transaction ends."""
    asked = {"kind": thing.kind, "thing": thing.id, "comment": parent_id}
    root_id = session.scalar(_ROOT, asked)
    held = select(CommentRow.id).where(CommentRow.id == root_id).with_for_update(read=True, key_share=True)
    if root_id is None or session.scalar(held) is None:
        raise _gone()
    if (session.scalar(_COUNT.where(CommentRow.parent_id == root_id)) or 0) >= MAX_REPLIES:
        raise Conflict(f"This comment has {MAX_REPLIES} replies.", "No more fit.", "Write a new comment instead of a reply.")
    return int(root_id)


def edit(user: User | None, comment_id: int, text: str) -> None:
    """Change a comment of one's own, and tell those who are newly mentioned. Raises as `write`, and Forbidden for another's."""
    person = policy.require_signed_in(user)
    text = _checked(text)
    _count(person)
    with writing() as session:
        row, thing = _require(session, person, comment_id)
        if row.author_id != person.id:
            raise Forbidden("This comment was written by another person.", "Only its author can change it.", "Reply to it.")
        if row.deleted is not None:
            raise _gone()
        before, row.text, row.edited = row.text, text, now()
        people.tell(session, person, thing, Written(row.id, row.parent_id, text, before))


def delete(user: User | None, comment_id: int) -> None:
    """Delete a comment: its author may, and whoever manages the thing. One with replies stays as a deleted one until they go.

    Raises SignInRequired, NotFound and Forbidden.
    """
    person = policy.require_signed_in(user)
    with writing() as session:
        row, thing = _require(session, person, comment_id)
        if row.author_id != person.id and not policy.reaches(thing.level, policy.MANAGE):
            expected = f"Its author can delete it, and who manages the {thing.kind}."
            raise Forbidden("This comment was written by another person.", expected)
        if session.scalar(_COUNT.where(CommentRow.parent_id == row.id)):
            row.text, row.deleted = "", now()
            return
        root_id = row.parent_id
        session.delete(row)
        session.flush()
        if root_id is not None:
            _drop_emptied(session, root_id)


def _drop_emptied(session: Session, root_id: int) -> None:
    """Drop a deleted comment whose last reply has gone."""
    root = session.get_one(CommentRow, root_id)
    if root.deleted is not None and not session.scalar(_COUNT.where(CommentRow.parent_id == root_id)):
        session.delete(root)


def _require(session: Session, person: User, comment_id: int) -> tuple[CommentRow, Found]:
    """Return a comment on a thing that the person may see, and hold its thread: nobody replies meanwhile."""
    root_id = session.scalar(select(func.coalesce(CommentRow.parent_id, CommentRow.id)).where(CommentRow.id == comment_id))
    # The one that begins the thread is held first, by everybody, so that no two wait for each other.
    held = select(CommentRow).where(CommentRow.id.in_({root_id, comment_id})).order_by(CommentRow.id).with_for_update()
    row = {one.id: one for one in session.scalars(held)}.get(comment_id)
    if row is None:
        raise policy.hidden("comment")
    try:
        return row, thing_service.require(session, person, policy.READ, row.thing_kind, row.thing_id)
    except NotFound:
        raise policy.hidden("comment") from None


def _gone() -> Conflict:
    return Conflict("This comment was deleted in the meantime.", mend="Copy your text and write a new comment.")
