"""A query to a PostgreSQL server, in a transaction that can only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
import pyarrow as pa
from sqlalchemy import URL

from mhub_core.errors import Invalid, MHubError, Unavailable
from mhub_core.sources import addresses, fetching, rows
from mhub_core.sources.rows import Columns
from mhub_core.sources.source import Limits

_PORT = 5432
_SSL = ("disable", "prefer", "require", "verify-full")
_CONNECT_SECONDS = 20
_CANCELED = "57014"
# The numbers by which PostgreSQL calls its types; all others become text.
_TYPES: dict[int, pa.DataType] = {
    **dict.fromkeys((20, 21, 23), rows.WHOLE),
    **dict.fromkeys((700, 701, 1700), rows.NUMBER),
    **dict.fromkeys((1114, 1184), rows.MOMENT),
    16: rows.YES_NO,
    1082: rows.DAY,
}


def problem(url: URL) -> str:
    """Return what is wrong with an address, or nothing. What libpq would read from files or elsewhere is not let through."""
    if not url.host or not url.database or not url.username:
        return "must name user, server and database: postgresql://user@server/database"
    if url.query.keys() - {"sslmode"} or url.query.get("sslmode", _SSL[0]) not in _SSL:
        return f"may have sslmode behind the question mark and nothing else: one of {', '.join(_SSL)}"
    if any(letter in f"{url.host}{url.database}" for letter in "=,/\\'\""):
        return "must name one server and one database"
    return ""


@contextmanager
def answer(url: URL, password: str, query: str, limits: Limits) -> Iterator[tuple[Columns, Iterator[Sequence[Sequence[Any]]]]]:
    """Give the columns and the rows of a query. Raises what went wrong in words without the password."""
    try:
        connection = _connection(url, password, limits)
        try:
            connection.set_session(readonly=True)
            with connection.cursor(name="mhub") as cursor:  # of the server, which sends a batch at a time
                cursor.execute(query)
                first = cursor.fetchmany(rows.BATCH)
                found = cursor.description or ()
                columns = Columns(tuple(one.name for one in found), tuple(_TYPES.get(one.type_code, rows.TEXT) for one in found))
                yield columns, _batches(first, cursor)
        finally:
            connection.close()
    except (psycopg2.Error, UnicodeError, ValueError) as error:
        raise _told(error, password, limits) from None


def _batches(first: Sequence[Sequence[Any]], cursor: Any) -> Iterator[Sequence[Sequence[Any]]]:
    while first:
        yield first
        first = cursor.fetchmany(rows.BATCH)


def _connection(url: URL, password: str, limits: Limits) -> Any:
    port, mode = url.port or _PORT, str(url.query.get("sslmode", "prefer"))
    return psycopg2.connect(
        host=url.host,
        hostaddr=addresses.look_up(str(url.host), port, limits.networks),
        port=port,
        user=url.username,
        password=password or None,
        dbname=url.database,
        sslmode=mode,
        connect_timeout=_CONNECT_SECONDS,
        application_name="M-Hub",
        gssencmode="disable",
        client_encoding="UTF8",
        options=f"-c default_transaction_read_only=on -c statement_timeout={int(limits.seconds * 1000)}",
        **({"sslrootcert": "system"} if mode == "verify-full" else {}),
    )


def _told(error: Exception, password: str, limits: Limits) -> MHubError:
    if getattr(error, "pgcode", None) == _CANCELED:
        return fetching.too_long(limits)
    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    said = " ".join((said.replace(password, "…") if password else said).split())[:300]
    if isinstance(error, psycopg2.OperationalError) and not getattr(error, "pgcode", None):
        mend = "Check address, user and password, or try again later."
        return Unavailable(f"The database cannot be reached: {said}.", mend=mend)
    return Invalid(f"The database refuses the query: {said}.", "One SELECT that only reads.", "Correct the query.")
