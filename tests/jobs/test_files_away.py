"""A file store that goes away fails no run: the worker waits for it, and says so."""

from __future__ import annotations

import pytest

from mhub_core.runs import service as runs
from tests import factories
from tests.jobs.test_training import submit
from tests.jobs.workers import worker
from tests.services import free_port, s3_server, wait_until

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("database", "broker")
def test_a_run_waits_for_its_files_and_again_to_store_its_model(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    port = free_port()
    with s3_server(port) as url:
        monkeypatch.setenv("STORAGE_URL", url)
        ada = factories.person("ada")
        run_id = submit(ada, epochs=10_000)

    def says(words: str) -> bool:
        return any(words in line.words for line in factories.progress(ada, run_id).log)

    with worker("training"):
        wait_until(lambda: says("waiting for the file store. The file store does not answer."), 90)
        with s3_server(port):
            wait_until(lambda: factories.progress(ada, run_id).epoch > 2, 120)
        runs.stop(ada, run_id)
        wait_until(lambda: says("the model is waiting to be stored. The file store does not answer."), 90)
        assert runs.require_run(ada, run_id).state == "stopping"
        with s3_server(port):
            wait_until(lambda: runs.require_run(ada, run_id).state == "stopped", 60)

    run = runs.require_run(ada, run_id)
    assert run.trained_version_id and "accuracy" in run.result["scores"]
