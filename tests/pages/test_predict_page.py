"""What the page of predictions starts with and keeps."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from mhub_core.data.records import Column
from mhub_core.models import service as models
from mhub_core.training import plan as plans
from mhub_core.training.records import RunSpec
from tests import factories
from tests.datasets.workbooks import rows, workbook
from tests.pages.conftest import finish_run
from tests.pages.test_builder import open_page
from tests.pages.test_training_pages import number

pytestmark = pytest.mark.slow


def color(app):
    return next(box for box in app.selectbox if box.label == "color")


def predicting(ada, **query):
    """Open the page on a model of four numbers and a category, trained on irises."""
    columns = (
        Column("sepal length", "number", mean=5.843333, median=5.8, decimals=1, minimum=4.3, maximum=7.9),
        Column("petal length", "number", mean=3.758, minimum=1.0, maximum=6.9),  # as an older release described it
        Column("color", "category", categories=("blue", "red", "white"), usual="red"),
    )
    data = replace(factories.iris_spec(), input={"shape": [5], "columns": [asdict(one) for one in columns], "encoder": {}})
    spec = RunSpec(graph=factories.chain(3, shape=(5,)), plan=plans.defaults(data), data=data).to_json()
    design = factories.model(ada, graph=factories.chain(3, shape=(5,)))
    version = finish_run(factories.run_row(ada, design, factories.dataset(), spec=spec))
    address = {"model": models.require_version(ada, version).model_id, "version": version}
    return address, open_page("Predict", ada, **address, **query)


def test_the_form_of_a_row_starts_with_usual_values_as_they_are_written(ada):
    _, app = predicting(ada)
    assert [number(app, name).value for name in ("sepal length", "petal length")] == [5.8, 3.76]
    assert color(app).value == "red"


def test_what_was_typed_to_predict_from_is_still_there_after_a_reload(ada):
    _, app = predicting(ada)
    number(app, "petal length").set_value(1.5).run()
    color(app).set_value("blue").run()

    again = open_page("Predict", ada, **dict(app.query_params))
    assert number(again, "petal length").value == 1.5
    assert color(again).value == "blue"
    assert number(again, "sepal length").value == 5.8


def test_a_workbook_is_read_like_an_upload_and_every_guess_can_be_changed(ada):
    data = rows(["sepal length", "color"], ["5,1", "red"], ["Total", None])
    book = workbook(Notes=rows(["a", "b"], ["c", "d"]), Data=data, More=rows(["x"]))
    _, app = predicting(ada, input="File")
    app.file_uploader[0].set_value(("ask.xlsx", book, "")).run()

    told = "\n".join(note.value for note in app.warning)
    assert "The sheet 'Data' of 3 is read." in told and "treated as unknown" in told
    sheet = next(box for box in app.selectbox if box.label == "Sheet")
    assert sheet.value == "Data"
    sheet.set_value("Notes").run()
    assert "none of the model's columns" in "\n".join(one.value for one in app.error)
