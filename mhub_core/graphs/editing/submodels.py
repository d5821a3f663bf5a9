"""Sub-models: a selection becomes one node, a node becomes its layers again, a design goes into another, and inside."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from typing import Any

from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import design, layout, walk
from mhub_core.graphs.editing.common import answers, copied, free_name, new_edge, require_node, with_answers
from mhub_core.graphs.editing.connections import behind
from mhub_core.graphs.editing.layers import add_node, put_in
from mhub_core.graphs.editing.several import cut_out, paste
from mhub_core.graphs.walk import Edge, Graph, Node

Tensor = tuple[str, int]  # A node and which of its outputs.


def insert_design(
    graph: Graph, other: Any, name: str, after: str | None = None, before: str | None = None,
    position: list[float] | None = None,
) -> tuple[Graph, str]:  # fmt: skip
    """Put a whole design into this one as a sub-model, see `add_node`. Raises Invalid when it is not well formed."""
    inner = copy.deepcopy(design.require_well_formed(other))
    free = free_name({node["name"] for node in graph["nodes"]}, _layer_name(name))
    node = {"class": walk.SUB_MODEL, "name": free, "config": {"graph": inner}}
    graph, node_id = put_in(graph, node, after, before, position)
    return design.require_well_formed(graph), node_id


def _layer_name(name: str) -> str:
    """Return a name that a layer may have, made from what people call a model."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_.-") else "_" for letter in name)
    kept = kept.strip("_.-")[:70]
    return kept if design.NAME.match(kept) else f"model_{kept}".rstrip("_")


def wrap(graph: Graph, ids: Collection[str], name: str, facts: dict[str, Any] | None = None) -> tuple[Graph, str]:
    """Make one sub-model of several layers and return its id. What comes in from outside becomes its inputs.

    `facts`: those of the design, which know the shapes of what comes in; without them only inputs of the model do.
    Raises Invalid where a selection cannot be one layer.
    """
    chosen = {node_id: require_node(graph, node_id) for node_id in ids}
    _require_wrappable(graph, chosen)
    listed = answers(graph)
    entering = [edge for edge in graph["edges"] if edge["target"] in chosen and edge["source"] not in chosen]
    leaving = [edge for edge in graph["edges"] if edge["source"] in chosen and edge["target"] not in chosen]
    inner, inputs = _with_inputs(graph, cut_out(graph, chosen), entering, facts)
    given = [_tensor(edge) for edge in leaving]
    given += [(item["node"], item["output"]) for item in listed if item["node"] in chosen]
    inner = with_answers(inner, [{"node": node_id, "output": output} for node_id, output in given])
    place = [min(node["position"][axis] for node in chosen.values()) for axis in (0, 1)]
    outer, fresh = insert_design(_without(graph, chosen), layout.arrange(inner), name, position=place)
    numbers = {tensor: number for number, tensor in enumerate(walk.ends(inner))}
    outer["edges"] += [new_edge(source, fresh, port, 0, output) for (source, output), port in inputs.items()]
    outer["edges"] += [new_edge(fresh, edge["target"], edge["port"], edge["order"], numbers[_tensor(edge)]) for edge in leaving]
    moved = {tensor: (fresh, number) for tensor, number in numbers.items()}
    return with_answers(outer, _moved(listed, moved)), fresh


def _without(graph: Graph, ids: Collection[str]) -> Graph:
    """Return the rest of a design, without its list of answers."""
    nodes = [node for node in graph["nodes"] if node["id"] not in ids]
    edges = [edge for edge in graph["edges"] if edge["source"] not in ids and edge["target"] not in ids]
    return {"format": graph["format"], "nodes": nodes, "edges": edges}


def _tensor(edge: Edge) -> Tensor:
    return edge["source"], walk.output_of(edge)


def _moved(listed: list[dict[str, Any]], moved: dict[Tensor, Tensor]) -> list[dict[str, Any]]:
    """Return answers that are now given by other nodes."""
    pairs = [(item["node"], item["output"]) for item in listed]
    return [{"node": node_id, "output": output} for node_id, output in (moved.get(pair, pair) for pair in pairs)]


def _require_wrappable(graph: Graph, chosen: dict[str, Node]) -> None:
    told = ""
    if not chosen or any(node["class"] == "InputLayer" for node in chosen.values()):
        told = "An input of the model cannot be part of a sub-model: select at least one layer, and no inputs."
    turned = [{**edge, "source": edge["target"], "target": edge["source"]} for edge in graph["edges"]]
    within = behind(graph, *chosen) & behind({**graph, "edges": turned}, *chosen)
    between = [node["name"] for node in graph["nodes"] if node["id"] in within - chosen.keys()]
    if between:
        told = f"{between[0]} is between the selected layers: select it too, or select fewer layers."
    shared = [node for node in graph["nodes"] if "shares" in node]
    torn = [node["name"] for node in shared if (node["id"] in chosen) != (node["shares"] in chosen)]
    if torn:
        told = f"{torn[0]} shares its weights with a layer outside: select all layers that share them, or none."
    if told:
        raise Invalid("These layers cannot become one sub-model.", told, "Change the selection.")


def _with_inputs(
    graph: Graph, piece: Graph, entering: list[Edge], facts: dict[str, Any] | None
) -> tuple[Graph, dict[Tensor, str]]:
    """Return a piece with an input for each tensor that comes in from outside, and the ids of these inputs."""
    inputs: dict[Tensor, str] = {}
    lines = []
    for edge in entering:
        tensor = _tensor(edge)
        if tensor not in inputs:
            source = require_node(graph, edge["source"])
            piece, inputs[tensor] = add_node(piece, "InputLayer", config=_input_config(source, tensor[1], facts))
            names = {node["name"] for node in piece["nodes"]}
            piece["nodes"][-1]["name"] = free_name(names, f"from_{source['name']}"[:80])
        lines.append(new_edge(inputs[tensor], edge["target"], edge["port"], edge["order"]))
    return {**piece, "edges": [*piece["edges"], *lines]}, inputs


def _input_config(source: Node, output: int, facts: dict[str, Any] | None) -> dict[str, Any]:
    if source["class"] == "InputLayer":
        return copy.deepcopy(source["config"])
    shape = known_shape(facts, source["id"], output)
    if shape is None:
        told = f"The hub does not know yet what shape arrives from {source['name']}."
        mend = "Fix the problems before these layers, or wait a moment and try again."
        raise Invalid(told, "The layers before these must work.", mend)
    return {"shape": shape[1:]}


def known_shape(facts: dict[str, Any] | None, node_id: str, output: int) -> list[int | None] | None:
    """Return what the facts tell that an output gives, (batch, ...); None where they tell nothing of it."""
    fact = (facts or {}).get("nodes", {}).get(node_id, {})
    shapes = fact.get("outputs") or [fact["output_shape"]] if "output_shape" in fact else []
    return shapes[output] if output < len(shapes) else None


def unwrap(graph: Graph, node_id: str) -> tuple[Graph, list[str]]:
    """Put the layers of a sub-model in its place and return their ids. Raises Invalid when it is called twice."""
    node = require_node(graph, node_id)
    inner = _inner_of_its_own(graph, node)
    listed, entries = answers(graph), walk.inputs(inner)
    piece = _called(cut_out(inner, [item["id"] for item in inner["nodes"] if item["id"] not in entries]), node.get("call"))
    outer, fresh = paste(_without(graph, [node_id]), piece, node["position"])
    ids = dict(zip((item["id"] for item in piece["nodes"]), fresh))
    drawn = [edge for edge in graph["edges"] if edge["source"] != edge["target"]]
    feeding = {edge["port"]: _tensor(edge) for edge in drawn if edge["target"] == node_id}

    def outside(tensor: Tensor) -> Tensor | None:
        return feeding.get(tensor[0]) if tensor[0] in entries else (ids[tensor[0]], tensor[1])

    ends = [outside(tensor) for tensor in walk.ends(inner)]
    into = [edge for edge in inner["edges"] if edge["source"] in entries and edge["target"] in ids]
    lines = [(outside(_tensor(edge)), {**edge, "target": ids[edge["target"]]}) for edge in into]
    out_of = [edge for edge in drawn if edge["source"] == node_id and walk.output_of(edge) < len(ends)]
    lines += [(ends[walk.output_of(edge)], edge) for edge in out_of]
    outer["edges"] += [new_edge(end[0], edge["target"], edge["port"], edge["order"], end[1]) for end, edge in lines if end]
    moved = {(node_id, number): end for number, end in enumerate(ends) if end}
    return with_answers(outer, _moved(listed, moved)), fresh


def _inner_of_its_own(graph: Graph, node: Node) -> Graph:
    inner = walk.inner(node)
    if inner is None or "shares" in node or walk.sharers(graph, node["id"]):
        told = f"{node['name']} is not a sub-model, or is used more than once."
        raise Invalid(told, "Only a sub-model with its own weights can be unpacked.", "Stop sharing its weights first.")
    return inner


def _called(piece: Graph, call: dict[str, Any] | None) -> Graph:
    """Return layers that are told what their sub-model was told."""
    nodes = [{**node, "call": {**call, **node.get("call", {})}} if call else node for node in piece["nodes"]]
    return {**piece, "nodes": nodes}


def inside(graph: Graph, path: Sequence[str]) -> Graph:
    """Return the design inside nested sub-models; `path` leads from the outermost to it. Raises NotFound."""
    for node_id in path:
        graph = _opened(graph, node_id)[1]
    return graph


def _opened(graph: Graph, node_id: str) -> tuple[str, Graph]:
    """Return a sub-model's design, and the id of the node that holds it: a call that shares shows what it shares."""
    owner = walk.owner(graph, require_node(graph, node_id))
    inner = walk.inner(owner)
    if inner is None:
        raise NotFound("This sub-model is no longer in the diagram.", mend="Reload the diagram.")
    return owner["id"], inner


def with_inside(graph: Graph, path: Sequence[str], inner: Graph) -> Graph:
    """Return the design with another one inside nested sub-models.

    Connections to inputs that are gone go too; those of its answers follow the answers.
    """
    if not path:
        return inner
    owner_id, old = _opened(graph, path[0])
    new = with_inside(old, path[1:], inner)
    calls = {owner_id, *walk.sharers(graph, owner_id)}
    inputs, numbers = set(walk.inputs(new)), _renumbered(walk.ends(old), walk.ends(new))
    listed = answers(graph) if "outputs" in graph else []
    graph = copied(graph)
    require_node(graph, owner_id)["config"] = {"graph": new}
    kept = []
    for edge in graph["edges"]:
        number = numbers.get(walk.output_of(edge)) if edge["source"] in calls else walk.output_of(edge)
        if number is not None and (edge["target"] not in calls or edge["port"] in inputs):
            kept.append(new_edge(edge["source"], edge["target"], edge["port"], edge["order"], number))
    graph["edges"] = kept
    told = [item | {"output": numbers.get(item["output"])} if item["node"] in calls else item for item in listed]
    return with_answers(graph, [item for item in told if item["output"] is not None])


def _renumbered(old: list[Tensor], new: list[Tensor]) -> dict[int, int]:
    """Return where each answer of a sub-model stands now.

    One that went on to another layer keeps its place; where another of the old answers stands there, it is gone.
    """
    places = {number: new.index(tensor) for number, tensor in enumerate(old) if tensor in new}
    free = set(range(len(new))) - set(places.values())
    return places | {number: number for number in range(len(old)) if number not in places and number in free}
