"""Beyond a chain: several layers at once, sub-models, own blocks, shared weights, ordered inputs, undo across tabs."""

from __future__ import annotations

import pytest

from mhub_core.graphs import edit, stock, walk
from mhub_core.models import service as models
from mhub_core.models import shelf_service as shelf
from mhub_core.ui.builder import whole
from tests.graphs.drawing import chain, dense, row
from tests.pages.building import choose, classes, field, open_page, pick, press, tick, unfold, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


@pytest.fixture
def model_id(ada) -> int:
    return models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())


def draft(user, model_id: int) -> dict:
    return models.require_model(user, model_id).draft


def node(user, model_id: int, node_id: str) -> dict:
    return walk.nodes_by_id(draft(user, model_id))[node_id]


def test_what_one_tab_did_is_undone_after_a_reload_and_in_another_tab(ada, model_id):
    before = classes(ada, model_id)
    press(open_page("Builder", ada, model=model_id), "Dense")
    later = open_page("Builder", ada, model=model_id)
    press(later, "↶ Undo")
    assert classes(ada, model_id) == before
    press(later, "↷ Redo")
    assert len(classes(ada, model_id)) == len(before) + 1
    behind = open_page("Builder", ada, model=model_id)
    press(later, "↶ Undo")
    press(behind, "↶ Undo")
    assert "changed in another tab" in words(behind) and "Keep my version" not in {button.label for button in behind.button}
    assert "9 layers" in words(behind)


def test_ticked_layers_become_a_sub_model_that_opens_is_changed_inside_and_unpacked(ada, model_id):
    before = classes(ada, model_id)
    app = open_page("Builder", ada, model=model_id)
    tick(app, model_id, "n2", "n3")
    assert "2 layers selected" in words(app)
    unfold(app, f"{model_id}_several_piece")
    field(app, "Name of the sub-model or block").set_value("first look").run()
    press(app, "Make a sub-model")
    assert classes(ada, model_id) == ["InputLayer", "Model", *before[3:]]
    press(app, "Open")
    assert "3 layers" in words(app) and "▸ first\\_look" in {button.label for button in app.button}
    press(app, "Dense")
    assert len(draft(ada, model_id)["nodes"]) == len(before) - 1
    press(app, "◂ Digits")
    app.button(key=f"row_{model_id}_n10").click().run()
    press(app, "Unpack")
    assert len(classes(ada, model_id)) == len(before) + 1
    for _ in range(3):
        press(app, "↶ Undo")
    assert classes(ada, model_id) == before


def test_copied_layers_are_pasted_into_another_model_and_many_deleted_ones_come_back(ada, model_id):
    other = models.create(ada, "Other", "", stock.require_stock("dense_classifier").graph())
    app = open_page("Builder", ada, model=model_id)
    tick(app, model_id, "n3", "n4", "n5")
    press(app, "Copy")
    assert "3 layers copied" in words(app)
    pick(app, f"{model_id}_edit_menu", "delete")
    assert len(classes(ada, model_id)) == 6 and "Undo restores them" in words(app)
    press(app, "↶ Undo")
    assert len(classes(ada, model_id)) == 9

    elsewhere = open_page("Builder", ada, model=other)
    count = len(classes(ada, other))
    pick(elsewhere, f"{other}_edit_menu", "paste")
    assert classes(ada, other).count("Conv2D") == 2 and len(classes(ada, other)) == count + 3
    assert "3 layers selected" in words(elsewhere)


def test_an_own_block_is_kept_added_unpacked_renamed_and_deleted_when_asked_twice(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    tick(app, model_id, "n2", "n3")
    unfold(app, f"{model_id}_several_piece")
    press(app, "Save as my block")
    assert "Must have 1 to" in words(app)
    field(app, "Name of the sub-model or block").set_value("scaled look").run()
    press(app, "Save as my block")
    block = shelf.list_blocks(ada)[0]
    assert block.name == "scaled look"

    unfold(app, f"{model_id}_blocks")
    menu = f"{model_id}_block_{block.id}_menu"
    assert app.menu_button(key=menu).label == "More for scaled look"
    press(app, "scaled look")
    assert classes(ada, model_id).count("Model") == 1
    pick(app, menu, "Add its layers one by one")
    assert classes(ada, model_id).count("Conv2D") == 3 and classes(ada, model_id).count("Rescaling") == 2
    pick(app, menu, "Rename")
    field(app, "Name").set_value("shrink").run()
    press(app, "Save changes")
    pick(app, menu, "Delete")
    press(app, "Cancel")
    assert [kept.name for kept in shelf.list_blocks(ada)] == ["shrink"]
    pick(app, menu, "Delete")
    press(app, "Yes, delete it")
    assert shelf.list_blocks(ada) == []
    assert classes(ada, model_id).count("Model") == 1


def test_an_own_block_goes_onto_a_line_from_a_second_output_while_no_shape_is_known(ada):
    layers = row(8), ("Reshape", {"target_shape": [2, 4]}), ("LSTM", {"units": 4, "return_state": True})
    graph, dense_id = edit.add_node(chain(*layers), "Dense")
    model_id = models.create(ada, "States", "", edit.connect(graph, "n3", dense_id, None, 1))
    block_id = shelf.save_block(ada, "small", "", chain(row(4), dense(4)))
    app = open_page("Builder", ada, model=model_id)
    unfold(app, f"{model_id}_blocks")
    app.session_state[f"desk_{model_id}"]["view"].update(edge=["n3", dense_id])
    app.button(key=f"{model_id}_block_{block_id}").click().run()
    assert not app.exception and classes(ada, model_id)[-2:] == ["Model", "Dense"]


def test_a_layer_is_used_again_with_the_same_weights_and_gets_its_own(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n3")
    pick(app, f"{model_id}_more_n3", "Add again with shared weights")
    assert node(ada, model_id, "n10")["shares"] == "n3"
    assert "Shares its settings and weights" in words(app)
    pick(app, f"{model_id}_more_n10", "Stop sharing weights")
    assert "shares" not in node(ada, model_id, "n10")
    assert node(ada, model_id, "n10")["config"] == node(ada, model_id, "n3")["config"]


def test_the_inputs_of_a_merge_change_their_order_and_a_connection_goes_to_a_chosen_input(ada):
    model_id = models.create(ada, "Wide", "", stock.require_stock("wide_and_deep").graph())
    merge = next(item["id"] for item in draft(ada, model_id)["nodes"] if item["class"] == "Concatenate")
    before = [edge["source"] for edge in walk.incoming(draft(ada, model_id))[merge]]
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, merge)
    unfold(app, f"layer_{model_id}_{merge}_0_connections")
    moves = [button for button in app.button if button.label.startswith(("Earlier", "Later"))]
    assert len({button.label for button in moves}) == len(moves) == 4
    next(button for button in moves if button.label.startswith("Later") and not button.disabled).click().run()
    assert [edge["source"] for edge in walk.incoming(draft(ada, model_id))[merge]] == before[::-1]

    app.session_state[f"desk_{model_id}"]["view"].update(selected=None, place="loose")
    press(app, "InputLayer")
    pick(app, f"{model_id}_edit_menu", "copy")
    assert "1 layer copied" in words(app)


def test_a_layer_becomes_an_answer_too_and_is_told_how_to_behave(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n8")
    unfold(app, f"layer_{model_id}_n8_0_call")
    next(box for box in app.checkbox if box.label == "Output of the model").check().run()
    assert walk.ends(draft(ada, model_id)) == [("n9", 0), ("n8", 0)]
    field(app, "Behaviour in training").set_value(True).run()
    assert node(ada, model_id, "n8")["call"] == {"training": True}
    press(app, "↑ Move output up")
    assert walk.ends(draft(ada, model_id)) == [("n8", 0), ("n9", 0)]


def test_keys_and_menus_of_a_stranger_change_nothing(ada, bob, model_id):
    models.update(ada, model_id, "Digits", "", "public")
    app = open_page("Builder", bob, model=model_id)
    assert app.menu_button(key=f"{model_id}_edit_menu").options == [
        "Copy (Ctrl+C)",
        "Select all (Ctrl+A)",
        "Select several in the list",
    ]
    pick(app, f"{model_id}_edit_menu", "select_all")
    pick(app, f"{model_id}_edit_menu", "copy")
    assert len(shelf.clipboard(bob)["nodes"]) == 9 and shelf.clipboard(ada) is None


def test_large_numbers_are_said_as_people_say_them():
    assert [whole.count_words(number) for number in (7, 1_000, 300_000_000, 4.09e9)] == [
        "7",
        "1 thousand",
        "300 million",
        "4.09 billion",
    ]
    assert [whole.size_words(number) for number in (12, 13_600_000, 999_960)] == ["12 bytes", "13.6 MB", "1 MB"]
    totals = {"parameters": 34_826, "trainable_parameters": 34_826, "multiply_adds": 2_440_000}
    facts = {"nodes": {"n1": {}, "n2": {"error": {}}}, "totals": totals}
    assert whole.line(2, facts).startswith("2 layers · 34,826 parameters · 2.44 million multiply")
    assert "1 with a problem" in whole.line(2, facts)
