"""What people are told: `tell`, within the transaction of what happened, and the verbs with which each reads their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import UserRow
from db.tables.comments import NoticeChoiceRow, NoticeRow
from mhub_core.errors import Invalid, SignInRequired
from mhub_core.mail import service as mail
from mhub_core.notices import records
from mhub_core.notices.records import Choice, Latest, Notice, Reader

RUN_ENDED, COMMENT, MENTION, INVITATION = KINDS = ("run_ended", "comment", "mention", "invitation")
MAX_KEPT = 500  # of one person: the oldest go
MAX_WORDS = 400

# Telling


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
    if not wanted:
        return
    words = words[:MAX_WORDS]
    told = {"kind": kind, "thing_kind": thing_kind, "thing_id": thing_id, "actor_id": actor_id, "comment_id": comment_id}
    choices = _choices_of(session, wanted, kind)
    # In one order: two that tell the same people would each wait for the other.
    people = session.execute(select(UserRow.id, UserRow.email).where(UserRow.id.in_(wanted)).order_by(UserRow.id)).all()
    heard = [one.id for one in people if choices.get(one.id, Choice()).in_hub]
    if heard:
        session.execute(insert(NoticeRow), [{"person_id": one, "words": words, "created": now(), **told} for one in heard])
    for person_id in heard:
        _drop_oldest(session, person_id)
    for person in people:
        if choices.get(person.id, Choice()).by_mail:
            mail.put(session, person.email, words, _letter(words, thing_kind, records.query_of(thing_id, comment_id)))


def _choices_of(session: Session, person_ids: Iterable[int], kind: str) -> dict[int, Choice]:
    columns = (NoticeChoiceRow.person_id, NoticeChoiceRow.in_hub, NoticeChoiceRow.by_mail)
    query = select(*columns).where(NoticeChoiceRow.person_id.in_(person_ids), NoticeChoiceRow.kind == kind)
    return {row.person_id: Choice(row.in_hub, row.by_mail) for row in session.execute(query)}


def _drop_oldest(session: Session, person_id: int) -> None:
    ids = select(NoticeRow.id).where(NoticeRow.person_id == person_id).order_by(NoticeRow.id.desc()).offset(MAX_KEPT)
    # What another one drops is left to it: who tells several people would wait for one who tells them in another order.
    too_many = ids.limit(MAX_KEPT).with_for_update(skip_locked=True).scalar_subquery()
    session.execute(delete(NoticeRow).where(NoticeRow.id.in_(too_many)))


def _letter(words: str, thing_kind: str, query: Mapping[str, int]) -> str:
    address = mail.link(f"/{records.page_of(thing_kind)}?{urlencode(query)}")
    return f"{words}\n\n{address}\n\nYou choose what you are told by mail here: {mail.link('/Notices')}\n"


# Reading

_COLUMNS = ("id", "kind", "thing_kind", "thing_id", "comment_id", "words", "created")
_MINE = NoticeRow.person_id == bindparam("person")
_UNREAD = select(func.count()).select_from(NoticeRow).where(_MINE, NoticeRow.read_at.is_(None)).scalar_subquery()
_NEWEST = (  # put together once, because that takes as long as to ask; every open page asks it again and again
    select(*(getattr(NoticeRow, name) for name in _COLUMNS), NoticeRow.read_at.is_not(None), _UNREAD)
    .where(_MINE)
    .order_by(NoticeRow.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


def list_notices(viewer: Reader | None, limit: int = 10, offset: int = 0) -> Latest:
    """Return what a person was told, the newest first, and how many they did not read yet. A visitor is told nothing."""
    if viewer is None:
        return Latest(0, ())
    with reading() as session:
        rows = session.execute(_NEWEST, {"person": viewer.id, "limit": limit, "offset": offset}).all()
    return Latest(rows[0][-1] if rows else 0, tuple(Notice(*row[:-1]) for row in rows))


def mark_read(user: Reader | None, notice_ids: Sequence[int] | None = None) -> None:
    """Note that a person has read these notices of theirs; without ids: all. Ids of others count for nothing."""
    person = _require_signed_in(user)
    unread = update(NoticeRow).where(NoticeRow.person_id == person.id, NoticeRow.read_at.is_(None))
    if notice_ids is not None:
        unread = unread.where(NoticeRow.id.in_(notice_ids))
    with writing() as session:
        session.execute(unread.values(read_at=now()))


def get_choices(user: Reader | None) -> dict[str, Choice]:
    """Return for each kind how a person wants to be told of it. Raises SignInRequired."""
    person = _require_signed_in(user)
    columns = (NoticeChoiceRow.kind, NoticeChoiceRow.in_hub, NoticeChoiceRow.by_mail)
    with reading() as session:
        chosen = session.execute(select(*columns).where(NoticeChoiceRow.person_id == person.id)).all()
    return {kind: Choice() for kind in KINDS} | {row.kind: Choice(row.in_hub, row.by_mail) for row in chosen}


def choose(user: Reader | None, kind: str, in_hub: bool, by_mail: bool) -> None:
    """Say how a person wants to be told of a kind from now on. Raises Invalid for an unknown kind, SignInRequired."""
    person = _require_signed_in(user)
    if kind not in KINDS:
        raise Invalid("There is no such kind of notification.", f"One of {', '.join(KINDS)}.", "Reload the page.")
    chosen = {"in_hub": in_hub, "by_mail": by_mail}
    mine = update(NoticeChoiceRow).where(NoticeChoiceRow.person_id == person.id, NoticeChoiceRow.kind == kind)
    with writing() as session:
        session.execute(select(UserRow.id).where(UserRow.id == person.id).with_for_update(key_share=True))  # two tabs, one by one
        if not num_changed(session, mine.values(**chosen)):
            session.add(NoticeChoiceRow(person_id=person.id, kind=kind, **chosen))


def _require_signed_in(user: Reader | None) -> Reader:
    if user is None:
        raise SignInRequired()
    return user
