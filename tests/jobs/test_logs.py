"""What the workers' logs hold of the messages that failed."""

from __future__ import annotations

import subprocess
import sys

from mhub_core import settings

FAILING = """
import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit
from jobs import logs

logs.begin()
broker = StubBroker(middleware=[AgeLimit()])

@dramatiq.actor(broker=broker, actor_name="late", max_age=1)
def late(inputs):
    pass

@dramatiq.actor(broker=broker, actor_name="broken")
def broken(inputs):
    raise ValueError("no")

worker = dramatiq.Worker(broker, worker_timeout=10)
for actor in (late, broken):
    message = actor.message(["a patient's age"]).copy(message_id=f"id of {actor.actor_name}", message_timestamp=0)
    broker.enqueue(message)
worker.start()
for actor in (late, broken):
    broker.join(actor.queue_name, fail_fast=False, timeout=20_000)
worker.stop()
"""


def test_a_message_that_expired_or_failed_is_logged_without_its_arguments():
    command = [sys.executable, "-c", FAILING]
    ran = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "Message late (id of late) was skipped" in ran.stderr
    assert "Failed to process message broken (id of broken)" in ran.stderr and "ValueError: no" in ran.stderr
    assert "patient" not in ran.stderr
