"""Boards rank runs by the server's own test scores, and show each reader what they may see."""

from __future__ import annotations

import dataclasses

import pytest

from mhub_core.datasets import service as datasets
from mhub_core.errors import Invalid, NotFound
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import service as models
from mhub_core.runs.lines import Mean
from mhub_core.sharing import service as sharing
from tests import factories
from tests.db.test_plans import queries


def finished(owner, data: int, scores: dict, visibility: str = "public", name: str = "Net") -> int:  # noqa: ANN001
    run_id = factories.run_row(owner, factories.model(owner, visibility, name), data)
    factories.finish_run(run_id, scores)
    return run_id


def test_the_best_accuracy_comes_first_and_of_equals_the_earlier_one(ada):
    data = factories.dataset()
    low, early, late = (finished(ada, data, {"accuracy": value, "loss": value}) for value in (0.5, 0.9, 0.9))
    factories.run_row(ada, factories.model(ada), data)  # waits, so it has no place yet

    board = leaderboards.board(None, data)

    assert [(row.rank, row.run_id) for row in board.rows] == [(1, early), (2, late), (3, low)]
    assert (board.total, board.metric, board.higher_is_better) == (3, "accuracy", True)
    mean = Mean(0.9, None, 1)
    assert (board.rows[0].person, board.rows[0].scores) == ("Ada", {"accuracy": mean, "loss": mean})


def test_the_smallest_error_comes_first_on_a_regression(ada):
    data = factories.dataset(spec=dataclasses.replace(factories.iris_spec(), task="regression"))
    worse, better = (finished(ada, data, {"rmse": value, "mae": 1.0}) for value in (3.0, 2.0))

    board = leaderboards.board(None, data)

    assert ([row.run_id for row in board.rows], board.metric, board.higher_is_better) == ([better, worse], "rmse", False)


def test_private_models_compete_only_before_their_owners_eyes(ada):
    data, bob = factories.dataset(), factories.person("bob")
    finished(ada, data, {"accuracy": 0.7}, "private", "Secret")
    seen = finished(ada, data, {"accuracy": 0.6})

    for viewer in (None, bob):
        assert [row.run_id for row in leaderboards.board(viewer, data).rows] == [seen]
    assert leaderboards.board(ada, data).rows[0].model_name == "Secret"


def test_a_model_that_becomes_private_leaves_the_board_of_others_and_comes_back_when_it_is_public_again(ada):
    data, bob = factories.dataset(), factories.person("bob")
    finished(ada, data, {"accuracy": 0.7})
    [model] = models.list_models(ada, mine=True)

    models.update(ada, model.id, model.name, "", "private")

    assert [leaderboards.board(viewer, data).total for viewer in (None, bob, ada)] == [0, 0, 1]
    sharing.grant(ada, "model", model.id, bob.id, "read")
    assert [leaderboards.board(viewer, data).total for viewer in (None, bob, ada)] == [0, 1, 1]
    models.update(ada, model.id, model.name, "", "public")
    assert [leaderboards.board(viewer, data).total for viewer in (None, bob, ada)] == [1, 1, 1]
    models.delete(ada, model.id)
    assert leaderboards.board(None, data).total == 0


def test_the_board_of_a_private_dataset_is_not_told(ada):
    with pytest.raises(NotFound):
        leaderboards.board(factories.person("bob"), factories.dataset(ada, "private"))


def test_a_board_is_read_page_by_page(ada):
    data = factories.dataset()
    for value in (0.1, 0.2, 0.3):
        finished(ada, data, {"accuracy": value})

    page = leaderboards.board(None, data, limit=2, offset=2)

    assert ([(row.rank, row.scores["accuracy"].value) for row in page.rows], page.total) == ([(3, 0.1)], 3)


def test_an_unknown_score_ranks_nothing(ada):
    with pytest.raises(Invalid, match="accuracy"):
        leaderboards.board(None, factories.dataset(), metric="value; DROP TABLE runs")


def test_people_without_anything_private_share_the_visitors_board(ada):
    bob, data = factories.person("bob"), factories.dataset()
    dataset_id, hidden = (
        datasets.require_version(ada, version).dataset_id for version in (data, factories.dataset(ada, "private"))
    )
    finished(ada, data, {"accuracy": 0.7}, "private", "Secret")

    assert leaderboards.plainest_viewer(ada, dataset_id) == ada
    assert leaderboards.plainest_viewer(bob, dataset_id) is None
    assert leaderboards.plainest_viewer(bob, hidden) == bob


def test_each_reader_is_told_how_many_runs_they_find_on_each_board(ada):
    bob, flowers, secret, empty = (
        factories.person("bob"), factories.dataset(), factories.dataset(ada, "private"), factories.dataset()
    )  # fmt: skip
    houses = factories.dataset(spec=dataclasses.replace(factories.iris_spec(), task="regression"))
    for visibility in ("public", "public", "private"):
        finished(ada, flowers, {"accuracy": 0.7, "loss": 0.1}, visibility)
    finished(ada, secret, {"accuracy": 0.7})
    finished(ada, houses, {"rmse": 2.0, "mae": 1.0}, "private")
    tasks = {flowers: "classification", secret: "classification", houses: "regression", empty: "classification"}

    def told(viewer):  # noqa: ANN001, ANN202
        return {version: number for version, number in leaderboards.count_places(viewer, tasks).items() if number}

    assert told(None) == told(bob) == {flowers: 2}
    assert told(ada) == {flowers: 3, secret: 1, houses: 1}
    for viewer in (None, bob, ada):
        places = {version: leaderboards.board(viewer, version).total for version in (flowers, houses, empty)}
        assert {version: told(viewer).get(version, 0) for version in places} == places
    assert leaderboards.count_places(None, {}) == {}


def test_the_numbers_of_runs_on_all_boards_are_asked_for_in_one_statement(ada):
    tasks = {factories.dataset(): "classification" for _ in range(5)}
    for viewer in (None, ada):
        with queries() as asked:
            leaderboards.count_places(viewer, tasks)
        assert len(asked) == 1
