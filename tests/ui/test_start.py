"""The start page: for a visitor, for a newcomer, for somebody who has trained."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mhub_core import settings
from mhub_core.accounts import service
from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.ui import guide, words
from tests import factories

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def start_page(user: User | None = None) -> AppTest:
    """Return the start page as somebody sees it."""
    app = AppTest.from_file(str(settings.ROOT / "Home.py"), default_timeout=120)
    if user:
        app.session_state["session_token"] = service.token_of(service.issue_ticket(user.id))
    return app.run()


def sign_up_forms(app: AppTest) -> int:
    """Count the forms in which somebody could sign up."""
    return [field.label for field in app.text_input].count("Repeat password")


def built_in_iris() -> int:
    """Put a built-in data set into the hub."""
    return factories.dataset(name="Iris *flowers*")


def test_a_visitor_sees_what_the_hub_is_for_and_both_ways_in() -> None:
    app = start_page()
    assert not app.exception
    assert "Draw a neural network" in " ".join(element.value for element in app.markdown)
    assert {"Sign in", "Sign up"} <= {button.label for button in app.button}


def test_the_first_person_of_a_hub_is_led_to_sign_up_and_later_ones_are_not() -> None:
    assert "This hub is new" in " ".join(element.value for element in start_page().markdown)
    factories.person("ada")
    assert "This hub is new" not in " ".join(element.value for element in start_page().markdown)


def test_a_visitor_who_chooses_a_first_model_is_asked_to_sign_up_and_gets_it_then() -> None:
    built_in_iris()
    factories.dataset(spec=replace(factories.iris_spec(), task="regression"), name="Lengths")
    app = start_page()
    [button for button in app.button if button.label.startswith("Classify rows of a table")][0].click().run()
    assert any("Your choice is kept." in element.value for element in app.info)
    assert sign_up_forms(app) == 1, "the dialog has it, so the window of the page has none"
    assert any(button.label.startswith("Predict a number") for button in app.button), "the other choices stay"
    ada = factories.person("ada")
    app.session_state["session_token"] = service.token_of(service.issue_ticket(ada.id))
    app.run()
    assert not app.exception
    assert [card.name for card in models.list_models(ada, mine=True)] == ["My first model: Iris *flowers*"]


def test_a_visitor_finds_one_form_to_sign_up_with_or_without_the_dialog() -> None:
    app = start_page()
    assert sign_up_forms(app) == 1
    app.button(key="header_sign_in").click().run()
    assert sign_up_forms(app) == 1


def test_a_newcomer_gets_a_model_that_fits_the_data_with_one_click() -> None:
    built_in_iris()
    ada = factories.person("ada")
    app = start_page(ada)
    [button for button in app.button if button.label.startswith("Classify rows of a table")][0].click().run()
    assert not app.exception
    (card,) = models.list_models(ada, mine=True)
    assert card.name == "My first model: Iris *flowers*"
    assert models.require_model(ada, card.id).draft["nodes"]


def test_a_second_click_goes_on_with_the_model_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    version = built_in_iris()
    ada = factories.person("ada")
    monkeypatch.setattr(guide, "_page_name", lambda: "Dataset")
    for _ in range(2):
        app = start_page(ada)
        [button for button in app.button if button.label.startswith("Classify rows of a table")][0].click().run()
        assert not app.exception
        for made in models.list_models(ada, mine=True):
            models.update(ada, made.id, "Renamed", "", "private")
    (card,) = models.list_models(ada, mine=True)
    assert any("You already have this model" in element.value for element in app.markdown)
    run_id = factories.run_row(ada, models.require_model(ada, card.id).versions[0].id, version)
    monkeypatch.setattr(guide, "_page_name", lambda: "Run")
    app = start_page(ada)
    [button for button in app.button if button.label.startswith("Classify rows of a table")][0].click().run()
    assert app.query_params["id"] == str(run_id)


def test_a_name_that_means_something_to_markdown_stays_text() -> None:
    built_in_iris()
    labels = [button.label for button in start_page(factories.person("ada")).button]
    assert r"Classify rows of a table: Iris \*flowers\*" in labels


def test_before_the_built_in_sets_are_there_the_page_says_so() -> None:
    app = start_page(factories.person("ada"))
    assert "being prepared" in app.info[0].value


def test_a_run_is_told_by_the_score_that_ranks_it_whatever_comes_first() -> None:
    assert words.main_score({"loss": 0.1, "mae": 1.981, "r2": 0.9, "rmse": 2.699}) == "RMSE 2.699"
    assert words.main_score({"f1": 0.8, "accuracy": 0.9}).startswith("Accuracy 0.9")
    assert words.main_score({}) == ""


def test_who_has_trained_sees_what_runs_what_ended_and_their_best_scores() -> None:
    ada, data = factories.person("ada"), factories.dataset()
    version = factories.model(ada, name="<b>Net</b>")
    done, waits = (factories.run_row(ada, version, data) for _ in range(2))
    factories.finish_run(done, {"accuracy": 0.9})
    app = start_page(ada)
    assert not app.exception
    said = "".join(element.proto.body for element in app.get("html"))
    assert f"Run?id={waits}" in said and "Training now" in said
    assert f"Run?id={done}" in said and "finished, Accuracy 0.900" in said and "<b>Net" not in said
    assert "Your best scores" in said and f"Leaderboard?dataset={1}" in said
    assert "waiting" in said and "Training in 28 days" in said and ">1.5 s<" in said
