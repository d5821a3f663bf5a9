"""The list view, also on a phone, and what stands beside the fields of the builder's forms."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.graphs import stock
from mhub_core.models import service as models
from mhub_core.models import shelf_service as shelf
from mhub_core.ui import flow, screen
from tests.graphs.drawing import chain, dense, row
from tests.pages.building import choose, classes, field, open_page, pick, press, tick, unfold, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


@pytest.fixture
def model_id(ada) -> int:
    return models.create(ada, "Digits", "", stock.require_stock("small_cnn").graph())


@pytest.fixture
def phone(monkeypatch) -> None:
    monkeypatch.setattr(screen, "is_narrow", lambda: True)


def marked(app: AppTest) -> list[str]:
    return [item.value for item in app.markdown if "▲" in item.value]


def has_form(app: AppTest) -> bool:
    return any(item.label == "name" for item in app.text_input)


def test_a_layer_that_is_clicked_in_the_diagram_ends_the_choice_of_several(ada, model_id, monkeypatch):
    app = open_page("Builder", ada, model=model_id)
    pick(app, f"{model_id}_edit_menu", "several")
    assert app.query_params["view"] in ("List", ["List"])  # also after a reload
    app.query_params["view"] = "Diagram"
    app.run()
    assert "0 layers selected" in words(app)
    clicks = [flow.GraphEvent(selected="n2")]
    monkeypatch.setattr(flow, "next_event", lambda *_: clicks.pop() if clicks else None)
    app.run()
    assert has_form(app) and "selected" not in words(app)


def test_on_a_phone_the_one_ticked_layer_is_deleted_and_no_form_is_drawn_twice(ada, model_id, phone):
    app = open_page("Builder", ada, model=model_id)
    tick(app, model_id, "n3")
    app.button(key=f"{model_id}_several_delete").click().run()
    assert not app.exception and "0 layers selected" in words(app)
    assert classes(ada, model_id)[:3] == ["InputLayer", "Rescaling", "MaxPooling2D"]


def test_on_a_phone_the_list_turns_to_the_page_of_the_layer_that_is_selected(ada, phone):
    model_id = models.create(ada, "Long", "", chain(row(8), *(dense(8) for _ in range(149))))
    app = open_page("Builder", ada, model=model_id)
    app.button(key=f"row_{model_id}_n3").click().run()
    assert has_form(app)
    app.session_state[f"desk_{model_id}"]["view"]["selected"] = "n140"  # as a button of the doctor does
    app.run()
    assert has_form(app) and any(button.key == f"row_{model_id}_n140" for button in app.button)
    app.button(key=f"row_{model_id}_n140").click().run()
    assert not has_form(app) and any(button.key == f"row_{model_id}_n140" for button in app.button)


def test_a_block_without_a_name_is_marked_beside_its_own_field_alone(ada, model_id):
    block_id = shelf.save_block(ada, "scaled look", "", stock.require_stock("small_cnn").graph())
    app = open_page("Builder", ada, model=model_id)
    choose(app, model_id, "n3")
    unfold(app, f"layer_{model_id}_n3_0_piece")
    press(app, "Save as my block")
    assert len(marked(app)) == 1
    unfold(app, f"{model_id}_blocks")
    pick(app, f"{model_id}_block_{block_id}_menu", "Rename")
    field(app, "Name").set_value(" ").run()
    press(app, "Save changes")
    assert len(marked(app)) == 1 and "Correct the fields" not in words(app)
    assert list(app.session_state[f"desk_{model_id}"]["told"]["problems"]) == [f"{model_id}_block_{block_id}_name"]


def test_a_row_says_what_feeds_its_layer_when_that_is_not_the_one_above(ada):
    model_id = models.create(ada, "Residual", "", stock.require_stock("resnet20").graph())
    app = open_page("Builder", ada, model=model_id, view="List")
    rows = [button.label for button in app.button if button.key.startswith("row_")]
    sums = [label for label in rows if label.startswith("▸ Add ")]
    assert sums and all(" · takes " in label and ", " in label.partition(" · takes ")[2] for label in sums)
    assert "takes" not in rows[1]


def test_the_palette_begins_with_the_layers_most_used_and_ends_with_what_cannot_be_used(ada, model_id):
    app = open_page("Builder", ada, model=model_id)
    assert [button.label for button in app.button if button.key.startswith("add_")][:3] == ["Dense", "Conv2D", "Flatten"]
    app.selectbox(key="palette_family").select("core").run()
    disabled = [button.disabled for button in app.button if button.key.startswith("add_")]
    assert disabled == sorted(disabled) and any(disabled)
