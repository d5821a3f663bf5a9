"""The builder, driven as a person drives it, but for the mouse in the diagram: that is in test_builder_browser."""

from __future__ import annotations

import pytest

from mhub_core.graphs import stock
from mhub_core.models import service as models
from tests.factories import person
from tests.pages.building import choose, classes, field, open_page, press, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


@pytest.fixture
def model_id(ada) -> int:
    return models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())


def test_a_layer_from_the_palette_goes_in_front_of_the_last_one_and_is_saved(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    press(app, "Dense")
    assert classes(ada, model_id)[-2:] == ["Dense", "Dense"]
    press(app, "ReLU")
    assert classes(ada, model_id)[-3:] == ["Dense", "ReLU", "Dense"]


def test_a_layer_is_moved_duplicated_and_deleted_and_all_is_undone(ada, model_id):
    before = classes(ada, model_id)
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n8")
    assert before[7] == "Dropout"
    press(app, "↑ Up")
    assert classes(ada, model_id)[6:8] == ["Dropout", "Flatten"]
    press(app, "Duplicate")
    assert classes(ada, model_id)[6:9] == ["Dropout", "Dropout", "Flatten"]
    press(app, "Delete")
    assert len(classes(ada, model_id)) == len(before)
    for _ in range(3):
        press(app, "↶ Undo")
    assert classes(ada, model_id) == before
    press(app, "↷ Redo")
    assert classes(ada, model_id)[6:8] == ["Dropout", "Flatten"]


def test_an_argument_is_set_refused_in_words_and_set_back(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n3")
    field(app, "kernel size *").set_value("5, 5").run()
    config = models.require_model(ada, model_id).draft["nodes"][2]["config"]
    assert config["kernel_size"] == [5, 5]
    field(app, "kernel size *").set_value("five").run()
    assert "ust be a whole number" in words(app)
    assert models.require_model(ada, model_id).draft["nodes"][2]["config"] == config
    press(app, "↺ reset to none")
    assert "activation" not in models.require_model(ada, model_id).draft["nodes"][2]["config"]
    assert field(app, "activation").value is None


def test_a_name_that_is_markup_is_refused_beside_its_field(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n3")
    field(app, "name").set_value("<b>bold</b>").run()
    assert "Must be a letter" in words(app)
    assert models.require_model(ada, model_id).draft["nodes"][2]["name"] == "conv2d"


def test_a_connection_by_the_form_that_closes_a_circle_is_refused_in_words(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n7")
    app.session_state[f"layer_{model_id}_n7_0_connections"] = True
    app.run()
    field(app, "Connect to").set_value("n3").run()
    press(app, "Connect")
    assert "would create a cycle" in words(app)


def test_the_second_tab_is_told_and_may_load_the_newer_design_or_keep_its_own(ada, model_id):
    first, second = (open_page("Builder", ada, model=model_id) for _ in range(2))
    press(first, "Dense")
    press(second, "ReLU")
    assert "changed in another tab" in words(second)
    assert "ReLU" not in classes(ada, model_id)
    press(second, "Keep my version")
    assert "ReLU" in classes(ada, model_id)
    press(first, "BatchNormalization")
    press(first, "Load the newer version")
    assert "changed in another tab" not in words(first)
    press(first, "BatchNormalization")
    assert {"ReLU", "BatchNormalization"} < set(classes(ada, model_id))


def test_without_a_worker_drawing_goes_on_and_the_facts_say_that_they_wait(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    assert "waiting for the worker" in words(app)
    press(app, "Dense")
    assert "Dense" in classes(ada, model_id)[-2]


def test_a_design_becomes_a_version_and_python(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    press(app, "Dense")
    app.text_input(key=f"{model_id}_note").set_value("one more").run()
    press(app, "Save")
    version = models.require_model(ada, model_id).versions[0]
    assert (version.number, version.note) == (2, "one more")
    app.query_params["view"] = "Python"
    app.run()
    assert "keras.Sequential" in words(app)


def test_a_half_drawn_design_is_no_version_and_says_why(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    app.session_state[f"desk_{model_id}"]["view"]["place"] = "loose"
    press(app, "Dense")
    press(app, "Save")
    assert "not connected" in words(app)
    assert len(models.require_model(ada, model_id).versions) == 1


def test_a_stranger_may_look_and_copy_but_finds_no_way_to_change(ada, model_id):
    models.update(ada, model_id, "Digits", "", "public")
    bob = person("bob")
    app = open_page("Builder", bob, model=model_id)
    assert not {"Dense", "↶ Undo", "Save"} & {button.label for button in app.button}
    press(app, "Copy")
    assert [card.name for card in models.list_models(bob, mine=True)] == ["Digits (copy)"]


def test_a_visitor_who_wants_to_change_a_public_model_is_asked_to_sign_in(ada, model_id):
    models.update(ada, model_id, "Digits", "", "public")
    app = open_page("Builder", model=model_id)
    press(app, "Copy")
    assert "account" in words(app)
    assert "private" in words(open_page("Builder", model=model_id + 1))
