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
# The same on PostgreSQL, a word of the title, and one of a name; no word of a text begins so.
PUBLIC_MARK, TITLE_MARK, NAME_MARK = f"!{PUBLIC}", "=", "@"


@dataclass(frozen=True)
class Source:
    """A table whose rows are found by words. `is_public`: SQL, in which {row} is a row; on True a visitor may find it.

    `names`: what a thing is of, as the column with its number and the table with its name.
    """

    kind: str
    table: str
    title: str
    texts: tuple[str, ...]
    is_public: str
    names: tuple[tuple[str, str], ...] = ()

    @property
    def index(self) -> str:
        """Return the name of the table that is the index."""
        return f"{PREFIX}{self.kind}"

    def watched(self) -> tuple[str, ...]:
        """Return the columns on which an entry depends: a change of any other one costs nothing."""
        named = [column for column in ("visibility", "model_visibility", "dataset_visibility") if f".{column} " in self.is_public]
        return (self.title, *self.texts, *named)

    def named(self, row: str) -> str:
        """Return SQL for the names of what a row is of."""
        names = (f"coalesce((SELECT name FROM {table} WHERE id = {row}.{column}), '')" for column, table in self.names)
        return " || ' ' || ".join(names) or "''"


_VISIBILITY = "{row}.visibility = 'public'"
_RUN = "{row}.model_visibility = 'public' AND {row}.dataset_visibility = 'public'"
SOURCES = (  # of equals the first is shown first
    Source("model", "models", "name", ("description",), _VISIBILITY),
    Source("dataset", "datasets", "name", ("description", "source"), _VISIBILITY),
    Source("project", "projects", "name", ("description",), _VISIBILITY),
    Source("person", "users", "name", ("about",), "1 = 0"),
    Source("run", "runs", "name", ("notes",), _RUN, (("model_id", "models"), ("dataset_id", "datasets"))),
)


def keep_up(connection: Connection) -> None:
    """Make and fill every index that is not there as it should be."""
    is_sqlite = connection.dialect.name == "sqlite"
    for source in SOURCES:
        wanted = _for_sqlite(source) if is_sqlite else _for_postgres(source, _fold(connection))
        digest = sha256("\n".join(wanted).encode()).hexdigest()[:16]
        if not _is_kept(connection, source, digest):
            for statement in wanted:
                connection.execute(text(statement.replace(":", r"\:").replace("{digest}", digest)))


def _is_kept(connection: Connection, source: Source, digest: str) -> bool:
    """Tell whether an index is there, and all that keeps it was made by these statements: each trigger says by which."""
    if not inspect(connection).has_table(source.index):
        return False
    query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name != "sqlite":
        query = (
            "SELECT tgname, relname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        )
    there = {name: table for name, table, said in connection.execute(text(query)) if f"/* {digest} */" in said}
    return all(there.get(trigger.name) == trigger.table for trigger in _triggers(source, "", "", ""))


def _for_sqlite(source: Source) -> tuple[str, ...]:
    """Return what makes an index of FTS5. Diacritics count for nothing there, and beginnings of words have lists of their own."""

    def entry(row: str) -> str:
        words = " || ' ' || ".join(f"substr({row}.{column}, 1, {LONGEST})" for column in source.texts) or "''"
        seen = f"CASE WHEN {source.is_public.format(row=row)} THEN '{PUBLIC}' ELSE '{PRIVATE}' END"
        return f"{row}.id, {row}.{source.title}, {words}, {source.named(row)}, {seen}"

    options = "detail = column, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'"
    put = f"INSERT INTO {source.index} (rowid, title, text, names, seen)"
    put_rows = f"{put} SELECT {entry('row')} FROM {source.table} AS row"
    made = [
        f"DROP TABLE IF EXISTS {source.index}",
        f"CREATE VIRTUAL TABLE {source.index} USING fts5(title, text, names, seen, {options})",
        f"{put_rows} ORDER BY id",
    ]
    for trigger in _triggers(source, "rowid", f"{put} VALUES ({entry('NEW')});", put_rows):
        body = f"BEGIN /* {{digest}} */ {trigger.action} END"
        made.append(f"DROP TRIGGER IF EXISTS {trigger.name}")
        made.append(f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table} {body}")
    return tuple(made)


@dataclass(frozen=True)
class _Trigger:
    """What keeps an index: on an event at a table an action is carried out."""

    name: str
    table: str
    event: str
    action: str


def _triggers(source: Source, number: str, put: str, put_rows: str) -> list[_Trigger]:
    """Return what keeps an index. `number`: its column of ids; `put` writes the entry of a new row, `put_rows` those of all."""
    take = f"DELETE FROM {source.index} WHERE {number} = OLD.id;"
    found = [
        _Trigger(f"{source.index}_new", source.table, "INSERT", put),
        _Trigger(f"{source.index}_old", source.table, "DELETE", take),
        _Trigger(f"{source.index}_change", source.table, f"UPDATE OF {', '.join(source.watched())}", f"{take} {put}"),
    ]
    for column, table in source.names:
        renamed = f"DELETE FROM {source.index} WHERE {number} IN (SELECT id FROM {source.table} WHERE {column} = NEW.id);"
        action = f"{renamed} {put_rows} WHERE {column} = NEW.id;"
        found.append(_Trigger(f"{source.index}_of_{table}", table, "UPDATE OF name", action))
    return found


def _fold(connection: Connection) -> str:
    """Return SQL for a text without diacritics, and with blanks for what PostgreSQL would take for addresses and paths."""
    is_utf8 = connection.scalar(text("SHOW server_encoding")) == "UTF8"
    bare = "normalize(regexp_replace(normalize({0}, NFD), '[\\u0300-\\u036f]', '', 'g'), NFC)" if is_utf8 else "{0}"
    return f"regexp_replace({bare}, '[!-/:-@\\[-`{{{{-~]+', ' ', 'g')"


def _for_postgres(source: Source, fold: str) -> tuple[str, ...]:
    """Return what makes a table of text vectors with an index over them, without the places of the words.

    Words of the title stand there once more behind a mark, as do those of names: for weights every row that has a word anywhere
    would be looked at.
    """

    def vector(words: str) -> str:
        return f"to_tsvector('simple', {fold.format(words)})"

    def marked(mark: str, words: str) -> str:
        return f"array_to_tsvector(ARRAY(SELECT '{mark}' || lexeme FROM unnest({vector(words)})))"

    def entry(row: str) -> str:
        title = f"{row}.{source.title}"
        words = " || ' ' || ".join([title, *(f"left({row}.{column}, {LONGEST})" for column in source.texts)])
        names = f" || {marked(NAME_MARK, source.named(row))}" if source.names else ""
        seen = f"CASE WHEN {source.is_public.format(row=row)} THEN '''{PUBLIC_MARK}'''::tsvector ELSE ''::tsvector END"
        return f"{row}.id, strip({vector(words)}) || {marked(TITLE_MARK, title)}{names} || {seen}"

    put = f"INSERT INTO {source.index} (id, words)"
    put_rows = f"{put} SELECT {entry('row_of')} FROM {source.table} AS row_of"
    made = [
        f"DROP TABLE IF EXISTS {source.index}",
        f"CREATE TABLE {source.index} (id integer PRIMARY KEY, words tsvector NOT NULL)",
        f"ALTER TABLE {source.index} ALTER words SET STATISTICS 1000",  # else a rare word is taken for a frequent one
        put_rows,
        f"CREATE INDEX ix_{source.index}_words ON {source.index} USING gin (words)",
        f"ANALYZE {source.index}",
    ]
    for trigger in _triggers(source, "id", f"{put} VALUES ({entry('NEW')});", put_rows):
        body = f"BEGIN /* {{digest}} */ {trigger.action} RETURN NULL; END"
        made += [
            f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
            f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}",
            f"CREATE TRIGGER {trigger.name} AFTER {trigger.event} ON {trigger.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {trigger.name}()",
        ]
    return tuple(made)
