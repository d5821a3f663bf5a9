"""From the training form to the leaderboard and the prediction, on a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from db.engine import writing
from db.tables.runs import RunRow
from mhub_core.datasets import service as datasets
from mhub_core.errors import Invalid
from mhub_core.graphs import stock
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import watch_service, worker_service
from mhub_core.storage import service as storage
from mhub_core.ui import live_words
from tests import factories
from tests.pages.conftest import finish_run, words
from tests.pages.test_builder import open_page

pytestmark = pytest.mark.slow


def start_button(app):
    return next(button for button in app.button if button.key.startswith("start_"))


def dataset_of(viewer, version_id: int) -> int:
    return datasets.require_version(viewer, version_id).dataset_id


def number(app, label: str):
    return next(field for field in app.number_input if field.label == label)


def test_a_click_on_start_queues_one_run_and_leads_to_it(ada):
    version, data = factories.model(ada), factories.dataset()
    app = open_page("Train", ada, model=models.require_version(ada, version).model_id, dataset=dataset_of(ada, data))
    start_button(app).click().run()
    [run] = runs.list_runs(ada, mine=True)
    assert run.state == "queued"
    assert f"Run {run.id}" in words(app)


def test_all_mistakes_of_the_form_are_said_beside_their_fields_and_nothing_starts(ada):
    factories.model(ada)
    factories.dataset()
    app = open_page("Train", ada)
    number(app, "Epochs").set_value(0)
    number(app, "Batch size").set_value(5000)
    number(app, "Learning rate").set_value(-1.0)
    start_button(app).click().run()
    said = words(app)
    assert "from 1 to" in said and "Must be 96 or less" in said and "above 0" in said
    assert "was not started" in said
    assert runs.list_runs(ada, mine=True) == []


def test_a_design_that_does_not_fit_is_adapted_in_sentences(ada):
    factories.model(ada, graph=factories.chain(8, 10, shape=(16,)))
    factories.dataset()
    said = words(open_page("Train", ada)).partition("Changes that make the model fit the data:")[2]
    assert "takes 4 numbers" in said
    assert "3 probabilities" in said


def test_each_optimizer_brings_its_own_learning_rate(ada):
    factories.model(ada)
    factories.dataset()
    app = open_page("Train", ada)
    next(box for box in app.selectbox if box.label == "Optimizer").set_value("sgd").run()
    assert number(app, "Learning rate").value == 0.01


def test_a_model_without_a_hidden_layer_brings_its_own_learning_rate_and_other_choices_stay(ada):
    deep, flat = factories.model(ada, name="Deep"), factories.model(ada, name="Flat", graph=factories.chain(3))
    factories.dataset()
    app = open_page("Train", ada, model=models.require_version(ada, deep).model_id)
    assert (number(app, "Learning rate").value, number(app, "Epochs").value) == (0.001, 100)
    number(app, "Epochs").set_value(7).run()
    box = next(box for box in app.selectbox if box.label == "Model")
    box.set_value(next(option for option in box.options if "Flat" in option)).run()
    assert (number(app, "Learning rate").value, number(app, "Epochs").value) == (0.03, 7)
    start_button(app).click().run()
    [run] = runs.list_runs(ada, mine=True)
    assert run.model_id == models.require_version(ada, flat).model_id
    assert runs.require_run(ada, run.id).spec["plan"]["learning_rate"] == 0.03


def test_a_visitor_is_asked_to_sign_in_and_keeps_what_was_chosen(ada):
    factories.model(ada)
    factories.dataset()
    app = open_page("Train")
    number(app, "Epochs").set_value(7)
    start_button(app).click().run()
    assert "Sign in to start this run" in words(app)
    assert number(app, "Epochs").value == 7
    assert runs.list_runs(ada) == []


def test_training_another_persons_public_model_trains_a_copy(ada, bob):
    factories.model(ada, name="Of Ada")
    factories.dataset()
    app = open_page("Train", bob)
    assert "creates your own copy" in words(app)
    start_button(app).click().run()
    [run] = runs.list_runs(bob, mine=True)
    assert models.require_model(bob, run.model_id).owner_id == bob.id


def test_a_training_that_cannot_start_leaves_no_copy_behind(ada, bob, monkeypatch):
    monkeypatch.setenv("MHUB_ACTIVE_RUNS_PER_USER", "0")
    factories.model(ada)
    factories.dataset()
    app = open_page("Train", bob)
    start_button(app).click().run()
    assert "At most 0 at a time" in words(app)
    assert models.list_models(bob, mine=True) == []


def test_of_two_models_with_one_name_the_one_of_the_address_is_trained(ada):
    versions = [factories.model(ada, name="Twin") for _ in range(2)]
    data = factories.dataset()
    for version in versions:
        model_id = models.require_version(ada, version).model_id
        app = open_page("Train", ada, model=model_id, dataset=dataset_of(ada, data))
        start_button(app).click().run()
        assert runs.list_runs(ada, mine=True)[0].model_id == model_id


def test_without_a_model_the_page_offers_networks_for_the_data_the_recommended_one_first(ada):
    factories.dataset()
    app = open_page("Train", ada)
    offered = [button.key for button in app.button if button.key.startswith("offer_")]
    assert "Choose a ready-made network for this dataset" in words(app)
    assert offered[0] == f"offer_{stock.list_stock('table', 'classification')[0].name}"


def test_from_data_to_a_run_in_two_clicks(ada):
    data = dataset_of(ada, factories.dataset())
    app = open_page("Dataset", ada, id=data)
    next(button for button in app.button if button.label == "Train on this").click().run()
    assert not app.exception
    [model] = models.list_models(ada, mine=True)
    assert model.name.startswith(stock.list_stock("table", "classification")[0].title)

    app = open_page("Train", ada, **{name: app.query_params[name][0] for name in ("model", "dataset")})
    start_button(app).click().run()

    assert [run.model_id for run in runs.list_runs(ada, mine=True)] == [model.id]


def test_train_on_this_takes_a_model_that_fits_before_it_makes_one(ada):
    factories.model(ada)
    app = open_page("Dataset", ada, id=dataset_of(ada, factories.dataset()))
    next(button for button in app.button if button.label == "Train on this").click().run()
    assert len(models.list_models(ada, mine=True)) == 1


def test_train_again_starts_from_the_settings_of_the_run(ada):
    version, data = factories.model(ada), factories.dataset()
    run_id = factories.run_row(ada, version, data)
    app = open_page("Train", ada, run=run_id)
    assert number(app, "Epochs").value == 5


def trained_version(ada) -> int:
    """A trained version of a public model."""
    return finish_run(factories.run_row(ada, factories.model(ada, name="Of Ada"), factories.dataset()))


def weights_choice(app):
    return next((choice for choice in app.radio if choice.label == "Weights"), None)


def test_a_trained_version_starts_from_its_weights_or_from_fresh_ones_as_chosen(ada):
    version = trained_version(ada)
    app = open_page("Train", ada, model=models.require_version(ada, version).model_id, version=version)
    assert weights_choice(app).value == "trained"
    assert "Training starts from the weights of version 2." in words(app)
    start_button(app).click().run()
    assert "Version 2 of Of Ada" in words(app)

    app = open_page("Train", ada, model=models.require_version(ada, version).model_id, version=version)
    weights_choice(app).set_value("new").run()
    assert "All weights start at new random values" in words(app)
    start_button(app).click().run()
    assert "New random weights" in words(app)
    newest, first, _ = (runs.require_run(ada, card.id) for card in runs.list_runs(ada))
    assert newest.spec["start"] is None and first.spec["start"]["key"] == models.require_version(ada, version).model_key
    again = open_page("Train", ada, model=newest.model_id, version=version, run=newest.id)
    assert weights_choice(again).value == "new"


def test_a_design_is_asked_nothing_about_weights(ada):
    factories.model(ada)
    factories.dataset()
    assert weights_choice(open_page("Train", ada)) is None


def test_a_copy_of_a_trained_version_of_another_person_starts_from_its_weights(ada, bob):
    version = trained_version(ada)
    app = open_page("Train", bob, model=models.require_version(ada, version).model_id, version=version)
    start_button(app).click().run()
    [run] = [runs.require_run(bob, card.id) for card in runs.list_runs(bob, mine=True)]
    assert run.model_id != models.require_version(ada, version).model_id
    assert run.spec["start"]["key"] == models.require_version(ada, version).model_key
    assert "Version 2 of Of Ada" in words(app)


def test_weights_that_are_gone_are_told_of_and_nothing_starts(ada):
    version = trained_version(ada)
    storage.delete(models.require_version(ada, version).model_key)
    app = open_page("Train", ada, model=models.require_version(ada, version).model_id, version=version)
    start_button(app).click().run()
    assert "The weights of version 2 are missing" in words(app)
    assert len(runs.list_runs(ada)) == 1


def test_a_run_page_still_opens_when_the_version_it_started_from_is_not_for_the_viewer(ada, bob):
    start = {"key": "0" * 64, "artifact": 999, "epoch": None}
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    with writing() as session:
        row = session.get_one(RunRow, run_id)
        row.spec = {**row.spec, "start": start}
    assert "A trained version that was deleted or is private" in words(open_page("Run", bob, id=run_id))


def test_a_waiting_run_says_its_place_and_that_no_worker_is_there(ada):
    version, data = factories.model(ada), factories.dataset()
    factories.run_row(ada, version, data)
    run_id = factories.run_row(ada, version, data)
    assert not open_page("Run", ada, id=run_id).exception
    told = live_words.whole(watch_service.watch_as(ada, run_id))
    assert "No training worker is running" in told["warning"]
    assert "1 run ahead of this one" in told["sentence"]


def test_a_finished_run_shows_scores_mistakes_and_what_was_saved(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    finish_run(run_id)
    app = open_page("Run", None, id=run_id)
    said = words(app)
    assert not app.exception
    assert "<dt>Accuracy</dt><dd>0.900</dd>" in said
    assert "The trained model is saved as version 2 of Small net." in said
    assert "versicolor" in said
    assert "Three epochs are done." in said


def test_a_failed_run_says_why_and_what_to_try(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    claim = worker_service.claim("a test")
    worker_service.fail(run_id, claim.attempt, Invalid("The loss is no number any more.", "", "Lower the learning rate."))
    said = words(open_page("Run", ada, id=run_id))
    assert "The loss is no number any more" in said
    assert "Lower the learning rate" in said


def test_stopping_a_waiting_run_ends_it(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    app = open_page("Run", ada, id=run_id)
    app.button(key="stop").click().run()
    assert runs.require_run(ada, run_id).state == "stopped"
    assert "Stopped" in words(app)


def test_deleting_a_run_removes_it_and_leads_to_its_model(ada):
    run_id = factories.run_row(ada, factories.model(ada, name="Stays"), factories.dataset())
    finish_run(run_id)
    app = open_page("Run", ada, id=run_id)
    app.button(key="delete_run").click().run()
    assert not app.exception and runs.list_runs(ada) == []
    assert "Stays" in words(app)


def test_only_its_owner_can_stop_or_delete_a_run(ada, bob):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    keys = {button.key for button in open_page("Run", bob, id=run_id).button}
    assert not keys & {"stop", "delete_run"}


def test_a_run_on_private_things_does_not_exist_for_others(ada, bob):
    run_id = factories.run_row(ada, factories.model(ada, visibility="private"), factories.dataset())
    assert "does not exist" in words(open_page("Run", bob, id=run_id))


def test_the_board_ranks_the_better_run_first_and_links_to_it(ada):
    version, data = factories.model(ada, name="<b>Net</b>"), factories.dataset()
    weak, strong = (factories.run_row(ada, version, data) for _ in range(2))
    finish_run(weak, num_right=20)
    finish_run(strong, num_right=29)
    app = open_page("Leaderboard", None, dataset=dataset_of(ada, data))
    html = words(app)
    assert html.index(f"Run?id={strong}") < html.index(f"Run?id={weak}")
    assert "&lt;b&gt;Net&lt;/b&gt;" in html and "<b>Net</b>" not in html


def test_the_board_can_be_ranked_by_another_score(ada):
    version, data = factories.model(ada), factories.dataset()
    finish_run(factories.run_row(ada, version, data))
    app = open_page("Leaderboard", None, dataset=dataset_of(ada, data))
    next(box for box in app.selectbox if box.label == "Ranked by").set_value("loss").run()
    html = words(app)
    assert html.index(">Loss ▲<") < html.index(">Accuracy<")


def test_a_board_with_private_runs_alone_tells_each_reader_what_is_true(ada, bob):
    version, data = factories.model(ada, visibility="private"), factories.dataset()
    finish_run(factories.run_row(ada, version, data))
    board = dataset_of(ada, data)
    assert "No public run has finished on this dataset yet." in words(open_page("Leaderboard", None, dataset=board))
    assert "run has finished" not in words(open_page("Leaderboard", ada, dataset=board))


def test_an_empty_board_invites_to_be_the_first(ada):
    data = factories.dataset()
    assert "No public run has finished on this dataset yet." in words(
        open_page("Leaderboard", None, dataset=dataset_of(ada, data))
    )


def test_a_private_model_is_on_the_board_for_its_owner_only(ada, bob):
    version, data = factories.model(ada, visibility="private"), factories.dataset()
    finish_run(factories.run_row(ada, version, data))
    assert "Small net" in words(open_page("Leaderboard", ada, dataset=dataset_of(ada, data)))
    assert "Small net" not in words(open_page("Leaderboard", bob, dataset=dataset_of(ada, data)))


def test_predicting_without_a_worker_says_so_at_once(ada):
    version, data = factories.model(ada), factories.dataset()
    trained = finish_run(factories.run_row(ada, version, data))
    app = open_page("Predict", None, model=models.require_version(ada, trained).model_id, version=trained)
    assert not app.exception
    assert "No worker for predictions is running" in words(app)


def test_a_model_that_was_never_trained_is_not_asked(ada):
    model_id = models.require_version(ada, factories.model(ada)).model_id
    assert "has not been trained" in words(open_page("Predict", None, model=model_id))


def test_a_class_whose_name_looks_like_markdown_is_shown_as_it_was_typed():
    def page() -> None:
        from mhub_core.data.records import DataSpec
        from mhub_core.evaluation.records import Prediction
        from mhub_core.ui import answer
        from mhub_core.ui.kinds.view import Given

        target = {"name": "kind", "classes": ["**bold**", "plain"]}
        data = DataSpec("table", "classification", {}, {"shape": [1]}, target, 2, 1, 1)
        answer.show(Prediction(data, ({"probabilities": [0.9, 0.1]},), 1.0), Given(({},), ("One",)))

    [figure] = AppTest.from_function(page, default_timeout=120).run().get("html")
    assert "<dd>**bold**</dd>" in figure.proto.body


def chosen(app, label: str):
    return next(box for box in app.selectbox if box.label == label)


def of(version_id: int, ada) -> int:
    return models.require_version(ada, version_id).model_id


def test_what_was_chosen_for_a_training_stands_in_the_address_and_is_there_again(ada):
    factories.model(ada)
    factories.dataset()
    app = open_page("Train", ada)
    number(app, "Epochs").set_value(7).run()
    chosen(app, "Optimizer").set_value("sgd").run()
    number(app, "Learning rate").set_value(0.25).run()
    assert app.query_params["epochs"] == "7" and "batch_size" not in app.query_params
    again = open_page("Train", ada, **dict(app.query_params.items()))
    found = [number(again, label).value for label in ("Epochs", "Learning rate")]
    assert found == [7, 0.25] and chosen(again, "Optimizer").value == "sgd"


def test_a_click_that_comes_with_an_address_from_before_the_last_change_trains_what_is_on_screen(ada):
    factories.model(ada)
    factories.dataset()
    app = open_page("Train", ada)
    number(app, "Epochs").set_value(7).run()
    del app.query_params["epochs"]  # the browser has not heard yet that it was written there
    start_button(app).click().run()
    assert runs.list_runs(ada)[0].epochs == 7


def test_an_address_with_nonsense_gives_the_defaults(ada):
    factories.model(ada)
    factories.dataset()
    usual = number(open_page("Train", ada), "Epochs").value
    app = open_page("Train", ada, epochs="1e9x", optimizer="<b>", learning_rate="nan", validation_share="inf")
    assert number(app, "Epochs").value == usual and chosen(app, "Optimizer").value == "adam"
    assert number(app, "Learning rate").value == 0.001


def test_what_was_only_proposed_stands_in_the_address_too(ada):
    version, data = factories.model(ada), factories.dataset()
    app = open_page("Train", ada)
    assert app.query_params["dataset"] == str(dataset_of(ada, data)) and app.query_params["model"] == str(of(version, ada))


def test_a_dataset_that_the_model_was_made_for_is_proposed_and_not_the_newest(ada):
    factories.model(ada)
    table = factories.dataset(name="A table")
    factories.dataset(name="Images", spec=factories.images_spec())
    assert chosen(open_page("Train", ada), "Dataset").value == dataset_of(ada, table)


def test_of_datasets_of_one_kind_the_one_that_needs_the_fewest_changes_is_proposed(ada):
    factories.model(ada, graph=stock.require_stock("small_cnn").graph())
    digits = {"name": "digit", "classes": [str(digit) for digit in range(10)], "counts": [1] * 10}
    as_drawn = replace(factories.images_spec(), input={"shape": [28, 28, 1]}, target=digits)
    fitting = factories.dataset(name="As drawn", spec=as_drawn)
    factories.dataset(name="Of another size", spec=replace(as_drawn, input={"shape": [32, 32, 3]}))
    factories.dataset(name="Of two classes", spec=factories.images_spec())
    assert chosen(open_page("Train", ada), "Dataset").value == dataset_of(ada, fitting)


def test_a_model_that_was_made_for_the_dataset_is_proposed_and_not_the_newest(ada):
    fitting = factories.model(ada, name="For tables")
    factories.model(ada, name="For images", graph=factories.chain(8, 3, shape=(28, 28, 1)))
    app = open_page("Train", ada, dataset=dataset_of(ada, factories.dataset()))
    assert chosen(app, "Model").value == of(fitting, ada)


def test_who_has_no_model_makes_a_fitting_one_with_a_click_and_the_dataset_stays(ada):
    data = factories.dataset()
    factories.dataset(name="Newer")
    app = open_page("Train", ada, dataset=dataset_of(ada, data))
    next(button for button in app.button if button.label == "Dense classifier").click().run()
    assert not app.exception
    [model] = models.list_models(ada, mine=True)
    assert chosen(app, "Model").value == model.id and chosen(app, "Dataset").value == dataset_of(ada, data)
    assert start_button(app) and "made for another kind" not in words(app)


def test_a_model_for_other_data_is_told_of_and_a_fitting_one_offered(ada):
    version = factories.model(ada, graph=factories.chain(8, 3, shape=(28, 28, 1)))
    data = factories.dataset()
    app = open_page("Train", ada, model=of(version, ada), dataset=dataset_of(ada, data))
    assert "made for another kind of data" in words(app)
    next(button for button in app.button if button.label == "Dense classifier").click().run()
    assert "made for another kind of data" not in words(app)


def test_the_board_keeps_its_metric_and_its_page_in_the_address(ada):
    version, data = factories.model(ada), factories.dataset()
    finish_run(factories.run_row(ada, version, data))
    board = dataset_of(ada, data)
    app = open_page("Leaderboard", None, dataset=board)
    chosen(app, "Ranked by").set_value("loss").run()
    assert app.query_params["metric"] == "loss"
    again = open_page("Leaderboard", None, dataset=board, metric="loss", page=9)
    assert chosen(again, "Ranked by").value == "loss" and "Small net" in words(again)
    assert chosen(open_page("Leaderboard", None, dataset=board, metric="mae"), "Ranked by").value == "accuracy"


def test_the_page_says_what_the_network_takes_and_gives_on_this_dataset(ada):
    factories.model(ada, graph=factories.chain(8, 10, shape=(16,)))
    factories.dataset()
    said = words(open_page("Train", ada))
    assert "For this dataset, the network takes 4 numbers" in said
    assert "and outputs 3 probabilities, one for each class." in said


def test_a_network_that_is_offered_for_a_dataset_is_drawn_for_it(ada):
    data = factories.dataset(spec=factories.images_spec())
    app = open_page("Train", ada, dataset=dataset_of(ada, data))
    next(button for button in app.button if button.key.startswith("offer_")).click().run()
    [card] = models.list_models(ada, mine=True)
    assert models.require_model(ada, card.id).draft["nodes"][0]["config"]["shape"] == [8, 8, 1]
    said = words(app)
    assert "takes images of 8 × 8 with 1 channel and outputs 2 probabilities" in said
    assert "The model fits the data without changes." in said


def test_a_board_tells_seeds_by_their_mean_and_is_narrowed_in_its_address(ada, bob):
    version, data = factories.model(ada), factories.dataset()
    first = runs.submit(ada, version, data, {"epochs": 3}, "three-seeds-please", num_seeds=3)
    for run_id, right in ((first, 24), (first + 1, 27), (first + 2, 30)):
        finish_run(run_id, num_right=right)
    board = dataset_of(ada, data)

    said = words(open_page("Leaderboard", None, dataset=board))
    assert "0.900 ± 0.100" in said and f"Runs?line={first}" in said and "1 public run," in said
    assert "No run matches" in words(open_page("Leaderboard", None, dataset=board, owner=bob.id))
    assert "No run matches" in words(open_page("Leaderboard", None, dataset=board, parameters=10))


def test_several_seeds_start_with_one_click(ada):
    version, data = factories.model(ada), factories.dataset()
    model = models.require_version(ada, version).model_id
    app = open_page("Train", ada, model=model, dataset=dataset_of(ada, data), seeds=3)
    next(button for button in app.button if button.label == "Start 3 runs").click().run()
    [card] = runs.list_runs(ada)
    assert card.line and card.line.num_runs == 3
