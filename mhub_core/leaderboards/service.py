"""The leaderboard of a dataset version: runs ranked by the score that the server itself measured on the hidden test split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, case, exists, func, select, union_all
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow
from db.tables.runs import LineScoreRow, RunRow
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.leaderboards.records import Best, Board, BoardRow, Narrow
from mhub_core.runs import line_service
from mhub_core.runs.lines import Mean
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.tasks.registry import TASKS, find_score, require_task

MOST_ROWS = 200
EVERYTHING = Narrow()
MOST_PLACES = 10_000  # nobody turns so many pages, and to count on would take longer than to read the page


def board(
    viewer: User | None,
    dataset_version_id: int,
    metric: str | None = None,
    limit: int = 50,
    offset: int = 0,
    narrow: Narrow = EVERYTHING,
) -> Board:
    """Return one page of the board of a dataset version, of the runs whose model the viewer may see.

    Runs that differ in the seed alone have one place, by the mean of their scores. Equal scores rank by who was first.
    Raises NotFound for a dataset or a project that the viewer may not see, Invalid for an unknown metric.
    """
    limit, offset = min(max(limit, 1), MOST_ROWS), max(offset, 0)
    with reading() as session:
        given = sharing.require_project(session, viewer, narrow.project_id)
        dataset = _require_dataset(session, viewer, dataset_version_id)
        task = require_task(dataset.spec["task"]) if dataset.spec else next(iter(TASKS.values()))
        metrics = tuple(score.name for score in task.scores)
        metric = metric or metrics[0]
        if metric not in metrics:
            raise Invalid(f"{metric} cannot rank this leaderboard.", f"One of {', '.join(metrics)}.")
        rows = session.execute(_places(viewer, dataset_version_id, metric, limit, offset, narrow), given).all()
        scores = line_service.scores_of(session, [row.id for row in rows])
        is_last = 0 < len(rows) < limit  # then the places are counted already
        counted = offset + len(rows) if is_last else session.scalar(_total(viewer, dataset_version_id, metric, narrow), given)
    return Board(
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        dataset_version_id=dataset_version_id,
        metric=metric,
        metrics=metrics,
        higher_is_better=find_score(metric).higher_is_better,
        total=min(counted or 0, MOST_PLACES),
        rows=[_place(offset + number, row, scores[row.id]) for number, row in enumerate(rows, 1)],
    )


def count_places(viewer: User | None, tasks: Mapping[int, str]) -> dict[int, int]:
    """Return how many places the boards of dataset versions have for the viewer, each at most `MOST_PLACES`.

    `tasks`: version id -> task. Versions that the viewer may not see are left out.
    """
    ranking = {version_id: require_task(task).scores[0].name for version_id, task in tasks.items() if task in TASKS}
    found: Counter[int] = Counter()
    if ranking:
        with reading() as session:
            for version_id, number in session.execute(_counts(viewer, ranking)):
                found[version_id] += number
    return {version_id: min(number, MOST_PLACES) for version_id, number in found.items()}


def list_best(user: User | None, limit: int = 5) -> list[Best]:
    """Return the best that a person reached on each of the datasets that they trained on last. Raises SignInRequired."""
    person = policy.require_signed_in(user)
    with reading() as session:
        versions = dict.fromkeys(session.scalars(_TRAINED_ON, {"owner": person.id}))
        found = (_best(session, person, version_id) for version_id in list(versions)[:limit])
        return [best for best in found if best is not None]


# Of the newest runs alone: who trained on something else for hundreds of runs looks for it on its board.
_TRAINED_ON = select(RunRow.dataset_version_id).where(RunRow.owner_id == bindparam("owner")).order_by(RunRow.id.desc()).limit(200)


def _best(session: Session, person: User, version_id: int) -> Best | None:
    dataset = session.execute(_dataset(person, version_id)).one_or_none()
    if dataset is None or not dataset.spec:
        return None
    score = require_task(dataset.spec["task"]).scores[0]
    value = LineScoreRow.value.desc() if score.higher_is_better else LineScoreRow.value.asc()
    of_board = (LineScoreRow.dataset_version_id == version_id, LineScoreRow.name == score.name)
    query = select(LineScoreRow.run_id, LineScoreRow.value, LineScoreRow.deviation, LineScoreRow.num_runs)
    best = session.execute(query.where(LineScoreRow.owner_id == person.id, *of_board).order_by(value).limit(1)).one_or_none()
    if best is None:
        return None
    better = 0
    for part in _competing(person, version_id, score.name):
        is_better = LineScoreRow.value > best.value if score.higher_is_better else LineScoreRow.value < best.value
        places = part.where(is_better).limit(MOST_PLACES).subquery()
        better += session.scalar(select(func.count()).select_from(places)) or 0
    mean = Mean(best.value, best.deviation, best.num_runs)
    return Best(dataset.id, dataset.name, best.run_id, score.name, mean, min(better + 1, MOST_PLACES))


def plainest_viewer(viewer: User | None, dataset_id: int) -> User | None:
    """Return None if the viewer sees what a visitor sees on the boards of a dataset: one answer serves both. Else the viewer."""
    if viewer is None or viewer.is_admin:
        return viewer
    with reading() as session:
        return viewer if session.scalar(_sees_more(viewer), {"dataset": dataset_id}) else None


@lru_cache(maxsize=256)  # to put the statement together takes longer than to run it
def _sees_more(viewer: User) -> Select[bool]:
    """Select whether a person sees more than a visitor on the boards of the dataset `dataset`."""
    private_data = exists().where(DatasetRow.id == bindparam("dataset"), ~sharing.allowed(None, policy.READ, DatasetRow))
    return select(private_data | exists(sharing.private_ids(viewer, ModelRow)))


def _require_dataset(session: Session, viewer: User | None, dataset_version_id: int) -> Any:
    found = session.execute(_dataset(viewer, dataset_version_id)).one_or_none()
    if found is None:
        raise policy.hidden("dataset")
    return found


@lru_cache(maxsize=256)
def _dataset(viewer: User | None, dataset_version_id: int) -> Select[*tuple[Any, ...]]:
    columns = (DatasetRow.id, DatasetRow.name, DatasetVersionRow.spec)
    query = select(*columns).join(DatasetVersionRow, DatasetVersionRow.dataset_id == DatasetRow.id)
    return query.where(DatasetVersionRow.id == dataset_version_id, sharing.allowed(viewer, policy.READ, DatasetRow))


def _competing(
    viewer: User | None, dataset_version_id: Any, metric: Any, narrow: Narrow = EVERYTHING
) -> list[Select[*tuple[Any, ...]]]:
    """Select the scores of a board that the viewer may see, in parts that share none: each comes out of one index."""
    of_metric = select(LineScoreRow.run_id, LineScoreRow.name, LineScoreRow.value).where(LineScoreRow.name == metric)
    if narrow.owner_id is not None:
        of_metric = of_metric.where(LineScoreRow.owner_id == narrow.owner_id)
    if narrow.max_parameters is not None:
        of_metric = of_metric.where(LineScoreRow.num_parameters <= narrow.max_parameters)
    if narrow.project_id is not None:
        return [_of_project(viewer, of_metric, dataset_version_id)]
    of_board = of_metric.where(LineScoreRow.dataset_version_id == dataset_version_id)
    if viewer is not None and viewer.is_admin:
        return [of_board]
    public = of_board.where(LineScoreRow.visibility == policy.PUBLIC)
    if viewer is None:
        return [public]
    # "+ 0" keeps the databases from the index of the board, in which they would look for few models among all scores.
    own = of_metric.where(LineScoreRow.dataset_version_id + 0 == dataset_version_id)
    return [public, own.where(LineScoreRow.model_id.in_(sharing.private_ids(viewer, ModelRow)))]


def _of_project(viewer: User | None, of_metric: Select[*tuple[Any, ...]], dataset_version_id: Any) -> Select[*tuple[Any, ...]]:
    """Select of the scores of a metric those of a project's models that the viewer may see, each looked up: they are few."""
    seen = sharing.seen_by(viewer, ModelRow, LineScoreRow.model_id, LineScoreRow.visibility)
    of_board = LineScoreRow.dataset_version_id + 0 == dataset_version_id  # "+ 0": as above
    return of_metric.where(LineScoreRow.model_id.in_(sharing.OF_MODELS), of_board, seen)


@lru_cache(maxsize=256)  # to put the statement together takes longer than to run it
def _places(
    viewer: User | None, dataset_version_id: int, metric: str, limit: int, offset: int, narrow: Narrow
) -> Select[*tuple[Any, ...]]:
    """Select the places of one page. They are cut out of the index first; only then are the runs read."""

    def best_first(value: Any, run_id: Any) -> tuple[Any, Any]:
        return (value.desc() if find_score(metric).higher_is_better else value.asc(), run_id)

    by = best_first(LineScoreRow.value, LineScoreRow.run_id)
    parts = [part.order_by(*by) for part in _competing(viewer, dataset_version_id, metric, narrow)]
    if len(parts) == 1:
        page = parts[0].limit(limit).offset(offset).subquery()
    else:
        places = union_all(*(select(part.limit(offset + limit).subquery()) for part in parts)).subquery()
        page = select(places).order_by(*best_first(places.c.value, places.c.run_id)).limit(limit).offset(offset).subquery()
    names = (RunRow.name.label("run_name"), ModelRow.name, UserRow.name.label("person"))
    columns = (RunRow.id, RunRow.model_id, RunRow.owner_id, *names)
    facts = (RunRow.num_parameters, RunRow.train_seconds, RunRow.finished)
    return (
        select(*columns, *facts)
        .select_from(page)
        .join(RunRow, RunRow.id == page.c.run_id)
        .join(ModelRow, ModelRow.id == RunRow.model_id)
        .join(UserRow, UserRow.id == RunRow.owner_id)
        .order_by(*best_first(page.c.value, page.c.run_id))
    )


@lru_cache(maxsize=256)
def _total(viewer: User | None, dataset_version_id: int, metric: str, narrow: Narrow) -> Select[int]:
    first = [part.limit(MOST_PLACES).subquery() for part in _competing(viewer, dataset_version_id, metric, narrow)]
    places = union_all(*(select(part.c.run_id) for part in first)).limit(MOST_PLACES).subquery()
    return select(func.count()).select_from(places)


def _counts(viewer: User | None, ranking: dict[int, str]) -> CompoundSelect[*tuple[Any, ...]]:
    """Select versions with numbers of places, which add up: what is public version by version, a person's own in one go."""
    version_id = DatasetVersionRow.id
    metric = case(ranking, value=version_id)
    versions = (version_id.in_(ranking), sharing.allowed(viewer, policy.READ, DatasetRow))
    of_board, *own = _competing(viewer, version_id, metric)
    places = of_board.correlate(DatasetVersionRow).limit(MOST_PLACES).subquery()
    counted = select(func.count()).select_from(places).correlate(DatasetVersionRow).scalar_subquery()
    parts = [select(version_id, counted)]
    parts += [part.with_only_columns(version_id, func.count()).group_by(version_id) for part in own]
    of_dataset = DatasetRow.id == DatasetVersionRow.dataset_id
    return union_all(*(part.join(DatasetRow, of_dataset).where(*versions) for part in parts))


def _place(rank: int, row: Any, scores: dict[str, Mean]) -> BoardRow:
    return BoardRow(
        rank=rank,
        run_id=row.id,
        run_name=row.run_name,
        model_id=row.model_id,
        model_name=row.name,
        owner_id=row.owner_id,
        person=row.person,
        scores=scores,
        num_runs=max(score.num_runs for score in scores.values()),
        num_parameters=row.num_parameters,
        train_seconds=row.train_seconds,
        finished=row.finished,
    )
