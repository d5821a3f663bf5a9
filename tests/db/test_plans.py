"""How the databases carry out the lists: out of the index that was made for each, without reading a large table from end to end.

Plans are held here, not times: a plan is the same on a busy machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table, UniqueConstraint, event, select

from db import engine
from db.base import Base
from db.tables.models import ModelRow
from mhub_core.accounts.records import User
from mhub_core.comments import service as comments
from mhub_core.datasets import service as datasets
from mhub_core.datasets import worker_service as dataset_work
from mhub_core.leaderboards import project_service as project_boards
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Narrow
from mhub_core.models import service as models
from mhub_core.notices import service as notices
from mhub_core.projects import service as projects
from mhub_core.runs import find_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from tests import many_rows

NUM = 20_000  # so many that PostgreSQL, which counts, chooses as it would for more
FULL = ("models", "model_versions", "datasets", "dataset_versions", "runs")
LARGE = (
    "models|model_versions|datasets|dataset_versions|runs|run_scores|line_scores|run_settings|run_tags|users|grants"
    "|comments|notices"
)
WHOLE = re.compile(rf"^\s*(?:->\s+)?(?:SCAN ({LARGE})\b(?! USING)|(?:Parallel )?Seq Scan on ({LARGE})\b)", re.MULTILINE)
VISITOR, ADMIN = None, User(1, "p1@example.org", "Person 1", True)
PERSON = many_rows.PERSON
VERSIONS = "ix_model_versions_model_id_id_model_key"
PUBLIC = "ix_models_visibility_updated_id|ix_models_updated_id"  # where every second model is public, one is as good as the other
DATA = "ix_datasets_visibility_id|uq_datasets_id_visibility"  # nine of ten are public
OF_MODEL = "ix_runs_model_id_id|Index (Only )?Scan Backward using (pk_runs|uq_runs_id_visibility) on runs"  # every tenth is
PROJECT = 7  # the one that the person is in
# SQLite names the indexes of constraints by itself, and numbers them in no fixed order.
GRANTED = r"uq_grants_person_id_thing_kind_thing_id|autoindex_grants_\d \(person_id=\?"
BELONGING = r"uq_grants_project_id_thing_kind_thing_id|autoindex_grants_\d \(project_id=\?"
READY = "ix_dataset_versions_dataset_id_state_id"

CASES: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "models of a visitor": (lambda: models.list_models(VISITOR), (PUBLIC, VERSIONS)),
    "models of a person": (
        lambda: models.list_models(PERSON),
        (PUBLIC, "ix_models_owner_id_updated_id", VERSIONS),
    ),
    "models of an administrator": (lambda: models.list_models(ADMIN), ("ix_models_updated_id", VERSIONS)),
    "a person's own models": (lambda: models.list_models(PERSON, mine=True), ("ix_models_owner_id_updated_id", VERSIONS)),
    "a late page of models": (lambda: models.list_models(VISITOR, offset=5000), (PUBLIC,)),
    "datasets of a visitor": (lambda: datasets.list_datasets(VISITOR), (DATA, READY)),
    "datasets of a person": (
        lambda: datasets.list_datasets(PERSON),
        (DATA, "ix_datasets_owner_id_id", READY),
    ),
    "a person's own datasets": (lambda: datasets.list_datasets(PERSON, mine=True), ("ix_datasets_owner_id_id",)),
    "built-in datasets": (lambda: datasets.list_datasets(PERSON, built_in=True), ()),
    "a person's own runs": (lambda: runs.list_runs(PERSON, mine=True), ("ix_runs_owner_id_id",)),
    "runs of a model": (lambda: runs.list_runs(VISITOR, model_id=many_rows.BUSY_MODEL), (OF_MODEL,)),
    "a person's look at the runs of a model": (lambda: runs.list_runs(PERSON, model_id=17), ("ix_runs_model_id_id",)),
    "a board of a visitor": (lambda: leaderboards.board(VISITOR, 1), ("ix_line_scores_public_board",)),
    "a board of a person": (
        lambda: leaderboards.board(PERSON, 1),
        ("ix_line_scores_public_board", "ix_line_scores_model"),
    ),
    "a board of one owner": (
        lambda: leaderboards.board(VISITOR, 1, narrow=Narrow(owner_id=8, max_parameters=3000)),
        ("ix_line_scores_public_board|ix_line_scores_best",),
    ),
    "how many runs a visitor finds on the boards": (
        lambda: leaderboards.count_places(VISITOR, {1: "classification", 2: "regression"}),
        ("ix_line_scores_public_board",),
    ),
    "how many runs a person finds on the boards": (
        lambda: leaderboards.count_places(PERSON, {1: "classification", 2: "regression"}),
        ("ix_line_scores_public_board", "ix_line_scores_model"),
    ),
    **{
        f"runs found by {who}, {what}": (lambda viewer=viewer, query=query: find_service.find(viewer, query), indexes)
        for who, viewer in (("a visitor", VISITOR), ("a person", PERSON), ("an administrator", ADMIN))
        for what, (query, indexes) in {
            "newest": (RunQuery(limit=20), ()),
            "by words": (RunQuery(text="rate 31", limit=20), ("found_run",)),
            "by a score": (RunQuery(sort="score:accuracy", limit=20), ("ix_line_scores_list",)),
            "by a score, each seed": (RunQuery(sort="score:accuracy", limit=20, folded=False), ("ix_run_scores_list",)),
            "by a setting": (RunQuery(sort="setting:learning_rate", limit=20), ("ix_run_settings_list",)),
            "of a model": (RunQuery(model_id=17, limit=20), ("ix_runs_model_id_id",)),
            "of a model, by a score": (
                RunQuery(model_id=many_rows.BUSY_MODEL, sort="score:accuracy", limit=20),
                ("ix_line_scores_model",),
            ),
            **(
                {}
                if viewer is None
                else {"of a project": (RunQuery(project_id=PROJECT, limit=20), ("ix_runs_model_id_id", BELONGING))}
            ),
        }.items()
    },
    "models that are shared with a person": (lambda: models.list_models(PERSON, shared=True), (GRANTED, BELONGING, VERSIONS)),
    "models of a project": (lambda: models.list_models(PERSON, project_id=PROJECT), (BELONGING, VERSIONS)),
    "datasets that are shared with a person": (lambda: datasets.list_datasets(PERSON, shared=True), (GRANTED,)),
    "projects of a person": (lambda: projects.list_projects(PERSON), (GRANTED,)),
    "projects that a person is in": (lambda: projects.list_projects(PERSON, shared=True), (GRANTED,)),
    "a project": (lambda: projects.require_project(PERSON, PROJECT), ("ix_grants_thing_kind_thing_id",)),
    "the board of a project": (
        lambda: leaderboards.board(PERSON, 1, narrow=Narrow(project_id=PROJECT)),
        (BELONGING, "ix_line_scores_model"),
    ),
    "the boards of a project": (
        lambda: project_boards.list_boards(PERSON, PROJECT),
        (BELONGING, "ix_line_scores_model"),
    ),
    "what people say about a model": (
        lambda: comments.list_threads(PERSON, "model", many_rows.BUSY_MODEL),
        ("ix_comments_threads", "ix_comments_thing_kind_thing_id_deleted", "ix_comments_parent_id_id"),
    ),
    "an old page of what people say": (
        lambda: comments.list_threads(VISITOR, "model", many_rows.BUSY_MODEL, offset=NUM // 4),
        ("ix_comments_threads",),
    ),
    "where a comment stands": (
        lambda: comments.num_threads_before(VISITOR, "model", many_rows.BUSY_MODEL, 16),
        ("ix_comments_threads",),
    ),
    "who can be mentioned": (lambda: comments.list_mentionable(PERSON, "model", many_rows.BUSY_MODEL), ("ix_comments_threads",)),
    "what a person is told": (lambda: notices.list_notices(PERSON), ("ix_notices_person_id_id", "ix_notices_unread")),
    "datasets that wait to be prepared": (dataset_work.list_unprepared, ("ix_dataset_versions_state_id",)),
    "whether a person sees more than a visitor": (lambda: leaderboards.plainest_viewer(PERSON, 1), ()),
}


# For a page of runs PostgreSQL reads a thousand people at once. Of more it looks each one up. And where the words of a search are
# in one of a hundred runs, it reads the few pages of these twenty thousand, of which the specs lie elsewhere.
SMALL = {"runs found": {"users"}, "by words": {"users", "runs"}}


def small(name: str) -> set[str]:
    """Return the tables that the plan of a list may read from end to end."""
    return set().union(*(tables for part, tables in SMALL.items() if part in name))


def whole(said: str) -> set[str]:
    """Return the tables that a plan reads from end to end."""
    return {name for names in WHOLE.findall(said) for name in names if name}


@contextmanager
def queries() -> Iterator[list[tuple[str, Any]]]:
    """Give the queries that are asked in this block, with their parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine.engine(False), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine.engine(False), "before_cursor_execute", note)


def plan(verb: Callable[[], Any]) -> str:
    """Return how the database carries out all queries of a verb, one step on each line."""
    with queries() as asked:
        verb()
    lines = []
    with engine.engine(False).connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        for statement, parameters in asked:
            lines += [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]
    return "\n".join(lines)


def test_every_list_comes_out_of_its_index(hub):
    many_rows.fill(NUM)

    plans = {name: plan(verb) for name, (verb, _) in CASES.items()}

    assert {name: said for name, said in plans.items() if whole(said) - small(name)} == {}
    missing = {name: [index for index in CASES[name][1] if not re.search(index, said)] for name, said in plans.items()}
    assert {name: indexes for name, indexes in missing.items() if indexes} == {}, plans


def test_the_runs_of_everybody_are_read_from_the_newest_on_until_the_list_is_full(hub):
    many_rows.fill(NUM)

    for viewer in (VISITOR, PERSON):
        said = plan(lambda viewer=viewer: runs.list_runs(viewer))
        # Neither what is public nor all runs are collected and sorted first.
        indexes = "pk_runs|ix_runs_list|uq_runs_id_visibility"
        in_order = rf"SCAN runs USING COVERING INDEX ({indexes})\n|Index (Only )?Scan Backward using ({indexes}) on runs"
        assert re.search(in_order, said), said
        assert "visibility_updated" not in said
        assert not re.search(r"Seq Scan on runs", said)


def test_a_plan_that_reads_a_whole_table_is_told(hub):
    many_rows.fill(NUM)

    def look_for_words() -> None:
        with engine.reading() as session:
            session.scalars(select(ModelRow.id).where(ModelRow.description == "no model says this")).all()

    assert whole(plan(look_for_words)) == {"models"}


def test_every_reference_to_another_row_can_be_looked_up_from_there():
    """Who deletes a row looks for the rows that refer to it, once for each: in a whole table where no index begins with them."""
    tables = Base.metadata.sorted_tables
    missing = [
        f"{table.name}.{key.column_keys}"
        for table in tables
        for key in table.foreign_key_constraints
        if key.referred_table.name in FULL and key.column_keys[0] not in begun(table)
    ]
    assert missing == []


def begun(table: Table) -> set[str]:
    """Return the columns that an index of a table begins with."""
    unique = [key for key in table.constraints if isinstance(key, UniqueConstraint)]
    return {next(iter(one.columns)).name for one in [table.primary_key, *table.indexes, *unique] if len(one.columns)}
