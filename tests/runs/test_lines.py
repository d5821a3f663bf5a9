"""Runs that differ in the seed alone stand as one line: when they begin, end, fail and are deleted, in lists and on boards."""

from __future__ import annotations

import statistics

import pytest
from sqlalchemy import select, update

from db.engine import reading, writing
from db.tables.runs import LineScoreRow, RunRow
from mhub_core.errors import Conflict, Invalid, Unavailable
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Narrow
from mhub_core.runs import find_service, line_service, lines, service, several_service, worker_service
from mhub_core.runs.found import RunQuery
from tests import factories


def five(ada, pair, **plan) -> list[int]:
    """Start five runs that differ in the seed alone."""
    first = service.submit(ada, *pair, {"epochs": 3, **plan}, "five-seeds", num_seeds=5)
    with reading() as session:
        key = session.scalar(select(RunRow.seedless).where(RunRow.id == first))
        return list(session.scalars(select(RunRow.id).where(RunRow.seedless == key).order_by(RunRow.id)))


def finish(runs: list[int], *accuracies: float) -> None:
    for run_id, value in zip(runs, accuracies, strict=False):
        factories.finish_run(run_id, {"accuracy": value, "loss": 1 - value})


def test_five_seeds_are_five_runs_and_one_line(ada, pair):
    runs = five(ada, pair, seed=7)

    told = [service.require_run(ada, one) for one in runs]
    assert [run.spec["plan"]["seed"] for run in told] == [7, 8, 9, 10, 11]
    assert [run.name for run in told] == [f"seed {number}" for number in range(7, 12)]
    [card] = service.list_runs(ada, mine=True)
    assert (card.id, card.line) == (runs[0], lines.Line(5, 0, {}))
    assert [card.id for card in service.list_runs(ada, mine=True, folded=False)] == runs[::-1]

    finish(runs, 0.8, 0.9, 1.0)
    [found] = find_service.find(ada, RunQuery(sort="score:accuracy")).runs
    mean = found.line.scores["accuracy"]
    assert (found.line.num_runs, found.line.num_finished, mean.num_runs) == (5, 3, 3)
    assert mean.value == pytest.approx(0.9) and mean.deviation == pytest.approx(statistics.stdev([0.8, 0.9, 1.0]))


def test_the_same_key_starts_the_seeds_once_and_wrong_numbers_start_none(ada, pair, monkeypatch):
    first = service.submit(ada, *pair, {"epochs": 3}, "a-double-click", num_seeds=3)
    assert service.submit(ada, *pair, {"epochs": 3}, "a-double-click", num_seeds=3) == first
    assert len(service.list_runs(ada, mine=True, folded=False)) == 3
    for number in (0, service.MAX_SEEDS + 1):
        with pytest.raises(Invalid):
            service.submit(ada, *pair, {"epochs": 3}, f"too-many-{number}", num_seeds=number)
    monkeypatch.setenv("MHUB_ACTIVE_RUNS_PER_USER", "6")
    with pytest.raises(Conflict, match="this would start 4 more"):
        service.submit(ada, *pair, {"epochs": 3}, "no-room-for-four", num_seeds=4)
    assert len(service.list_runs(ada, mine=True, folded=False)) == 3


def test_a_later_run_with_another_seed_joins_and_one_with_another_setting_does_not(ada, bob, pair):
    service.submit(ada, *pair, {"epochs": 3, "seed": 1}, "the-first-run")
    service.submit(ada, *pair, {"epochs": 3, "seed": 2}, "another-seed")
    service.submit(ada, *pair, {"epochs": 3, "seed": 3, "batch_size": 8}, "another-setting")

    assert [card.line.num_runs if card.line else 1 for card in service.list_runs(ada)] == [1, 2]


def test_who_fails_or_is_stopped_leaves_the_line_and_its_lead_goes_on_to_the_next(ada, pair):
    runs = five(ada, pair)
    finish(runs[3:], 0.7, 0.9)
    assert [card.id for card in service.list_runs(ada)] == [runs[3]]  # who has finished stands for the line

    claim = worker_service.claim("worker")
    worker_service.fail(claim.run_id, claim.attempt, Unavailable("The data were away."))
    service.stop(ada, runs[1])

    cards = {card.id: card.line for card in service.list_runs(ada)}
    assert cards.keys() == {runs[0], runs[1], runs[3]} and cards[runs[3]].num_runs == 3
    assert cards[runs[0]] is cards[runs[1]] is None


def test_a_board_has_one_place_for_the_seeds_ranked_by_their_mean(ada, bob, pair):
    lucky = service.submit(ada, *pair, {"epochs": 3, "batch_size": 8}, "one-lucky-run")
    runs = five(ada, pair)
    finish([lucky, *runs], 0.85, 0.6, 1.0, 0.95)

    board = leaderboards.board(None, pair[1])
    assert [(row.run_id, row.num_runs) for row in board.rows] == [(lucky, 1), (runs[0], 3)]
    assert board.total == 2 and board.rows[1].scores["accuracy"].value == pytest.approx(0.85)

    several_service.delete(ada, runs[:2])
    assert [(row.run_id, row.num_runs) for row in leaderboards.board(None, pair[1]).rows] == [(runs[2], 1), (lucky, 1)]
    assert line_service.line_of(ada, runs[2]) == (runs[2], lines.Line(3, 1, leaderboards.board(None, pair[1]).rows[0].scores))


def test_a_board_is_narrowed_to_one_owner_and_to_small_networks(ada, bob, pair):
    small, large = (factories.run_row(ada, pair[0], pair[1]) for _ in range(2))
    other = factories.run_row(bob, factories.model(bob), pair[1])
    finish([small, large, other], 0.7, 0.8, 0.9)
    with writing() as session:
        session.execute(update(LineScoreRow).where(LineScoreRow.run_id == large).values(num_parameters=10_000))

    def shown(**narrow) -> list[int]:
        page = leaderboards.board(None, pair[1], narrow=Narrow(**narrow))
        assert page.total == len(page.rows)
        return [row.run_id for row in page.rows]

    assert shown() == [other, large, small]
    assert (shown(owner_id=ada.id), shown(max_parameters=67), shown(owner_id=ada.id, max_parameters=67)) == (
        [large, small], [other, small], [small]
    )  # fmt: skip


def test_the_members_of_a_line_are_told_to_who_may_see_them(ada, bob):
    private = factories.model(ada, "private"), factories.dataset()
    runs = five(ada, private)

    assert line_service.list_members(ada, [runs[0]]) == runs
    assert line_service.list_members(ada, [runs[2], runs[0]]) == runs
    assert line_service.list_members(ada, [runs[2]]) == [runs[2]]
    assert (line_service.list_members(bob, [runs[0]]), line_service.line_of(bob, runs[0])) == ([], None)
    assert [run.id for run in find_service.find(ada, RunQuery(line_id=runs[0])).runs] == runs[::-1]
    assert find_service.find(bob, RunQuery(line_id=runs[0])).runs == ()
    assert len(find_service.find(ada, RunQuery(states=("queued",))).runs) == 5  # where states matter each stands alone
    assert [run.id for run in find_service.find(ada, RunQuery(sort="setting:seed", folded=False)).runs] == runs[::-1]
    assert [run.id for run in find_service.find(ada, RunQuery(sort="setting:seed")).runs] == runs[:1]
