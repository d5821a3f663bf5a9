"""The two pages of datasets, run as Streamlit runs them."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import service as accounts
from mhub_core.datasets import service, worker_service
from mhub_core.ui import guide
from mhub_core.ui.session import TOKEN
from tests import factories
from tests.datasets.conftest import CARS, FLOWERS, animals, pack
from tests.pages.building import unfold

pytestmark = pytest.mark.slow

FORM = """
from mhub_core.ui import dataset_upload
from mhub_core.ui.page import page_setup
import streamlit as st
from mhub_core.ui.pages import all_pages

def form():
    dataset_upload.form(page_setup("Upload"), st.query_params["receipt"])

here = [st.Page(form, title="Form", default=True)]
st.navigation([*here, *(page for page in all_pages() if page.url_path)]).run()
"""


def page(name: str, user=None, **query: object) -> AppTest:
    """Return a page of the hub as somebody sees it."""
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    if user:
        app.session_state[TOKEN] = accounts.token_of(ticket := accounts.issue_ticket(user.id))
        accounts.redeem_ticket(ticket, "test")
    for field, value in query.items():
        app.query_params[field] = str(value)
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    kinds = (app.markdown, app.error, app.warning, app.info, app.caption, app.get("html"))
    texts = [getattr(element, "value", None) or getattr(element.proto, "body", "") for kind in kinds for element in kind]
    return " ".join(map(str, texts))


def test_the_guide_to_a_first_model_stands_on_the_page_of_its_data_once(make, anna, monkeypatch):
    dataset = make(CARS)
    monkeypatch.setattr(guide, "_page_name", lambda: "Dataset")
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    app.session_state[TOKEN] = accounts.token_of(accounts.issue_ticket(anna.id))
    app.session_state["first_model_guide"] = {"model": 1, "dataset": dataset.id}
    app.query_params["id"] = str(dataset.id)

    app.switch_page("pages/Dataset.py").run()

    assert not app.exception and words(app).count("Your model will learn from this data") == 1


def test_a_card_shows_the_first_paragraph_without_markdown(make, anna):
    dataset = make(CARS, visibility="public")
    service.update(anna, dataset.id, "Cars", "# Cars\n\n**Fast** [cars](https://example.org)\n\nMore.", "", "", "public")

    assert "Fast cars" in words(page("Datasets")) and "example.org" not in words(page("Datasets"))


def test_a_visitor_finds_public_datasets_by_a_word(make):
    make(CARS, visibility="public")
    make(FLOWERS, target="species", task="classification")
    app = page("Datasets")

    assert "Regression · 60 rows" in words(app) and "Classification · 60 rows" not in words(app)
    app.text_input(key="datasets_search").input("nothing like it").run()
    assert "No dataset matches this search." in words(app)


def test_a_visitor_who_wants_to_upload_is_asked_in(database):
    app = page("Datasets", upload=1)

    app.button(key="upload_sign_in").click().run()

    assert "Sign in to upload data." in words(app)


def test_a_table_page_shows_rows_columns_and_the_split(make, anna):
    app = page("Dataset", anna, id=make(CARS + "1,red\n").id)

    assert "48 rows are for training; 12" in words(app) and "60 rows accepted, 1 refused" in words(app)
    assert "<td class='number'>907</td>" in words(app) or ">907<" in words(app)
    assert [tab.label for tab in app.tabs] == ["Rows", "Columns", "Relations", "Target", "Report"]


def test_an_image_page_shows_the_gallery_of_a_class(make_images, anna):
    app = page("Dataset", anna, id=make_images(pack(animals())).id)

    next(box for box in app.selectbox if box.label == "Class").select_index(2).run()

    assert words(app).count("<figcaption>dog</figcaption>") == 5 and "<figcaption>cat" not in words(app)


def test_images_are_called_images_and_never_rows(make_images, anna):
    app = page("Dataset", anna, id=make_images(pack(animals())).id)
    said = words(app)
    assert "images are for training" in said and not re.search(r"\brows?\b", re.sub("<[^>]*>", " ", said), re.IGNORECASE)


def test_names_and_cells_with_html_are_shown_as_text(make, anna):
    script = "<img src=x onerror=alert(1)>"
    dataset = make(FLOWERS.replace("rose", script), target="species", task="classification")
    service.update(anna, dataset.id, script, "plain", "", "", "private")

    shown = words(page("Dataset", anna, id=dataset.id))

    assert script not in shown and "&lt;img src=x" in shown


def test_a_refused_upload_says_why(make, anna):
    app = page("Dataset", anna, id=make(CARS.replace("blue", "red"), target="color", task="classification").id)

    assert "has only one value" in words(app) and "Choose another target" in words(app)


def test_a_dataset_that_waits_says_so_and_then_shows_its_data(anna, send):
    dataset_id = service.create(anna, send(CARS), "Mine", "", "table", "price", "regression")
    app = page("Dataset", anna, id=dataset_id)
    assert "Waiting for a worker" in str([element.proto for element in app.get("progress")])

    worker_service.prepare(service.require_dataset(anna, dataset_id).versions[0].id)

    assert "48 rows are for training" in words(app.run())


def test_deleting_asks_first(make, anna):
    dataset = make(CARS)
    app = page("Dataset", anna, id=dataset.id)
    unfold(app, "dataset_edit")

    app.button(key="delete_dataset").click().run()

    assert service.list_datasets(anna) == []


@pytest.mark.parametrize("query", [{}, {"id": 999}, {"id": "x"}, {"id": 10**30}])
def test_an_address_that_names_no_dataset_is_answered_in_words(database, query):
    shown = words(page("Dataset", **query))

    assert "choose one from the list" in shown or "does not exist" in shown


def upload_form(user, receipt: str) -> AppTest:
    """Return the form that follows a finished upload."""
    folder = settings.home() / "app"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "App.py").write_text(FORM)
    app = AppTest.from_file(str(folder / "App.py"), default_timeout=120)
    app.session_state[TOKEN] = accounts.token_of(ticket := accounts.issue_ticket(user.id))
    accounts.redeem_ticket(ticket, "test")
    app.query_params["receipt"] = receipt
    return app.run()


def test_the_form_guesses_and_makes_the_dataset_once(anna, send):
    app = upload_form(anna, send(FLOWERS, "my flowers.csv"))
    assert (app.text_input(key="dataset_name").value, app.selectbox(key="dataset_target").value) == (
        "my flowers",
        "species",
    )
    app.selectbox(key="dataset_target").select("sepal").run()
    assert app.radio(key="dataset_task_1_regression").value == "regression"

    app.button(key="make_dataset").click().run()

    [card] = service.list_datasets(anna)
    assert (card.name, card.task, card.state, card.visibility) == ("my flowers", "regression", "waiting", "private")


def test_a_form_with_an_empty_name_says_so_beside_the_field(anna, send):
    app = upload_form(anna, send(FLOWERS))

    app.text_input(key="dataset_name").input(" ")
    app.button(key="make_dataset").click().run()

    assert "visible characters" in words(app) and service.list_datasets(anna) == []


def test_a_file_that_is_no_data_is_refused_on_the_spot(anna, send):
    app = upload_form(anna, send("", "empty.csv"))

    assert "The file is empty." in words(app)


def test_a_dataset_in_use_says_by_what_before_anything_is_asked(make, anna, ben):
    dataset = make(CARS)
    for owner, name in ((anna, "Of Anna"), (ben, "Of Ben")):
        factories.run_row(owner, factories.model(owner, "private", name), dataset.versions[0].id)
    app = page("Dataset", anna, id=dataset.id)
    unfold(app, "dataset_edit")

    links = [element.proto.label for element in app.get("page_link")]
    assert "Of Anna" in links and "Of Ben" not in str(links) + words(app)
    assert "1 model of another person that you cannot see" in words(app)
    assert not any(button.key == "delete_dataset" for button in app.button)


def test_a_description_shows_no_images_of_other_machines(make, anna):
    dataset = make(CARS)
    service.update(anna, dataset.id, "Mine", "![](http://foreign.example/a.png) ![b][c]", "", "", "private")

    shown = " ".join(str(element.value) for element in page("Dataset", anna, id=dataset.id).markdown)

    assert "![" not in shown and "foreign.example" in shown


def test_an_edit_with_an_empty_name_says_so_at_the_field_and_changes_nothing(make, anna):
    dataset = make(CARS)
    app = page("Dataset", anna, id=dataset.id)
    unfold(app, "dataset_edit")
    next(field for field in app.text_input if field.label == "Name").set_value(" ")

    next(button for button in app.button if button.label == "Save").click().run()

    assert "Must have 1 to 120 visible characters" in words(app) and "The dataset was not saved." in words(app)
    assert service.require_dataset(anna, dataset.id).name == dataset.name
