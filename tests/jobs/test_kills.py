"""Nothing is lost and nothing is done twice, whatever is killed. The long version: `python -m tests.kills`."""

from __future__ import annotations

import os

import pytest

from tests import data_kills, kills

pytestmark = pytest.mark.slow


def test_killing_worker_broker_and_web_loses_no_run_and_runs_none_twice(database, monkeypatch):
    for name in (*kills.ENVIRONMENT, "MHUB_PORT"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))  # so that what the campaign sets is forgotten afterwards

    tally = kills.campaign(kills=2, broker_kills=2, web_kills=1, num_workers=1, seed=1)

    assert (tally.lost, tally.twice) == (0, 0), tally
    assert sum(tally.kills.values()) == 5


def test_killing_web_and_worker_leaves_no_half_dataset_and_no_file_that_nothing_names(database, monkeypatch):
    for name in ("TMPDIR", "MHUB_PORT", "MHUB_SOURCE_NETWORKS"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))

    tally = data_kills.campaign(rounds=1, seed=1)

    assert (tally.half, tally.remains, tally.kills) == (0, 0, 5), tally
