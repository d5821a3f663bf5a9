"""The page on which runs stand beside each other, on a real database."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from mhub_core.runs import service as runs
from mhub_core.training import plan as plans
from tests import factories
from tests.pages.building import open_page
from tests.pages.conftest import finish_run, words

pytestmark = pytest.mark.slow


def finished(owner: Any, version: int, data: int, num_right: int, **changed: Any) -> int:
    """A run that ended with so many of the 30 test rows right."""
    plan = {**plans.defaults(factories.iris_spec()), "epochs": 3, **changed}
    run_id = runs.submit(owner, version, data, plan, uuid.uuid4().hex)
    finish_run(run_id, num_right)
    return run_id


@pytest.fixture
def three(ada) -> list[int]:
    version, data = factories.model(ada), factories.dataset()
    return [finished(ada, version, data, right, batch_size=size) for right, size in ((20, 8), (28, 16), (24, 32))]


def open_compare(viewer, *ids: int, **query: object):
    return open_page("Compare", viewer, runs=",".join(map(str, ids)), **query)


def test_the_best_score_is_marked_and_only_what_differs_is_told(ada, three):
    said = words(open_compare(ada, *three))
    assert "0.933 ★" in said and "0.667 ★" not in said
    assert f"{three[0]}: batch size 8" in said and f"{three[2]}: batch size 32" in said
    assert "Batch size" in said and "Validation share" not in said
    assert "Validation share" in words(open_compare(ada, *three, all=1))


def test_two_runs_of_one_diagram_show_their_matrices_and_what_changed_in_them(ada, three):
    app = open_compare(ada, *three[:2])
    said = words(app)
    assert "Both runs trained the same diagram of 3 layers." in said
    assert f"Confusion matrix of run {three[0]}" in said and "Difference of the confusion matrices" in said


def test_what_became_of_each_layer_stands_beside_it(ada):
    data = factories.dataset()
    narrow = finished(ada, factories.model(ada, name="Narrow"), data, 20)
    wide = finished(ada, factories.model(ada, name="Wide", graph=factories.chain(16, 8, 3)), data, 25)
    said = words(open_compare(ada, narrow, wide))
    assert f"{narrow}: Narrow" in said and f"{wide}: Wide" in said
    assert "added" in said and "Layers, from the input to the output" in said


def test_private_runs_of_others_are_named_like_those_that_do_not_exist(ada, bob, three):
    hidden = finished(ada, factories.model(ada, "private", name="Secret"), factories.dataset(name="Other"), 21)
    said = words(open_compare(bob, *three, hidden, 999_999))
    assert f"Not shown, because they do not exist or are private: {hidden}, 999999." in said
    assert "Secret" not in said


def test_runs_on_different_data_are_not_ranked_against_each_other(ada, three):
    other = finished(ada, factories.model(ada), factories.dataset(name="Other irises"), 30)
    said = words(open_compare(ada, three[0], other))
    assert "cannot be compared" in said and "★" not in said


def test_without_runs_the_page_says_what_to_do(ada):
    assert "There are no runs to compare yet" in words(open_page("Compare", ada))
    app = open_page("Compare", ada, runs="x,-3,,99999999999999")
    assert not app.exception


def test_a_choice_of_runs_stands_in_the_address(ada, three):
    app = open_compare(ada, *three[:2])
    app.multiselect(key="compare_runs").set_value(three).run()
    assert not app.exception
    assert ",".join(map(str, three)) in app.query_params["runs"]
    assert "What the scores depend on" in words(app)


def test_runs_that_differ_in_the_seed_alone_are_one_line_until_each_is_wanted(ada):
    version, data = factories.model(ada), factories.dataset()
    plan = {**plans.defaults(factories.iris_spec()), "epochs": 3}
    other = finished(ada, version, data, 20, batch_size=8)
    first = runs.submit(ada, version, data, plan, uuid.uuid4().hex, num_seeds=3)
    for run_id, right in ((first, 24), (first + 1, 27), (first + 2, 30)):
        finish_run(run_id, right)
    ids = (other, first, first + 1, first + 2)

    said = words(open_compare(ada, *ids))
    assert "0.900 ± 0.100 ★" in said and "· 3 seeds" in said and "3 of 3 ended" in said
    assert "the strong one is their mean" in said
    assert "1.000 ★" in words(open_compare(ada, *ids, seeds=1))
    assert "One of 3 runs that differ in the seed alone, 3 of them finished: Accuracy 0.900 ± 0.100." in words(
        open_page("Run", ada, id=first + 1)
    )


def test_runs_of_several_models_are_named_by_the_setting_that_tells_most_of_them_apart(ada):
    data = factories.dataset()
    designs = [factories.model(ada, name=name) for name in ("A network with a long name", "Another network")]
    rates = ({"learning_rate": 0.01, "epochs": 9}, {"learning_rate": 0.02, "epochs": 9}, {"learning_rate": 0.0003})
    run_ids = [finished(ada, designs[one == 0], data, 20, **rate) for one, rate in enumerate(rates)]

    said = words(open_page("Compare", ada, runs=",".join(map(str, run_ids))))

    assert all(f"learning rate {rate['learning_rate']}" in said for rate in rates)
    assert f"{run_ids[0]}: Another" in said and f"{run_ids[1]}: A netw" in said
