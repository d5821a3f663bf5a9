"""The doctor's panel in the builder, with the worker that finds the repairs."""

from __future__ import annotations

from typing import NoReturn

import pytest

from mhub_core.errors import Unavailable
from mhub_core.graphs import edit, service
from mhub_core.models import service as models
from mhub_core.ui.builder import doctor
from tests.conftest import wait_until
from tests.factories import person
from tests.graphs.drawing import chain, dense, picture, row
from tests.jobs.workers import worker
from tests.pages.building import classes, open_page, press
from tests.pages.conftest import words

pytestmark = pytest.mark.slow

BROKEN = (picture(8, 8, 1), "Conv2D", "Flatten", "Conv2D", "Flatten", dense(3))


def _is_there() -> bool:
    try:
        return bool(service.facts(chain(*BROKEN), seconds=1))
    except Unavailable:
        return False


def test_a_search_for_repairs_that_failed_is_made_again_only_for_another_design(monkeypatch):
    asked = []

    def fail(graph: dict, _seconds: float) -> NoReturn:
        asked.append(graph)
        raise Unavailable("The worker that computes this is busy or not running.")

    monkeypatch.setattr(service, "repairs_soon", fail)
    desk = {"content": {"graph": chain(*BROKEN)}, "view": {"inside": []}, "told": {"in_vain": None}, "may_edit": True}
    assert doctor._find(desk, 0.0) == doctor._find(desk, 0.0) == [] and len(asked) == 1
    desk["content"]["graph"] = chain(*BROKEN[:-1])
    assert doctor._find(desk, 0.0) == [] and len(asked) == 2


def test_a_broken_diagram_is_explained_mended_by_one_click_and_broken_again_by_another(ada, broker):
    graph, _ = edit.add_node(chain(*BROKEN), "Dense")
    model_id = models.create(ada, "Broken", "", graph, visibility="public")
    with worker("quick"):
        wait_until(_is_there, 120)
        app = open_page("Builder", ada, model=model_id)
        assert "needs images" in words(app) and "1 more layer has a problem" in words(app)
        app.button(key=f"mend_{model_id}_0").click().run()
        assert classes(ada, model_id)[:4] == ["InputLayer", "Conv2D", "Conv2D", "Flatten"]
        wait_until(lambda: "is not connected" in words(app.run()), 60)  # found by the worker, which a busy machine lets wait
        assert "Fixed: Remove flatten" in words(app)
        app.button(key=f"{model_id}_show_fault").click().run()
        assert app.session_state[f"desk_{model_id}"]["view"]["selected"] == "n7"
        press(app, "Undo")
        assert classes(ada, model_id)[2] == "Flatten" and "needs images" in words(app)
        looked_at = open_page("Builder", person("bob"), model=model_id)
        assert "needs images" in words(looked_at) and not any("Mend" in button.label for button in looked_at.button)


def test_a_network_without_activations_is_called_linear_and_gets_them_by_one_click(ada):
    graph = chain(row(4), dense(8), dense(3, activation="softmax"))
    model_id = models.create(ada, "Linear", "", graph, visibility="public")
    app = open_page("Builder", ada, model=model_id)
    assert "dense has no activation" in words(app) and "only a linear function" in words(app)
    app.button(key=f"mend_{model_id}_0").click().run()
    assert "Fixed: Use ReLU in dense" in words(app) and "linear function" not in words(app)
    assert [node["config"].get("activation") for node in models.require_model(ada, model_id).draft["nodes"]] == [
        None,
        "relu",
        "softmax",
    ]
    press(app, "Undo")
    looked_at = open_page("Builder", person("bob"), model=model_id)
    assert "linear function" in words(looked_at) and not any("Fix" in button.label for button in looked_at.button)
