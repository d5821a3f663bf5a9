"""The rows that a query to a database gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from mhub_core.data.records import Progress
from mhub_core.sources import postgres, rows, sqlite
from mhub_core.sources.source import FILE, LONG, SECRET, Asked, Field, Limits, missing

# By the name before the colon; each is a module with `problem` and `answer`.
DIALECTS: dict[str, Any] = {"postgresql": postgres, "sqlite": sqlite}
_SAME = {"postgres": "postgresql", "postgresql+psycopg2": "postgresql"}
_ONE = "One SELECT, without a semicolon."
_READS = re.compile(r"(?is)^\s*(select|with|values|table)\b")


class Database:
    """`config` holds the address without a password, and the query."""

    name = "database"
    title = "From a database"
    help = "The rows of one SELECT, read in a transaction that cannot change anything."
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Address of the database",
            example="postgresql://user@server:5432/database",
            help="A SQLAlchemy URL of PostgreSQL, or of a file of SQLite where the administrator allows it.",
        ),
        Field("password", "Password", SECRET, may_be_empty=True),
        Field("query", "Query", LONG, example="SELECT * FROM measurements", help=_ONE, keeps_secret=True),
    )

    def check(self, given: dict[str, str]) -> Asked:
        """Check address and query by their form. A password within the address becomes part of the secret."""
        problems = missing(self.fields, given)
        query = given.get("query", "").strip().rstrip(";").strip()
        url, wrong = _url(given.get("url", "").strip())
        if wrong or url is None:
            problems.setdefault("url", wrong)
        if ";" in query:  # also within a text: what a server takes for one statement is not guessed here
            problems["query"] = "must be one statement without a semicolon; within a text write chr(59)"
        elif not _READS.match(query):
            problems.setdefault("query", "must begin with SELECT or WITH")
        password = given.get("password", "") or (url.password if url else None) or ""
        config = {"url": _bare(url) if url else "", "query": query}
        return Asked(config, {"password": str(password)} if password else {}, problems)

    def words(self, config: dict[str, str]) -> str:
        """Return which database on which server it is; not the user, nor the query."""
        url = make_url(config["url"])
        where = f" at {url.host}" if url.host else ""
        return f"Query to the database {Path(str(url.database)).name}{where}"

    def public_words(self, config: dict[str, str]) -> str:
        """Return nothing of the server."""
        return "A database"

    def fetch(self, config: dict[str, str], secret: dict[str, str], folder: Path, limits: Limits, progress: Progress) -> str:
        """Ask, and write the rows as Parquet."""
        url = make_url(config["url"])
        with DIALECTS[url.drivername].answer(url, secret.get("password", ""), config["query"], limits) as (columns, batches):
            rows.write(columns, batches, folder / FILE, limits, progress)
        return f"{Path(str(url.database)).stem[:100]}.parquet"


def _bare(url: URL) -> str:
    """Return the address without a password; `URL.set` would keep it."""
    return url._replace(password=None).render_as_string()


def _url(text: str) -> tuple[URL | None, str]:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # whose text may hold the password
        return None, "must be a SQLAlchemy URL, such as postgresql://user@server/database"
    url = url.set(drivername=_SAME.get(url.drivername, url.drivername))
    if url.drivername not in DIALECTS:
        return None, f"must begin with one of: {', '.join(f'{name}://' for name in DIALECTS)}"
    if url.host and text.count("@") > 1:  # what follows the first one would be taken for the server, stored and shown
        return None, "has an @ within user or password: enter the password in its own field, or write %40 for that @"
    return url, DIALECTS[url.drivername].problem(url)
