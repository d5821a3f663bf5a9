"""Draws the seeded mistakes in `mistakes.json`: `python -m tests.graphs.make_mistakes [seed] > tests/graphs/mistakes.json`.

Each kind is one function from a random generator to a design with one mistake: here those of connections, in `mistake_kinds`
those of shapes. The file is data, made once: another seed gives other sizes, other places and other layers around the same
mistakes.
"""

from __future__ import annotations

import json
import sys
from random import Random
from typing import Any

from mhub_core.graphs import design, edit, layout
from mhub_core.graphs.walk import Graph
from tests.graphs.mistake_kinds import KINDS, kind
from tests.graphs.parts import add, chain, conv, dense, gather, head, hidden, line, photo, recurrent, stages, table, text

SEED, COUNT = 3, 100


@kind
def loose_layer(rng: Random) -> Graph:
    graph = line(photo(rng), stages(rng), gather(rng), head(rng))
    return edit.add_node(graph, rng.choice(("Dropout", "Dense", "BatchNormalization")))[0]


@kind
def broken_line(rng: Random) -> Graph:
    graph = line(photo(rng), stages(rng), gather(rng), hidden(rng), head(rng))
    del graph["edges"][rng.randrange(len(graph["edges"]))]
    return graph


@kind
def two_connections_into_one(rng: Random) -> Graph:
    graph, trunk = chain([*table(rng), dense(32, activation="relu")])
    graph, first = chain([dense(16)], graph, trunk)
    graph, second = chain([dense(rng.choice((16, 24)))], graph, trunk)
    graph, merged = add(graph, *hidden(rng)[0], first, second)
    return chain(head(rng), graph, merged)[0]


@kind
def merge_of_one(rng: Random) -> Graph:
    graph, trunk = chain([*photo(rng), conv(rng, 16)])
    graph, last = chain([conv(rng, 16), (rng.choice(("Add", "Concatenate")), {})], graph, trunk)
    if rng.random() < 0.5:
        graph, _ = chain([conv(rng, 16)], graph, trunk)
    return chain([*gather(rng), *head(rng)], graph, last)[0]


@kind
def circle(rng: Random) -> Graph:
    graph, trunk = chain([*table(rng), dense(32)])
    graph, other = chain([dense(32, activation="relu")], graph, trunk)
    graph, joint = add(graph, "Add", {}, trunk, other)
    graph, first = chain([dense(32)], graph, joint)
    graph, last = chain([*hidden(rng), dense(32)], graph, first)
    graph = chain(head(rng), graph, last)[0]
    graph["edges"].append({"source": last, "target": rng.choice((joint, first, other)), "port": "inputs", "order": 2})
    return graph


@kind
def no_input(rng: Random) -> Graph:
    part = rng.choice(([*stages(rng), *gather(rng)], [recurrent(rng)], hidden(rng), text(rng)[1:] + [recurrent(rng)]))
    return line(part, head(rng))


@kind
def input_that_leads_nowhere(rng: Random) -> Graph:
    graph = line(photo(rng), stages(rng), gather(rng), head(rng))
    if rng.random() < 0.5:
        return edit.add_node(graph, "InputLayer", config={"shape": [8]})[0]
    graph["edges"] = [edge for edge in graph["edges"] if edge["source"] != "n1"]
    return graph


def draw(seed: int, count: int) -> list[dict[str, Any]]:
    """Return that many mistakes, of all kinds in turn, no two alike."""
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for turn in range(50 * count):
        name = list(KINDS)[turn % len(KINDS)]
        graph = layout.arrange(KINDS[name](Random(f"{seed} {name} {turn}")))
        key = design.graph_hash(graph)
        if key not in seen and len(found) < count:
            found.append({"kind": name, "graph": graph})
        seen.add(key)
    return found


if __name__ == "__main__":
    lines = (json.dumps(mistake, separators=(",", ":")) for mistake in draw(int((sys.argv[1:] or [SEED])[0]), COUNT))
    print("[\n" + ",\n".join(lines) + "\n]")
