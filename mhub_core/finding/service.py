"""The verb that searches everything. Who may see what is decided within each search, by the same SQL as in lists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from db import found
from db.base import Base
from db.engine import reading
from db.found import Source
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.projects import ProjectRow
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.finding import words as shown_words
from mhub_core.finding.records import Found, FoundPage
from mhub_core.sharing import policy, search_service, texts
from mhub_core.sharing import service as sharing
from mhub_core.sharing import words as asked_words
from mhub_core.sharing.search_service import SOURCES

MOST = 200  # of a kind are ranked: the newest whose title matches, and as many whose text does
MAX_PAGE = 100
PERSON, RUN = "person", "run"
KINDS = tuple(SOURCES)
# Parameters: where the words stand, and who may see it.
_WAYS = ("title_public", "title_private", "text_public", "text_private")
_WHERE = {"title": asked_words.TITLE, "text": asked_words.TEXT}


@dataclass(frozen=True, order=True)
class _Match:
    """One thing that matches, ordered by how well."""

    rank: int
    place_of_kind: int
    minus_id: int
    title: str


def find(viewer: User | None, text: str, limit: int = 24, offset: int = 0, kinds: Collection[str] = ()) -> FoundPage:
    """Return one page of the things that hold all words of a text, of which the last may be a beginning, the best first.

    A title counts more than a text, and the newest of equals comes first. `kinds`: some of `KINDS`; none means all.
    Raises Invalid for a kind that there is none of.
    """
    _require_known(kinds)
    wanted, words = [kind for kind in KINDS if not kinds or kind in kinds], asked_words.read(text)
    limit, offset = min(max(limit, 1), MAX_PAGE), max(offset, 0)
    if not words:
        return FoundPage((), dict.fromkeys(wanted, 0), False)
    with reading() as session:
        matches = {kind: _matches(session, viewer, kind, words) for kind in wanted}
        best = sorted(match for of_kind in matches.values() for match in of_kind)[offset : offset + limit]
        things = _read(session, best, words)
    counts = {kind: min(len(of_kind), MOST) for kind, of_kind in matches.items()}
    return FoundPage(things, counts, any(len(of_kind) > MOST for of_kind in matches.values()))


def find_first(viewer: User | None, text: str, of_each: int = 4) -> FoundPage:
    """Return the best few of each kind, the kind of the best thing first: what is suggested while somebody types."""
    words = asked_words.read(text)
    if not words:
        return FoundPage((), dict.fromkeys(KINDS, 0), False)
    with reading() as session:
        matches = {kind: _matches(session, viewer, kind, words) for kind in KINDS}
        best = [sorted(of_kind)[: min(of_each, MAX_PAGE)] for of_kind in matches.values() if of_kind]
        things = _read(session, [match for of_kind in sorted(best) for match in of_kind], words)
    counts = {kind: min(len(of_kind), MOST) for kind, of_kind in matches.items()}
    return FoundPage(things, counts, any(len(of_kind) > MOST for of_kind in matches.values()))


def _require_known(kinds: Collection[str]) -> None:
    if unknown := set(kinds) - set(KINDS):
        named = f"“{str(min(unknown, key=str))[:40]}”"
        raise Invalid(f"The search knows nothing called {named}.", f"Any of {', '.join(KINDS)}.", "Choose one of these.")


def _matches(session: Session, viewer: User | None, kind: str, words: tuple[str, ...]) -> list[_Match]:
    """Return what of a kind the viewer may see and the words match: the newest by title, and the newest by text."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = asked_words.for_sqlite if is_sqlite else asked_words.for_postgres
    told_apart = _is_told_apart(viewer, kind)
    asked = {way: query(words, _WHERE[way.partition("_")[0]], way.partition("_")[2] if told_apart else None) for way in _WAYS}
    best: dict[int, _Match] = {}
    for thing_id, title, in_title in session.execute(_statement(viewer, kind, is_sqlite), asked):
        match = _Match(shown_words.rank(title, words, bool(in_title)), KINDS.index(kind), -thing_id, title)
        best[thing_id] = min(match, best.get(thing_id, match))
    return list(best.values())


def _is_told_apart(viewer: User | None, kind: str) -> bool:
    """Tell whether what is public is looked for apart from what is not."""
    return kind != PERSON and not (viewer and viewer.is_admin)


def _private(viewer: User, source: Source) -> Any:
    """Select what the viewer may see and a visitor may not."""
    rows = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return sharing.private_runs(viewer) if source.kind == RUN else sharing.private_ids(viewer, rows[source.table])


@lru_cache(maxsize=512)  # to put a statement together takes longer than to run it
def _statement(viewer: User | None, kind: str, is_sqlite: bool) -> Select[Any]:
    """Select the id and the title of what matches, and whether the title does."""
    source = SOURCES[kind]
    parts = [_newest(viewer, source, is_sqlite, in_title, "public") for in_title in (True, False)]
    if viewer and _is_told_apart(viewer, kind):
        parts += [_newest(viewer, source, is_sqlite, in_title, "private") for in_title in (True, False)]
    hits = union_all(*(select(part.subquery()) for part in parts)).subquery()
    rows = Base.metadata.tables[source.table]
    return select(rows.c.id, rows.c[source.title], hits.c.in_title).join(hits, hits.c.id == rows.c.id)


def _newest(viewer: User | None, source: Source, is_sqlite: bool, in_title: bool, seen: str) -> Select[Any]:
    """Select the newest things whose title, or title and text, the index says to match."""
    words: Any = bindparam(f"{'title' if in_title else 'text'}_{seen}")
    number = search_service.id_of(source.kind, is_sqlite)
    columns = (number.label("id"), literal(int(in_title)).label("in_title"))
    query = search_service.holding(source.kind, is_sqlite, words, *columns)
    if seen == "private" and viewer:
        # "+": of each match it is asked whether the viewer may see it. Else FTS5 would begin anew for each thing they may see.
        tested = literal_column(f"+{source.index}.rowid") if is_sqlite else number
        query = query.where(tested.in_(_private(viewer, source)))
    if source.kind == PERSON and viewer is None:
        query = query.where(publishes(number))
    return query.order_by(number.desc()).limit(MOST + 1)


def publishes(person_id: Any) -> Any:
    """Return as SQL whether a person has something public: only then a visitor may know of them."""
    public = [
        select(literal(1)).where(and_(row.owner_id == person_id, row.visibility == policy.PUBLIC)).exists()
        for row in (ModelRow, DatasetRow, ProjectRow)
    ]
    return or_(*public)


def _read(session: Session, best: list[_Match], words: tuple[str, ...]) -> tuple[Found, ...]:
    """Return things in their order, with the words marked."""
    rows: dict[tuple[int, int], Any] = {}
    for place in {match.place_of_kind for match in best}:
        ids = [-match.minus_id for match in best if match.place_of_kind == place]
        rows |= {(place, row.id): row for row in session.execute(_texts(KINDS[place]), {"ids": ids})}
    return tuple(_told(match, rows[match.place_of_kind, -match.minus_id], words) for match in best)


@lru_cache
def _texts(kind: str) -> Select[Any]:
    """Select the texts of things, what they are about, and the names of their owners."""
    source = SOURCES[kind]
    rows = Base.metadata.tables[source.table]
    text: Any = literal("")
    for name in source.texts:
        text = text + rows.c[name] + "\n"
    about: Any = ModelRow.name + " on " + DatasetRow.name if kind == RUN else literal("")
    columns = (rows.c.id, func.substr(text, 1, found.LONGEST).label("text"), about.label("about"))
    query = select(*columns, literal(None).label("owner") if kind == PERSON else UserRow.name.label("owner"))
    if kind == RUN:
        query = query.join(ModelRow, ModelRow.id == rows.c.model_id).join(DatasetRow, DatasetRow.id == rows.c.dataset_id)
    if kind != PERSON:
        query = query.outerjoin(UserRow, UserRow.id == rows.c.owner_id)
    return query.where(rows.c.id.in_(bindparam("ids", expanding=True)))


def _told(match: _Match, row: Any, words: tuple[str, ...]) -> Found:
    kind, thing_id = KINDS[match.place_of_kind], -match.minus_id
    title = texts.run_title(thing_id, match.title) if kind == RUN else match.title
    excerpt, excerpt_marks = shown_words.excerpt(row.text, words)
    return Found(kind, thing_id, title, shown_words.marks(title, words), excerpt, excerpt_marks, row.about, row.owner)
