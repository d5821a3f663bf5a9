"""The verbs of models: make, find, draw, keep versions, copy, remove. Each decides access for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import DraftStepRow, ModelRow, ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Forbidden, NotFound
from mhub_core.graphs import design
from mhub_core.models import list_service, steps
from mhub_core.models.records import KERAS, Draft, Model, ModelCard, ModelVersion, VersionCard
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.storage import service as storage

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_NOTE = 120, 20_000, 300
MOST_STEP_BYTES = 8_000_000  # for each model: some 50,000 small changes, or 200 in which all of 771 layers move
VISIBILITIES = (policy.PRIVATE, policy.PUBLIC)
Graph = dict[str, Any]


def create(user: User, name: str, description: str, graph: Graph, visibility: str = policy.PRIVATE) -> int:
    """Make a model whose first version and draft are `graph`. Returns its id. Raises Invalid with one problem per field."""
    policy.require_signed_in(user)
    fields = _check(name, description, visibility)
    design.require_well_formed(graph)
    with writing() as session:
        return _insert(session, user, fields, graph, "")


def _check(name: str, description: str, visibility: str) -> dict[str, str]:
    fields = {"name": texts.one_line(name), "description": description.strip(), "visibility": visibility}
    problems = {
        "name": texts.name_problem(fields["name"], LONGEST_NAME),
        "description": texts.problem(fields["description"], LONGEST_DESCRIPTION),
        "visibility": "" if visibility in VISIBILITIES else "must be private or public",
    }
    texts.refuse("The model was not saved.", problems)
    return fields


def _insert(session: Session, user: User, fields: dict[str, str], graph: Graph, note: str) -> int:
    row = ModelRow(owner_id=user.id, draft=graph, **fields)
    session.add(row)
    session.flush()
    session.add(ModelVersionRow(model_id=row.id, number=1, kind=KERAS, graph=graph, note=note))
    return row.id


def list_models(viewer: User | None, search: str = "", mine: bool = False, limit: int = 50, offset: int = 0) -> list[ModelCard]:
    """Return the models that the viewer may see, last changed first. `mine`: only their own."""
    with reading() as session:
        return [ModelCard(*row) for row in session.execute(list_service.list_of(viewer, search, mine, limit, offset))]


def require_model(viewer: User | None, model_id: int) -> Model:
    """Return a model with its versions. Raises NotFound when it does not exist or is private."""
    with reading() as session:
        row = _require(session, viewer, policy.READ, model_id)
        level = sharing.level(session, viewer, sharing.thing_of(row))
        may_edit = policy.reaches(level, policy.EDIT)
        can_undo, can_redo = _ways(session, row)
        return Model(
            id=row.id,
            owner_id=row.owner_id,
            owner_name=session.scalar(select(UserRow.name).where(UserRow.id == row.owner_id)) or "",
            name=row.name,
            description=row.description,
            visibility=row.visibility,
            draft=_design_of(session, row) if may_edit else _newest(session, model_id).graph,
            draft_revision=row.draft_revision,
            created=row.created,
            updated=row.updated,
            shares_data=row.shares_data,
            may_edit=may_edit,
            may_manage=policy.reaches(level, policy.MANAGE),
            can_undo=may_edit and can_undo,
            can_redo=may_edit and can_redo,
            versions=_list_versions(session, viewer, row),
        )


_CARD = ("id", "model_id", "number", "model_key", "serving", "run_id", "note", "created")


def _list_versions(session: Session, viewer: User | None, model: ModelRow) -> tuple[VersionCard, ...]:
    query = select(*(getattr(ModelVersionRow, name) for name in _CARD)).where(ModelVersionRow.model_id == model.id)
    query = query.add_columns(func.coalesce(ModelVersionRow.kind, KERAS))
    cards = [VersionCard(*row) for row in session.execute(query.order_by(ModelVersionRow.number.desc()))]
    told = _told_of(session, viewer, model, [card.run_id for card in cards])
    return tuple(card if card.run_id in told else replace(card, serving=None) for card in cards)


def _told_of(session: Session, viewer: User | None, model: ModelRow, run_ids: Sequence[int | None]) -> set[int | None]:
    """Return for which of these runs the viewer may know what the data looked like: columns, categories, classes, ranges."""
    if model.shares_data or policy.reaches(sharing.level(session, viewer, sharing.thing_of(model)), policy.EDIT):
        return set(run_ids)
    of_seen = select(RunRow.id).join(DatasetVersionRow, DatasetVersionRow.id == RunRow.dataset_version_id)
    of_seen = of_seen.join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    of_seen = of_seen.where(RunRow.id.in_([run_id for run_id in run_ids if run_id]))
    return set(session.scalars(of_seen.where(sharing.allowed(viewer, policy.READ, DatasetRow))))


def _newest(session: Session, model_id: int) -> ModelVersionRow:
    query = select(ModelVersionRow).where(ModelVersionRow.model_id == model_id)
    return session.scalars(query.order_by(ModelVersionRow.number.desc()).limit(1)).one()


def _require(session: Session, viewer: User | None, level: str, model_id: int) -> ModelRow:
    # Who changes a model holds its row, so that two of them cannot give the same number to two versions.
    row = session.get(ModelRow, model_id, with_for_update=level != policy.READ)
    if row is None:
        raise policy.hidden("model")
    sharing.require(session, viewer, level, sharing.thing_of(row))
    return row


def _version(row: ModelVersionRow, model: ModelRow) -> ModelVersion:
    told = {name: getattr(row, name) for name in _CARD}
    return ModelVersion(**told, kind=row.kind or KERAS, model_name=model.name, owner_id=model.owner_id, graph=row.graph)


def require_version(viewer: User | None, version_id: int, level: str = policy.READ) -> ModelVersion:
    """Return one version. Raises NotFound when it does not exist or its model is private, and Forbidden below the level."""
    with reading() as session:
        row = session.get(ModelVersionRow, version_id)
        model = _require(session, viewer, level, row.model_id if row else 0)
        assert row is not None  # No model has the number 0.
        version = _version(row, model)
        return version if row.run_id in _told_of(session, viewer, model, [row.run_id]) else replace(version, serving=None)


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
        row = _require(session, user, policy.MANAGE, model_id)
        row.name, row.description, row.visibility = fields["name"], fields["description"], fields["visibility"]
        row.shares_data = row.shares_data if shares_data is None else shares_data
        row.updated = now()


def delete(user: User, model_id: int) -> None:
    """Remove a model with its versions and its runs: only its owner may."""
    with writing() as session:
        _require(session, user, policy.OWN, model_id)
        session.execute(delete_rows(ModelRow).where(ModelRow.id == model_id))
        sharing.forget(session, "model", model_id)


def save_draft(user: User, model_id: int, graph: Graph, revision: int) -> int:
    """Keep a design that is being drawn, as one step more; half-drawn is fine, hostile is not. Returns the new revision.

    Raises Conflict when another tab saved after `revision` was read.
    """
    design.require_well_formed(graph)
    with reading() as session:
        before = _design_of(session, _require(session, user, policy.READ, model_id))
    # Outside of the transaction, where nobody waits for it: a change of megabytes takes a second to compress.
    change = steps.between(before, graph) if before != graph else None
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)  # of the revision that `before` is, or not at all
        if change is not None:
            _append_step(session, row, change)
            _put_draft(row, graph, row.draft_step + 1)
        return row.draft_revision


def _require_draft(session: Session, user: User, model_id: int, revision: int | None) -> ModelRow:
    row = _require(session, user, policy.EDIT, model_id)
    if revision is not None and row.draft_revision != revision:
        raise Conflict(
            "This diagram was changed in another tab.",
            "This tab does not show the newest version.",
            "Load the newer one, or keep yours.",
        )
    return row


def _append_step(session: Session, row: ModelRow, change: bytes) -> None:
    """Keep a step. What was undone can no longer be redone; beyond `MOST_STEP_BYTES` the oldest steps go."""
    mine = DraftStepRow.model_id == row.id
    session.execute(delete_rows(DraftStepRow).where(mine, DraftStepRow.number > row.draft_step))
    before = session.scalar(select(DraftStepRow.num_bytes).where(mine, DraftStepRow.number == row.draft_step)) or 0
    after = before + len(change)
    session.add(DraftStepRow(model_id=row.id, number=row.draft_step + 1, num_bytes=after, change=change))
    between_clearings = MOST_STEP_BYTES // 50  # bytes, not steps: one step may be as large as all the others
    if before // between_clearings != after // between_clearings:
        session.execute(delete_rows(DraftStepRow).where(mine, DraftStepRow.num_bytes <= after - MOST_STEP_BYTES))


def _put_draft(row: ModelRow, graph: Graph, step: int) -> None:
    row.draft, row.draft_step, row.draft_revision, row.updated = graph, step, row.draft_revision + 1, now()


def _design_of(session: Session, row: ModelRow) -> Graph:
    """Return what is being drawn: the draft, or the newest version of a model that has none."""
    return row.draft or _newest(session, row.id).graph


def undo(user: User, model_id: int, revision: int) -> Draft:
    """Take the last step of the draft back, whichever tab made it and when. Raises Conflict as `save_draft` does."""
    return _travel(user, model_id, revision, forward=False)


def redo(user: User, model_id: int, revision: int) -> Draft:
    """Make the step again that was taken back last. Raises Conflict as `save_draft` does."""
    return _travel(user, model_id, revision, forward=True)


def _travel(user: User, model_id: int, revision: int, forward: bool) -> Draft:
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)
        graph = _design_of(session, row)
        step = session.get(DraftStepRow, (model_id, row.draft_step + forward))
        if step is not None:
            graph = (steps.forth if forward else steps.back)(graph, step.change)
            _put_draft(row, graph, row.draft_step + (1 if forward else -1))
        return Draft(graph, row.draft_revision, *_ways(session, row))


def _ways(session: Session, row: ModelRow) -> tuple[bool, bool]:
    """Tell whether there is a step to take back and one to make again."""
    near = (row.draft_step, row.draft_step + 1)
    query = select(DraftStepRow.number).where(DraftStepRow.model_id == row.id, DraftStepRow.number.in_(near))
    found = set(session.scalars(query))
    return near[0] in found, near[1] in found


def save_version(user: User, model_id: int, note: str = "", revision: int | None = None) -> int:
    """Make the draft a version and return its id. A design that nothing was changed in since its version gives that one.

    Raises Conflict when the draft is no longer the one of `revision`, which is the one on the screen; without it whatever is
    drawn is taken. Raises Invalid when the design is not complete.
    """
    note = texts.printable_line(note)[:LONGEST_NOTE]
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)
        graph = design.require_valid(_design_of(session, row))
        newest, drawn = _newest(session, model_id), _newest_drawn(session, model_id)
        if drawn and _is_it(drawn, graph, note, drawn is newest):
            drawn.note = drawn.note or note
            return drawn.id
        facts = {"model_id": model_id, "number": newest.number + 1, "parent_id": newest.id, "kind": KERAS, "graph": graph}
        made = ModelVersionRow(**facts, note=note)
        session.add(made)
        row.updated = now()
        session.flush()
        return made.id


def _newest_drawn(session: Session, model_id: int) -> ModelVersionRow | None:
    """Return the newest version that no run made."""
    query = select(ModelVersionRow).where(ModelVersionRow.model_id == model_id, ModelVersionRow.model_key.is_(None))
    return session.scalars(query.order_by(ModelVersionRow.number.desc()).limit(1)).first()


def _is_it(drawn: ModelVersionRow, graph: Graph, note: str, is_newest: bool) -> bool:
    """Tell whether the version that was drawn last can stand for a design without losing the note."""
    if design.graph_hash(drawn.graph) != design.graph_hash(graph):
        return False
    return not note or (is_newest and drawn.note in ("", note))


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
