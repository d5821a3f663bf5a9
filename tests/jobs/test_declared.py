"""A job is one file in jobs/ and one line in queue.JOBS; nobody keeps another list."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mhub_core import queue, settings

pytestmark = pytest.mark.slow

ASK = """
import importlib, json
from jobs.broker import broker
from mhub_core import queue
for name in (queue.QUICK, queue.TRAINING):
    for job in queue.jobs_of(name):
        importlib.import_module(f"jobs.{job}")
print(json.dumps({name: broker.get_actor(name).queue_name for name in broker.get_declared_actors()}))
"""


def test_the_actors_that_workers_load_are_the_declared_jobs():
    done = subprocess.run([sys.executable, "-c", ASK], cwd=settings.ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == queue.JOBS


def test_every_file_with_an_actor_is_a_declared_job():
    files = {path.stem for path in (settings.ROOT / "jobs").glob("*.py") if "\n@actor(" in path.read_text(encoding="utf-8")}

    assert files == set(queue.JOBS)
