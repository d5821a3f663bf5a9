"""The indexes of the search: one for each kind of thing, kept up to date by triggers of the database itself.

They hold nothing that the tables do not say, so no migration makes them. After each one `keep_up` looks whether they are as
`SOURCES` says, and makes and fills those that are not: a new kind, other columns, or a table that SQLite made anew, which loses
its triggers (docs/decisions/0014-one-search-two-databases.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, inspect, text

LONGEST = 20_000  # characters of a text that are looked through; PostgreSQL refuses an index entry over a megabyte
PREFIX = "found_"  # of the names of the indexes, which `env.py` leaves out of the comparison with `tables`
PUBLIC, PRIVATE = "public", "private"  # what an entry says of itself, to be asked for together with the words
PUBLIC_MARK, TITLE_MARK = f"!{PUBLIC}", "="  # the same on PostgreSQL, and a word of the title; no word of a text begins so


@dataclass(frozen=True)
class Source:
    """A table whose rows are found by words. `is_public`: SQL, in which {row} is a row; on True a visitor may find it."""

    kind: str
    table: str
    title: str
    texts: tuple[str, ...]
    is_public: str

    @property
    def index(self) -> str:
        """Return the name of the table that is the index."""
        return f"{PREFIX}{self.kind}"

    def watched(self) -> tuple[str, ...]:
        """Return the columns on which an entry depends: a change of any other one costs nothing."""
        named = [column for column in ("visibility", "model_visibility", "dataset_visibility") if f".{column} " in self.is_public]
        return (self.title, *self.texts, *named)


_VISIBILITY = "{row}.visibility = 'public'"
_RUN = "{row}.model_visibility = 'public' AND {row}.dataset_visibility = 'public'"
SOURCES = (  # of equals the first is shown first
    Source("model", "models", "name", ("description",), _VISIBILITY),
    Source("dataset", "datasets", "name", ("description", "source"), _VISIBILITY),
    Source("project", "projects", "name", ("description",), _VISIBILITY),
    Source("person", "users", "name", ("about",), "1 = 0"),
    Source("run", "runs", "name", ("notes",), _RUN),
)


def keep_up(connection: Connection) -> None:
    """Make and fill every index that is not there as it should be."""
    is_sqlite = connection.dialect.name == "sqlite"
    for source in SOURCES:
        wanted = _for_sqlite(source) if is_sqlite else _for_postgres(source, _fold(connection))
        if _state(connection, source) != _digest(wanted):
            for statement in wanted:
                connection.execute(text(statement.replace(":", r"\:").replace("{digest}", _digest(wanted))))


def _digest(statements: tuple[str, ...]) -> str:
    return sha256("\n".join(statements).encode()).hexdigest()[:16]


def _state(connection: Connection, source: Source) -> str:
    """Return by which statements an index was made: the trigger that keeps it says so. Nothing, when either is gone."""
    if not inspect(connection).has_table(source.index):
        return ""
    query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name AND tbl_name = :table"
    if connection.dialect.name != "sqlite":
        query = (
            "SELECT prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgname = :name AND tgrelid = to_regclass(:table)"
        )
    said = connection.scalar(text(query), {"name": f"{source.index}_change", "table": source.table}) or ""
    return said.partition("/* ")[2].partition(" */")[0]


def _for_sqlite(source: Source) -> tuple[str, ...]:
    """Return what makes an index of FTS5. Diacritics count for nothing there, and beginnings of words have lists of their own."""

    def entry(row: str) -> str:
        words = " || ' ' || ".join(f"substr({row}.{column}, 1, {LONGEST})" for column in source.texts) or "''"
        seen = f"CASE WHEN {source.is_public.format(row=row)} THEN '{PUBLIC}' ELSE '{PRIVATE}' END"
        return f"{row}.id, {row}.{source.title}, {words}, {seen}"

    put = f"INSERT INTO {source.index} (rowid, title, text, seen)"
    take = f"DELETE FROM {source.index} WHERE rowid = OLD.id;"
    events = {
        "new": ("INSERT", f"{put} VALUES ({entry('NEW')});"),
        "old": ("DELETE", take),
        "change": (f"UPDATE OF {', '.join(source.watched())}", f"{take} {put} VALUES ({entry('NEW')});"),
    }
    made = [f"DROP TABLE IF EXISTS {source.index}"]
    options = "detail = column, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'"
    made.append(f"CREATE VIRTUAL TABLE {source.index} USING fts5(title, text, seen, {options})")
    made.append(f"{put} SELECT {entry('row')} FROM {source.table} AS row ORDER BY id")
    for name, (event, action) in events.items():
        trigger = f"{source.index}_{name}"
        made.append(f"DROP TRIGGER IF EXISTS {trigger}")
        made.append(f"CREATE TRIGGER {trigger} AFTER {event} ON {source.table} BEGIN /* {{digest}} */ {action} END")
    return tuple(made)


def _fold(connection: Connection) -> str:
    """Return SQL for a text without diacritics, and with blanks for what PostgreSQL would take for addresses and paths."""
    is_utf8 = connection.scalar(text("SHOW server_encoding")) == "UTF8"
    bare = "normalize(regexp_replace(normalize({0}, NFD), '[\\u0300-\\u036f]', '', 'g'), NFC)" if is_utf8 else "{0}"
    return f"regexp_replace({bare}, '[!-/:-@\\[-`{{{{-~]+', ' ', 'g')"


def _for_postgres(source: Source, fold: str) -> tuple[str, ...]:
    """Return what makes a table of text vectors with an index over them, without the places of the words.

    Words of the title stand there once more behind a mark: for weights every row that has a word anywhere would be looked at.
    """

    def vector(words: str) -> str:
        return f"to_tsvector('simple', {fold.format(words)})"

    def entry(row: str) -> str:
        title = f"{row}.{source.title}"
        words = " || ' ' || ".join([title, *(f"left({row}.{column}, {LONGEST})" for column in source.texts)])
        marked = f"array_to_tsvector(ARRAY(SELECT '{TITLE_MARK}' || lexeme FROM unnest({vector(title)})))"
        seen = f"CASE WHEN {source.is_public.format(row=row)} THEN '''{PUBLIC_MARK}'''::tsvector ELSE ''::tsvector END"
        return f"{row}.id, strip({vector(words)}) || {marked} || {seen}"

    put, name = f"INSERT INTO {source.index} (id, words)", f"{source.index}_change"
    body = (
        f"BEGIN /* {{digest}} */ IF TG_OP <> 'INSERT' THEN DELETE FROM {source.index} WHERE id = OLD.id; END IF;"
        f" IF TG_OP <> 'DELETE' THEN {put} VALUES ({entry('NEW')}); END IF; RETURN NULL; END"
    )
    events = f"INSERT OR DELETE OR UPDATE OF {', '.join(source.watched())}"
    return (
        f"DROP TABLE IF EXISTS {source.index}",
        f"CREATE TABLE {source.index} (id integer PRIMARY KEY, words tsvector NOT NULL)",
        f"ALTER TABLE {source.index} ALTER words SET STATISTICS 1000",  # else a rare word is taken for a frequent one
        f"{put} SELECT {entry('given')} FROM {source.table} AS given",
        f"CREATE INDEX ix_{source.index}_words ON {source.index} USING gin (words)",
        f"ANALYZE {source.index}",
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
        f"DROP TRIGGER IF EXISTS {name} ON {source.table}",
        f"CREATE TRIGGER {name} AFTER {events} ON {source.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )
