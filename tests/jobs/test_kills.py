"""Nothing is lost and nothing is done twice, whatever is killed. The long version: `python -m tests.kills`."""

from __future__ import annotations

import os

import pytest

from tests import kills

pytestmark = pytest.mark.slow


def test_killing_worker_broker_and_web_loses_no_run_and_runs_none_twice(database, monkeypatch):
    for name in (*kills.ENVIRONMENT, "MHUB_PORT"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))  # so that what the campaign sets is forgotten afterwards

    tally = kills.campaign(kills=2, broker_kills=2, web_kills=1, num_workers=1, seed=1)

    assert (tally.lost, tally.twice) == (0, 0), tally
    assert sum(tally.kills.values()) == 5
