"""A training plan is checked as a whole, against the data it is for."""

from __future__ import annotations

import math

import pytest

from mhub_core.errors import Invalid
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan
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
