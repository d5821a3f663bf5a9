"""People, runs that have ended, and what a page says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mhub_core.accounts.records import User
from mhub_core.runs import worker_service
from mhub_core.storage import service as storage
from mhub_core.training.records import Outcome
from tests import factories


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """A process serves one database for all its life; tests have one each."""
    st.cache_data.clear()


@pytest.fixture
def ada(database) -> User:
    return factories.person("ada")


@pytest.fixture
def bob(database) -> User:
    return factories.person("bob")


def finish_run(run_id: int, num_right: int = 27) -> int:
    """Take the next waiting run, which must be `run_id`, through three epochs to its end. Returns the trained version's id."""
    claim = worker_service.claim("a test")
    assert claim and claim.run_id == run_id
    points = [(epoch, {"loss": 1 / epoch, "val_loss": 1 / epoch, "accuracy": 0.5, "val_accuracy": 0.5}) for epoch in (1, 2, 3)]
    worker_service.record(run_id, claim.attempt, points, ["Three epochs are done."])
    truth = np.arange(30) % 3
    answers = np.where(np.arange(30) < num_right, truth, (truth + 1) % 3)
    result = factories.report_of(factories.iris_spec(), truth, np.eye(3)[answers])
    outcome = Outcome("finished", Path("unused"), 67, 1.25, 3, result, result["scores"])
    return worker_service.finish(run_id, claim.attempt, outcome, storage.put_bytes(b"weights"))


def words(app: AppTest) -> str:
    """Return all that a page says, in one string."""
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.code)
    texts = [str(element.value) for kind in kinds for element in kind]
    texts += [element.proto.body for element in app.get("html")] + [element.proto.text for element in app.get("progress")]
    return "\n".join(texts).replace("\\", "")
