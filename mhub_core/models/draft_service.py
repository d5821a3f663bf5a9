"""The verbs of the design that is being drawn: its steps, undo and redo, and the version that is made of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.models import DraftStepRow, ModelRow, ModelVersionRow
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict
from mhub_core.graphs import design
from mhub_core.models import access_service as access
from mhub_core.models import steps
from mhub_core.models.records import KERAS, Draft
from mhub_core.sharing import policy, texts

LONGEST_NOTE = 300
MOST_STEP_BYTES = 8_000_000  # for each model: some 50,000 small changes, or 200 in which all of 771 layers move
Graph = dict[str, Any]


def save_draft(user: User, model_id: int, graph: Graph, revision: int) -> int:
    """Keep a design that is being drawn, as one step more; half-drawn is fine, hostile is not. Returns the new revision.

    Raises Conflict when another tab saved after `revision` was read.
    """
    design.require_well_formed(graph)
    with reading() as session:
        before = design_of(session, access.require(session, user, policy.READ, model_id))
    # Outside of the transaction, where nobody waits for it: a change of megabytes takes a second to compress.
    change = steps.between(before, graph) if before != graph else None
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)  # of the revision that `before` is, or not at all
        if change is not None:
            _append_step(session, row, change)
            _put_draft(row, graph, row.draft_step + 1)
        return row.draft_revision


def _require_draft(session: Session, user: User, model_id: int, revision: int | None) -> ModelRow:
    row = access.require(session, user, policy.EDIT, model_id)
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


def design_of(session: Session, row: ModelRow) -> Graph:
    """Return what is being drawn: the draft, or the newest version of a model that has none."""
    return row.draft or access.newest(session, row.id).graph


def undo(user: User, model_id: int, revision: int) -> Draft:
    """Take the last step of the draft back, whichever tab made it and when. Raises Conflict as `save_draft` does."""
    return _travel(user, model_id, revision, forward=False)


def redo(user: User, model_id: int, revision: int) -> Draft:
    """Make the step again that was taken back last. Raises Conflict as `save_draft` does."""
    return _travel(user, model_id, revision, forward=True)


def _travel(user: User, model_id: int, revision: int, forward: bool) -> Draft:
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)
        graph = design_of(session, row)
        step = session.get(DraftStepRow, (model_id, row.draft_step + forward))
        if step is not None:
            graph = (steps.forth if forward else steps.back)(graph, step.change)
            _put_draft(row, graph, row.draft_step + (1 if forward else -1))
        return Draft(graph, row.draft_revision, *ways(session, row))


def ways(session: Session, row: ModelRow) -> tuple[bool, bool]:
    """Tell whether there is a step to take back and one to make again."""
    found = set(session.scalars(_NEAR, {"model": row.id, "step": row.draft_step}))
    return row.draft_step in found, row.draft_step + 1 in found


_NEAR = select(DraftStepRow.number).where(
    DraftStepRow.model_id == bindparam("model"),
    DraftStepRow.number.between(bindparam("step", type_=Integer), bindparam("step", type_=Integer) + 1),
)  # put together once, because that takes as long as to ask


def save_version(user: User, model_id: int, note: str = "", revision: int | None = None) -> int:
    """Make the draft a version and return its id. A design that nothing was changed in since its version gives that one.

    Raises Conflict when the draft is no longer the one of `revision`, which is the one on the screen; without it whatever is
    drawn is taken. Raises Invalid when the design is not complete.
    """
    note = texts.printable_line(note)[:LONGEST_NOTE]
    with writing() as session:
        row = _require_draft(session, user, model_id, revision)
        graph = design.require_valid(design_of(session, row))
        newest, drawn = access.newest(session, model_id), _newest_drawn(session, model_id)
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
