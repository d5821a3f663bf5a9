"""How quickly the builder answers: `python -m bench.builder_clicks [--nodes 9 50 100] [--clicks 60]`.

Starts a hub of its own in a temporary home, makes a model of residual blocks for each size, opens it in a headless Chromium at
1280 x 900, and measures what a person waits for:
- click: from the mouse click on a layer to its name in the form beside the diagram, painted;
- drag: from letting a layer go to its new place in the database;
- change: from Enter in a field to the new facts of the layer in the diagram, painted;
- facts: what `graphs.service.facts` takes in the web process for designs that it has never seen (each differs in one number).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import FloatRect, FrameLocator, Locator, Page

from mhub_core.graphs import design, edit, layout
from mhub_core.graphs.walk import Graph
from tests.chromium import browser
from tests.e2e.hub import Hub, started_hub

GOAL_CLICK, GOAL_FACTS = 0.3, 0.2  # seconds: a click at 100 layers, facts at 50
PATIENCE = 60_000
WIDTH, HEIGHT = 1280, 900

# Waits in the browser for a form that names this layer, so that asking does not add to the time.
NAMED = "name => [...document.querySelectorAll('input[aria-label=name]')].some(field => field.value === name)"

# Waits in the browser for a layer of the diagram that shows this shape.
PAINTED = """shape => [...document.querySelector('.st-key-diagram iframe').contentDocument.querySelectorAll('.react-flow__node')]
    .some(node => node.textContent.includes(shape))"""


def network(num_nodes: int) -> Graph:
    """Return an image classifier of that many layers: convolutions with skip connections."""
    graph, last = edit.add_node(design.empty(), "InputLayer", config={"shape": [32, 32, 16]})
    while len(graph["nodes"]) + 5 <= num_nodes - 1:
        graph, first = edit.add_node(graph, "Conv2D", after=last, config={"filters": 16, "kernel_size": 3, "padding": "same"})
        graph, second = edit.add_node(graph, "BatchNormalization", after=first)
        graph, third = edit.add_node(graph, "ReLU", after=second)
        graph, added = edit.add_node(graph, "Add", after=third)
        graph = edit.connect(graph, last, added)
        last = added
    while len(graph["nodes"]) < num_nodes - 1:
        graph, last = edit.add_node(graph, "Dropout", after=last, config={"rate": 0.1})
    graph, last = edit.add_node(graph, "GlobalAveragePooling2D", after=last)
    return layout.arrange(graph)


def sign_in(page: Page, hub: Hub) -> None:
    """Make an account and carry its session into the browser."""
    from mhub_core.accounts import service as accounts
    from mhub_core.accounts.records import SESSION_COOKIE

    person = accounts.sign_up("bench@example.org", "Bench", "correct horse battery staple", "127.0.0.1")
    token = accounts.redeem_ticket(accounts.issue_ticket(person.id), "bench")
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": hub.url}])


def open_builder(page: Page, hub: Hub, graph: Graph) -> tuple[int, FrameLocator, float]:
    """Make a model of a design and open it. Returns its id, the diagram, and the seconds until all of it was there."""
    from mhub_core.accounts import service as accounts
    from mhub_core.models import service as models

    person = accounts.require_user(1)
    model_id = models.create(person, f"{len(graph['nodes'])} layers", "", graph)
    start = time.perf_counter()
    page.goto(f"{hub.url}/Builder?model={model_id}")
    diagram = page.frame_locator(".st-key-diagram iframe")
    diagram.locator(".react-flow__node").nth(len(graph["nodes"]) - 1).wait_for(timeout=PATIENCE)
    opened = time.perf_counter() - start
    page.wait_for_timeout(3000)
    return model_id, diagram, opened


def box_of(thing: Locator) -> FloatRect:
    """Return where something stands in the window. Raises RuntimeError when it is not drawn."""
    box = thing.bounding_box()
    if box is None:
        raise RuntimeError(f"{thing} is not drawn")
    return box


def in_view(page: Page, diagram: FrameLocator) -> list[str]:
    """Return the ids of the layers that a person sees and can click."""
    frame = box_of(page.locator(".st-key-diagram iframe"))
    size = {"width": frame["width"], "height": min(frame["height"], HEIGHT - frame["y"])}
    inside = """(nodes, size) => nodes.filter(node => {
        const box = node.getBoundingClientRect();
        return box.left > 60 && box.top > 0 && box.right < size.width && box.bottom < size.height;
    }).map(node => node.dataset.id)"""
    found: list[str] = diagram.locator(".react-flow__node").evaluate_all(inside, size)
    return found


def click_times(page: Page, diagram: FrameLocator, graph: Graph, clicks: int) -> list[float]:
    """Click on one layer after the other and return the seconds until each one's form is painted."""
    found = []
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    seen = in_view(page, diagram)
    for number in range(clicks):
        node_id = seen[number % len(seen)]
        box = box_of(diagram.locator(f".react-flow__node[data-id={node_id}]"))
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        start = time.perf_counter()
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function(NAMED, arg=names[node_id], polling="raf", timeout=PATIENCE)
        found.append(time.perf_counter() - start)
        page.wait_for_timeout(400)
    return found


def change_times(page: Page, diagram: FrameLocator, graph: Graph, times: int) -> list[float]:
    """Change the shape of the input and return the seconds until the diagram shows what comes out of it."""
    diagram.locator(f".react-flow__node[data-id={graph['nodes'][0]['id']}]").click()
    field = page.get_by_role("textbox", name="shape *", exact=True)
    found = []
    for number in range(times):
        field.fill(f"{64 + number}, 32, 16")
        start = time.perf_counter()
        field.press("Enter")
        page.wait_for_function(PAINTED, arg=f"{64 + number} × 32 × 16", polling="raf", timeout=PATIENCE)
        found.append(time.perf_counter() - start)
        page.wait_for_timeout(500)
    return found


def drag_times(page: Page, diagram: FrameLocator, model_id: int, times: int) -> list[float]:
    """Drag layers and return the seconds until the database has the new place."""
    from mhub_core.accounts import service as accounts
    from mhub_core.models import service as models

    person = accounts.require_user(1)
    found = []
    for number in range(times):
        seen = in_view(page, diagram)
        node_id = seen[number % len(seen)]
        box = box_of(diagram.locator(f".react-flow__node[data-id={node_id}]"))
        before = models.require_model(person, model_id).draft_revision
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 10, steps=6)
        page.mouse.up()
        start = time.perf_counter()
        while models.require_model(person, model_id).draft_revision == before:
            if time.perf_counter() - start > PATIENCE / 1000:
                raise RuntimeError("a drag was not saved")
            time.sleep(0.005)
        found.append(time.perf_counter() - start)
        page.wait_for_timeout(700)
    return found


def facts_times(graph: Graph, times: int) -> list[float]:
    """Ask for the facts of designs that nobody has asked for before."""
    from mhub_core.graphs import service as graphs

    found = []
    for number in range(times):
        fresh = edit.set_config(graph, graph["nodes"][0]["id"], {"shape": [32 + number, 32, 16]})
        found.append(_seconds(partial(graphs.facts, fresh)))
    return found[1:]  # The first one wakes the worker up.


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def told(name: str, seconds: list[float]) -> float:
    """Print the median and the 95th percentile, and return the latter."""
    late = statistics.quantiles(seconds, n=20)[18]
    print(
        f"  {name}: p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {late * 1000:.0f} ms ({len(seconds)} times)", flush=True
    )
    return late


def measure(hub: Hub, sizes: list[int], clicks: int) -> bool:
    """Measure every size and return whether the goals are met."""
    met = True
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        sign_in(page, hub)
        for size in sizes:
            graph = network(size)
            model_id, diagram, opened = open_builder(page, hub, graph)
            print(f"{size} layers: drawn {opened:.1f} s after opening the page")
            late = told("click to form", click_times(page, diagram, graph, clicks))
            met = met and (size > 100 or late < GOAL_CLICK)
            told("drag to saved", drag_times(page, diagram, model_id, max(4, clicks // 3)))
            told("change to facts in the diagram", change_times(page, diagram, graph, clicks))
            late = told("facts", facts_times(graph, clicks + 1))
            met = met and (size > 50 or late < GOAL_FACTS)
    return met


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, nargs="+", default=[9, 50, 100])
    parser.add_argument("--clicks", type=int, default=60)
    options = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder, started_hub(Path(folder) / "home") as hub:
        os.environ["MHUB_HOME"] = str(hub.home)
        met = measure(hub, options.nodes, options.clicks)
    goals = f"a click under {GOAL_CLICK * 1000:.0f} ms up to 100 layers, facts under {GOAL_FACTS * 1000:.0f} ms up to 50"
    print(f"goals (p95): {goals}: {'met' if met else 'missed'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
