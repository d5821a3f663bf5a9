"""How long the lists take in a hub of 100,000 models: `python -m bench.lists [--rows 100000] [--postgres [URL]]`.

Fills a database of its own: SQLite in a temporary folder, or with `--postgres` an empty one at that URL (without a URL, one on a
server that is started for the bench, as the tests do it). Each verb is measured beside the plain query for the same list, which
joins, groups and sorts all that may be seen: one after the other in the same run, the smallest of some tries. Milliseconds of
processor on SQLite, which works in this process; on PostgreSQL of the clock, with the server's part in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, select

from db import engine, migrate
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import LineScoreRow, RunRow
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Narrow
from mhub_core.models import service as models
from mhub_core.runs import find_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from tests import many_rows, services

TRIES = 7
GOAL, GOAL_HOME, GOAL_FOUND = 10.0, 20.0, 50.0  # milliseconds
RUN_SPEC = json.dumps({"graph": "a design" * 500})  # as long as that of a small network
PERSON, ADMIN = many_rows.PERSON, User(1, "p1@example.org", "Person 1", True)


def plain_models(viewer: Any, limit: int) -> Any:
    """Select the cards of models by grouping the versions of all."""
    trained = func.max(case((ModelVersionRow.model_key.is_not(None), 1), else_=0)).label("trained")
    facts = (func.max(ModelVersionRow.id).label("latest"), func.count().label("num"), trained)
    versions = select(ModelVersionRow.model_id, *facts).group_by(ModelVersionRow.model_id).subquery()
    query = select(ModelRow.id, ModelRow.name, ModelRow.description, UserRow.name, versions).join(UserRow)
    query = query.join(versions, versions.c.model_id == ModelRow.id).where(sharing.allowed(viewer, policy.READ, ModelRow))
    return query.order_by(ModelRow.updated.desc(), ModelRow.id.desc()).limit(limit)


def plain_datasets(viewer: Any, limit: int) -> Any:
    """Select the cards of datasets by grouping the versions of all."""
    of_all = select(DatasetVersionRow.dataset_id, func.max(DatasetVersionRow.id).label("newest"))
    newest = of_all.group_by(DatasetVersionRow.dataset_id).subquery()
    query = select(DatasetRow.id, DatasetRow.name, DatasetVersionRow.spec["kind"].as_string())
    query = query.join(newest, newest.c.dataset_id == DatasetRow.id)
    query = query.join(DatasetVersionRow, DatasetVersionRow.id == newest.c.newest)
    return query.where(sharing.allowed(viewer, policy.READ, DatasetRow)).order_by(DatasetRow.id.desc()).limit(limit)


def plain_runs(viewer: Any, limit: int, *conditions: Any) -> Any:
    """Select runs out of a join with all that decides who may see them."""
    query = select(RunRow.id, UserRow.name, ModelRow.name, DatasetRow.name).join(UserRow, UserRow.id == RunRow.owner_id)
    query = query.join(ModelRow, ModelRow.id == RunRow.model_id)
    query = query.join(DatasetVersionRow, DatasetVersionRow.id == RunRow.dataset_version_id).join(DatasetRow)
    query = query.where(sharing.allowed_run(viewer, policy.READ), *conditions)
    return query.order_by(RunRow.id.desc()).limit(limit)


def plain_board(viewer: Any) -> Any:
    """Count all places of a board of whose models the viewer may see."""
    seen = select(ModelRow.id).where(sharing.allowed(viewer, policy.READ, ModelRow))
    of_board = (LineScoreRow.dataset_version_id == 1, LineScoreRow.name == "accuracy", LineScoreRow.model_id.in_(seen))
    return select(func.count()).select_from(LineScoreRow).where(*of_board)


def plain_found(viewer: Any, offset: int) -> Any:
    """Select all runs that have a score, sorted by it, each beside how many there are."""
    query = select(RunRow.id, func.count().over()).join(LineScoreRow, LineScoreRow.run_id == RunRow.id)
    query = query.where(LineScoreRow.name == "accuracy", sharing.allowed_run(viewer, policy.READ))
    return query.order_by(LineScoreRow.value.desc(), RunRow.id).limit(50).offset(offset)


FOUND = {
    "newest": RunQuery(),
    "newest, page 100": RunQuery(offset=4950),
    "by a score": RunQuery(sort="score:accuracy"),
    "by a score, page 100": RunQuery(sort="score:accuracy", offset=4950),
    "by a setting": RunQuery(sort="setting:learning_rate", descending=False),
    "by a score, each seed": RunQuery(sort="score:accuracy", folded=False),
    "by a setting of 3 values": RunQuery(sort="setting:epochs"),
    "by the model's name": RunQuery(sort="model", descending=False),
    "by training time": RunQuery(sort="train_seconds"),
    "of a tag": RunQuery(tag="tag 8"),
    "of a model, by a score": RunQuery(model_id=many_rows.BUSY_MODEL, sort="score:accuracy"),
    "mine, by a setting": RunQuery(mine=True, sort="setting:learning_rate"),
    "failed ones, of which none": RunQuery(states=("failed",)),
    "a frequent word": RunQuery(text="rate"),
    "a word that is nowhere": RunQuery(text="nowhere"),
}


def home(viewer: Any) -> None:
    """Ask what the start page asks."""
    if viewer:
        datasets.list_datasets(viewer, built_in=True)
        runs.list_runs(viewer, mine=True, limit=6)
    models.list_models(viewer, limit=30)
    datasets.list_datasets(viewer, limit=20)


def cases(viewer: Any) -> list[tuple[str, Callable[[], Any], Any]]:
    """Return what is measured for a viewer: a name, the verb, and the plain query beside it."""
    rows = [
        ("models, first page", lambda: models.list_models(viewer, limit=25), plain_models(viewer, 25)),
        ("models, page 100", lambda: models.list_models(viewer, limit=25, offset=2475), plain_models(viewer, 25).offset(2475)),
        ("models, a frequent word", lambda: models.list_models(viewer, "net", limit=25), None),
        ("datasets, first page", lambda: datasets.list_datasets(viewer, limit=25), plain_datasets(viewer, 25)),
        ("runs of everybody", lambda: runs.list_runs(viewer), plain_runs(viewer, 20)),
        (
            "runs of a model",
            lambda: runs.list_runs(viewer, model_id=many_rows.BUSY_MODEL),
            plain_runs(viewer, 20, RunRow.model_id == many_rows.BUSY_MODEL),
        ),
        ("board, first page and count", lambda: leaderboards.board(viewer, 1), plain_board(viewer)),
        ("board, of one owner", lambda: leaderboards.board(viewer, 1, narrow=Narrow(owner_id=8)), None),
        ("board, of small networks", lambda: leaderboards.board(viewer, 1, narrow=Narrow(max_parameters=500)), None),
        ("board, page 100", lambda: leaderboards.board(viewer, 1, offset=4950), plain_board(viewer)),
    ]
    rows += [
        (
            f"found: {what}",
            partial(find_service.find, viewer, query),
            plain_found(viewer, query.offset) if what.startswith("by a score") else None,
        )
        for what, query in FOUND.items()
    ]
    if viewer and not viewer.is_admin:
        own = plain_models(viewer, 200).where(ModelRow.owner_id == viewer.id)
        rows += [
            ("own models", lambda: models.list_models(viewer, mine=True, limit=200), own),
            ("own runs", lambda: runs.list_runs(viewer, mine=True), plain_runs(viewer, 20, RunRow.owner_id == viewer.id)),
            ("sees more than a visitor?", lambda: leaderboards.plainest_viewer(viewer, 1), None),
        ]
    return [*rows, ("Home, all queries", lambda: home(viewer), None)]


def milliseconds(verb: Callable[[], Any]) -> float:
    """Return the least time of some tries."""
    clock = time.process_time if engine.engine().dialect.name == "sqlite" else time.perf_counter
    taken = []
    for _ in range(TRIES):
        began = clock()
        verb()
        taken.append(clock() - began)
    return min(taken) * 1000


def ask(query: Any) -> None:
    """Carry a plain query out."""
    with engine.reading() as session:
        session.execute(query).all()


@contextmanager
def database(postgres: str | None) -> Iterator[None]:
    """Have an empty database: a file, one on a server of our own ("own"), or the one that was named."""
    with tempfile.TemporaryDirectory(prefix="bench-lists-") as folder:
        os.environ["MHUB_HOME"] = str(Path(folder) / "home")
        if postgres == "own":
            with services.postgres_server() as url:
                os.environ["DATABASE_URL"] = services.create_database(url, "lists")
                yield
                engine.engine(True).dispose()
                engine.engine(False).dispose()
            return
        os.environ["DATABASE_URL"] = postgres or ""
        yield


def main() -> None:
    """Read the command line, fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="of models, of datasets and of runs")
    own = "an empty database; without a URL, one of our own"
    parser.add_argument("--postgres", nargs="?", const="own", metavar="URL", help=own)
    options = parser.parse_args()
    missed = []
    with database(options.postgres):
        migrate.upgrade()
        many_rows.fill(options.rows, RUN_SPEC)
        print(f"{engine.engine().dialect.name}, {options.rows:,} rows of each. Milliseconds: the hub, the plain query.")
        for who, viewer in (("visitor", None), ("person", PERSON), ("admin", ADMIN)):
            for what, verb, plain in cases(viewer):
                taken = milliseconds(verb)
                beside = f"{milliseconds(partial(ask, plain)):9.1f}" if plain is not None else f"{'':9}"
                print(f"  {who:8} {what:28} {taken:7.1f} {beside}")
                if taken > {"Home": GOAL_HOME, "found": GOAL_FOUND}.get(re.split("[:,]", what)[0], GOAL):
                    missed.append(f"{who}, {what}")
    print(f"{'missed: ' + '; '.join(missed) if missed else 'met'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
