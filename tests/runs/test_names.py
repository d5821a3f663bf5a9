"""How runs are called, and who may call them otherwise. On SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from mhub_core.errors import Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import service as models
from mhub_core.runs import name_service, naming
from mhub_core.runs import service as runs
from mhub_core.runs.naming import Sibling
from mhub_core.training import plan as plans
from mhub_core.training.learners.registry import require_learner
from tests import factories

PLAN = plans.defaults(factories.iris_spec()) | {"epochs": 30, "learning_rate": 0.001}
FIELDS = require_learner("keras").fields(factories.iris_spec())


def start(person, pair: tuple[int, int], key: str, **chosen: object) -> str:
    run_id = runs.submit(person, *pair, PLAN | chosen, f"key-of-{key}")
    return runs.require_run(person, run_id).name


def test_a_first_run_and_one_like_all_others_are_called_by_their_numbers_alone(ada, pair):
    assert start(ada, pair, "first") == start(ada, pair, "again") == ""


def test_further_runs_are_called_by_what_differs_among_them(ada, pair):
    start(ada, pair, "first")
    assert start(ada, pair, "second", learning_rate=0.01) == "learning rate 0.01"
    assert start(ada, pair, "third", learning_rate=0.01, batch_size=8) == "batch size 8, learning rate 0.01"
    assert start(ada, pair, "fourth", seed=5) == "batch size 32, learning rate 0.001, seed 5"


def test_a_run_of_another_design_of_the_model_is_called_by_its_version():
    named = naming.name_of(FIELDS, 3, PLAN, [Sibling(1, PLAN), Sibling(3, PLAN)])
    assert named == "version 3"
    assert naming.name_of(FIELDS, 3, PLAN, [Sibling(1, PLAN | {"epochs": 5})]) == "version 3, epochs 30"


def test_runs_of_other_people_and_on_other_data_are_no_siblings(ada, pair):
    bob = factories.person("bob")
    start(ada, pair, "first", learning_rate=0.5)
    assert start(ada, (pair[0], factories.dataset()), "other-data") == ""
    model_id = models.copy(bob, models.require_version(bob, pair[0]).model_id)
    version = models.require_model(bob, model_id).versions[0].id
    assert start(bob, (version, pair[1]), "other-person") == ""


def test_the_owner_calls_a_run_otherwise_and_writes_notes(ada, pair):
    run_id = factories.run_row(ada, *pair)
    name_service.describe(ada, run_id, "  the   good one ", "# Why\nIt *works*.")

    run = runs.require_run(ada, run_id)
    assert (run.name, run.notes, run.title) == ("the good one", "# Why\nIt *works*.", f"Run {run_id}: the good one")
    assert [card.name for card in runs.list_runs(ada)] == ["the good one"]
    name_service.describe(ada, run_id, "", "")
    assert runs.require_run(ada, run_id).title == f"Run {run_id}"


def test_a_leaderboard_tells_runs_of_one_model_apart(ada, pair):
    for name in ("small steps", "large steps"):
        run_id = factories.run_row(ada, *pair)
        name_service.describe(ada, run_id, name, "")
        factories.finish_run(run_id, {"accuracy": 0.5 + 0.1 * run_id})
    assert {row.run_name for row in leaderboards.board(None, pair[1]).rows} == {"small steps", "large steps"}


def test_others_may_not_describe_a_run(ada, pair):
    run_id, bob = factories.run_row(ada, *pair), factories.person("bob")
    for person, refusal in ((None, SignInRequired), (bob, Forbidden)):
        with pytest.raises(refusal):
            name_service.describe(person, run_id, "mine", "")
    private = factories.run_row(ada, factories.model(ada, "private"), pair[1])
    with pytest.raises(NotFound):
        name_service.describe(bob, private, "mine", "")
    assert runs.require_run(ada, run_id).name == ""


@pytest.mark.parametrize(
    ("name", "notes", "wrong"),
    [
        ("x" * 121, "", {"name"}),
        ("\u200b", "", {"name"}),
        ("a", "half \ud800", {"notes"}),
        ("a\x00", "n" * 20_001, {"name", "notes"}),
    ],
)
def test_what_is_wrong_with_a_description_is_said_by_field(ada, pair, name, notes, wrong):
    run_id = factories.run_row(ada, *pair)
    with pytest.raises(Invalid) as refused:
        name_service.describe(ada, run_id, name, notes)
    assert set(refused.value.problems) == wrong
    assert runs.require_run(ada, run_id).notes == ""
