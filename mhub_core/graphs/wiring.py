"""Checks how the layers of a design are connected: circles, loose ends, inputs that are empty or taken twice."""

from __future__ import annotations

from mhub_core.graphs import ports, walk
from mhub_core.graphs.records import Port, Problem
from mhub_core.graphs.walk import Edge, Graph, Node


def connection_problems(graph: Graph) -> list[Problem]:
    """Return what is wrong with the connections of a well-formed design, those inside its sub-models among them."""
    if not graph["nodes"]:
        return [Problem(None, "The diagram is empty.", "Add an InputLayer, or start from a stock model.")]
    problems = []
    if not walk.inputs(graph):
        mend = "Add an InputLayer and connect it to the first layer."
        problems.append(Problem(None, "The diagram has no input.", mend))
    problems += _cycle_problems(graph)
    feeding, following, nodes = walk.incoming(graph), walk.outgoing(graph), walk.nodes_by_id(graph)
    whole = walk.all_resolved(graph)
    given = {node_id: len(ports.outputs(node)) for node_id, node in whole.items()}
    for node_id, node in whole.items():
        problems += _inner_problems(nodes[node_id]) or _input_problems(node, feeding[node_id])
        problems += _missing_outputs(node, feeding[node_id], given, nodes)
    problems += _missing_answers(graph, given, nodes)
    answers = set(walk.outputs(graph)) if "outputs" in graph else set()
    lonely = [node for node in graph["nodes"] if node["class"] == "InputLayer" and not following[node["id"]]]
    mend = "Connect it to the first layer, or remove it."
    told = [
        Problem(node["id"], f"{node['name']} is not connected to an output of the model.", mend)
        for node in lonely
        if node["id"] not in answers
    ]
    return problems + told


def _cycle_problems(graph: Graph) -> list[Problem]:
    stuck = set(walk.nodes_by_id(graph)) - set(walk.topological(graph))
    # Layers behind a cycle are stuck too; only those that also lead back into it are at fault.
    follows = walk.outgoing(graph)
    while loose := {node_id for node_id in stuck if not any(edge["target"] in stuck for edge in follows[node_id])}:
        stuck -= loose
    mend = "Remove one of the connections of the cycle: data must flow from input to output."
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return [Problem(node_id, f"{names[node_id]} feeds itself: the connections form a cycle.", mend) for node_id in sorted(stuck)]


def _inner_problems(node: Node) -> list[Problem]:
    """Return what keeps a sub-model from working, pinned to its node."""
    inside = walk.inner(node)
    found = connection_problems(inside) if inside is not None else []
    return [Problem(node["id"], f"In {node['name']}: {problem.message}", problem.mend) for problem in found]


def _input_problems(node: Node, edges: list[Edge]) -> list[Problem]:
    node_id, name, taken = node["id"], node["name"], ports.of(node)
    if node["class"] == "InputLayer":
        return [Problem(node_id, f"{name} is an input and cannot receive a connection.", "Remove it.")] if edges else []
    fed = ports.feeding(node, edges)
    unknown = next((port for port in fed if port not in {item.name for item in taken}), None)
    if unknown is not None:
        mend = f"It has: {', '.join(item.title for item in taken)}."
        return [Problem(node_id, f"{name} has no input called {unknown[:40]}.", mend)]
    if not edges:
        return [Problem(node_id, f"{name} is not connected.", "Connect a layer to it, or remove it.")]
    told = (_port_problem(name, port, len(fed.get(port.name, [])), len(taken) == 1) for port in taken)
    return [Problem(node_id, *words) for words in told if words]


def _port_problem(name: str, port: Port, count: int, is_only: bool) -> tuple[str, str] | None:
    if count > 1 and not port.many:
        if is_only:
            mend = "Merge them first, for example with Add or Concatenate."
            return f"{name} takes one input but got {count}.", mend
        return f"{name} has two inputs at its {port.title}.", "Remove one."
    if count >= port.fewest:
        return None
    if port.many and count:
        return f"{name} merges several inputs but got {count}.", "Connect another layer to it."
    return f"{name} has nothing at its {port.title}.", f"Connect a layer to {port.title}."


def _missing_outputs(node: Node, edges: list[Edge], given: dict[str, int], nodes: dict[str, Node]) -> list[Problem]:
    bad = next((edge for edge in edges if walk.output_of(edge) >= given[edge["source"]]), None)
    if bad is None:
        return []
    source, number = nodes[bad["source"]]["name"], walk.output_of(bad) + 1
    mend = f"Have {source} return its states or scores again, in its form, or remove the connection."
    told = f"{node['name']} takes output {number} of {source}, which {source} does not give."
    return [Problem(node["id"], told, mend)]


def _missing_answers(graph: Graph, given: dict[str, int], nodes: dict[str, Node]) -> list[Problem]:
    mend = "Turn on its states or scores again, in its form, or remove this output."
    return [
        Problem(
            node_id,
            f"Output {output + 1} of {nodes[node_id]['name']} is marked as an output of the model but does not exist.",
            mend,
        )
        for node_id, output in walk.ends(graph)
        if output >= given[node_id]
    ]
