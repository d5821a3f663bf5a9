"""A trained model answers to people: what the network says, for whoever may see the model."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from PIL import Image

from db.engine import writing
from db.tables.models import ModelVersionRow
from jobs import designs, prepare_dataset
from jobs.worker import QUICK_THREADS
from mhub_core.errors import Busy, Conflict, Invalid, NotFound, TooLarge
from mhub_core.evaluation import child, engine, service
from mhub_core.sandbox import Places
from mhub_core.storage import service as storage
from mhub_core.tasks.classification import best
from mhub_core.training.engine import fit, stored
from mhub_core.training.engine.learners import registry
from tests import factories
from tests.jobs.workers import worker
from tests.services import wait_until
from tests.training import real

pytestmark = pytest.mark.slow


def trained(model, data, folder, **plan):
    """Train and return the key of the kept network and what goes with it."""
    outcome = fit.fit(real.run_spec(model, data, **plan), real.Notes(), folder)
    return storage.put_file(outcome.model_path), {"data": data.to_json(), "num_parameters": outcome.num_parameters}


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def test_pictures_are_recognised_as_the_network_does(hub_home, tmp_path):
    data = real.digits()
    key, serving = trained("small_cnn", data, tmp_path, epochs=6)
    x, y = (np.load(storage.local_path(name))[:40] for name in (data.arrays["x"], data.arrays["y"]))

    answer = engine.predict(key, serving, {"images": [base64.b64encode(png(image[:, :, 0])).decode() for image in x]})

    expected = stored.load(key).predict(x, verbose=0)
    probabilities = [one["probabilities"] for one in answer["answers"]]
    assert np.allclose(probabilities, expected, atol=1e-5)
    assert (np.argmax(probabilities, 1) == y).mean() > 0.85


def test_a_dark_digit_on_white_is_read_as_the_same_digit_by_a_model_of_white_digits_on_black(hub_home, tmp_path):
    data = real.digits()  # as an earlier release described it: without its background
    key, serving = trained("small_cnn", data, tmp_path, epochs=6)
    x = np.load(storage.local_path(data.arrays["x"]))[:40]
    as_they_are, inverted = ({"images": [base64.b64encode(png(one[:, :, 0])).decode() for one in many]} for many in (x, 255 - x))

    expected, answer = engine.predict(key, serving, as_they_are), engine.predict(key, serving, inverted)

    assert answer["seen"] == expected["seen"]
    assert np.allclose(*([one["probabilities"] for one in told["answers"]] for told in (expected, answer)), atol=1e-6)
    assert len(answer["notes"]) == 40 and "was inverted" in answer["notes"]["0"] and not expected["notes"]


def test_rows_get_values_in_the_targets_own_unit(hub_home, tmp_path):
    data = factories.table_of_numbers(real.diabetes(), [f"c{number}" for number in range(10)])
    key, serving = trained("linear_regression", data, tmp_path, epochs=30, learning_rate=0.05)
    x = np.load(storage.local_path(data.arrays["x"]))[:20]

    answer = engine.predict(key, serving, {"rows": [{f"c{i}": float(value) for i, value in enumerate(row)} for row in x]})

    values = [one["value"] for one in answer["answers"]]
    assert np.allclose(values, stored.load(key).predict(x, verbose=0)[:, 0], rtol=1e-4)
    assert 50 < min(values) and max(values) < 300


@pytest.mark.parametrize("wild", [1e31, "1e308", 10**400, -1e39])
def test_numbers_beyond_any_measure_are_refused_in_words(hub_home, tmp_path, wild):
    data = factories.table_of_numbers(real.diabetes(), ["c0", "c1"])
    with pytest.raises(Invalid, match="not numbers: c1") as refused:
        engine.predict("0" * 64, {"data": data.to_json()}, {"rows": [{"c0": 1, "c1": wild}]})
    assert "at most 1e+30" in str(refused.value)


def test_an_answer_that_is_no_number_is_told_as_such_and_not_shown():
    engine._require_numbers(np.zeros((3, 2)))
    for bad in (np.nan, np.inf):
        with pytest.raises(Invalid, match="no number for input 2"):
            engine._require_numbers(np.array([[0.5, 0.5], [0.1, bad], [bad, bad]]))


def test_only_the_models_that_were_asked_last_stay_in_memory(hub_home, tmp_path):
    data = real.iris()
    keys = [trained("softmax_regression", data, tmp_path, epochs=1, seed=seed)[0] for seed in (1, 2, 3)]
    warm = engine.WarmModels(most=2)

    for key in keys:
        warm.predict(key, np.zeros((1, 4), np.float32))

    assert list(warm._models) == keys[1:]


def test_many_rows_go_through_a_wide_network_in_pieces_with_the_same_answers(hub_home, tmp_path, monkeypatch):
    key, _ = trained("softmax_regression", real.iris(), tmp_path, epochs=1)
    x = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    at_once = engine.WarmModels().predict(key, x).values

    monkeypatch.setattr(stored, "MOST_VALUES", 30)

    assert stored.rows_at_once(stored.load(key)) == 7
    assert np.allclose(engine.WarmModels().predict(key, x).values, at_once, atol=1e-6)


@pytest.fixture
def iris_version(database, tmp_path):
    """A trained, private version of ada's, and ada."""
    ada = factories.person("ada")
    version_id = factories.model(ada, visibility="private")
    data = factories.table_of_numbers(real.iris(), ["sepal length", "sepal width", "petal length", "petal width"])
    key, serving = trained("softmax_regression", data, tmp_path, epochs=30, learning_rate=0.05)
    with writing() as session:
        row = session.get(ModelVersionRow, version_id)
        row.model_key, row.serving = key, serving
    return ada, version_id


SETOSA = {"sepal length": -1.0, "sepal width": "0.9", "petal length": -1.3, "petal width": -1.3}


def test_the_quick_worker_answers_for_whoever_may_see_the_model(iris_version, broker):
    ada, version_id = iris_version
    with worker("quick"):
        found = service.predict(ada, version_id, [SETOSA, {"sepal length": 1}])

    name, probability = best(found.answers[0], found.data.classes)
    assert name == "setosa" and probability > 0.7
    assert len(found.answers) == 2 and sum(found.answers[1]["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert found.milliseconds > 0


def test_a_private_model_does_not_exist_for_others(iris_version):
    _, version_id = iris_version
    for other in (None, factories.person("eve")):
        with pytest.raises(NotFound):
            service.predict(other, version_id, [SETOSA])


def test_a_version_without_weights_says_that_it_knows_nothing(database):
    ada = factories.person("ada")
    with pytest.raises(Conflict, match="has not been trained"):
        service.predict(ada, factories.model(ada), [SETOSA])


def test_input_that_cannot_be_meant_is_refused_before_it_is_sent(iris_version):
    ada, version_id = iris_version
    with pytest.raises(Invalid, match="no row"):
        service.predict(ada, version_id, [])
    with pytest.raises(Invalid, match="None of the columns"):
        service.predict(ada, version_id, [{"colour": "red"}])
    with pytest.raises(TooLarge):
        service.predict(ada, version_id, [SETOSA] * 10_001)


def encoded(*images):
    return {"images": [base64.b64encode(image).decode() for image in images]}


@pytest.fixture
def of_digits(hub_home, tmp_path):
    """A trained model of digits, and what goes with it."""
    return trained("softmax_regression", real.digits(), tmp_path, epochs=1)


def test_hostile_images_are_refused_in_words(of_digits):
    too_large = png(np.zeros((7000, 7000), np.uint8))
    assert len(too_large) < 100_000
    for bad in (b"MZ not an image", b"", png(np.zeros((8, 8), np.uint8))[:40], too_large):
        with pytest.raises(Invalid, match="image"):
            engine.predict(*of_digits, encoded(bad))


def test_one_unreadable_image_among_others_is_named_and_the_others_are_answered(of_digits):
    good = png(np.full((8, 8), 7, np.uint8))
    answer = engine.predict(*of_digits, encoded(good, b"not an image", good))

    first, second = (one["probabilities"] for one in answer["answers"])
    assert np.allclose(first, second) and len(answer["seen"]) == 2
    assert list(answer["problems"]) == ["1"] and "not an image" in answer["problems"]["1"]["happened"]


def test_a_large_photo_is_shrunk_while_it_is_decoded(of_digits):
    photo = io.BytesIO()
    Image.fromarray(np.zeros((6000, 8000, 3), np.uint8)).save(photo, "JPEG")
    assert len(engine.predict(*of_digits, encoded(photo.getvalue()))["answers"]) == 1


def test_images_are_opened_in_a_process_of_their_own_that_may_take_little_memory(of_digits, monkeypatch):
    monkeypatch.setattr(child, "_LIMITS", replace(child._LIMITS, memory_bytes=30_000_000))
    with pytest.raises(TooLarge, match="more memory"):
        engine.predict(*of_digits, encoded(png(np.zeros((3400, 3400), np.uint8))))


class Gated:
    """A predictor whose first call takes until the gate is opened, or the first after `is_open` was taken back."""

    def __init__(self, predict, is_by_row=True, is_open=False):
        self.is_by_row, self.is_open = is_by_row, is_open
        self.predict_now, self.gate, self.num_rows = predict, Event(), []

    def predict(self, x):
        self.num_rows.append(len(x))
        if not self.is_open:
            self.is_open = True
            self.gate.wait(20)
        return self.predict_now(x)


def answers_while_busy(gated, questions):
    """Ask one row and, while it is answered, all the questions. Return their futures."""
    model, askers = engine.WarmModel(lambda: gated, Places(20, 0, "")), ThreadPoolExecutor(20)
    askers.submit(model.predict, questions[0])
    wait_until(lambda: gated.num_rows)
    asked = [askers.submit(model.predict, x) for x in questions]
    wait_until(lambda: len(model._together._waiting) == len(questions))
    gated.gate.set()
    return asked


def test_rows_that_wait_at_the_same_time_go_through_the_network_together(hub_home, tmp_path):
    key, _ = trained("softmax_regression", real.iris(), tmp_path, epochs=1)
    network = registry.require_engine("keras").load(storage.local_path(key))
    x = np.random.default_rng(1).normal(size=(20, 4)).astype(np.float32)
    questions = np.split(x, [1, 3, 8, 9])
    gated = Gated(network.predict)
    model = engine.WarmModel(lambda: network)

    asked = answers_while_busy(gated, questions)
    outputs = np.concatenate([one.result(20).values for one in asked])

    assert gated.num_rows[1] == 20  # the five of them in one call
    assert np.allclose(outputs, model.predict(x).values, atol=1e-6)


def test_a_question_that_does_not_fit_the_network_spoils_no_other(hub_home, tmp_path):
    key, _ = trained("softmax_regression", real.iris(), tmp_path, epochs=1)
    network = registry.require_engine("keras").load(storage.local_path(key))
    good, bad = np.zeros((1, 4), np.float32), np.zeros((1, 5), np.float32)

    first, second, third = answers_while_busy(Gated(network.predict), [good, bad, good])

    assert np.allclose(first.result(20).values, network.predict(good))
    assert np.allclose(third.result(20).values, network.predict(good))
    assert second.exception(20)


def test_rows_of_different_people_never_meet_in_a_network_that_mixes_them():
    gated = Gated(lambda x: x - x.mean(0), is_by_row=False)
    questions = [np.full((2, 1), number) + [[0], [1]] for number in (1.0, 5.0, 9.0)]

    for one in answers_while_busy(gated, questions):
        assert np.allclose(one.result(20).values, [[-0.5], [0.5]])


def test_slow_models_together_hold_few_threads_and_quick_ones_answer_meanwhile():
    x, places, askers = np.zeros((1, 1), np.float32), Places(engine.MOST_SLOW, 0, "The hub is busy."), ThreadPoolExecutor(20)
    quick = engine.WarmModel(lambda: Gated(lambda x: x, is_open=True), places)
    quick.predict(x)
    gates = [Gated(lambda x: x) for _ in range(engine.MOST_SLOW + 1)]
    *slow, too_many = [engine.WarmModel(lambda gated=gated: gated, places) for gated in gates]
    held = [askers.submit(model.predict, x) for model in slow]
    wait_until(lambda: all(gated.num_rows for gated in gates[:-1]))

    for model in (too_many, slow[0]):
        with pytest.raises(Busy, match="busy"):
            model.predict(x)
    assert quick.predict(x).values.shape == (1, 1)
    quick._seconds_per_row = engine.SLOW_SECONDS / 100  # so that a hundred rows are quick, and more are slow
    with pytest.raises(Busy):
        quick.predict(np.zeros((200, 1), np.float32))

    for gated in gates:
        gated.gate.set()
    assert all(one.result(20).values.shape == (1, 1) for one in held)
    assert too_many.predict(x).values.shape == (1, 1)


def test_what_waits_is_answered_at_once_as_if_each_were_asked_alone(hub_home, tmp_path):
    data = factories.table_of_numbers(real.iris(), ["sepal length", "sepal width", "petal length", "petal width"])
    key, serving = trained("softmax_regression", data, tmp_path, epochs=1)
    asked = [(key, serving, {"rows": [SETOSA | {"sepal length": number}] * 2}) for number in (1.0, "a lot", 3.0)]
    assert engine.predict_now(asked[:1]) == [None]  # it is not loaded
    single = [engine.predict(*asked[place])["answers"] for place in (0, 0, 2)]

    first, second, third = engine.predict_now(asked)

    for told, expected in ((first, single[1]), (third, single[2])):
        assert np.allclose(*([one["probabilities"] for one in answers] for answers in (told["answers"], expected)), atol=1e-6)
    assert isinstance(second, Invalid) and "sepal length" in str(second)
    assert first["milliseconds"] == third["milliseconds"]  # those of one call


def test_a_model_that_is_slow_or_busy_is_not_asked_at_once():
    gated = Gated(lambda x: x, is_open=True)
    model, x = engine.WarmModel(lambda: gated), np.zeros((1, 1), np.float32)
    assert not model.takes_a_moment(1)
    model.predict(x)
    model._seconds_per_row = engine.MOMENT_SECONDS / 10
    assert model.takes_a_moment(9) and not model.takes_a_moment(11)

    gated.is_open = False
    with ThreadPoolExecutor(1) as askers:
        held = askers.submit(model.predict, x)
        wait_until(lambda: len(gated.num_rows) == 2)
        assert not model.takes_a_moment(1)
        gated.gate.set()
        held.result(20)


def test_files_are_opened_by_a_thread(of_digits):
    asked = (*of_digits, encoded(png(np.zeros((8, 8), np.uint8))))
    for _ in range(2):
        engine.predict(*asked)
    assert engine.predict_now([asked]) == [None]


def test_a_question_that_waits_for_a_slow_one_counts_as_slow():
    gated, places, askers = Gated(lambda x: x, is_open=True), Places(1, 0, "The hub is busy."), ThreadPoolExecutor(2)
    model = engine.WarmModel(lambda: gated, places)
    model.predict(np.zeros((1, 1), np.float32))
    model._seconds_per_row, gated.is_open = engine.SLOW_SECONDS, False
    large = askers.submit(model.predict, np.zeros((2, 1), np.float32))
    wait_until(lambda: len(gated.num_rows) == 2)

    with pytest.raises(Busy):
        model.predict(np.zeros((1, 1), np.float32))
    gated.gate.set()
    assert large.result(20).values.shape == (2, 1)


def test_what_takes_long_leaves_threads_free_for_quick_answers():
    holding = prepare_dataset.MOST_AT_ONCE + designs.MOST_AT_ONCE + engine.MOST_SLOW + child.MOST_OPENING
    assert holding < QUICK_THREADS


def test_many_askers_are_each_told_about_their_own_question(iris_version, broker):
    ada, version_id = iris_version
    rows = [SETOSA | {"sepal length": number / 4} for number in range(24)]
    with worker("quick"), ThreadPoolExecutor(12) as askers:
        single = [service.predict(ada, version_id, [row]).answers[0]["probabilities"] for row in rows]
        asked = [askers.submit(service.predict, ada, version_id, [row]) for row in rows]
        bad = [askers.submit(service.predict, None, version_id, [SETOSA]), askers.submit(service.predict, ada, version_id, [{}])]

    assert np.allclose([one.result().answers[0]["probabilities"] for one in asked], single, atol=1e-5)
    assert isinstance(bad[0].exception(), NotFound) and isinstance(bad[1].exception(), Invalid)
