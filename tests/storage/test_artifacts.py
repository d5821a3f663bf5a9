"""What runs and versions leave in the file store, what of it is whose, and what nobody needs any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, String, delete, select, update

from db.base import now
from db.engine import reading, writing
from db.tables.all import Base
from db.tables.datasets import DatasetVersionRow
from db.tables.models import ModelVersionRow
from db.tables.runs import RunRow
from db.tables.storage import ArtifactRow, BlobRow
from mhub_core.datasets import service as dataset_service
from mhub_core.errors import NotFound
from mhub_core.models import service as model_service
from mhub_core.runs import service as run_service
from mhub_core.runs import worker_service
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from mhub_core.training.records import Outcome
from tests import factories

LONG_AGO = timedelta(days=30)
NAMES_NO_BLOB = {
    "blobs.key",  # the list of all blobs itself
    "sessions.token_hash",
    "tickets.token_hash",
    "runs.submission_key",
    "runs.seedless",  # a hash of what runs of a line share
    "runs.error",
    "dataset_versions.recipe",  # steps, and what was chosen for them
    "models.draft",
    "model_versions.graph",
    "blocks.graph",
    "clipboards.graph",
    "dataset_versions.progress",
    "workers.facts",
    "data_sources.config",
    "data_fetches.progress",
    "data_fetches.result",  # the key of an upload, which is kept as long as every upload of which no dataset was made
}


def blobs() -> dict[str, int]:
    with reading() as session:
        return {key: size for key, size in session.execute(select(BlobRow.key, BlobRow.num_bytes))}


def aged() -> None:
    """Make every blob one that was stored long ago."""
    with writing() as session:
        session.execute(update(BlobRow).values(created=now() - LONG_AGO))


def trained(owner, content: bytes = b"weights", data: int | None = None, **options) -> int:  # noqa: ANN001
    """Return the id of a run that is finished and saved these bytes as its model."""
    run_id = factories.run_row(owner, factories.model(owner, **options), data or factories.dataset())
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(state="running", attempt=1))
    outcome = Outcome("finished", Path("model.keras"), 67, 1.5, 5, {"task": "classification", "scores": {}}, {})
    worker_service.finish(run_id, 1, outcome, storage.put_bytes(content))
    return run_id


def test_a_blob_is_counted_when_it_is_stored_and_once_however_often(hub):
    key = storage.put_bytes(b"12345")

    assert storage.put_bytes(b"12345") == key
    assert blobs() == {key: 5}


def test_eight_writers_of_the_same_bytes_count_one_blob(hub):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(storage.put_bytes, [b"same"] * 40))

    assert blobs() == {keys.pop(): 4} and not keys


def test_a_blob_is_stored_also_while_the_database_is_away_and_counted_later(hub, ada, monkeypatch):
    with monkeypatch.context() as away:
        away.setenv("DATABASE_URL", "postgresql://mhub@127.0.0.1:1/mhub")
        key = storage.put_bytes(b"12345")
    assert storage.read_bytes(key) == b"12345" and blobs() == {}

    factories.dataset(ada, spec=factories.iris_spec())
    with writing() as session:
        session.execute(update(DatasetVersionRow).values(request={"upload_key": key}))
    assert artifacts.count_blobs() == 1
    assert blobs()[key] == 5


def test_a_finished_run_leaves_its_model_to_itself_and_to_the_version(ada):
    run_id = trained(ada)
    version_id = run_service.require_run(ada, run_id).trained_version_id

    of_run, of_version = artifacts.list_artifacts(run_id=run_id), artifacts.list_artifacts(version_id=version_id, role="model")

    assert [(one.role, one.epoch, storage.read_bytes(one.key)) for one in of_run + of_version] == [
        ("model", None, b"weights")
    ] * 2
    assert artifacts.require_artifact(of_run[0].id) == of_run[0]
    assert artifacts.list_artifacts(run_id=run_id, role="checkpoint") == []


def test_artifacts_go_with_their_run_and_with_their_version(ada):
    run_id = trained(ada)
    run = run_service.require_run(ada, run_id)
    gone = artifacts.list_artifacts(run_id=run_id)[0]

    run_service.delete(ada, run_id)

    assert artifacts.list_artifacts(run_id=run_id) == []
    assert len(artifacts.list_artifacts(version_id=run.trained_version_id)) == 1
    with pytest.raises(NotFound, match="The files of this run have been deleted"):
        artifacts.require_artifact(gone.id)
    model_service.delete(ada, run.model_id)
    assert artifacts.list_artifacts() == []


def test_a_lost_run_leaves_nothing(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    outcome = Outcome("finished", Path("model.keras"), 67, 1.5, 5, {}, {})

    assert worker_service.finish(run_id, 7, outcome, "0" * 64) is None
    assert artifacts.list_artifacts() == []


def test_a_persons_bytes_are_those_of_their_models_runs_and_datasets_each_counted_once(ada):
    bob, own = factories.person("bob"), factories.iris_spec()
    upload = storage.put_bytes(b"an uploaded file")
    data = factories.dataset(ada, spec=own)
    with writing() as session:
        session.execute(update(DatasetVersionRow).where(DatasetVersionRow.id == data).values(request={"upload_key": upload}))
    trained(ada, b"weights", data)
    trained(ada, b"weights", data)
    trained(bob, b"longer weights", data)

    arrays = sum(blobs()[key] for key in own.arrays.values())
    assert artifacts.num_bytes_of(ada.id) == arrays + len(b"an uploaded file") + len(b"weights")
    assert artifacts.num_bytes_of(bob.id) == len(b"longer weights")
    assert artifacts.num_bytes_of(factories.person("eve").id) == 0


def test_a_blob_that_nothing_names_is_kept_for_a_grace_period_that_storing_it_again_renews(ada):
    trained(ada)
    left_over, fresh = storage.put_bytes(b"left over"), storage.put_bytes(b"stored again")
    assert artifacts.unnamed() == []

    aged()
    storage.put_bytes(b"stored again")

    assert artifacts.unnamed() == [left_over]
    assert artifacts.unnamed(timedelta(0)) == sorted([left_over, fresh])


@pytest.mark.parametrize("column", [*artifacts.NAMING_COLUMNS, *artifacts.NAMING_JSON], ids=str)
def test_what_any_row_names_is_never_without_a_name(ada, column):
    run_id = trained(ada, data=factories.dataset(ada))
    key = storage.put_bytes(b"named at one place only")
    aged()
    assert artifacts.unnamed() == [key]

    value = {"format": 9, "arrays": {"masks": {"of": [key]}}} if isinstance(column.type, JSON) else key
    with writing() as session:
        if column.class_ is ArtifactRow:
            session.add(ArtifactRow(role="checkpoint", epoch=3, key=key, run_id=run_id))
        else:
            session.execute(update(column.class_).values({column.key: value}))

    assert key not in artifacts.unnamed()


def test_what_a_deleted_model_and_a_deleted_dataset_named_is_left_over(ada):
    spec, weights = factories.iris_spec(), storage.put_bytes(b"weights")
    run = run_service.require_run(ada, trained(ada, b"weights", factories.dataset(ada, spec=spec)))
    aged()

    model_service.delete(ada, run.model_id)
    assert artifacts.unnamed() == [weights]
    dataset_service.delete(ada, run.dataset_id)

    assert artifacts.unnamed() == sorted([weights, *spec.arrays.values()])


def test_every_column_that_could_name_a_blob_was_thought_of():
    could = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSON) or (isinstance(column.type, String) and column.type.length == 64)
    }
    named = {f"{column.class_.__tablename__}.{column.key}" for column in (*artifacts.NAMING_COLUMNS, *artifacts.NAMING_JSON)}

    assert could == named | NAMES_NO_BLOB
    assert not named & NAMES_NO_BLOB


def test_the_blobs_of_an_older_hub_are_counted_once_and_those_that_are_gone_are_left_out(ada):
    run_id = trained(ada)
    version_id = run_service.require_run(ada, run_id).trained_version_id
    before = blobs()
    with writing() as session:
        session.execute(delete(BlobRow))
        session.execute(update(ModelVersionRow).where(ModelVersionRow.id != version_id).values(model_key="f" * 64))

    assert artifacts.count_blobs() == len(before) == 4
    assert artifacts.count_blobs() == 0
    assert blobs() == before


def test_what_nothing_names_is_removed_after_the_grace_period_with_its_row(ada):
    run_id = trained(ada, b"weights")
    left_over, fresh = storage.put_bytes(b"left over"), storage.put_bytes(b"fresh")
    aged()
    storage.put_bytes(b"fresh")

    assert artifacts.collect() == len(b"left over")

    assert left_over not in storage.list_keys() and left_over not in blobs()
    assert storage.read_bytes(fresh) == b"fresh"
    assert storage.read_bytes(artifacts.list_artifacts(run_id=run_id)[0].key) == b"weights"
    assert artifacts.collect() == 0


def test_private_data_is_gone_from_the_store_after_it_was_deleted(ada):
    spec = factories.iris_spec()
    version = factories.dataset(ada, spec=spec)
    aged()
    with reading() as session:
        dataset_id = session.get(DatasetVersionRow, version).dataset_id
    dataset_service.delete(ada, dataset_id)

    artifacts.collect()

    assert not set(spec.arrays.values()) & set(storage.list_keys())


def test_a_blob_that_is_stored_again_just_then_stays(ada, monkeypatch):
    key = storage.put_bytes(b"wanted again")
    aged()
    found = artifacts.unnamed()
    storage.put_bytes(b"wanted again")
    monkeypatch.setattr(artifacts, "unnamed", lambda grace: found)

    assert artifacts.collect() == 0
    assert storage.read_bytes(key) == b"wanted again"


def test_files_that_nobody_counted_are_counted_and_then_collected(ada):
    key = storage.put_bytes(b"stray")
    with writing() as session:
        session.execute(delete(BlobRow))

    assert artifacts.collect() == 0 and key in blobs()
    aged()
    assert artifacts.collect() == len(b"stray")


def test_what_was_stored_today_leaves_within_the_hour_once_it_is_deleted(ada):
    kept, dropped = factories.dataset(ada, "private"), factories.dataset(ada, "private", spec=factories.images_spec())
    run_id = trained(ada, b"weights of today", data=kept)
    upload_of_today = storage.put_bytes(b"nothing was made of it yet")
    named = dataset_service.require_version(ada, kept).spec
    assert named is not None

    dataset_service.delete(ada, dataset_service.require_version(ada, dropped).dataset_id)
    model_service.delete(ada, run_service.require_run(ada, run_id).model_id)
    artifacts.collect(artifacts.GRACE - timedelta(hours=1))  # as in an hour

    assert set(blobs()) == {*named.arrays.values(), upload_of_today} == set(storage.list_keys())


def test_what_something_else_names_stays_when_a_run_or_a_dataset_of_it_is_deleted(ada):
    run_id = trained(ada)
    key = artifacts.list_artifacts(run_id=run_id)[0].key
    twin, other = (factories.dataset(ada, spec=factories.images_spec()) for _ in range(2))

    run_service.delete(ada, run_id)
    dataset_service.delete(ada, dataset_service.require_version(ada, twin).dataset_id)
    artifacts.collect(timedelta(0))

    named = dataset_service.require_version(ada, other).spec
    assert named is not None and {key, *named.arrays.values()} <= set(blobs()) & set(storage.list_keys())
