"""What of a desk is saved: while the database is away, while another tab draws too, while the model goes."""

from __future__ import annotations

from typing import NoReturn

import pytest
import streamlit as st

from mhub_core.errors import Unavailable
from mhub_core.graphs import edit, stock
from mhub_core.graphs.records import Repair
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.models import shelf_service as shelf
from mhub_core.ui import session
from mhub_core.ui.builder import arguments, doctor, saving
from mhub_core.ui.builder import desk as desks
from tests.pages.building import classes, open_page, press, words

pytestmark = pytest.mark.slow


@pytest.fixture
def model_id(ada, monkeypatch) -> int:
    """A model that lies on a desk of Ada's, without a page around it."""
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(session, "get_viewer", lambda: ada)
    made = models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())
    desks.lay_out(models.require_model(ada, made))
    return made


def away(*_arguments: object, **_options: object) -> NoReturn:
    raise Unavailable("The database did not answer.")


def rename(model_id: int, name: str, node_id: str = "n2") -> None:
    assert desks.change(model_id, edit.rename, node_id, name)


def rename_while_away(model_id: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "save_draft", away)
        rename(model_id, name)


def rename_in_another_tab(user, model_id: int, name: str) -> None:
    model = models.require_model(user, model_id)
    drafts.save_draft(user, model_id, edit.rename(model.draft, "n3", name), model.draft_revision)


def names(graph: dict) -> list[str]:
    return [node["name"] for node in graph["nodes"][1:3]]


def test_what_could_not_be_saved_stays_when_another_tab_saves_until_somebody_decides(ada, model_id, monkeypatch):
    rename_while_away(model_id, "mine", monkeypatch)
    rename_in_another_tab(ada, model_id, "theirs")
    desk = desks.lay_out(models.require_model(ada, model_id))
    assert names(desk["content"]["graph"]) == ["mine", "conv2d"] and desk["sync"]["conflict"]
    saving.keep_mine(model_id)
    assert names(models.require_model(ada, model_id).draft) == ["mine", "conv2d"] and not desk["sync"]["conflict"]


def test_undo_takes_back_what_could_not_be_saved_and_nothing_before_it(ada, model_id, monkeypatch):
    rename(model_id, "first")
    rename_while_away(model_id, "second", monkeypatch)
    saving.step_back(model_id)
    assert names(desks.require(model_id)["content"]["graph"])[0] == names(models.require_model(ada, model_id).draft)[0] == "first"
    saving.step_forward(model_id)
    assert names(desks.require(model_id)["content"]["graph"])[0] == "second"


def test_what_could_not_be_saved_is_saved_when_somebody_asks_for_it(ada, model_id, monkeypatch):
    rename_while_away(model_id, "mine", monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "save_draft", away)
        saving.step_back(model_id)
        assert names(desks.require(model_id)["content"]["graph"])[0] == "mine"
        assert "did not answer" in desks.require(model_id)["told"]["error"]["happened"]
    saving.save(model_id)
    assert names(models.require_model(ada, model_id).draft)[0] == "mine"
    assert not desks.require(model_id)["sync"]["unsaved"] and desks.require(model_id)["told"]["error"] is None


def test_a_version_is_made_of_the_design_on_the_screen_and_of_no_other(ada, model_id, monkeypatch):
    rename_in_another_tab(ada, model_id, "theirs")
    saving.keep_version(model_id)
    desk = desks.require(model_id)
    assert desk["sync"]["version"] is None and desk["told"]["said"] == saving.BEHIND
    assert names(desk["content"]["graph"])[1] == "theirs"

    rename_while_away(model_id, "mine", monkeypatch)
    saving.keep_version(model_id)
    assert names(models.require_version(ada, desk["sync"]["version"]).graph) == ["mine", "theirs"]

    rename_in_another_tab(ada, model_id, "later")
    rename(model_id, "again")
    saving.keep_version(model_id)
    assert desk["sync"]["version"] is None and desk["sync"]["conflict"] and "First choose" in desk["told"]["said"]
    assert len(models.require_model(ada, model_id).versions) == 2


def test_a_conflict_stands_and_is_told_in_words_when_the_model_is_gone(ada, model_id):
    rename_in_another_tab(ada, model_id, "theirs")
    rename(model_id, "mine")
    models.delete(ada, model_id)
    for decide in (saving.keep_mine, saving.load_newer):
        decide(model_id)
        desk = desks.require(model_id)
        assert desk["sync"]["conflict"] and names(desk["content"]["graph"])[0] == "mine"
        assert "does not exist" in desk["told"]["error"]["happened"]


def test_a_rename_that_fails_for_the_name_is_told_beside_it_and_for_anything_else_above_the_diagram(ada, model_id):
    desk = desks.require(model_id)
    arguments.rename(model_id, "n2", "conv2d")
    assert desk["told"]["problems"] == {"name": "is taken"} and desk["told"]["error"] is None
    models.delete(ada, model_id)
    arguments.rename(model_id, "n2", "late")
    assert "does not exist" in desk["told"]["error"]["happened"] and desk["told"]["problems"] == {}


def test_a_repair_that_was_found_for_an_older_design_overwrites_no_newer_one(model_id):
    older = desks.graph(desks.require(model_id))
    repair = Repair("Give it 7 filters", edit.set_config(older, "n3", {"filters": 7, "kernel_size": [3, 3]}), "n3")
    rename(model_id, "just_named")
    doctor._mend(model_id, repair, older)
    desk = desks.require(model_id)
    assert names(desk["content"]["graph"])[0] == "just_named" and desk["told"]["said"] == doctor.TOO_LATE
    doctor._mend(model_id, repair, desks.graph(desk))
    assert desk["content"]["graph"] == repair.graph


def test_the_desk_knows_the_new_name_of_its_model(ada, model_id):
    models.update(ada, model_id, "Letters", "", "private")
    assert desks.lay_out(models.require_model(ada, model_id))["content"]["name"] == "Letters"


def test_drawing_goes_on_while_the_database_is_away(ada, database, monkeypatch):
    model_id = models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())
    app = open_page("Builder", ada, model=model_id)
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "save_draft", away)
        patch.setattr(shelf, "num_blocks", away)
        patch.setattr(shelf, "clipboard", away)
        press(app, "Dense")
        app.menu_button(key=f"{model_id}_edit_menu").click("paste").run()
        assert not app.exception and "not saved yet" in words(app) and "did not answer" in words(app)
    press(app, "Save now")
    assert "not saved yet" not in words(app) and classes(ada, model_id)[-2:] == ["Dense", "Dense"]
