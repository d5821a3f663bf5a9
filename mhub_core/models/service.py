"""The verbs of models: make, find, copy, change, remove. Each decides access for itself. Drawing is in `draft_service`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.errors import Forbidden, NotFound
from mhub_core.graphs import design
from mhub_core.models import access_service as access
from mhub_core.models import draft_service as drafts
from mhub_core.models import list_service
from mhub_core.models.draft_service import LONGEST_NOTE
from mhub_core.models.records import KERAS, Model, ModelCard, ModelVersion, VersionCard
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

LONGEST_NAME, LONGEST_DESCRIPTION = 120, 20_000
Graph = dict[str, Any]


def create(user: User, name: str, description: str, graph: Graph, visibility: str = policy.PRIVATE, note: str = "") -> int:
    """Make a model whose first version and draft are `graph`. Returns its id. Raises Invalid with one problem per field.

    `note`: what stands beside the first version.
    """
    policy.require_signed_in(user)
    fields = _check(name, description, visibility)
    design.require_well_formed(graph)
    with writing() as session:
        return _insert(session, user, fields, graph, note[:LONGEST_NOTE])


def _check(name: str, description: str, visibility: str) -> dict[str, str]:
    return texts.about("The model was not saved.", name, description, visibility, LONGEST_NAME, LONGEST_DESCRIPTION)


def _insert(session: Session, user: User, fields: dict[str, str], graph: Graph, note: str) -> int:
    row = ModelRow(owner_id=user.id, draft=graph, **fields)
    session.add(row)
    session.flush()
    session.add(ModelVersionRow(model_id=row.id, number=1, kind=KERAS, graph=graph, note=note))
    belonging.begin(session, user.id, sharing.MODEL, row.id)
    return row.id


def list_models(
    viewer: User | None,
    search: str = "",
    mine: bool = False,
    limit: int = 50,
    offset: int = 0,
    shared: bool = False,
    project_id: int | None = None,
) -> list[ModelCard]:
    """Return the models that the viewer may see, last changed first.

    `mine`: only their own. `shared`: only what others share with them. `project_id`: only what belongs to that project; raises
    NotFound where they may not see it.
    """
    asked = list_service.list_of(viewer, search, limit, offset, mine=mine, shared=shared, project_id=project_id)
    with reading() as session:
        sharing.require_project(session, viewer, project_id)
        return [ModelCard(*row) for row in session.execute(asked)]


def find_noted(user: User | None, note: str) -> int | None:
    """Return the newest of a person's own models whose first version was made with this note. Raises SignInRequired."""
    person = policy.require_signed_in(user)
    query = select(func.max(ModelRow.id)).join(ModelVersionRow, ModelVersionRow.model_id == ModelRow.id)
    query = query.where(ModelRow.owner_id == person.id, ModelVersionRow.number == 1, ModelVersionRow.note == note)
    with reading() as session:
        return session.scalar(query)


def require_model(viewer: User | None, model_id: int) -> Model:
    """Return a model with its versions. Raises NotFound when it does not exist or is private."""
    with reading() as session:
        row = access.require(session, viewer, policy.READ, model_id)
        level = sharing.level(session, viewer, sharing.thing_of(row))
        may_edit = policy.reaches(level, policy.EDIT)
        can_undo, can_redo = drafts.ways(session, row) if may_edit else (False, False)
        return Model(
            id=row.id,
            owner_id=row.owner_id,
            owner_name=accounts.name_of(session, row.owner_id) or "",
            name=row.name,
            description=row.description,
            visibility=row.visibility,
            draft=drafts.design_of(session, row) if may_edit else access.newest(session, model_id).graph,
            draft_revision=row.draft_revision,
            created=row.created,
            updated=row.updated,
            shares_data=row.shares_data,
            may_edit=may_edit,
            may_manage=policy.reaches(level, policy.MANAGE),
            can_undo=can_undo,
            can_redo=can_redo,
            versions=_list_versions(session, viewer, row, level),
        )


# Put together once, because that takes as long as to ask.
_CARDS = access.CARDS.where(ModelVersionRow.model_id == bindparam("model")).order_by(ModelVersionRow.number.desc())


def _list_versions(session: Session, viewer: User | None, model: ModelRow, level: str | None) -> tuple[VersionCard, ...]:
    cards = [VersionCard(*row) for row in session.execute(_CARDS, {"model": model.id})]
    known = access.knows_data_of(session, viewer, level, model.shares_data, cards)
    return tuple(card if card.id in known else replace(card, serving=None) for card in cards)


def _version(row: ModelVersionRow, model: ModelRow) -> ModelVersion:
    told = {name: getattr(row, name) for name in access.CARD}
    return ModelVersion(**told, kind=row.kind or KERAS, model_name=model.name, owner_id=model.owner_id, graph=row.graph)


def require_version(viewer: User | None, version_id: int, level: str = policy.READ) -> ModelVersion:
    """Return one version. Raises NotFound when it does not exist or its model is private, and Forbidden below the level."""
    with reading() as session:
        row = session.get(ModelVersionRow, version_id)
        model = access.require(session, viewer, level, row.model_id if row else 0)
        assert row is not None  # No model has the number 0.
        version = _version(row, model)
        has = sharing.level(session, viewer, sharing.thing_of(model))
        knows = access.knows_data_of(session, viewer, has, model.shares_data, [version])
        return version if knows else replace(version, serving=None)


def require_card(viewer: User | None, version_id: int) -> VersionCard:
    """Return one version without its design. Raises NotFound when it does not exist or its model is private."""
    with reading() as session:
        return access.require_card(session, viewer, version_id)


def list_designs(viewer: User | None, model_ids: Sequence[int]) -> dict[int, Graph]:
    """Return the design of the newest version of each of these models that the viewer may see."""
    newest = select(func.max(ModelVersionRow.id)).join(ModelRow, ModelRow.id == ModelVersionRow.model_id)
    newest = newest.where(ModelRow.id.in_(model_ids), sharing.allowed(viewer, policy.READ, ModelRow))
    query = select(ModelVersionRow.model_id, ModelVersionRow.graph)
    with reading() as session:
        rows = session.execute(query.where(ModelVersionRow.id.in_(newest.group_by(ModelVersionRow.model_id))))
        return {model_id: graph for model_id, graph in rows}


def read_trained(viewer: User | None, version_id: int) -> bytes:
    """Return the file of a trained version, as its learner left it. Raises NotFound when it has none, and Forbidden
    when it learned from data of which the viewer may not be told."""
    version = require_version(viewer, version_id)
    if version.model_key is None:
        raise NotFound("This version has no trained weights.", "Only a trained version can be downloaded.", "Train it first.")
    if version.serving is None:
        raise Forbidden(
            "This version learned from data that its owner keeps private.",
            "Only the owner can download it, unless they let others predict with it.",
            "Ask the owner of the model.",
        )
    return storage.read_bytes(version.model_key)


def update(user: User, model_id: int, name: str, description: str, visibility: str, shares_data: bool | None = None) -> None:
    """Change what people read of a model and who may see it. Raises Invalid with one problem per field.

    `shares_data`: whether they may know what private data it learned from looks like, and so predict with it; None: as before.
    """
    fields = _check(name, description, visibility)
    with writing() as session:
        row = access.require(session, user, policy.MANAGE, model_id)
        row.name, row.description, row.visibility = fields["name"], fields["description"], fields["visibility"]
        row.shares_data = row.shares_data if shares_data is None else shares_data
        row.updated = now()


def delete(user: User, model_id: int) -> None:
    """Remove a model with its versions and its runs: only its owner may."""
    with writing() as session:
        access.require(session, user, policy.OWN, model_id)
        artifacts.let_go_of_model(session, model_id)
        sharing.forget(session, sharing.RUN, select(RunRow.id).where(RunRow.model_id == model_id))
        session.execute(delete_rows(ModelRow).where(ModelRow.id == model_id))
        sharing.forget(session, sharing.MODEL, model_id)


def copy(user: User, model_id: int, version_id: int | None = None) -> int:
    """Make a private model of one's own from the design of one that may be seen: its draft, or one version. Returns its id.

    Raises NotFound when the version is not one of the model.
    """
    policy.require_signed_in(user)
    source = require_model(user, model_id)
    version = next((one for one in source.versions if version_id in (None, one.id)), None)
    if version is None:
        raise NotFound("This model has no such version.", mend="Choose one of its versions.")
    graph = require_version(user, version_id).graph if version_id else source.draft
    note = f"Copied from {source.name}, version {version.number}"[:LONGEST_NOTE]
    name = f"{source.name[: LONGEST_NAME - 7]} (copy)"
    fields = {"name": name, "description": source.description, "visibility": policy.PRIVATE}
    with writing() as session:
        return _insert(session, user, fields, graph, note)
