"""What the page of a run says of its curves and of what was chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mhub_core.training import plan as plans
from mhub_core.training.records import RunSpec
from tests import factories
from tests.pages.building import unfold
from tests.pages.conftest import finish_run, words
from tests.pages.test_builder import open_page

pytestmark = pytest.mark.slow


def test_the_scale_of_the_loss_of_a_regression_is_said_beside_its_curves(ada):
    data = replace(factories.iris_spec(), task="regression", target={"name": "width", "mean": 1.2, "std": 0.8})
    spec = RunSpec(graph=factories.chain(1), plan=plans.defaults(data), data=data).to_json()
    run_id = factories.run_row(ada, factories.model(ada, graph=factories.chain(1)), factories.dataset(spec=data), spec=spec)
    assert "The network learns the standardized target" in words(open_page("Run", ada, id=run_id))


def test_the_settings_of_a_run_are_explained_and_technical_ones_are_folded_away(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    finish_run(run_id)
    app = open_page("Run", ada, id=run_id)
    said = words(app)
    assert "Number of passes over all training rows." in said and "Times started" not in said
    assert [part.label for part in app.expander if not part.proto.expanded] == [
        *("Log", "Technical details", "Name and notes", "Write a comment")
    ]
    unfold(app, "run_technical")
    assert "Times started" in words(app)


def test_the_owner_names_a_run_and_writes_notes_and_others_read_them(ada):
    run_id = factories.run_row(ada, factories.model(ada, "public"), factories.dataset())
    app = open_page("Run", ada, id=run_id)
    unfold(app, f"run_about_{run_id}")
    app.text_input(key=f"run_name_{run_id}").set_value("the good one")
    app.text_area(key=f"run_notes_{run_id}").set_value("Smaller *steps* ![x](https://elsewhere.example/x.png)")
    app.button(key=f"run_describe_{run_id}").click()
    app.run()
    assert not app.exception
    assert "Smaller *steps*" in words(app)
    visitor = open_page("Run", None, id=run_id)
    shown = " ".join(element.value for element in visitor.markdown)
    assert "Smaller *steps* [x](https://elsewhere" in shown and "![" not in shown  # a link instead of an image
    assert any(f"Run {run_id}: the good one" in element.proto.body for element in visitor.get("html"))
    assert not [
        field for field in open_page("Run", factories.person("bob"), id=run_id).expander if field.label == "Name and notes"
    ]


def test_a_name_that_cannot_be_is_told_at_its_field(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    app = open_page("Run", ada, id=run_id)
    unfold(app, f"run_about_{run_id}")
    app.text_input(key=f"run_name_{run_id}").set_value("\u200b")
    app.button(key=f"run_describe_{run_id}").click()
    app.run()
    assert "visible characters" in words(app)
