"""A new kind of data, task and learner go all the way, from data to the answer, with a line in each registry and no branch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import reading
from db.tables.datasets import DatasetRow, DatasetVersionRow
from jobs.broker import answer_of
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
from mhub_core.training.engine.learners import registry as learner_engines
from mhub_core.training.engine.learners.registry import fit_json
from mhub_core.training.engine.tasks import registry as engines
from mhub_core.training.learners import registry as learners
from mhub_core.ui import workers
from mhub_core.ui.kinds import registry as kind_views
from mhub_core.ui.tasks import registry as task_views
from tests import factories, toys
from tests.pages.building import field, open_page
from tests.pages.conftest import words
from tests.training.real import Notes

pytestmark = pytest.mark.slow

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
def learner_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two lines for a learner."""
    monkeypatch.setitem(learners.LEARNERS, "neighbours", toys.Neighbours())
    monkeypatch.setitem(learner_engines.ENGINES, "neighbours", toys.NeighboursEngine())


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
    return carry_out(runs.submit(ada, a_design(ada), data, {"epochs": 4}, "toy-key-1"), folder)


def a_design(ada) -> int:
    return factories.model(ada, graph=factories.chain(16, 3))


def carry_out(run_id: int, folder: Path) -> int:
    claim = worker_service.claim("a test")
    assert claim is not None and claim.run_id == run_id
    notes = Notes()
    outcome = fit_json(claim.spec, notes, folder)
    worker_service.record(run_id, claim.attempt, notes.epochs, notes.words)
    worker_service.finish(run_id, claim.attempt, outcome, storage.take_file(outcome.model_path))
    return run_id


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
    dataset_id = datasets.require_version(None, waves).dataset_id
    page = words(open_page("Dataset", None, id=dataset_id))
    assert "Waves go up and down" in page and "200 waves accepted" not in page
    assert "Points lie here and there" in words(open_page("Dataset", None, id=dataset_id, tab="Points"))
    assert "160 waves are for training" in page
    assert "Distance" in words(open_page("Leaderboard", None, dataset=board.dataset_id))

    monkeypatch.setattr(workers, "answer", lambda name: True)
    monkeypatch.setattr(queue, "ask", lambda job, *arguments, seconds: evaluation.predict(*arguments))
    page = open_page("Predict", ada, model=version.model_id, version=version.id)
    assert "It predicts a point" in words(page) and "The point is" in words(page)


def test_a_toy_learner_is_trained_ranked_and_asked(ada, waves, learner_known, tmp_path, monkeypatch):
    plan = {"weighting": "near", "number": 4}
    run_id = carry_out(runs.submit(ada, a_design(ada), waves, plan, "toy-learner", learner="neighbours"), tmp_path)
    run = runs.require_run(ada, run_id)
    assert (run.state, run.learner, run.epochs, run.spec["plan"]) == ("finished", "neighbours", 1, plan)
    assert 0 < run.result["scores"]["distance"] < 3
    assert [row.run_id for row in leaderboards.board(None, waves).rows] == [run_id]
    version = models.require_version(ada, run.trained_version_id)
    assert version.kind == "neighbours"
    answer = evaluation.predict(version.model_key, version.serving, {"waves": ["1 2 3 4 5 6 7 8"]})
    assert len(answer["answers"][0]["point"]) == 2

    page = open_page("Run", ada, id=run_id)
    table = words(page)
    assert not page.exception and "160 examples are remembered." in table
    assert "Nearest neighbours" in table and "By nearness, neighbours 4" in table
    monkeypatch.setattr(workers, "answer", lambda name: True)
    monkeypatch.setattr(queue, "ask", lambda job, *arguments, seconds: evaluation.predict(*arguments))
    assert "The point is" in words(open_page("Predict", ada, model=version.model_id, version=version.id))
    downloads = open_page("Model", ada, id=version.model_id).get("download_button")
    assert "Download .npz" in [button.proto.label for button in downloads]


def test_with_several_learners_one_is_chosen_and_its_fields_are_asked(ada, waves, learner_known):
    design, dataset_id = a_design(ada), datasets.require_version(None, waves).dataset_id
    app = open_page("Train", ada, model=models.require_version(ada, design).model_id, dataset=dataset_id)
    assert "Epochs" in [field.label for field in app.number_input]
    field(app, "Learner").set_value("neighbours").run()
    assert [one.label for one in app.number_input] == ["Neighbours"]
    field(app, "Weighting").set_value("near").run()
    assert field(app, "Neighbours").value == 5
    field(app, "Neighbours").set_value(0).run()
    assert "Must be a whole number from 1 to 160" in words(app)
    field(app, "Neighbours").set_value(7).run()
    next(button for button in app.button if button.key.startswith("start_")).click().run()
    [card] = runs.list_runs(ada)
    run = runs.require_run(ada, card.id)
    assert (run.learner, run.spec["plan"]) == ("neighbours", {"weighting": "near", "number": 7})


def test_what_one_learner_learned_is_no_start_for_another(ada, waves, learner_known, tmp_path):
    run_id = carry_out(runs.submit(ada, a_design(ada), waves, {}, "toy-learner", learner="neighbours"), tmp_path)
    trained = runs.require_run(ada, run_id).trained_version_id

    assert "Neural network starts from scratch" in runs.preview(ada, trained, waves).start
    again = runs.submit(ada, trained, waves, {"epochs": 1}, "keras-on-toy")
    assert runs.require_run(ada, again).spec["start"] is None
    assert runs.require_run(ada, carry_out(again, tmp_path)).state == "finished"


def test_a_learner_refuses_data_that_it_cannot_learn_and_ends_a_run_in_a_sentence(
    ada, waves, learner_known, tmp_path, monkeypatch
):
    with pytest.raises(Invalid, match="Nearest neighbours cannot train"):
        runs.submit(ada, factories.model(ada), factories.dataset(), {}, "toy-on-irises", learner="neighbours")
    with pytest.raises(Invalid, match="does not know the learner 'magic'"):
        runs.submit(ada, a_design(ada), waves, {}, "magic-learner", learner="magic")
    monkeypatch.setattr(toys.NeighboursEngine, "fit", lambda self, spec, report, folder: 1 / 0)
    with pytest.raises(Invalid, match="Nearest neighbours could not train on this data. It reported: division by zero"):
        carry_out(runs.submit(ada, a_design(ada), waves, {}, "toy-learner", learner="neighbours"), tmp_path)


def test_a_run_of_a_learner_that_this_release_does_not_know_still_opens(ada, waves, learner_known):
    run_id = runs.submit(ada, a_design(ada), waves, {}, "toy-learner", learner="neighbours")
    learners.LEARNERS.pop("neighbours")
    page = open_page("Run", ada, id=run_id)
    assert not page.exception and "neighbours" in words(page)


def test_a_kind_that_raises_ends_in_a_sentence(ada, waves, tmp_path):
    version = models.require_version(ada, runs.require_run(ada, train(ada, waves, tmp_path)).trained_version_id)
    told = json.loads(answer_of(evaluation.predict, version.model_key, version.serving, {"waves": ["no numbers at all"]}))
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
    with pytest.raises(Invalid, match="does not know the"):
        runs.preview(ada, factories.model(ada), card.version_id)
    listed = open_page("Datasets", ada)
    assert not listed.exception and "Waves" in words(listed)
