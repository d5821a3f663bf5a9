"""The boards of a project: on which datasets its models compete."""

from __future__ import annotations

from sqlalchemy import func, select

from db.engine import reading
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow
from db.tables.runs import LineScoreRow
from mhub_core.accounts.records import User
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing

MOST_BOARDS = 100


def list_boards(viewer: User | None, project_id: int) -> list[tuple[int, int, str]]:
    """Return id, version and name of the datasets on which models of a project have scores, the one with the most runs first.

    Only what the viewer may see counts. Raises NotFound for a project that they may not see.
    """
    version_id, num_runs = LineScoreRow.dataset_version_id, func.count(LineScoreRow.run_id.distinct())
    scored = (
        select(version_id.label("version_id"), num_runs.label("num"))
        .where(LineScoreRow.model_id.in_(sharing.OF_MODELS))
        .where(sharing.seen_by(viewer, ModelRow, LineScoreRow.model_id, LineScoreRow.visibility))
        .group_by(version_id)
        .order_by(num_runs.desc(), version_id.desc())
        .limit(MOST_BOARDS)
        .subquery()
    )
    boards = select(DatasetVersionRow.dataset_id, scored.c.version_id)
    boards = boards.join(DatasetVersionRow, DatasetVersionRow.id == scored.c.version_id)
    boards = boards.order_by(scored.c.num.desc(), scored.c.version_id.desc())
    with reading() as session:
        found = session.execute(boards, sharing.require_project(session, viewer, project_id)).all()
        named = select(DatasetRow.id, DatasetRow.name).where(DatasetRow.id.in_({dataset_id for dataset_id, _ in found}))
        names = dict(session.execute(named.where(sharing.allowed(viewer, policy.READ, DatasetRow))).all())
        return [(dataset_id, of_version, names[dataset_id]) for dataset_id, of_version in found if dataset_id in names]
