"""A hub of an older release keeps everything when it is upgraded, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from db import engine, migrate
from db.tables.models import ModelVersionRow
from db.tables.runs import MetricChunkRow, RunRow, RunSettingRow
from db.tables.sources import FetchRow, SourceRow
from db.tables.storage import ArtifactRow, BlobRow
from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.runs import find_service
from mhub_core.runs import service as runs
from mhub_core.runs.found import RunQuery
from tests import services

pytestmark = pytest.mark.slow

ADA = User(1, "ada@example.org", "Ada", False)
TRAINED, GONE = "a" * 64, "b" * 64
AT = "'2026-01-02 03:04:05'"
ROWS = (
    f"INSERT INTO users (id, email, name, is_admin, created) VALUES (1, 'ada@example.org', 'Ada', false, {AT})",
    "INSERT INTO models (id, owner_id, name, description, visibility, draft_revision, created, updated)"
    f" VALUES (1, 1, 'Net', '', 'private', 0, {AT}, {AT})",
    "INSERT INTO datasets (id, owner_id, name, description, licence, source, visibility, created)"
    f" VALUES (1, 1, 'Iris', '', '', '', 'public', {AT})",
    "INSERT INTO dataset_versions (id, dataset_id, number, state, request, progress, created)"
    f" VALUES (1, 1, 1, 'waiting', '{{}}', '{{}}', {AT})",
    "INSERT INTO model_versions (id, model_id, number, graph, note, created)"
    f" VALUES (1, 1, 1, '{{\"nodes\": [], \"edges\": []}}', '', {AT})",
    "INSERT INTO runs (id, owner_id, model_id, model_version_id, dataset_version_id, submission_key, state, spec, attempt,"
    " deaths, stop_requested, epoch, epochs, queued, trained_version_id)"
    f" VALUES (1, 1, 1, 1, 1, 'first-one', 'finished', '{{}}', 1, 0, false, 2, 2, {AT}, 2)",
    "INSERT INTO model_versions (id, model_id, number, run_id, graph, model_key, note, created)"
    f" VALUES (2, 1, 2, 1, '{{\"nodes\": [], \"edges\": []}}', '{TRAINED}', '', {AT})",
    "INSERT INTO model_versions (id, model_id, number, graph, model_key, note, created)"
    f" VALUES (3, 1, 3, '{{\"nodes\": [], \"edges\": []}}', '{GONE}', 'its run was deleted', {AT})",
    "INSERT INTO metric_chunks (run_id, name, first_step, num, steps, \"values\") VALUES (1, 'loss', 1, 0, '', '')",
)


@pytest.fixture(params=["sqlite", "postgres"])
def older_hub(request: pytest.FixtureRequest, hub_home, monkeypatch) -> Iterator[None]:  # noqa: ANN001
    """A database of the release before learners, artifacts and grants, with a run, its curve and two trained versions."""
    hub_home.mkdir(parents=True, mode=0o700)
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
        monkeypatch.setenv("DATABASE_URL", services.create_database(url, f"older-{hub_home.parent.name}"))
    command.upgrade(migrate.config(), "0004")
    with engine.engine().begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    yield
    engine.engine(True).dispose()
    engine.engine(False).dispose()


def test_an_older_hub_keeps_its_rows_and_reads_them_as_what_they_are(older_hub):
    migrate.upgrade()

    versions, run = models.require_model(ADA, 1).versions, runs.require_run(ADA, 1)
    with engine.reading() as session:
        curves = session.scalars(select(MetricChunkRow.name)).all()
        unchanged = session.scalars(select(ModelVersionRow.content)).all()
    assert [(version.id, version.model_key, version.kind) for version in versions] == [
        (3, GONE, "keras"),
        (2, TRAINED, "keras"),
        (1, None, "keras"),
    ]
    assert (run.learner, run.source, run.trained_version_id) == ("keras", "trained", 2)
    assert (curves, unchanged) == (["loss"], [None, None, None])


def test_the_trained_models_of_an_older_hub_become_artifacts(older_hub):
    migrate.upgrade()

    columns = (ArtifactRow.run_id, ArtifactRow.version_id, ArtifactRow.role, ArtifactRow.epoch, ArtifactRow.key)
    with engine.reading() as session:
        found = [tuple(row) for row in session.execute(select(*columns).order_by(ArtifactRow.id))]
        assert session.scalars(select(BlobRow.key)).all() == []  # how large they are only the file store knows
    assert found == [
        (None, 2, "model", None, TRAINED),
        (None, 3, "model", None, GONE),
        (1, None, "model", None, TRAINED),
    ]


def test_an_artifact_is_of_a_run_or_of_a_version_and_not_of_both(older_hub):
    migrate.upgrade()

    for owners in ({}, {"run_id": 1, "version_id": 2}):
        with pytest.raises(IntegrityError), engine.writing() as session:
            session.add(ArtifactRow(role="model", key=TRAINED, **owners))


PLAN = (
    '{"plan": {"epochs": 2, "learning_rate": 0.5, "optimizer": "adam", "odd": [1], "nothing": null, "name": "' + "x" * 90 + '"}}'
)
MANY = 1_100  # more runs than are read at once


def test_what_was_chosen_for_the_runs_of_an_older_hub_is_found(older_hub):
    with engine.engine().begin() as connection:
        connection.execute(text(f"UPDATE runs SET spec = '{PLAN}'"))
        kept = "owner_id, model_id, model_version_id, dataset_version_id, state, spec, attempt, deaths, stop_requested, epoch"
        for number in range(2, MANY + 1):
            values = f"SELECT {number}, 'run-{number}', {kept}, epochs, queued FROM runs WHERE id = 1"
            connection.execute(text(f"INSERT INTO runs (id, submission_key, {kept}, epochs, queued) {values}"))

    migrate.upgrade()

    with engine.reading() as session:
        rows = session.execute(select(RunSettingRow).where(RunSettingRow.run_id == MANY)).scalars().all()
        assert {row.name: (row.number, row.text) for row in rows} == {
            "epochs": (2.0, None),
            "learning_rate": (0.5, None),
            "optimizer": (None, "adam"),
            "name": (None, "x" * 60),
        }
        assert session.scalar(select(func.count()).select_from(RunSettingRow)) == 4 * MANY
        run = session.get_one(RunRow, MANY)
        assert (run.model_visibility, run.dataset_id, run.dataset_visibility) == ("private", 1, "public")
    assert find_service.find(None, RunQuery()).total == 0
    models.update(ADA, 1, "Net", "", "public")
    assert find_service.find(None, RunQuery(sort="setting:epochs")).total == MANY


def test_a_source_of_a_dataset_that_was_handed_over_goes_with_what_was_being_fetched_from_it(older_hub):
    command.upgrade(migrate.config(), "0020")
    kept = "INSERT INTO data_fetches (source_id, user_id, refreshes, state, progress, result, created)"
    with engine.engine().begin() as connection:
        connection.execute(text(ROWS[0].replace("(1, 'ada@example.org', 'Ada'", "(2, 'ben@example.org', 'Ben'")))
        for owner in (1, 2):
            values = f"({owner}, 1, 'web', '{{}}', '', {AT})"
            connection.execute(
                text(f"INSERT INTO data_sources (owner_id, dataset_id, kind, config, secret, created) VALUES {values}")
            )
            connection.execute(text(f"{kept} VALUES ({owner}, 1, false, 'waiting', '{{}}', '{{}}', {AT})"))

    migrate.upgrade()

    with engine.reading() as session:
        assert session.scalars(select(FetchRow.source_id)).all() == session.scalars(select(SourceRow.id)).all() == [1]
