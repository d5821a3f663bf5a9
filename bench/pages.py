"""How many people can look at a leaderboard at once: `python -m bench.pages [--clients 100] [--runs 10000] [--seconds 60]`.

Makes a hub with that many finished runs in a temporary home, starts the web process on it, opens the leaderboard from that many
WebSocket clients that speak Streamlit's own protocol, half of them signed in, and prints p50 and p95 of a rerun: from the click
to the server's word that the page is drawn. Between two clicks a client thinks for five seconds on average.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psutil
import websockets
from sqlalchemy import insert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

GOAL_SECONDS = 0.2
THINK_SECONDS = 5.0
SCORES = ("accuracy", "f1", "precision", "recall", "loss")


def fill(num_runs: int, num_people: int) -> tuple[int, list[str]]:
    """Write people, models and finished runs. Returns the dataset's id and a session token per person."""
    from db import migrate
    from db.base import now
    from db.engine import writing
    from db.tables.models import ModelRow
    from db.tables.runs import RunRow, RunScoreRow
    from mhub_core.accounts import service as accounts
    from mhub_core.datasets import service as datasets
    from tests import factories

    migrate.upgrade()
    people = [factories.person(f"person{number}") for number in range(num_people)]
    data = factories.dataset(name="Iris flowers")
    versions = [factories.model(person, name=f"Network {number}") for number, person in enumerate(people)]
    spec: dict[str, Any] = {"graph": {}, "plan": {}, "data": {}}
    ended, chance = now(), random.Random(1)
    with writing() as session:
        models = {version: session.get_one(ModelRow, number) for number, version in enumerate(versions, start=1)}
        runs = [
            {
                "owner_id": models[version].owner_id, "model_id": models[version].id, "model_version_id": version,
                "dataset_version_id": data, "submission_key": f"bench-{number}", "state": "finished", "spec": spec, "epoch": 10,
                "epochs": 10, "finished": ended - timedelta(minutes=number), "train_seconds": 12.5, "num_parameters": 2499,
            }
            for number, version in ((number, versions[number % len(versions)]) for number in range(num_runs))
        ]  # fmt: skip
        session.execute(insert(RunRow), runs)
        scores = [
            {"run_id": number, "name": name, "dataset_version_id": data, "model_id": run["model_id"], "value": chance.random()}
            for number, run in enumerate(runs, start=1)
            for name in SCORES
        ]
        session.execute(insert(RunScoreRow), scores)
    tokens = [accounts.redeem_ticket(accounts.issue_ticket(person.id), "bench") for person in people]
    return datasets.require_version(None, data).dataset_id, tokens


def start_web(port: int) -> subprocess.Popen[bytes]:
    """Start the web process and wait until it answers."""
    web = subprocess.Popen(
        [sys.executable, "-m", "mhub_core.server"], env={**os.environ, "MHUB_PORT": str(port)}, stderr=subprocess.DEVNULL
    )
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).read()
            return web
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web process did not answer within a minute")


@dataclass
class Times:
    """What was measured, in seconds. `bytes_sent` is what one rerun sends to a client; `cpu_seconds` what the web process used in
    all, and `client_share` what the clients used of one processor meanwhile."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    bytes_sent: list[int] = field(default_factory=list)
    failed: int = 0
    cpu_seconds: float = 0.0
    client_share: float = 0.0


class Client:
    """One open page. A run of the script ends with `script_finished`."""

    def __init__(self, port: int, dataset_id: int, token: str | None) -> None:
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._headers = {"Cookie": f"mhub_session={token}"} if token else {}
        self._ask = BackMsg()
        self._ask.rerun_script.query_string = f"dataset={dataset_id}"
        self._ask.rerun_script.page_name = "Leaderboard"

    async def look(self, times: Times, until: float) -> None:
        """Open the page and run it again after each pause until the time is over."""
        async with websockets.connect(
            self._url, subprotocols=[websockets.Subprotocol("streamlit")], additional_headers=self._headers, max_size=None
        ) as socket:
            seconds, _ = await self._run(socket)
            times.first.append(seconds)
            while True:
                await asyncio.sleep(random.uniform(0.5, 1.5) * THINK_SECONDS)
                if time.monotonic() > until:
                    return
                seconds, num_bytes = await self._run(socket)
                times.again.append(seconds)
                times.bytes_sent.append(num_bytes)

    async def _run(self, socket: websockets.ClientConnection) -> tuple[float, int]:
        start, num_bytes, seen_board = time.perf_counter(), 0, False
        await socket.send(self._ask.SerializeToString())
        async for data in socket:
            num_bytes += len(data)
            seen_board = seen_board or b"<div class='mhub-table'>" in data
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "navigation":  # which page is drawn; `new_session` names the entry script, and with that Home would come
                self._ask.rerun_script.page_script_hash = message.navigation.page_script_hash
            if kind == "script_finished":
                break
        if not seen_board:
            raise RuntimeError("the page came without its board")
        return time.perf_counter() - start, num_bytes


async def measure(port: int, dataset_id: int, tokens: list[str], num_clients: int, seconds: float) -> Times:
    """Let all clients look at the board, arriving one after the other, every second one signed in."""
    times, start, used = Times(), time.monotonic(), time.process_time()
    until = start + seconds + THINK_SECONDS

    async def one(number: int) -> None:
        await asyncio.sleep(number * THINK_SECONDS / num_clients)
        token = tokens[number % len(tokens)] if number % 2 else None
        try:
            await Client(port, dataset_id, token).look(times, until)
        except (OSError, RuntimeError, websockets.WebSocketException) as error:
            times.failed += 1
            print(f"client {number}: {error}", flush=True)

    await asyncio.gather(*(one(number) for number in range(num_clients)))
    times.client_share = (time.process_time() - used) / (time.monotonic() - start)
    return times


def report(times: Times, num_clients: int, num_runs: int) -> bool:
    """Print the times and return whether the goal is met."""
    middle, late = statistics.median(times.again), statistics.quantiles(times.again, n=20)[18]
    print(f"{num_clients} clients, {num_runs:,} runs on the board, {THINK_SECONDS:g} s think time, {len(times.again)} reruns")
    print(f"first look: p50 {statistics.median(times.first) * 1000:.0f} ms")
    print(f"rerun: p50 {middle * 1000:.0f} ms, p95 {late * 1000:.0f} ms, {statistics.median(times.bytes_sent) / 1000:.0f} kB")
    each = times.cpu_seconds / (len(times.again) + len(times.first))
    print(
        f"processor time of the web process: {each * 1000:.1f} ms for each look; "
        f"the clients took {times.client_share:.0%} of a processor"
    )
    met = late < GOAL_SECONDS and not times.failed
    print(
        f"goal: p95 under {GOAL_SECONDS * 1000:.0f} ms: {'met' if met else 'missed'}; "
        f"{times.failed} clients failed; load {os.getloadavg()[0]:.1f}"
    )
    return met


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--port", type=int, default=8579)
    options = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MHUB_HOME"] = folder
        dataset_id, tokens = fill(options.runs, min(50, options.clients))
        web = start_web(options.port)
        try:
            process = psutil.Process(web.pid)
            before = sum(process.cpu_times()[:2])
            times = asyncio.run(measure(options.port, dataset_id, tokens, options.clients, options.seconds))
            times.cpu_seconds = sum(process.cpu_times()[:2]) - before
        finally:
            web.terminate()
            web.wait()
    sys.exit(0 if report(times, options.clients, options.runs) else 1)


if __name__ == "__main__":
    main()
