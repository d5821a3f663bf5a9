"""The statements that find runs and put them in order, made so that no list reads a large table from end to end.

- The newest first: ids come out of an index that holds all that is asked of a run, until the page is full. Which runs hold the
  words of a search, the index of the search says (`db.found`).
- By a score or a setting, without a filter, and by a score of one model: a walk through the index of that score or setting, in
  parts that share no run.
- All else: of the runs that pass the filters the newest, as far as `MOST_SORTED`, are sorted. More would take too long.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select, union_all

from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.runs import LineScoreRow, RunRow, RunScoreRow, RunSettingRow, RunTagRow
from mhub_core.accounts.records import User
from mhub_core.runs.found import NEWEST, SCORE, SETTING, RunQuery
from mhub_core.sharing import policy, search_service
from mhub_core.sharing import service as sharing

MOST_COUNTED, MOST_SORTED = 10_000, 5_000


def is_walk(query: RunQuery) -> bool:
    """Tell whether an index holds the runs in the order that is asked for."""
    if query.sort == NEWEST:
        return True
    is_of_model = query.sort.startswith(SCORE) and query.shows_lines and query.model_id is not None
    filters = replace(query, model_id=None) if is_of_model else query
    return query.sort.startswith((SCORE, SETTING)) and not is_filtered(filters)


def is_filtered(query: RunQuery) -> bool:
    """Tell whether not all runs are wanted."""
    narrowed = (query.model_id, query.dataset_id, query.project_id, query.since, query.until, query.line_id)
    return bool(query.text or query.mine or query.states or query.tag or any(one is not None for one in narrowed))


@lru_cache(maxsize=256)  # to put a statement together takes longer than to run it
def page(viewer: User | None, query: RunQuery, is_sqlite: bool) -> Select[Any]:
    """Select the ids of one page, in order; and, unless it `is_walk`, beside each how many match."""
    if not is_walk(query):
        return _sorted(viewer, query, is_sqlite)
    if query.sort == NEWEST:
        return _newest(viewer, query, is_sqlite).limit(query.limit).offset(query.offset)
    parts = [_ordered(part, part.selected_columns, query) for part in _parts(viewer, query)]
    found = union_all(*(select(part.limit(query.offset + query.limit).subquery()) for part in parts)).subquery()
    return _ordered(select(found.c.run_id), found.c, query).limit(query.limit).offset(query.offset)


@lru_cache(maxsize=256)
def total(viewer: User | None, query: RunQuery, is_sqlite: bool) -> Select[int]:
    """Select how many match, at most `MOST_COUNTED`."""
    if not is_walk(query):
        found = _matching(viewer, query, is_sqlite).subquery()
    elif query.sort == NEWEST:
        found = _newest(viewer, query, is_sqlite).limit(MOST_COUNTED).subquery()
    else:
        parts = [part.limit(MOST_COUNTED).subquery() for part in _parts(viewer, query)]
        found = union_all(*(select(part.c.run_id) for part in parts)).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(found)


def _newest(viewer: User | None, query: RunQuery, is_sqlite: bool, *columns: Any) -> Select[Any]:
    """Select runs that pass all filters, the newest first, or the oldest first where that is asked for."""
    is_oldest_first = query.sort == NEWEST and not query.descending
    order = RunRow.id.asc() if is_oldest_first else RunRow.id.desc()
    return select(RunRow.id.label("run_id"), *columns).where(*_conditions(viewer, query, is_sqlite)).order_by(order)


def _conditions(viewer: User | None, query: RunQuery, is_sqlite: bool) -> list[ColumnElement[bool]]:
    own = RunRow.owner_id == (viewer.id if viewer else 0)  # nobody has the number 0
    found = [own if query.mine else sharing.allowed_run(viewer, policy.READ)]
    if query.model_id is not None:
        found.append(RunRow.model_id == query.model_id)
    if query.dataset_id is not None:
        found.append(RunRow.dataset_id == query.dataset_id)
    if query.project_id is not None:
        found.append(RunRow.model_id.in_(sharing.OF_MODELS))
    if query.line_id is not None:
        found.append(or_(RunRow.id == query.line_id, RunRow.line_id == query.line_id))
    if query.shows_lines:
        found.append(RunRow.line_id.is_(None))
    if query.states:
        found.append(RunRow.state.in_(query.states))
    if query.text:
        found.append(RunRow.id.in_(search_service.with_words("run", is_sqlite, query.text.split())))
    if query.tag:
        found.append(RunRow.id.in_(select(RunTagRow.run_id).where(RunTagRow.tag == query.tag)))
    if query.since:
        found.append(RunRow.queued >= datetime.combine(query.since, time(), UTC))
    if query.until:
        found.append(RunRow.queued < datetime.combine(query.until, time(), UTC) + timedelta(days=1))
    return found


def _sorted(viewer: User | None, query: RunQuery, is_sqlite: bool) -> Select[Any]:
    matching = _matching(viewer, query, is_sqlite).subquery()
    run_id, *keys = matching.c
    by = [(key.desc() if query.descending else key.asc()).nulls_last() for key in (*keys, run_id)]
    found = select(run_id, func.count().over().label("total")).order_by(*by)
    return found.limit(query.limit).offset(query.offset)


def _matching(viewer: User | None, query: RunQuery, is_sqlite: bool) -> Select[Any]:
    """Select the ids of the newest runs that match, each with what it is sorted by."""
    of_run = (RunRow.model_id, RunRow.dataset_id, RunRow.owner_id, *_IN_ROW.values())
    newest = _newest(viewer, query, is_sqlite, *of_run).limit(MOST_SORTED).subquery("newest")
    keys = _keys(newest, query)
    found = select(newest.c.run_id, *(key.label(f"key{number}") for number, key in enumerate(keys)))
    if ":" in query.sort:
        table, name, _ = _measured(query)
        found = found.join(table, (table.run_id == newest.c.run_id) & (table.name == name))
    return found


_IN_ROW: dict[str, Any] = {
    "name": RunRow.name,
    "state": RunRow.state,
    "parameters": RunRow.num_parameters,
    "train_seconds": RunRow.train_seconds,
    "finished": RunRow.finished,
}
_NAMES: dict[str, Any] = {"model": ModelRow.name, "dataset": DatasetRow.name, "owner": UserRow.name}


def _keys(newest: Subquery, query: RunQuery) -> tuple[Any, ...]:
    """Return what runs are sorted by."""
    sort = query.sort
    if sort in _NAMES:
        return (func.lower(_named(sort, newest)),)
    if sort in _IN_ROW:
        column = newest.c[_IN_ROW[sort].key]
        return (func.lower(func.nullif(column, "")) if sort == "name" else column,)
    return _measured(query)[2]


def _named(what: str, newest: Subquery) -> Any:
    """Return the name of the model, the dataset or the owner of a run."""
    return _of(_NAMES[what], newest.c[f"{what}_id"])


def _of(column: Any, row_id: Any) -> Any:
    """Return a column of one row, looked up: of what could be a join, PostgreSQL would read the whole table."""
    return select(column).where(column.class_.id == row_id).scalar_subquery()


def _measured(query: RunQuery) -> tuple[Any, str, tuple[Any, ...]]:
    """Return the table of a score or a setting, its name, and the columns that an index of it holds in order."""
    if query.sort.startswith(SCORE):
        table = LineScoreRow if query.shows_lines else RunScoreRow
        return table, query.sort.removeprefix(SCORE), (table.value,)
    return RunSettingRow, query.sort.removeprefix(SETTING), (RunSettingRow.number, RunSettingRow.text)


def _parts(viewer: User | None, query: RunQuery) -> list[Select[Any]]:
    """Select the runs that have a score or a setting and that the viewer may see, in parts that share none."""
    table, name, keys = _measured(query)
    model = table.model_visibility if table is RunSettingRow else table.visibility
    data = table.dataset_visibility
    having = select(table.run_id, *keys).where(table.name == name)
    if query.model_id is not None:
        having = having.where(table.model_id == query.model_id)
    if table is RunSettingRow and query.shows_lines:
        having = having.where(table.line_id.is_(None))
    if viewer is not None and viewer.is_admin:
        return [having.where(model == one, data == other) for one, other in product(policy.VISIBILITIES, repeat=2)]
    public = having.where(model == policy.PUBLIC, data == policy.PUBLIC)
    if viewer is None:
        return [public]
    private = sharing.private_runs(viewer).subquery()
    personal = select(private.c.id).order_by(private.c.id.desc()).limit(MOST_COUNTED)
    if query.model_id is not None:
        personal = personal.join(RunRow, RunRow.id == private.c.id).where(RunRow.model_id == query.model_id)
    others = having.join(chosen := personal.subquery(), chosen.c.id == table.run_id)
    return [public, others]


def _ordered(found: Select[Any], columns: Any, query: RunQuery) -> Select[Any]:
    by = [*_measured(query)[2], RunScoreRow.run_id]
    return found.order_by(*(columns[one.key].desc() if query.descending else columns[one.key].asc() for one in by))
