"""Repairs of connections: loose layers, circles, inputs that lead nowhere, two layers into one, a merge of one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import islice

from mhub_core.graphs import edit, needs, ports, walk
from mhub_core.graphs.doctor.case import PASSING, Attempt, Case, inserted, removed
from mhub_core.graphs.walk import Edge, Graph, Node

_MOST_TRIED = 50  # Connections of a circle that are taken away to see whether it opens.
# A likely shape of the data for layers that need so many dimensions.
_SHAPES = {1: [16], 2: [20, 8], 3: [32, 32, 3], 4: [16, 16, 16, 1]}


def repairs(case: Case) -> Iterator[Attempt]:
    """Yield new connections, or fewer."""
    node, edges = case.node, case.edges
    loose_inputs = [item for item in case.graph["nodes"] if item["class"] == "InputLayer" and not _fed(case, item)]
    yield from _circle(case)
    yield from _missing_output(case)
    if node["class"] == "InputLayer":
        yield from _wrong_edges(case)
        yield from _lead(case) if node in loose_inputs else ()
    elif not edges:
        yield from _feed(case, loose_inputs)
    else:
        yield from _wrong_edges(case)
        for port in ports.of(walk.resolved(case.graph, node)):
            here = [edge for edge in edges if edge["port"] == port.name]
            if len(here) > 1 and not port.many:
                yield from _merge(case, here)
            elif len(here) == 1 and port.many and port.fewest > 1:
                yield from _second(case)
            elif not here and port.fewest:
                yield from _fill(case, port.name, port.title)


def _fed(case: Case, node: Node) -> list[Edge]:
    return case.following[node["id"]]


def _without(graph: Graph, *edges: Edge) -> Graph:
    return {**copy.deepcopy(graph), "edges": [edge for edge in graph["edges"] if edge not in edges]}


def _circle(case: Case) -> Iterator[Attempt]:
    """Remove one connection of the circle: first one to a layer that something else feeds too, from the one lowest down."""
    stuck = set(walk.nodes_by_id(case.graph)) - set(walk.topological(case.graph))
    if case.node["id"] not in stuck:
        return
    inside = [edge for edge in case.graph["edges"][::-1] if edge["source"] in stuck and edge["target"] in stuck]
    inside.sort(key=lambda edge: -len(case.feeding[edge["target"]]))
    for edge in islice(inside, _MOST_TRIED):
        if not _stays_stuck(case.graph, edge, stuck):
            words = f"Remove the connection from {case.at(edge['source'])['name']} to {case.at(edge['target'])['name']}"
            yield f"{words}: it closes the cycle", _without(case.graph, edge)


def _stays_stuck(graph: Graph, edge: Edge, stuck: set[str]) -> bool:
    opened = {**graph, "edges": [item for item in graph["edges"] if item is not edge]}
    return bool(stuck - set(walk.topological(opened)))


def _missing_output(case: Case) -> Iterator[Attempt]:
    for edge in case.edges:
        source = case.at(edge["source"])
        number = walk.output_of(edge)
        given = ports.outputs(walk.resolved(case.graph, source))
        if number < len(given):
            continue
        graph = copy.deepcopy(case.graph)
        owner = edit.require_node(graph, walk.owner_id(source))
        if source["class"] in ports.RECURRENT and "layer" not in owner["config"]:
            owner["config"]["return_state"] = True
            yield f"Switch return_state on in {source['name']}: it then gives its states too", graph
        elif source["class"] in ports.ATTENTION:
            edit.require_node(graph, source["id"])["call"] = {**source.get("call", {}), "return_attention_scores": True}
            yield f"Have {source['name']} return its attention scores too", graph
        graph = copy.deepcopy(case.graph)
        graph["edges"][case.graph["edges"].index(edge)].pop("output")
        yield f"Take the first output of {source['name']} instead: there is no output {number + 1}", graph


def _wrong_edges(case: Case) -> Iterator[Attempt]:
    """A connection to an input that the layer does not have."""
    known = {port.name for port in ports.of(walk.resolved(case.graph, case.node))}
    wrong = [edge for edge in case.edges if edge["port"] not in known]
    if wrong:
        names = " and ".join(case.at(edge["source"])["name"] for edge in wrong)
        yield f"Remove the connection from {names} to {case.node['name']}: it has no such input", _without(case.graph, *wrong)


def _lead(case: Case) -> Iterator[Attempt]:
    """An input that feeds nothing: to a layer that nothing feeds, or away with it."""
    for node in _hungry(case):
        yield _connected(case, case.node, node)
    if not any(node["class"] != "InputLayer" for node in case.graph["nodes"]):
        graph, _ = edit.add_node(case.graph, "Dense", after=case.node["id"])
        yield f"Add a Dense layer behind {case.node['name']}: a model needs a layer that learns", graph
    if len(walk.inputs(case.graph)) > 1:
        yield f"Remove {case.node['name']}: nothing uses it", removed(case.graph, case.node["id"])
    elif not _hungry(case):
        for node in case.graph["nodes"]:
            if node is not case.node and ports.get(node, ports.first(node)) is not None:
                yield _connected(case, case.node, node)


def _hungry(case: Case) -> list[Node]:
    """Return the layers that wait for a connection: those first that have none and feed others."""
    found = [node for node in case.graph["nodes"] if _missing(case, node)]
    return sorted(found, key=lambda node: (bool(case.feeding[node["id"]]), not _fed(case, node)))


def _missing(case: Case, node: Node) -> list[str]:
    """Return the inputs of a layer that need more connections."""
    node = walk.resolved(case.graph, node)
    fed = ports.feeding(node, case.feeding[node["id"]])
    return [port.name for port in ports.of(node) if len(fed.get(port.name, [])) < port.fewest]


def _connected(case: Case, source: Node, target: Node) -> Attempt:
    """A layer feeds all that is empty in another: an attention layer looks at what it is given itself."""
    words, graph = f"Connect {source['name']} to {target['name']}", case.graph
    free: list[str | None] = [*_missing(case, target)]
    for port in free or [None]:
        graph = edit.connect(graph, source["id"], target["id"], port)
    return words, graph


def _feed(case: Case, loose_inputs: list[Node]) -> Iterator[Attempt]:
    """A layer that nothing feeds."""
    node = case.node
    if not walk.inputs(case.graph):
        yield from _new_inputs(case)
        return
    for source in loose_inputs:
        yield _connected(case, source, node)
    ends = [end for end in _ends(case) if end["id"] not in _line(case)]
    if _fed(case, node):
        for source in ends:
            yield _connected(case, source, node)
        for source in _earlier(case):
            yield _connected(case, source, node)
        return
    for source in ends:
        yield from _before_the_answer(case, source)
        yield _connected(case, source, node)
    yield f"Remove {node['name']}: nothing is connected to it", removed(case.graph, node["id"])


def _earlier(case: Case) -> list[Node]:
    """Return the layers drawn shortly before this one that data reach, the nearest first, then the inputs."""
    nodes, behind = case.graph["nodes"], _line(case)
    before = [node for node in nodes[: nodes.index(case.node)] if node["id"] not in behind and case.shape(node)]
    return before[::-1][:5] + [case.at(node_id) for node_id in walk.inputs(case.graph)]


def _ends(case: Case) -> list[Node]:
    """Return the layers that feed no other, those first that data reach."""
    found = [case.at(node_id) for node_id in walk.outputs(case.graph) if node_id != case.node["id"]]
    return sorted(found, key=lambda node: "output_shape" not in case.facts.get(node["id"], {}))


def _line(case: Case) -> set[str]:
    """Return everything behind the layer, and itself."""
    found, waiting = {case.node["id"]}, [case.node["id"]]
    while waiting:
        targets = {edge["target"] for edge in case.following[waiting.pop()]} - found
        found |= targets
        waiting += targets
    return found


def _before_the_answer(case: Case, end: Node) -> Iterator[Attempt]:
    """The last layer gives the answer of the model, so a loose one belongs in front of it."""
    edges = case.feeding[end["id"]]
    if end["class"] != "Dense" or len(edges) != 1 or len(ports.of(case.node)) != 1 or ports.of(case.node)[0].many:
        return
    graph = _without(case.graph, edges[0])
    graph = edit.connect(edit.connect(graph, edges[0]["source"], case.node["id"]), case.node["id"], end["id"])
    before = case.at(edges[0]["source"])["name"]
    yield f"Put {case.node['name']} between {before} and {end['name']}", graph


def _new_inputs(case: Case) -> Iterator[Attempt]:
    """The design has no input: one of the shape that the first layer with a need tells."""
    node = next((item for item in (case.node, *case.forward(case.node)) if item["class"] not in PASSING), case.node)
    likely = {"Embedding": 1}.get(node["class"], needs.rank(node) or 1)
    for rank in sorted(_SHAPES, key=lambda rank: (rank != likely, rank)):
        x, y = case.node["position"]
        graph, node_id = edit.add_node(case.graph, "InputLayer", config={"shape": _SHAPES[rank]}, position=[x, y - edit.STEP])
        name = edit.require_node(graph, node_id)["name"]
        told = f"Add an InputLayer ({name}) and connect it to {case.node['name']}"
        yield f"{told}: training sets its shape to that of the data", edit.connect(graph, node_id, case.node["id"])


def _merge(case: Case, here: list[Edge]) -> Iterator[Attempt]:
    """Several layers feed an input that takes one: merge them, or keep one."""
    shapes = [case.shape_of(edge) for edge in here]
    same = all(shape == shapes[0] for shape in shapes)
    names = [case.at(edge["source"])["name"] for edge in here]
    for class_name in ("Add", "Concatenate") if same else ("Concatenate",):
        graph, node_id = inserted(case.graph, here[0], class_name)
        for edge in graph["edges"]:
            if edge in here[1:]:
                edge.update(target=node_id, port=ports.INPUTS, order=here.index(edge))
        how = "adds them up" if class_name == "Add" else "puts them side by side"
        yield f"Insert a {class_name} before {case.node['name']}: it {how}, {' and '.join(names)}", graph
    for edge, name in zip(here, names):
        yield f"Keep only the connection from {name}", _without(case.graph, *(item for item in here if item != edge))


def _second(case: Case) -> Iterator[Attempt]:
    """A merging layer with one input: a branch that ends loose, an earlier layer of the same shape, or no merging."""
    node, given = case.node, case.given[0]
    behind = _line(case)
    ends = [end for end in _ends(case) if end["id"] not in behind and case.shape(end)]
    for end in sorted(ends, key=lambda end: case.shape(end) != given):
        yield _connected(case, end, node)
    earlier = list(case.back(case.sources[0], through=None))[2:]
    for source in earlier:
        if case.shape(source) == given and source["class"] != "InputLayer":
            words = f"Connect {source['name']} to {node['name']} too: a shortcut around the layers between them"
            yield words, edit.connect(case.graph, source["id"], node["id"])
            break
    yield f"Remove {node['name']}: there is nothing to merge", removed(case.graph, node["id"])


def _fill(case: Case, port: str, title: str) -> Iterator[Attempt]:
    """A named input is empty: what feeds the others feeds it too, as in self-attention."""
    for source in {source["id"]: source for source in case.sources}.values():
        graph = edit.connect(case.graph, source["id"], case.node["id"], port)
        yield f"Connect {source['name']} to {title} of {case.node['name']} too", graph
    behind = _line(case)
    for end in _ends(case):
        if end["id"] not in behind:
            graph = edit.connect(case.graph, end["id"], case.node["id"], port)
            yield f"Connect {end['name']} to {title} of {case.node['name']}", graph
