"""A training plan is checked as a whole, against the data it is for."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.graphs import stock
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan
from mhub_core.training.engine import fit
from tests.training import real

pytestmark = pytest.mark.usefixtures("hub_home")


@pytest.mark.parametrize("data", [real.iris, real.digits, real.diabetes])
def test_the_defaults_are_a_legal_plan(data):
    spec = data()

    chosen = plan.check({}, spec)

    assert chosen.to_json() == plan.defaults(spec)
    assert chosen.loss == require_task(spec.task).losses[0].name


def test_every_wrong_field_is_told_at_once():
    wrong = {
        "epochs": 0,
        "batch_size": 2.5,
        "optimizer": "magic",
        "learning_rate": math.nan,
        "loss": "huber",
        "validation_share": 0.9,
        "seed": -1,
    }

    with pytest.raises(Invalid) as caught:
        plan.check(wrong, real.iris())

    assert set(caught.value.problems) == set(wrong)


def test_a_batch_larger_than_the_data_is_refused_with_the_largest_that_fits():
    with pytest.raises(Invalid) as caught:
        plan.check({"batch_size": 121, "validation_share": 0.2}, real.iris())

    assert "96 or less" in caught.value.problems["batch_size"]
    assert plan.check({"batch_size": 96, "validation_share": 0.2}, real.iris()).batch_size == 96


@pytest.mark.parametrize("value", [None, "10", [], {}, True, math.inf, 10**30])
def test_values_that_no_form_sends_are_refused_in_words(value):
    for name in plan.HELP:
        with pytest.raises(Invalid) as caught:
            plan.check({name: value}, real.iris())
        assert list(caught.value.problems) == [name]


def test_unknown_fields_are_refused():
    with pytest.raises(Invalid) as caught:
        plan.check({"callbacks": "os.system"}, real.iris())
    assert "callbacks" in caught.value.problems


def test_a_whole_number_that_a_slider_sends_as_float_is_taken():
    assert plan.check({"epochs": 5.0}, real.iris()).epochs == 5


def test_everything_a_person_can_choose_is_explained():
    named = [*plan.OPTIMIZERS, *require_task("classification").losses, *require_task("regression").losses]
    assert all(choice.label and choice.help.endswith(".") for choice in named)
    assert set(plan.HELP) == set(plan.defaults(real.iris()))


def with_rows(data: DataSpec, num_train: int) -> DataSpec:
    return replace(data, num_rows=num_train + 10, num_train=num_train, num_test=10)


@pytest.mark.parametrize(
    ("make", "num_train", "epochs"),
    [(real.iris, 120, 100), (real.iris, 8, 300), (real.iris, 2_000, 30), (real.iris, 50_000, 10), (real.digits, 8, 100)],
)
def test_small_data_gets_more_epochs_so_that_the_weights_are_updated_often_enough(make, num_train, epochs):
    assert plan.defaults(with_rows(make(), num_train))["epochs"] == epochs


def test_the_most_epochs_of_the_hub_bound_the_proposal(monkeypatch):
    monkeypatch.setenv("MHUB_MAX_EPOCHS", "20")

    assert plan.defaults(real.iris())["epochs"] == 20


@pytest.mark.parametrize(
    ("model", "make", "rate"),
    [
        ("softmax_regression", real.iris, 0.03),
        ("linear_regression", real.diabetes, 0.03),
        ("softmax_regression", real.digits, 0.0156),  # 64 inputs
        ("dense_classifier", real.iris, 0.001),
        ("wide_and_deep", real.iris, 0.001),
        ("small_cnn", real.digits, 0.001),
    ],
)
def test_a_network_without_a_hidden_layer_learns_in_larger_steps(model, make, rate):
    data, graph = make(), stock.require_stock(model).graph()

    assert plan.defaults(data, graph)["learning_rate"] == plan.check({}, data, graph).learning_rate == rate
    assert plan.defaults(data)["learning_rate"] == 0.001


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "make", "score", "at_least"),
    [
        ("softmax_regression", real.iris, "accuracy", 0.9),
        ("softmax_regression", real.tumours, "accuracy", 0.93),
        ("linear_regression", real.diabetes, "r2", 0.35),
        ("dense_regressor", real.diabetes, "r2", 0.35),
    ],
)
def test_the_proposed_settings_reach_what_the_model_can(tmp_path, model, make, score, at_least):
    data, graph = make(), stock.require_stock(model).graph()

    outcome = fit.fit(real.run_spec(model, data, **plan.defaults(data, graph)), real.Notes(), tmp_path)

    assert outcome.scores[score] >= at_least
