"""Undo and redo of a draft: without end, from any tab, small in the database."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from db.engine import reading
from db.tables.models import DraftStepRow
from mhub_core.errors import Conflict, Forbidden
from mhub_core.graphs import edit, layout
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.models import steps


@pytest.fixture
def model_id(ada, chain) -> int:
    return models.create(ada, "Iris", "", chain)


def widen(user, model_id: int, units: int) -> None:
    """Save the draft with another size of its second layer, as the builder does."""
    model = models.require_model(user, model_id)
    drafts.save_draft(user, model_id, edit.set_config(model.draft, "n2", {"units": units}), model.draft_revision)


def units(graph: dict) -> int:
    return graph["nodes"][1]["config"]["units"]


def test_all_steps_are_taken_back_and_made_again(ada, model_id, chain):
    for number in range(100, 130):
        widen(ada, model_id, number)
    back, revision = [], 30
    for _ in range(30):
        draft = drafts.undo(ada, model_id, revision)
        revision = draft.revision
        back.append(units(draft.graph))
    assert back == [*range(128, 99, -1), 8]
    assert draft.graph == models.require_model(ada, model_id).draft == chain
    assert (draft.can_undo, draft.can_redo) == (False, True)
    for number in range(100, 130):
        draft = drafts.redo(ada, model_id, draft.revision)
        assert units(draft.graph) == number
    assert (draft.can_undo, draft.can_redo) == (True, False)


def test_a_change_after_undo_leaves_nothing_to_redo(ada, model_id):
    widen(ada, model_id, 5)
    widen(ada, model_id, 6)
    drafts.undo(ada, model_id, 2)
    widen(ada, model_id, 7)

    model = models.require_model(ada, model_id)
    assert (model.can_undo, model.can_redo) == (True, False)
    assert units(drafts.undo(ada, model_id, model.draft_revision).graph) == 5


def test_with_nothing_to_undo_the_draft_stays(ada, model_id, chain):
    draft = drafts.undo(ada, model_id, 0)
    assert (draft.graph, draft.revision, draft.can_undo, draft.can_redo) == (chain, 0, False, False)


def test_saving_the_same_design_again_is_no_step(ada, model_id, chain):
    assert drafts.save_draft(ada, model_id, chain, 0) == 0
    assert not models.require_model(ada, model_id).can_undo


def test_a_tab_that_is_behind_cannot_undo_what_it_has_not_seen(ada, model_id):
    widen(ada, model_id, 5)
    widen(ada, model_id, 6)
    with pytest.raises(Conflict, match="another tab"):
        drafts.undo(ada, model_id, 1)
    assert units(models.require_model(ada, model_id).draft) == 6


def test_only_who_may_edit_a_model_may_undo(ada, bob, model_id):
    widen(ada, model_id, 5)
    models.update(ada, model_id, "Iris", "", "public")
    for verb in (drafts.undo, drafts.redo):
        with pytest.raises(Forbidden):
            verb(bob, model_id, 1)
    seen = models.require_model(bob, model_id)
    assert not seen.can_undo and not seen.can_redo


def test_the_oldest_steps_go_when_there_are_too_many_bytes(ada, model_id, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_STEP_BYTES", 2_000)
    for number in range(100, 200):
        widen(ada, model_id, number)
    count, draft = 0, drafts.undo(ada, model_id, 100)
    while draft.can_undo:
        draft, count = drafts.undo(ada, model_id, draft.revision), count + 1
    assert 5 < count < 60
    assert units(draft.graph) == 198 - count


def test_large_steps_go_as_soon_as_they_are_too_many_but_the_last_can_always_be_undone(ada, model_id, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_STEP_BYTES", 1_000)
    for number in range(4):
        model = models.require_model(ada, model_id)
        wide, _ = edit.add_node(model.draft, "StringLookup", config={"vocabulary": noise(number)})
        drafts.save_draft(ada, model_id, wide, number)
        with reading() as session:
            sizes = session.scalars(select(func.length(DraftStepRow.change)).order_by(DraftStepRow.number)).all()
        assert len(sizes) == 1 < sizes[0] // 1_000
    assert drafts.undo(ada, model_id, 4).graph == model.draft


def noise(number: int) -> list[str]:
    """Words that cannot be compressed."""
    return [random.Random(number * 1_000 + place).randbytes(8).hex() for place in range(300)]


def test_a_step_goes_back_and_forth_whatever_was_changed_and_holds_only_that(chain):
    wide = edit.set_config(chain, "n3", {"units": 99})
    grown, _ = edit.add_node(chain, "Dropout", after="n2")
    changes = (
        wide,
        grown,
        layout.arrange(grown),
        edit.remove(chain, "n2"),
        {**chain, "outputs": [{"node": "n2", "output": 0}]},
        chain,
    )
    for after in changes:
        step = steps.between(chain, after)
        assert steps.back(after, step) == chain
        assert steps.forth(chain, step) == after
    assert len(steps.between(chain, wide)) < 250
    with pytest.raises(Conflict, match="does not fit"):
        steps.back(grown, steps.between(chain, wide))
