"""Cleaning by clicks, the history, and the comparison, on the page of a dataset."""

from __future__ import annotations

import pytest

from mhub_core.datasets import service, version_service, worker_service
from tests import factories
from tests.datasets.conftest import CARS, animals, pack
from tests.datasets.series_at_hand import waves, wide_csv
from tests.datasets.test_pages import page, words
from tests.pages.building import press, unfold

pytestmark = pytest.mark.slow
ONLY_RED = {"step": "filter_rows", "params": {"column": "color", "comparison": "equal", "value": "red"}}


def box(app, label: str):
    return next(one for one in app.selectbox if one.label == label)


def test_steps_are_chosen_seen_and_become_the_next_version(make, anna):
    dataset = make(CARS)
    app = page("Dataset", anna, id=dataset.id)
    unfold(app, "dataset_process")
    box(app, "First step").set_value("filter_rows").run()
    assert "Fill in the fields" in words(app)
    box(app, "Column").set_value("color").run()
    next(field for field in app.text_input if field.label == "Value").set_value("red").run()
    assert "of the 48 training rows stay" in words(app)
    press(app, "Add this step")
    box(app, "Next step").set_value("drop_columns").run()
    app.multiselect[0].set_value(["color"]).run()
    press(app, "Add this step")
    assert "1. Keep rows whose “color” is red" in words(app) and "2. Drop “color”" in words(app)
    app.button(key="up_1").click().run()
    assert "there is no column 'color'" in words(app)
    app.button(key="up_1").click().run()
    next(field for field in app.text_input if field.label.startswith("Note")).set_value("red ones only").run()

    press(app, "Make version 2 with 2 steps")

    second = service.require_dataset(anna, dataset.id).versions[0]
    assert (second.number, second.note, len(second.done)) == (2, "red ones only", 2)
    worker_service.prepare(second.id)
    app = page("Dataset", anna, version=second.id)
    assert "red ones only" in words(app) and "From version 1: Keep rows whose “color” is red; Drop “color”" in words(app)
    app = page("Dataset", anna, id=dataset.id, version=second.id, compare=dataset.versions[0].id)
    assert "30 removed" in words(app) and "color (removed)" in words(app)


def test_images_are_changed_by_clicks_and_seen_before_and_after(make_images, anna):
    dataset = make_images(pack(animals()))
    app = page("Dataset", anna, id=dataset.id)
    unfold(app, "dataset_process")
    box(app, "First step").set_value("grayscale").run()
    assert "Images become 28 x 28 pixels, gray" in words(app)
    press(app, "Add this step")
    box(app, "Next step").set_value("grayscale").run()
    assert "images are gray already" in words(app)
    box(app, "Next step").set_value("resize").run()
    press(app, "Add this step")

    press(app, "Make version 2 with 2 steps")

    second = service.require_dataset(anna, dataset.id).versions[0]
    worker_service.prepare(second.id)
    assert service.require_version(anna, second.id).spec.input_shape == (32, 32, 1)
    assert "Turn images into gray; Resize to 32 x 32 pixels" in words(page("Dataset", anna, id=dataset.id))


def test_the_history_leads_back_and_says_what_keeps_a_version(make, anna):
    dataset = make(CARS)
    first = dataset.versions[0]
    worker_service.prepare(version_service.process(anna, first.id, [ONLY_RED]))
    factories.run_row(anna, factories.model(anna, name="Price net"), first.id)
    app = page("Dataset", anna, id=dataset.id, version=first.id)
    assert "The newest one is version 2." in words(app) and "Runs of Price net" in words(app)
    assert not [button for button in app.button if button.key == "delete_version"]

    press(app, "Restore version 1")

    assert "Restored version 1" in words(app) and service.require_dataset(anna, dataset.id).versions[0].number == 3
    second = service.require_dataset(anna, dataset.id).versions[1]
    page("Dataset", anna, id=dataset.id, version=second.id).button(key="delete_version").click().run()
    assert [one.number for one in service.require_dataset(anna, dataset.id).versions] == [3, 1]


def test_a_visitor_sees_the_history_and_can_change_nothing(make, anna):
    dataset = make(CARS, visibility="public")
    app = page("Dataset", id=dataset.id)
    assert "Uploaded data.csv" in words(app)
    assert not {"add_step", "restore_version", "delete_version"} & {button.key for button in app.button}


def test_texts_and_series_are_changed_by_clicks_and_seen_before_and_after(make, anna):
    moods = [("good", "bad")[n % 2] for n in range(40)]
    reviews = "review,mood\n" + "".join(f"<b>A {mood}</b> film about number {n},{mood}\n" for n, mood in enumerate(moods))
    texts = make(reviews, kind="text", text="review", target="mood", task="classification")
    series = make(wide_csv(*waves(40)), kind="series", target="label", task="classification", reading={"kind": "series"})
    app = page("Dataset", anna, id=texts.id)
    unfold(app, "dataset_process")
    box(app, "First step").set_value("clean_text").run()
    change = next(one for one in app.multiselect if one.label == "Change")
    change.set_value(["html"]).run()
    assert "All 32 training texts stay" in words(app) and "Before" in words(app)
    app = page("Dataset", anna, id=series.id)
    unfold(app, "dataset_process")
    box(app, "First step").set_value("smooth").run()
    assert "All 32 training series stay" in words(app) and "label swing" in words(app)
    press(app, "Add this step")

    press(app, "Make version 2 with 1 step")

    second = service.require_dataset(anna, series.id).versions[0]
    worker_service.prepare(second.id)
    assert "Smooth by the mean of 5 steps" in words(page("Dataset", anna, version=second.id))
