"""What a person's runs do and did lately, and the best that they reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.base import now
from db.engine import writing
from db.tables.runs import RunRow
from mhub_core.errors import SignInRequired
from mhub_core.leaderboards import service as leaderboards
from mhub_core.runs import summary_service
from tests import factories


def test_a_summary_tells_what_goes_on_what_ended_and_how_long_it_took(ada, bob, pair):
    waits, done, long_ago = (factories.run_row(ada, *pair) for _ in range(3))
    factories.run_row(bob, factories.model(bob), pair[1])
    for run_id in (done, long_ago):
        factories.finish_run(run_id, {"accuracy": 0.9})
    with writing() as session:
        before = now() - timedelta(days=summary_service.DAYS + 1)
        session.execute(update(RunRow).where(RunRow.id == long_ago).values(finished=before))

    found = summary_service.summarize(ada)

    assert ([run.id for run in found.active], [run.id for run in found.ended]) == ([waits], [long_ago, done])
    assert found.num_runs == 3 and found.ended[1].scores == {"accuracy": 0.9}
    assert len(found.days) == summary_service.DAYS
    assert (found.days[-1].num_runs, found.days[-1].seconds, found.seconds) == (1, 1.5, 1.5)
    with pytest.raises(SignInRequired):
        summary_service.summarize(None)


def test_the_best_of_each_dataset_has_its_place_among_what_the_person_sees(ada, bob):
    data, other = factories.dataset(), factories.dataset(name="Other")
    for owner, visibility, accuracy, on in (
        (ada, "private", 0.7, data), (ada, "public", 0.8, data), (bob, "public", 0.9, data),
        (bob, "private", 0.95, data), (ada, "public", 0.5, other),
    ):  # fmt: skip
        run = factories.run_row(owner, factories.model(owner, visibility), on)
        factories.finish_run(run, {"accuracy": accuracy})

    told = [(one.dataset_name, one.score.value, one.rank) for one in leaderboards.list_best(ada)]

    assert told == [("Other", 0.5, 1), ("Iris", 0.8, 2)]
    assert [one.rank for one in leaderboards.list_best(bob)] == [1]
