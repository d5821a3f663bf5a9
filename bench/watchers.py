"""How many people can watch one training: `python -m bench.watchers [--watchers 200] [--seconds 30]`.

Starts the web process on a temporary home, lets a run do an epoch a second, and has that many clients ask for what is new as
often as the page of a run does (`static/live.js`). Prints how long after its commit an epoch reaches them, and what the web
process spends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import psutil

from tests.server.small_app import answers
from tests.services import free_port, wait_until

GOAL_SECONDS, GOAL_SHARE = 1.0, 1 / 3
PAUSE_SECONDS = 0.7  # between two questions of a browser, as in static/live.js


class Watcher:
    """One open page of a run: a connection that is kept, and what it knows."""

    def __init__(self, port: int, run_id: int, token: str) -> None:
        self._port, self._run_id, self._token = port, run_id, token
        self._known = {"attempt": 0, "epoch": 0, "log": 0, "revision": 0}

    async def watch(self, written: dict[int, float], lags: list[float], sizes: list[int], until: float) -> None:
        """Ask again and again until the time is over."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while time.monotonic() < until:
            query = "&".join(f"{name}={value}" for name, value in self._known.items())
            head = f"GET /api/runs/{self._run_id}/live?{query} HTTP/1.1\r\nHost: localhost\r\nCookie: mhub_session={self._token}"
            writer.write(f"{head}\r\n\r\n".encode())
            status, body = await _read(reader)
            sizes.append(len(body))
            if status == 200:
                told = json.loads(body)
                lags += [time.monotonic() - written[epoch] for epoch, _ in told["points"].get("loss", []) if self._known["epoch"]]
                self._known = {name: told[name] for name in ("attempt", "epoch", "revision")} | {"log": told["log_number"]}
            elif status != 204:
                raise RuntimeError(f"the hub answered {status}")
            await asyncio.sleep(PAUSE_SECONDS)
        writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    return int(head.split(" ")[1]), await reader.readexactly(length)


async def train(run_id: int, written: dict[int, float], until: float) -> None:
    """Write one epoch a second, and note when."""
    from mhub_core.runs import worker_service

    epoch = 0
    while time.monotonic() < until:
        epoch += 1
        written[epoch] = time.monotonic()
        worker_service.record(run_id, 1, [(epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch, "accuracy": 0.5})], [])
        await asyncio.sleep(1.0)


async def measure(port: int, run_id: int, tokens: list[str], num_watchers: int, seconds: float) -> tuple[list[float], list[int]]:
    """Let all watch. Returns the lags in seconds and the bytes of all answers."""
    written: dict[int, float] = {}
    lags: list[float] = []
    sizes: list[int] = []
    until = time.monotonic() + seconds

    async def late(number: int) -> None:
        await asyncio.sleep(1.0 + number / num_watchers)
        await Watcher(port, run_id, tokens[number % len(tokens)]).watch(written, lags, sizes, until)

    await asyncio.gather(train(run_id, written, until), *(late(number) for number in range(num_watchers)))
    return lags, sizes


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"MHUB_HOME": home, "MHUB_PORT": str(free_port())}
        from db import migrate
        from mhub_core.accounts import service as accounts
        from mhub_core.runs import worker_service
        from tests import factories

        migrate.upgrade()
        people = [factories.person(f"person{number}") for number in range(40)]
        run_id = factories.run_row(people[0], factories.model(people[0]), factories.dataset(), epochs=100_000)
        worker_service.claim("bench")
        tokens = [accounts.redeem_ticket(accounts.issue_ticket(person.id), "bench") for person in people]
        port = int(os.environ["MHUB_PORT"])
        web = subprocess.Popen([sys.executable, "-m", "mhub_core.server"])
        try:
            wait_until(lambda: answers(f"127.0.0.1:{port}"), 90)
            process = psutil.Process(web.pid)
            before = sum(process.cpu_times()[:2])
            lags, sizes = asyncio.run(measure(port, run_id, tokens, options.watchers, options.seconds))
            share = (sum(process.cpu_times()[:2]) - before) / options.seconds
        finally:
            web.terminate()
            web.wait()
    late = statistics.quantiles(lags, n=20)[18]
    print(
        f"{options.watchers} watchers, an epoch a second, {len(sizes):,} looks of {statistics.mean(sizes):.0f} bytes on average"
    )
    print(f"from commit to browser: p50 {statistics.median(lags):.2f} s, p95 {late:.2f} s")
    print(f"web process: {share:.0%} of a core; load {os.getloadavg()[0]:.1f}")
    met = late < GOAL_SECONDS and share < GOAL_SHARE
    print(f"goal: p95 under {GOAL_SECONDS:g} s, under a third of a core: {'met' if met else 'missed'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
