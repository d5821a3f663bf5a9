"""What the index of the search says, as SQL: which things of a kind hold the words of a search, and where."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, cast, column, literal_column, select
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY

from db import found
from mhub_core.sharing import words as asked_words

SOURCES = {source.kind: source for source in found.SOURCES}


def id_of(kind: str, is_sqlite: bool) -> Any:
    """Return the column of the index of a kind that holds the ids of its things."""
    index = SOURCES[kind].index
    return literal_column(f"{index}.rowid") if is_sqlite else _index(kind).c.id


def holding(kind: str, is_sqlite: bool, words: Any, *columns: Any) -> Select[Any]:
    """Select columns of the things of a kind that match, or else their ids. `words` as the database is asked for them."""
    index = _index(kind)
    matches = index.c[index.name].op("MATCH")(words) if is_sqlite else index.c.words.op("@@")(cast(words, TSQUERY))
    return select(*(columns or (id_of(kind, is_sqlite),))).select_from(index).where(matches)


def with_words(kind: str, is_sqlite: bool, words: Sequence[str]) -> Select[int]:
    """Select the ids of the things of a kind that hold all words in title, text, or the names of what they are of."""
    asked = asked_words.for_sqlite if is_sqlite else asked_words.for_postgres
    return holding(kind, is_sqlite, asked(words, asked_words.NAMES))


@cache  # the same object each time: columns of another one would be those of another table
def _index(kind: str) -> Any:
    name = SOURCES[kind].index
    return sql_table(name, column(name), column("id"), column("words"))
