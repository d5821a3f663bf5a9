"""The pages of models: finding, making, changing, removing."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.errors import NotFound
from mhub_core.graphs import design, stock
from mhub_core.models import service as models
from mhub_core.ui.session import TOKEN
from tests.factories import person
from tests.pages.building import unfold
from tests.pages.test_builder import open_page, press, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def test_a_newcomer_makes_a_model_from_a_stock_architecture_without_typing():
    ada = person("ada")
    app = open_page("Models", ada)
    unfold(app, "new_model")
    app.selectbox(key="new_stock").set_value("lenet5").run()
    assert "LeCun" in words(app) or "1998" in words(app)
    press(app, "Create and open the builder")
    [card] = models.list_models(ada, mine=True)
    assert card.name == stock.require_stock("lenet5").title
    assert len(models.require_model(ada, card.id).draft["nodes"]) > 5


def test_every_stock_architecture_is_explained_and_opens_in_the_builder():
    ada = person("ada")
    for item in stock.list_stock():
        assert len(item.help) > 80
        app = open_page("Builder", ada, model=models.create(ada, item.title, "", item.graph()))
        assert f"{len(item.graph()['nodes'])} layers" in words(app)


def test_a_name_of_blanks_is_told_beside_its_field_and_nothing_is_made():
    ada = person("ada")
    app = open_page("Models", ada)
    unfold(app, "new_model")
    app.text_input(key="new_name_dense_classifier").set_value("   ").run()
    press(app, "Create and open the builder")
    assert "1 to 120 visible characters" in words(app)
    assert models.list_models(ada) == []


def titles(app: AppTest) -> str:
    """Return what a page draws as HTML: the titles of its windows among it."""
    return "".join(element.proto.body for element in app.get("html"))


def test_names_and_descriptions_are_shown_as_text():
    ada = person("ada")
    graph = stock.require_stock("lenet5").graph()
    model_id = models.create(ada, "<img src=x onerror=alert(1)>", "![spy](http://example.org/a.png) *fine*", graph, "public")
    for app in (open_page("Models"), open_page("Model", id=model_id), open_page("Builder", model=model_id)):
        assert "<img" not in titles(app)
        assert not any(element.allow_html for element in app.markdown)
        assert "![spy]" not in words(app)
    app = open_page("Model", id=model_id)
    assert "*fine*" in words(app) and "&lt;img src=x" in titles(app)


def test_the_search_finds_and_a_visitor_sees_only_what_is_public():
    ada = person("ada")
    graph = stock.require_stock("lenet5").graph()
    models.create(ada, "Iris", "", graph, "public")
    models.create(ada, "Hidden", "", graph)
    app = open_page("Models")
    assert links(app).count("Open") == 1
    app.text_input(key="models_search").set_value("nothing of that name").run()
    assert "No model matches" in words(app)


def test_a_search_begins_at_the_first_page_and_a_visitor_has_nothing_of_their_own():
    ada = person("ada")
    for number in range(26):
        models.create(ada, f"Model {number:02}", "", design.empty(), "public")
    app = open_page("Models", ada)
    app.toggle(key="models_mine").set_value(True).run()
    app.number_input(key="models_page").set_value(2).run()
    assert links(app).count("Open") == 2
    app.text_input(key="models_search").set_value("07").run()
    assert links(app).count("Open") == 1
    app.session_state[TOKEN] = "signed out"
    app.text_input(key="models_search").set_value("08").run()
    assert links(app).count("Open") == 1 and not app.toggle(key="models_mine").value


def links(app: AppTest) -> list[str]:
    return [text for element in app.get("html") for text in re.findall(r"<a [^>]*>([^<]*)</a>", element.proto.body)]


def test_the_owner_changes_and_removes_a_model_in_two_steps():
    ada = person("ada")
    model_id = models.create(ada, "Iris", "", stock.require_stock("lenet5").graph())
    app = open_page("Model", ada, id=model_id)
    unfold(app, "change")
    unfold(app, "remove")
    app.text_input(key=f"change_name_{model_id}").set_value("Better").run()
    press(app, "Save")
    assert models.require_model(ada, model_id).name == "Better"
    assert app.button(key=f"delete_{model_id}").disabled
    app.checkbox(key=f"delete_sure_{model_id}").check().run()
    press(app, "Delete the model")
    with pytest.raises(NotFound):
        models.require_model(ada, model_id)


def test_what_was_typed_for_a_model_is_not_there_for_its_copy():
    ada = person("ada")
    model_id = models.create(ada, "Iris", "", stock.require_stock("lenet5").graph())
    app = open_page("Model", ada, id=model_id)
    unfold(app, "change")
    unfold(app, "remove")
    app.text_input(key=f"change_name_{model_id}").set_value("Typed").run()
    app.checkbox(key=f"delete_sure_{model_id}").check().run()
    app.query_params["id"] = str(models.copy(ada, model_id))
    app.run()
    assert next(field.value for field in app.text_input if field.label == "Name") == "Iris (copy)"
    assert next(button.disabled for button in app.button if button.label == "Delete the model")


def test_a_stranger_finds_no_way_to_change_a_public_model():
    ada, bob = person("ada"), person("bob")
    model_id = models.create(ada, "Iris", "", stock.require_stock("lenet5").graph(), "public")
    app = open_page("Model", bob, id=model_id)
    assert not {"Save", "Delete the model"} & {button.label for button in app.button}


def test_a_change_with_an_empty_name_says_so_at_the_field_and_changes_nothing():
    ada = person("ada")
    model_id = models.create(ada, "Iris", "", stock.require_stock("lenet5").graph())
    app = open_page("Model", ada, id=model_id)
    unfold(app, "change")
    app.text_input(key=f"change_name_{model_id}").set_value(" ").run()
    press(app, "Save")
    assert "Must have 1 to" in words(app)
    assert models.require_model(ada, model_id).name == "Iris"
