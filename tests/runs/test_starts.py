"""A run on a trained version starts from its weights, unless fresh ones are asked for. On SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import delete, update

from db.engine import writing
from db.tables.models import ModelRow
from db.tables.storage import ArtifactRow
from mhub_core.errors import Forbidden, NotFound
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from mhub_core.storage import service as storage
from mhub_core.training.engine.learners.registry import fit_json
from mhub_core.training.records import RunSpec
from tests import factories
from tests.training import real
from tests.training.real import Notes

pytestmark = pytest.mark.slow

EPOCHS = {"epochs": 20, "learning_rate": 0.02}


@pytest.fixture
def irises(ada) -> int:
    return factories.dataset()


def carried_out(run_id: int, folder) -> Notes:
    """Train the next waiting run, which must be this one, and save it. Returns what it reported."""
    claim = worker_service.claim("a test")
    assert claim is not None and claim.run_id == run_id
    notes = Notes()
    outcome = fit_json(claim.spec, notes, folder)
    worker_service.finish(run_id, claim.attempt, outcome, storage.put_file(outcome.model_path))
    return notes


@pytest.fixture
def trained(ada, irises, tmp_path) -> int:
    """A version of ada's that was trained on the irises, and knows them."""
    run_id = runs.submit(ada, factories.model(ada), irises, EPOCHS, "first-training")
    carried_out(run_id, tmp_path)
    version_id = runs.require_run(ada, run_id).trained_version_id
    assert version_id is not None
    return version_id


def start_of(user, run_id: int):
    return RunSpec.from_json(runs.require_run(user, run_id).spec).start


def log(user, run_id: int) -> str:
    return " ".join(line.words for line in factories.progress(user, run_id).log)


def test_a_trained_version_trained_on_begins_where_it_ended(ada, irises, trained, tmp_path):
    on = runs.submit(ada, trained, irises, EPOCHS, "goes-on-from")
    assert start_of(ada, on).key == models.require_version(ada, trained).model_key
    assert "starts from the weights of version 2." in log(ada, on)
    went_on = carried_out(on, tmp_path)
    anew = runs.submit(ada, trained, irises, EPOCHS, "starts-anew-", fresh=True)
    assert start_of(ada, anew) is None and "All weights start at new random values" in log(ada, anew)
    started_anew = carried_out(anew, tmp_path)

    assert went_on.epochs[0][1]["loss"] < started_anew.epochs[0][1]["loss"] / 2
    assert runs.require_start(ada, runs.require_run(ada, on)).number == 2
    assert runs.require_start(ada, runs.require_run(ada, anew)) is None
    parent = models.require_version(ada, trained).run_id
    assert [runs.parent_of(ada, runs.require_run(ada, one)) for one in (on, anew, parent)] == [parent, None, None]


def test_a_design_has_no_weights_to_start_from(ada, irises):
    version = factories.model(ada)
    run_id = runs.submit(ada, version, irises, EPOCHS, "of-a-design")

    assert start_of(ada, run_id) is None and "weights" not in log(ada, run_id)
    assert runs.preview(ada, version, irises).start == ""


def data_with(columns: int, classes: int) -> int:
    """A dataset of random rows."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(90, columns)).astype(np.float32), (np.arange(90) % classes).astype(np.int32)
    spec = real.data_spec("table", x, y, tuple("abcdefgh"[:classes]))
    return factories.dataset(name="Random", spec=replace(spec, target={**spec.target, "name": "letter"}))


@pytest.mark.parametrize(
    ("columns", "classes", "words"),
    [
        (4, 3, "starts from the weights of version 2."),
        (4, 5, "only dense_1, the output layer, starts at new random values, because this data needs a different output."),
        (7, 3, "where layers keep their sizes on this data. These layers start at new random values: dense."),
        (7, 5, "No layer of version 2 keeps its size on this data, so all weights start at new random values."),
    ],
)
def test_what_other_data_leaves_of_the_weights_is_said_before_and_true_after(ada, trained, tmp_path, columns, classes, words):
    data = data_with(columns, classes)

    assert runs.preview(ada, trained, data).start.endswith(words)
    run_id = runs.submit(ada, trained, data, {"epochs": 1}, "on-other-data")
    assert words in log(ada, run_id)
    said = " ".join(carried_out(run_id, tmp_path).words)
    assert {(4, 3): "in all layers", (4, 5): "sizes: dense_1.", (7, 3): "sizes: dense."}.get((columns, classes), "") in said


def test_a_copy_of_somebody_elses_model_starts_from_the_weights_of_the_original(ada, bob, irises, trained):
    copied = models.copy(bob, models.require_version(ada, trained).model_id, trained)
    design = models.require_model(bob, copied).versions[0].id

    run_id = runs.submit(bob, design, irises, EPOCHS, "on-a-copy-of", weights_of=trained)

    assert start_of(bob, run_id).key == models.require_version(ada, trained).model_key
    assert runs.require_start(bob, runs.require_run(bob, run_id)).id == trained


def test_weights_that_a_person_may_no_longer_see_start_nothing(ada, bob, irises, trained):
    copied = models.copy(bob, models.require_version(ada, trained).model_id, trained)
    design = models.require_model(bob, copied).versions[0].id
    earlier = runs.submit(bob, design, irises, EPOCHS, "while-public", weights_of=trained)
    with writing() as session:
        session.execute(update(ModelRow).where(ModelRow.owner_id == ada.id).values(visibility="private"))

    with pytest.raises(NotFound):
        runs.submit(bob, design, irises, EPOCHS, "now-private-", weights_of=trained)
    with pytest.raises(NotFound):
        runs.require_start(bob, runs.require_run(bob, earlier))
    assert runs.parent_of(bob, runs.require_run(bob, earlier)) is None


def test_only_who_may_train_a_model_trains_it_on(bob, irises, trained):
    with pytest.raises(Forbidden):
        runs.submit(bob, trained, irises, EPOCHS, "not-my-model")


def test_weights_that_are_gone_are_told_of_and_fresh_ones_still_train(ada, irises, trained):
    key = models.require_version(ada, trained).model_key
    storage.delete(key)

    with pytest.raises(NotFound, match="weights of version 2 are missing"):
        runs.submit(ada, trained, irises, EPOCHS, "without-file")
    with writing() as session:
        session.execute(delete(ArtifactRow).where(ArtifactRow.key == key))
    with pytest.raises(NotFound, match="weights of version 2 are missing"):
        runs.preview(ada, trained, irises)
    assert [run.state for run in runs.list_runs(ada)] == ["finished"]
    assert runs.submit(ada, trained, irises, EPOCHS, "fresh-weights", fresh=True)
