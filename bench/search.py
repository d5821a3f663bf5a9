"""How long the search takes among 100,000 things: `python -m bench.search [--rows 100000] [--private] [--postgres [URL]]`.

Fills a database of its own, as `bench.lists` does: of the things 40 % are runs, 30 % models, 29 % datasets, 1 % people. With
`--private` only one in 97 is public. Prints for each search the least time of some tries, how much was found and what
stands first, and fails above 100 milliseconds: of processor on SQLite, of the clock on PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

from sqlalchemy import text

from bench.lists import database, milliseconds
from db import engine, migrate
from mhub_core.accounts.records import User
from mhub_core.finding import service as finding

GOAL = 100.0  # milliseconds
PERSON, ADMIN = User(8, "p8@example.org", "Person 8", False), User(1, "p1@example.org", "Person 1", True)
SEARCHES = (
    "common",  # stands in every text
    "net",  # the title of every model
    "n",
    "rate 0.0137",
    "iris",
    "Äpfel",
    "rare 4711",
    "person 77",
    "common net 12",
    "nowhere",
)
VISIBILITY = "CASE WHEN i % {public} = 0 THEN 'public' ELSE 'private' END"
NAMES = "CASE i % 4 WHEN 0 THEN 'Net ' WHEN 1 THEN 'Netz für Äpfel ' WHEN 2 THEN 'Iris net ' ELSE 'Network of roads ' END || i"
ROWS = (
    "INSERT INTO users (id, email, name, is_admin, created) {n}{people}) SELECT i, 'p' || i, 'Person ' || i, false, {at} FROM n",
    "INSERT INTO models (id, owner_id, name, description, visibility, draft_revision, draft_step, created, updated) {n}{models})"
    " SELECT i, i % {people} + 1, {names}, 'A common text. ' || CASE WHEN i % 4711 = 0 THEN 'rare 4711' ELSE '' END,"
    " {visibility}, 0, 0, {at}, {at} FROM n",
    "INSERT INTO datasets (id, owner_id, name, description, licence, source, visibility, created) {n}{datasets})"
    " SELECT i, i % {people} + 1, 'Data ' || i, 'Common rows of iris and others', '', '', {visibility}, {at} FROM n",
    "INSERT INTO dataset_versions (id, dataset_id, number, state, request, progress, created) {n}{datasets})"
    " SELECT i, i, 1, 'ready', '{{}}', '{{}}', {at} FROM n",
    "INSERT INTO model_versions (id, model_id, number, graph, note, created) {n}{models})"
    " SELECT i, i, 1, '{{}}', '', {at} FROM n",
    "INSERT INTO runs (id, owner_id, model_id, model_visibility, model_version_id, dataset_id, dataset_visibility,"
    " dataset_version_id, submission_key, name, notes, state, spec, attempt, deaths, stop_requested, epoch, epochs, queued)"
    " {n}{runs}) SELECT i, m.owner_id, m.id, m.visibility, m.id, d.id, d.visibility, d.id, 'many-' || i,"
    " 'learning rate 0.0' || (i * 31 % 1000), 'a common note', 'finished', '{{}}', 1, 0, false, 5, 5, {at} FROM n"
    " JOIN models AS m ON m.id = i % {models} + 1 JOIN datasets AS d ON d.id = i % {datasets} + 1",
)


def fill(num: int, public: int) -> None:
    """Put that many things into an empty database, one in `public` of which is public."""
    is_sqlite = engine.engine().dialect.name == "sqlite"
    given: dict[str, Any] = {
        "n": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ",
        "at": "datetime('2026-01-01')" if is_sqlite else "timestamp '2026-01-01'",
        "names": NAMES,
        "visibility": VISIBILITY.format(public=public),
    }
    given |= {"people": num // 100, "models": num * 3 // 10, "datasets": num * 29 // 100, "runs": num * 4 // 10}
    with engine.writing() as session:
        for statement in ROWS:
            session.connection().exec_driver_sql(statement.format(**given).replace("%", "%" if is_sqlite else "%%"))
    if not is_sqlite:
        with engine.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def main() -> None:
    """Read the command line, fill, search, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="of all kinds together")
    parser.add_argument("--private", action="store_true", help="one in 97 is public; else every third")
    parser.add_argument("--postgres", nargs="?", const="own", metavar="URL", help="an empty database; without a URL, our own")
    options = parser.parse_args()
    missed = []
    with database(options.postgres):
        migrate.upgrade()
        fill(options.rows, 97 if options.private else 3)
        print(
            f"{engine.engine().dialect.name}, {options.rows:,} things, {'few' if options.private else 'a third'} of them public."
        )
        for who, viewer in (("visitor", None), ("person", PERSON), ("admin", ADMIN)):
            for words in SEARCHES:
                for what, verb in (("all", finding.find), ("suggested", finding.find_first)):
                    taken = milliseconds(partial(verb, viewer, words))
                    page = verb(viewer, words)
                    first = ", ".join(f"{thing.kind} “{thing.title}”" for thing in page.things[:2])
                    print(f"  {who:8} {words:14} {what:10} {taken:7.1f} ms {page.total:4}{'+' if page.is_cut else ' '} {first}")
                    if taken > GOAL:
                        missed.append(f"{who}, {words}, {what}")
    print(f"{'missed: ' + '; '.join(missed) if missed else 'met'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
