"""How often the doctor mends what nobody foresaw: `python -m tests.random_edits [seed] [seconds]`.

Stock models are edited at random, as by somebody who does not look: a layer of any class inserted, one removed or moved, a
connection cut or drawn. Of the designs that break, counts those that build after the first repair, and prints the others.
"""

from __future__ import annotations

import sys
import time
from random import Random

from mhub_core.catalog import catalog
from mhub_core.errors import MHubError
from mhub_core.graphs import edit, stock
from mhub_core.graphs.engine.repairs import repairs
from mhub_core.graphs.walk import Graph
from tests.mistakes import MOST_PARAMETERS, builds

MOST_LAYERS = 45


def edited(rng: Random, graph: Graph) -> tuple[str, Graph]:
    """Return what was done in words, and the changed design."""
    blocks = [block for block in catalog.list_layers() if not block.no_form and block.role != "part"]
    node, other = rng.sample(graph["nodes"], 2)
    edge, block = rng.choice(graph["edges"]), rng.choice(blocks)
    changes = {
        f"insert {block.name}": lambda: edit.add_node(graph, block.name, after=node["id"])[0],
        f"remove {node['class']}": lambda: edit.remove(graph, node["id"]),
        "cut a connection": lambda: edit.disconnect(graph, edge["source"], edge["target"]),
        "draw a connection": lambda: edit.connect(graph, node["id"], other["id"]),
        f"move {node['class']}": lambda: edit.move_down(graph, node["id"]),
    }
    name = rng.choice([*changes, *list(changes)[:1] * 2])
    return name, changes[name]()


def main(seed: int, seconds: float) -> None:
    """Edit, mend and count until the time is over."""
    rng, models = Random(seed), [entry.graph() for entry in stock.STOCK]
    models = [graph for graph in models if len(graph["nodes"]) <= MOST_LAYERS]
    broken = mended = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            name, graph = edited(rng, rng.choice(models))
        except MHubError:
            continue
        if builds(graph):
            continue
        offered = repairs(graph, MOST_PARAMETERS)
        broken += 1
        if offered and builds(offered[0]["graph"]):
            mended += 1
        else:
            print(f"NOT mended: {name}: {[repair['words'] for repair in offered]}")
    print(f"{mended} of {broken} broken designs build after the first repair.")


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["1"])[0]), float((sys.argv[2:] or ["60"])[0]))
