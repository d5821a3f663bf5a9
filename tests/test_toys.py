"""A new kind of data and a new task go all the way, from data to the answer, with one line in each registry and no branch."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import reading
from db.tables.datasets import DatasetRow, DatasetVersionRow
from jobs.broker import answering
from mhub_core import queue
from mhub_core.datasets import service as datasets
from mhub_core.datasets import worker_service as dataset_work
from mhub_core.datasets.builtins import BuiltIn
from mhub_core.errors import Invalid
from mhub_core.evaluation import engine as evaluation
from mhub_core.kinds import registry as kinds
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from mhub_core.storage import service as storage
from mhub_core.tasks import registry as tasks
from mhub_core.training.engine import fit
from mhub_core.training.engine.tasks import registry as engines
from mhub_core.ui import workers
from mhub_core.ui.kinds import registry as kind_views
from mhub_core.ui.tasks import registry as task_views
from tests import factories, toys
from tests.pages.conftest import words
from tests.pages.test_builder import open_page
from tests.training.real import Notes

WAVES = BuiltIn("waves", "Waves", "wave", "point", "point", "", "", "Waves, to test the hub with.", toys.waves)


@pytest.fixture
def toys_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that a contributor would write into the registries."""
    monkeypatch.setitem(kinds.KINDS, "wave", toys.Wave())
    monkeypatch.setitem(tasks.TASKS, "point", toys.Point())
    monkeypatch.setitem(engines.ENGINES, "point", toys.PointEngine())
    monkeypatch.setitem(kind_views.VIEWS, "wave", toys.WaveView())
    monkeypatch.setitem(task_views.VIEWS, "point", toys.PointView())


@pytest.fixture
def ada(database: Path):
    return factories.person("ada")


@pytest.fixture
def waves(database: Path, toys_known: None) -> int:
    """The dataset, ready. Returns the id of its version."""
    dataset_work._install(WAVES)
    with reading() as session:
        query = select(DatasetVersionRow.id).join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
        return session.scalars(query.where(DatasetRow.slug == "waves")).one()


def train(ada, data: int, folder: Path) -> int:
    run_id = runs.submit(ada, factories.model(ada, graph=factories.chain(16, 3)), data, {"epochs": 4}, "toy-key-1")
    claim = worker_service.claim("a test")
    assert claim is not None and claim.run_id == run_id
    notes = Notes()
    outcome = fit.fit_json(claim.spec, notes, folder)
    worker_service.record(run_id, claim.attempt, notes.epochs, notes.words)
    worker_service.finish(run_id, claim.attempt, outcome, storage.take_file(outcome.model_path))
    return run_id


@pytest.mark.slow
def test_a_toy_kind_and_task_are_trained_ranked_and_asked(ada, waves, tmp_path, monkeypatch):
    assert runs.preview(ada, factories.model(ada, graph=factories.chain(16, 3)), waves).adaptations == (
        "The input takes 8 instead of 4.",
        "dense_1 answers with two numbers.",
    )
    run = runs.require_run(ada, train(ada, waves, tmp_path))
    assert run.state == "finished" and 0 < run.result["scores"]["distance"] < 3
    board = leaderboards.board(None, waves)
    assert (board.metric, board.higher_is_better, [row.run_id for row in board.rows]) == ("distance", False, [run.id])
    version = models.require_version(ada, run.trained_version_id)
    answer = evaluation.predict(version.model_key, version.serving, {"waves": ["1 2 3 4 5 6 7 8"]})
    assert len(answer["answers"][0]["point"]) == 2

    page = words(open_page("Run", ada, id=run.id))
    assert "Distance" in page and "It kept 2 answers" in page
    page = words(open_page("Dataset", None, id=datasets.require_version(None, waves).dataset_id))
    assert "Waves go up and down" in page and "Points lie here and there" in page and "200 waves" not in page
    assert "160 waves are there to learn from" in page
    assert "Distance" in words(open_page("Leaderboard", None, dataset=board.dataset_id))

    monkeypatch.setattr(workers, "answer", lambda name: True)
    monkeypatch.setattr(queue, "ask", lambda job, *arguments, seconds: evaluation.predict(*arguments))
    page = open_page("Predict", ada, model=version.model_id, version=version.id)
    assert "It answers with a point" in words(page) and "The point is" in words(page)


@pytest.mark.slow
def test_a_kind_that_raises_ends_in_a_sentence(ada, waves, tmp_path):
    version = models.require_version(ada, runs.require_run(ada, train(ada, waves, tmp_path)).trained_version_id)
    told = answering(evaluation.predict)(version.model_key, version.serving, {"waves": ["no numbers at all"]})
    assert "could not compute" in told["error"]["happened"] and told["error"]["mend"]


def test_a_task_that_raises_ends_the_run_in_a_sentence(ada, waves, tmp_path, monkeypatch):
    monkeypatch.setattr(toys.Point, "encode", lambda self, y, data, loss: 1 / 0)
    with pytest.raises(Invalid, match="division by zero"):
        train(ada, waves, tmp_path)


def test_what_a_release_does_not_know_is_said_and_nothing_breaks(ada, toys_known, monkeypatch):
    dataset_work._install(WAVES)
    [card] = [one for one in datasets.list_datasets(ada) if one.name == "Waves"]
    for registry in (kinds.KINDS, tasks.TASKS):  # an older release on the same database
        registry.pop("wave", None), registry.pop("point", None)
    with pytest.raises(Invalid, match="knows no"):
        runs.preview(ada, factories.model(ada), card.version_id)
    listed = open_page("Datasets", ada)
    assert not listed.exception and "Waves" in words(listed)
