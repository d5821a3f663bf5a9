"""How quick the pages are: `python -m bench.pages [--clients 100] [--runs 10000] [--seconds 60] [--web 1]`.

Starts a hub in a temporary home, trains once, and copies that run. Then clients that speak Streamlit's own protocol look at it.
First one client asks for each page again and again: the processor time that the web process spends on it is printed. Then that
many clients, half of them signed in, look at all pages in turn: p50 and p95 from the click to the server's word that the page is
drawn. Every other click leads to another page; between two clicks a client thinks for five seconds on average.
`--page Run` measures one page alone, `--web 2` several web processes behind the hub's own front server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.filled import Filled, filled_hub

GOAL_CPU_MS = 12.0
GOALS = ((100, 0.2), (200, 0.3))  # for so many clients, p95 in seconds
THINK_SECONDS = 5.0
LOOKS_ALONE = 40
TITLES = {"Start": "Home"}  # what stands on a page whose address is called otherwise


class Client:
    """One open tab. A look at a page ends with `script_finished`."""

    def __init__(self, url: str, pages: dict[str, str], token: str | None) -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._headers = {"Cookie": f"mhub_session={token}"} if token else {}
        self._pages = pages
        self._hashes: dict[str, str] = {}  # how the server calls each page, once it has told

    def connect(self) -> websockets.connect:
        """Return the connection to open."""
        protocol = websockets.Subprotocol("streamlit")
        return websockets.connect(self._url, subprotocols=[protocol], additional_headers=self._headers, max_size=None)

    async def look(self, socket: websockets.ClientConnection, page: str) -> tuple[float, int]:
        """Ask for a page. Returns seconds and bytes. Raises RuntimeError when it comes without its title or with a traceback."""
        ask = BackMsg()
        ask.rerun_script.query_string = self._pages[page]
        ask.rerun_script.page_name = page
        ask.rerun_script.page_script_hash = self._hashes.get(page, "")
        start, num_bytes, has_title = time.perf_counter(), 0, False
        title = f"mhub-page-title'>{TITLES.get(page, page)}".encode()
        await socket.send(ask.SerializeToString())
        async for data in socket:
            assert isinstance(data, bytes)
            num_bytes += len(data)
            has_title = has_title or title in data
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._hashes[page] = message.navigation.page_script_hash
            if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(f"{page}: {message.delta.new_element.exception.message}")
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                break
        if not has_title:
            raise RuntimeError(f"the page {page} came without its title")
        return time.perf_counter() - start, num_bytes


@dataclass
class Times:
    """Seconds of each look by page, and how many clients failed."""

    looks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: int = 0

    def all(self) -> list[float]:
        """Return the seconds of all looks."""
        return [seconds for page in self.looks.values() for seconds in page]


def cpu_seconds(process_ids: list[int]) -> float:
    """Return the processor time that processes have used so far."""
    return sum(sum(psutil.Process(one).cpu_times()[:2]) for one in process_ids)


def serving(filled: Filled) -> list[int]:
    """Return the ids of what serves the pages: the web processes, and the front server of several."""
    return [*filled.processes("web"), *filled.processes("front")]


async def alone(filled: Filled, page: str) -> tuple[float, float, int]:
    """Look at one page again and again. Returns milliseconds of processor time and of waiting in the middle, and bytes."""
    client, web = Client(filled.hub.url, filled.pages, filled.tokens[0]), serving(filled)
    async with client.connect() as socket:
        for _ in range(3):  # what the process keeps after a first look
            await client.look(socket, page)
        before, seen = cpu_seconds(web), [await client.look(socket, page) for _ in range(LOOKS_ALONE)]
        used = cpu_seconds(web) - before
    seconds, sizes = zip(*seen, strict=True)
    return used / LOOKS_ALONE * 1000, statistics.median(seconds) * 1000, int(statistics.median(sizes))


async def together(filled: Filled, pages: list[str], num_clients: int, seconds: float) -> Times:
    """Let all clients look, arriving one after the other, every second one signed in."""
    times, until = Times(), time.monotonic() + seconds + THINK_SECONDS

    async def one(number: int) -> None:
        await asyncio.sleep(number * THINK_SECONDS / num_clients)
        client = Client(filled.hub.url, filled.pages, filled.tokens[number % len(filled.tokens)] if number % 2 else None)
        page = random.choice(pages)
        try:
            async with client.connect() as socket:
                while time.monotonic() < until:
                    taken, _ = await client.look(socket, page)
                    times.looks[page].append(taken)
                    await asyncio.sleep(random.uniform(0.5, 1.5) * THINK_SECONDS)
                    page = random.choice([page, random.choice(pages)])
        except (OSError, RuntimeError, websockets.WebSocketException) as error:
            times.failed += 1
            print(f"client {number}: {error}", flush=True)

    await asyncio.gather(*(one(number) for number in range(num_clients)))
    return times


def report(times: Times, num_clients: int, web_cpu: float, client_cpu: float) -> bool:
    """Print the times and return whether the goal is met."""
    every = times.all()
    late = statistics.quantiles(every, n=20)[18]
    print(f"\n{num_clients} clients, {THINK_SECONDS:g} s think time, {len(every):,} looks, {times.failed} clients failed")
    for page, seconds in sorted(times.looks.items()):
        if len(seconds) > 1:
            worst = statistics.quantiles(seconds, n=20)[18]
            print(f"  {page:12} p50 {statistics.median(seconds) * 1000:4.0f} ms, p95 {worst * 1000:4.0f} ms")
    print(f"  {'all':12} p50 {statistics.median(every) * 1000:4.0f} ms, p95 {late * 1000:4.0f} ms")
    print(f"processor time: web {web_cpu / len(every) * 1000:.1f} ms a look, clients {client_cpu / len(every) * 1000:.1f} ms")
    goal = next((seconds for most, seconds in GOALS if num_clients <= most), GOALS[-1][1])
    met = late < goal and not times.failed
    print(f"goal: p95 under {goal * 1000:.0f} ms: {'met' if met else 'missed'}; load {os.getloadavg()[0]:.1f}")
    return met


def measure(filled: Filled, pages: list[str], num_clients: int, seconds: float) -> bool:
    """Measure pages one by one, then together. Returns whether the goal is met."""
    print(f"{'page':12}{'processor':>12}{'waiting':>12}{'bytes':>12}     (goal: processor at most {GOAL_CPU_MS:g} ms)")
    for page in pages:
        used, waited, size = asyncio.run(alone(filled, page))
        print(f"{page:12}{used:>9.1f} ms{waited:>9.1f} ms{size:>12,}", flush=True)
    if not num_clients:
        return True
    web, before, mine = serving(filled), cpu_seconds(serving(filled)), time.process_time()
    times = asyncio.run(together(filled, pages, num_clients, seconds))
    return report(times, num_clients, cpu_seconds(web) - before, time.process_time() - mine)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=100, help="0: only the pages one by one")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--page", action="append", help="measure this page alone; may be given several times")
    parser.add_argument("--web", type=int, default=1, help="number of web processes")
    options = parser.parse_args()
    people, web = min(50, options.clients or 2), ("--web", str(options.web))
    with tempfile.TemporaryDirectory() as folder, filled_hub(Path(folder), options.runs, people, *web) as filled:
        met = measure(filled, options.page or list(filled.pages), options.clients, options.seconds)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
