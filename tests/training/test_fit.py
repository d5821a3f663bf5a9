"""Trainings carried out for real, on small real data."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from mhub_core.errors import Invalid, NotFound, Unavailable
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan
from mhub_core.training.engine import fit as engine
from mhub_core.training.engine import network, trouble
from mhub_core.training.records import RunSpec, Start
from tests.training import real
from tests.training.real import Notes, run_spec

pytestmark = [pytest.mark.usefixtures("hub_home"), pytest.mark.slow]


def weights(path):
    return keras.saving.load_model(path, compile=False).get_weights()


def test_a_table_with_two_classes_is_learned(tmp_path):
    notes = Notes()

    outcome = engine.fit(run_spec("dense_classifier", real.tumours(), epochs=15), notes, tmp_path)

    assert outcome.state == "finished"
    assert outcome.scores["accuracy"] > 0.93
    assert [epoch for epoch, _ in notes.epochs] == list(range(1, 16))
    assert set(notes.epochs[0][1]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert notes.epochs[-1][1]["val_loss"] < notes.epochs[0][1]["val_loss"]
    assert "364 rows" in notes.words[0] or "365 rows" in notes.words[0]


def test_pictures_are_learned_from_bytes_and_the_kept_model_takes_bytes(tmp_path):
    data = real.digits()

    outcome = engine.fit(run_spec("small_cnn", data, epochs=6), Notes(), tmp_path)

    x = np.load(storage.local_path(data.arrays["x"]))
    y = np.load(storage.local_path(data.arrays["y"]))
    predicted = keras.saving.load_model(outcome.model_path).predict(x, verbose=0).argmax(1)
    assert outcome.scores["accuracy"] > 0.9
    assert (predicted == y).mean() > 0.9


def test_a_target_that_differs_little_from_its_mean_is_learned_and_measured(tmp_path):
    """Moments in seconds since 1970, some seconds apart: float32 has steps of two minutes there."""
    delay = np.random.default_rng(0).uniform(0, 60, 300)
    moments = 1_700_000_000 + 2 * delay
    data = real.data_spec("table", ((delay - 30) / 17).astype(np.float32)[:, None], moments)
    result = engine.fit(run_spec("linear_regression", data, epochs=20, learning_rate=0.05), Notes(), tmp_path).result

    assert result["scores"]["rmse"] < 3 and result["scores"]["r2"] > 0.99


def test_a_regression_speaks_in_the_targets_own_unit(tmp_path):
    data, notes = real.diabetes(), Notes()

    outcome = engine.fit(run_spec("dense_regressor", data, epochs=20), notes, tmp_path)

    x = np.load(storage.local_path(data.arrays["x"]))
    predicted = keras.saving.load_model(outcome.model_path).predict(x, verbose=0)
    assert 35 < outcome.scores["mae"] < 60 and outcome.scores["r2"] > 0.3
    assert 30 < notes.epochs[-1][1]["val_mae"] < 70
    assert 100 < predicted.mean() < 200


@pytest.mark.parametrize("loss", require_task("classification").losses, ids=lambda loss: loss.name)
def test_every_loss_learns_to_tell_irises_apart(loss, tmp_path):
    spec = run_spec("softmax_regression", real.iris(), epochs=25, loss=loss.name, learning_rate=0.05)
    assert engine.fit(spec, Notes(), tmp_path).scores["accuracy"] > 0.8


@pytest.mark.parametrize("optimizer", plan.OPTIMIZERS, ids=lambda optimizer: optimizer.name)
def test_every_optimizer_makes_the_loss_smaller(optimizer, tmp_path):
    notes = Notes()
    values = {"optimizer": optimizer.name, "learning_rate": optimizer.learning_rate, "epochs": 3}

    engine.fit(run_spec("softmax_regression", real.iris(), **values), notes, tmp_path)

    assert notes.epochs[-1][1]["loss"] < notes.epochs[0][1]["loss"]


def test_the_same_spec_gives_the_same_weights_and_another_seed_others(tmp_path):
    found = []
    for number, seed in enumerate((7, 7, 8)):
        folder = tmp_path / str(number)
        folder.mkdir()
        spec = run_spec("dense_classifier", real.tumours(), epochs=3, seed=seed)
        found.append(weights(engine.fit(spec, Notes(), folder).model_path))

    assert len(found[0]) == 6  # three layers of weights and biases
    assert all(np.array_equal(one, other) for one, other in zip(found[0], found[1], strict=True))
    assert not any(np.array_equal(one, other) for one, other in zip(found[0][::2], found[2][::2], strict=True))


def test_a_stopped_training_keeps_and_scores_what_it_learned(tmp_path):
    notes = Notes(stop_after=20)

    outcome = engine.fit(run_spec("dense_classifier", real.tumours(), epochs=10_000), notes, tmp_path)

    assert outcome.state == "stopped"
    assert outcome.epochs_done == len(notes.epochs) > 0
    assert outcome.model_path.exists() and "accuracy" in outcome.scores


def test_a_loss_that_is_lost_ends_the_run_with_advice(tmp_path):
    spec = run_spec("dense_regressor", real.diabetes(), epochs=50, optimizer="sgd", learning_rate=10.0)
    notes = Notes()

    with pytest.raises(Invalid, match="lower learning rate, for example 1"):
        engine.fit(spec, notes, tmp_path)

    assert len(notes.epochs) < 20


def test_without_validation_rows_there_is_no_validation_curve(tmp_path):
    notes = Notes()
    engine.fit(run_spec("softmax_regression", real.iris(), epochs=1, validation_share=0.0), notes, tmp_path)
    assert set(notes.epochs[0][1]) == {"loss", "accuracy"}


def train_on(model, data, tmp_path, **values):
    """Train, then train a fresh start and one from the trained weights for an epoch. Returns what these two reported."""
    key = storage.put_file(engine.fit(run_spec(model, data, **values), Notes(), tmp_path).model_path)
    fresh, again = Notes(), Notes()
    spec = run_spec(model, data, **{**values, "epochs": 1})
    engine.fit(spec, fresh, tmp_path)
    engine.fit(replace(spec, start=Start(key)), again, tmp_path)
    return fresh, again


@pytest.mark.parametrize(
    ("model", "data", "epochs"), [("dense_classifier", real.iris, 30), ("small_cnn", real.digits, 6), ("lenet5", real.digits, 6)]
)
def test_a_run_from_trained_weights_begins_far_below_a_fresh_start(model, data, epochs, tmp_path):
    fresh, again = train_on(model, data(), tmp_path, epochs=epochs)

    assert again.epochs[0][1]["loss"] < fresh.epochs[0][1]["loss"] / 2
    assert again.words[0] == "Training starts from trained weights in all layers."
    assert "trained weights" not in fresh.words[0]


def test_a_regression_goes_on_where_it_was_in_the_targets_own_unit(tmp_path):
    fresh, again = train_on("dense_regressor", real.diabetes(), tmp_path, epochs=20)

    assert again.epochs[0][1]["loss"] < fresh.epochs[0][1]["loss"] * 0.7
    assert 30 < again.epochs[0][1]["mae"] < fresh.epochs[0][1]["mae"]


def test_other_classes_start_with_a_fresh_last_layer_and_the_log_says_so(tmp_path):
    digits = real.digits()
    x, y = (np.load(storage.local_path(digits.arrays[name])) for name in "xy")
    pairs = run_spec("small_cnn", real.data_spec("images", x, y // 2, tuple("abcde")))
    path = engine.fit(run_spec("small_cnn", digits, epochs=1), Notes(), tmp_path).model_path
    model = network.build(pairs)
    last = model.layers[-1]
    first_values = last.get_weights()

    words = network.start_from(model, Start(storage.put_file(path)))

    assert words.endswith(f"These layers start at new random values, because no trained weights have their sizes: {last.name}.")
    number = len(last.weights)
    assert all(np.array_equal(now, trained) for now, trained in zip(model.get_weights()[:-number], weights(path)[:-number]))
    assert all(np.array_equal(now, before) for now, before in zip(last.get_weights(), first_values))


def test_weights_of_which_no_layer_fits_are_refused_in_words(tmp_path):
    data = real.iris()
    key = storage.put_file(engine.fit(run_spec("softmax_regression", data, epochs=1), Notes(), tmp_path).model_path)

    with pytest.raises(Invalid, match="none has the same name and sizes"):
        engine.fit(replace(run_spec("dense_classifier", data), start=Start(key)), Notes(), tmp_path)


def test_weights_that_are_gone_or_no_model_end_the_run_in_words(tmp_path):
    spec = run_spec("softmax_regression", real.iris(), epochs=1)

    with pytest.raises(NotFound, match="stored file is missing"):
        engine.fit(replace(spec, start=Start("0" * 64)), Notes(), tmp_path)
    with pytest.raises(Invalid, match="cannot be read"):
        engine.fit(replace(spec, start=Start(storage.put_bytes(b"no model"))), Notes(), tmp_path)


def test_a_design_that_does_not_fit_the_data_fails_in_words(tmp_path):
    for_irises, for_tumours = run_spec("softmax_regression", real.iris()), run_spec("softmax_regression", real.tumours())

    with pytest.raises(Invalid, match="Keras could not train this network"):
        engine.fit(replace(for_irises, graph=for_tumours.graph), Notes(), tmp_path)


def test_too_little_memory_is_told_in_words():
    assert isinstance(trouble.plain(MemoryError()), Unavailable)
    assert "smaller batch size" in str(trouble.plain(RuntimeError("OOM when allocating tensor with shape[9999,9999]")))


def test_a_spec_survives_json():
    spec = run_spec("small_cnn", real.digits())
    for start in (None, Start("0" * 64, 7, 3)):
        sent = replace(spec, start=start)
        assert RunSpec.from_json(json.loads(json.dumps(sent.to_json()))) == sent


def test_a_spec_of_an_older_release_keeps_its_start():
    old = run_spec("small_cnn", real.digits()).to_json()
    del old["start"]

    assert RunSpec.from_json({**old, "start_model_key": None}).start is None
    assert RunSpec.from_json({**old, "start_model_key": "0" * 64}).start == Start("0" * 64)
