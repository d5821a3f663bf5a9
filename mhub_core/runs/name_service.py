"""What a run is called and what its owner wrote about it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.engine import writing
from db.tables.models import ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.models.records import ModelVersion
from mhub_core.runs import access_service as access
from mhub_core.runs import naming
from mhub_core.runs.naming import Sibling
from mhub_core.sharing import texts
from mhub_core.training.learners.registry import require_learner
from mhub_core.training.records import RunSpec

LONGEST_NOTES = 20_000
_MOST_SIBLINGS = 20


def proposed(
    session: Session, owner_id: int, version: ModelVersion, dataset_version_id: int, specs: Sequence[RunSpec]
) -> list[str]:
    """Return how new runs of one learner and dataset are called until their owner calls them otherwise."""
    fields = require_learner(specs[0].learner).fields(specs[0].data)
    siblings = _siblings(session, owner_id, version.model_id, dataset_version_id)
    siblings += [Sibling(version.number, spec.plan) for spec in specs]
    return [naming.name_of(fields, version.number, spec.plan, siblings) for spec in specs]


def _siblings(session: Session, owner_id: int, model_id: int, dataset_version_id: int) -> list[Sibling]:
    """Return the newest runs of a person that trained the same model on the same data."""
    query = select(ModelVersionRow.number, RunRow.spec["plan"]).join(
        ModelVersionRow, ModelVersionRow.id == RunRow.model_version_id
    )
    query = query.where(RunRow.model_id == model_id, RunRow.owner_id == owner_id)
    query = query.where(RunRow.dataset_version_id == dataset_version_id).order_by(RunRow.id.desc()).limit(_MOST_SIBLINGS)
    return [Sibling(*row) for row in session.execute(query)]


def describe(user: User | None, run_id: int, name: str, notes: str) -> None:
    """Change what a run is called and what stands about it, in Markdown. An empty name leaves its number alone.

    Raises Invalid with one problem per field, and NotFound, SignInRequired and Forbidden as `access_service.require_own` does.
    """
    name = texts.one_line(name)
    problems = {"name": texts.name_problem(name, naming.LONGEST) if name else "", "notes": texts.problem(notes, LONGEST_NOTES)}
    texts.refuse("The run was not changed.", problems)
    with writing() as session:
        access.require_own(session, user, run_id)
        session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name, notes=notes))
