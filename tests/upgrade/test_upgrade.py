"""A hub of release 0.1 goes on with this release: on SQLite and on PostgreSQL, everything is there as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from sqlalchemy import select

from db import engine
from db.engine import reading
from db.tables.accounts import UserRow
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.leaderboards import service as leaderboards
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from mhub_core.storage import service as storage
from mhub_core.training.engine import stored
from mhub_core.training.engine.learners.registry import fit_json
from tests import factories, services
from tests.pages.conftest import words
from tests.pages.test_builder import open_page
from tests.training.real import Notes
from tests.upgrade import old_hub
from tests.upgrade.old_hub import EXPECTED

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(hub_home: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """The old hub, brought to the newest form."""
    st.cache_data.clear()
    old_hub.unpack(hub_home)
    if request.param == "postgresql":
        url = services.create_database(request.getfixturevalue("postgres"), hub_home.parent.name)
        monkeypatch.setenv("DATABASE_URL", url)
        old_hub.upgrade(old_hub.REVISION)
        old_hub.copy_rows(hub_home / "mhub.sqlite", url)
    old_hub.upgrade()
    yield hub_home
    engine.engine(True).dispose()
    engine.engine(False).dispose()


def person(email: str) -> User:
    with reading() as session:
        row = session.scalars(select(UserRow).where(UserRow.email == email)).one()
        return User(row.id, row.email, row.name, row.is_admin)


def plain(value: Any) -> Any:
    """Tuples as lists, so that what a verb says compares with JSON."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def test_everything_of_the_old_hub_is_there_as_it_was(upgraded: Path) -> None:
    admin = person("admin@example.org")
    for run_id, old in EXPECTED["runs"].items():
        run = runs.require_run(person(old["owner"]), int(run_id))
        assert run.state == old["state"] and run.epoch == old["epoch"] and run.num_parameters == old["num_parameters"]
        assert run.result == old["result"] and run.error == old["error"]
        assert run.model_name == old["model"] and run.dataset_name == old["dataset"]
        assert plain(run.spec["adaptations"]) == old["adaptations"] and run.trained_version_id == old["trained_version_id"]
        assert old["plan"].items() <= run.spec["plan"].items()
        assert plain(factories.progress(person(old["owner"]), int(run_id)).points) == old["points"]
    for model_id, old in EXPECTED["models"].items():
        model = models.require_model(person(old["owner"]), int(model_id))
        assert [[one.number, one.trained, one.num_parameters, one.note] for one in model.versions] == old["versions"]
        assert (model.name, model.visibility, model.can_undo) == (old["name"], old["visibility"], old["can_undo"])
        assert len(model.draft["nodes"]) == old["num_nodes"]
    cards = {str(card.id): card for card in datasets.list_datasets(admin, limit=100)}
    assert set(EXPECTED["datasets"]) <= set(cards)
    for dataset_id, old in EXPECTED["datasets"].items():
        assert {name: getattr(cards[dataset_id], name) for name in old} == old
    for version_id, old in EXPECTED["boards"].items():
        board = leaderboards.board(admin, int(version_id))
        assert [[row.rank, row.run_id, board.metric, row.scores[board.metric].value] for row in board.rows] == old


def test_what_was_private_stays_private(upgraded: Path) -> None:
    for model_id, old in EXPECTED["models"].items():
        seen_by_visitors = {card.id for card in models.list_models(None, limit=100)}
        assert (int(model_id) in seen_by_visitors) == (old["visibility"] == "public")
    assert "Cars of Anna" not in {card.name for card in datasets.list_datasets(person("ben@example.org"), limit=100)}


def test_models_trained_by_the_old_hub_answer_as_before(upgraded: Path) -> None:
    for version_id, old in EXPECTED["predictions"].items():
        version = models.require_version(person(old["owner"]), int(version_id))
        assert version.model_key is not None
        model = stored.load(version.model_key)
        found = model.predict(np.asarray(old["x"]), verbose=0)
        np.testing.assert_allclose(found, old["output"], rtol=1e-3, atol=1e-5)


def test_a_run_that_waited_in_the_old_hub_is_trained_by_the_new_one(upgraded: Path, tmp_path: Path) -> None:
    claim = worker_service.claim("a worker of the new release")
    assert claim is not None and str(claim.run_id) in EXPECTED["runs"]
    outcome = fit_json(claim.spec, Notes(), tmp_path)
    version_id = worker_service.finish(claim.run_id, claim.attempt, outcome, storage.take_file(outcome.model_path))
    run = runs.require_run(person("ben@example.org"), claim.run_id)
    assert run.state == "finished" and run.trained_version_id == version_id


def test_every_page_of_the_old_things_opens(upgraded: Path) -> None:
    anna = person("anna@example.org")
    assert all(EXPECTED[name] for name in ("runs", "datasets", "models"))
    for run_id, old in EXPECTED["runs"].items():
        page = open_page("Run", person(old["owner"]), id=int(run_id))
        assert not page.exception
        assert old["model"] in words(page) and old["dataset"] in words(page)
    for dataset_id, old in EXPECTED["datasets"].items():
        page = open_page("Dataset", person("admin@example.org"), id=int(dataset_id))
        assert not page.exception
        if old["state"] == "ready":
            assert f"{old['num_rows']:,}" in words(page)
    for model_id, old in EXPECTED["models"].items():
        for name, query in (("Model", {"id": int(model_id)}), ("Builder", {"model": int(model_id)})):
            assert not open_page(name, person(old["owner"]), **query).exception
    for name in ("Start", "Datasets", "Models", "Train", "Runs", "Leaderboard", "Predict", "Account", "Help"):
        assert not open_page(name, anna).exception
