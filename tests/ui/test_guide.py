"""The guide's question whether others may see the first model, and what it says of it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.ui import guide
from tests import factories
from tests.pages.building import open_page, press, words

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]

QUESTION = "Show your model, with its score, to everyone who can open this hub?"


def first_run(ada: User, *, is_finished: bool = True) -> tuple[int, int]:
    """Make a first model and its run. Returns the ids of both."""
    version = factories.model(ada, visibility="private", name="First *net*")
    run_id = factories.run_row(ada, version, factories.dataset())
    if is_finished:
        factories.finish_run(run_id, {"accuracy": 0.9, "macro_f1": 0.8})
    return models.require_version(ada, version).model_id, run_id


def on_the_way(monkeypatch: pytest.MonkeyPatch, ada: User, *, is_finished: bool = True) -> tuple[AppTest, int]:
    """Open the run of a first model as the guide leads there; also returns the model."""
    monkeypatch.setattr(guide, "_page_name", lambda: "Run")
    model_id, run_id = first_run(ada, is_finished=is_finished)
    return open_page("Run", ada, id=run_id, guide=f"{model_id}-1"), model_id


def links(app: AppTest) -> dict[str, str]:
    """Return the links of a page: their words, and the query that they take along."""
    return {link.proto.label: link.proto.query_string for link in app.get("page_link")}


def test_a_run_that_goes_on_has_no_next_step_and_nobody_is_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = on_the_way(monkeypatch, factories.person("ada"), is_finished=False)
    assert "Your first model" in words(app) and QUESTION not in words(app)
    assert not [words for words in links(app) if "Next" in words]


def test_a_finished_run_says_its_score_and_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = on_the_way(monkeypatch, factories.person("ada"))
    assert "held-out test set: Accuracy 0.9" in words(app)
    assert any("Next: 5 Rank" in words for words in links(app))


def test_the_guide_ends_with_what_was_reached_and_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.person("ada")
    model_id, run_id = first_run(ada)
    monkeypatch.setattr(guide, "_page_name", lambda: "Predict")
    app = open_page("Predict", ada, model=model_id, guide=f"{model_id}-1-{run_id}")
    assert "Done: you trained a neural network." in words(app) and "Accuracy 0.9" in words(app)
    assert f"id={run_id}" in links(app)["Look at its mistakes"] and "Compare it on the leaderboard" in links(app)
    press(app, "Finish the guide")
    assert "Done" not in words(app) and "guide" not in app.query_params


def test_a_yes_makes_the_model_public_and_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.person("ada")
    app, model_id = on_the_way(monkeypatch, ada)
    assert QUESTION in words(app)
    press(app, "Show it")
    assert models.require_model(None, model_id).name == "First *net*"
    assert QUESTION not in words(app)


def test_a_no_keeps_it_private_and_is_not_asked_again_after_a_reload(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.person("ada")
    app, model_id = on_the_way(monkeypatch, ada)
    press(app, "Keep it private")
    assert QUESTION not in words(app) and models.require_model(ada, model_id).visibility == "private"
    again = open_page("Run", ada, **dict(app.query_params.items()))
    assert "Your first model" in words(again) and QUESTION not in words(again)


def test_nobody_is_asked_about_the_model_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    bob = factories.person("bob")
    version = factories.model(factories.person("ada"))
    monkeypatch.setattr(guide, "_page_name", lambda: "Leaderboard")
    model_id = models.require_version(bob, version).model_id
    assert QUESTION not in words(open_page("Leaderboard", bob, guide=f"{model_id}-1"))


def test_each_person_of_a_class_starts_with_another_seed_and_finds_it_again() -> None:
    ada, bob = factories.person("ada"), factories.person("bob")
    factories.model(ada), factories.dataset()
    seeds = [
        next(field.value for field in open_page("Train", viewer).number_input if field.label == "Seed")
        for viewer in (ada, bob, ada)
    ]
    assert seeds[0] == seeds[2] != seeds[1]
