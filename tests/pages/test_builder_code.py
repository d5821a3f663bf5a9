"""The code of a design in the builder: shown, downloaded, and a clear sentence while the diagram is not complete."""

from __future__ import annotations

import pytest

from mhub_core.graphs import edit, stock
from mhub_core.models import service as models
from tests.graphs.drawing import chain, dense, row
from tests.pages.building import open_page, words

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


def _open(ada, graph, page="Builder"):
    model_id = models.create(ada, "My <b>digits</b>", "", graph)
    app = open_page(page, ada, model=model_id) if page == "Builder" else open_page(page, ada, id=model_id)
    if page == "Builder":
        app.query_params["view"] = "Python"
    else:
        app.toggle[0].set_value(True)
    return app.run()


@pytest.mark.parametrize("page", ["Builder", "Model"])
def test_the_script_is_shown_with_downloads_of_script_notebook_and_json(ada, page):
    app = _open(ada, stock.require_stock("small_cnn").graph(), page)
    assert not app.exception and "keras.Sequential(" in app.code[0].value
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Script (.py)", "Download the notebook", "Keras JSON"]
    radio = next(item for item in app.radio if item.label == "Your data")
    assert radio.value == "images"
    radio.set_value("table").run()
    assert [item.value for item in app.radio if item.label == "It predicts"] == ["classification"]


def test_a_diagram_that_is_not_complete_says_what_to_mend_instead_of_code(ada):
    app = _open(ada, edit.add_node(chain(row(4), dense(2)), "Dense")[0])
    assert not app.code and "dense_1 is not connected" in words(app).replace("\\", "")
    assert "n3" not in " ".join(error.value for error in app.error)


def test_the_code_that_is_open_stays_open_over_a_reload(ada):
    model_id = models.create(ada, "Digits", "", chain(row(4), dense(2)))
    app = open_page("Model", ada, id=model_id)
    app.toggle[0].set_value(True).run()
    assert app.query_params["python1"] in ("1", ["1"])
    assert open_page("Model", ada, id=model_id, python1=1).code
    assert open_page("Builder", ada, model=model_id, view="Python").code
