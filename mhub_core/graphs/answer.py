"""What a model answers with: whether the hub can train that, and the layer that gives it for a data set."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, shapes, walk
from mhub_core.graphs.walk import Graph, Node

_TRAINED_HERE = "A model trained on this data predicts one class or one number for each example."
_ELSEWHERE = "or export it from the builder as a Python script or a notebook and train it elsewhere"
_GROWING = ("UpSampling", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
_BESIDE_DENSE = ("Dense", "Dropout", "Activation", "ReLU", "BatchNormalization")
_HEADS = {1: "Dense", 3: "Conv2D"}  # rank of the answer -> the layer that makes it
_SIZES = {"Dense": "units", "Conv2D": "filters"}
# They take the numbers of words, or words, not measurements and not the brightness of a pixel.
_WORDS = (
    "Embedding", "ReversibleEmbedding", "StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "HashedCrossing",
)  # fmt: skip


@dataclass(frozen=True)
class Output:
    """What the last layer has to give for a data set: how many numbers, through which activation, and that in words.

    `rank` counts the dimensions without the batch: 1 for one answer to an example, 3 for one to each pixel of an image, or, with
    `is_grid`, to each cell of a grid that is coarser than the image.
    """

    units: int
    activation: str
    words: str  # "outputs one number"
    rank: int = 1
    is_grid: bool = False


NUMBER = Output(1, "linear", "outputs one number")


def one_of(num_classes: int) -> Output:
    """Return an output of one probability for each of so many classes."""
    return Output(num_classes, "softmax", f"outputs {num_classes} probabilities, one for each class")


def require_one(graph: Graph, rank: int = 1, is_grid: bool = False) -> None:
    """Raise Invalid for a model with several answers, and for one whose answer has other dimensions than it must."""
    found = walk.ends(graph)
    if len(found) != 1:
        names = walk.nodes_by_id(graph)
        told = f"This model has {len(found)} outputs: {', '.join(names[node_id]['name'] for node_id, _ in found)}."
        mend = f"In the builder, remove or connect all but one, {_ELSEWHERE}."
        raise Invalid(told, _TRAINED_HERE, mend)
    if is_grid:  # whatever the end gives: a grid is made of what comes before
        return
    inside, node = _innermost(graph)
    found_rank = len(shapes.trace(inside)[node["id"]][walk.ends(inside)[0][1]])
    if rank == 1 and found_rank > 1 and _is_meant(inside, node):
        thing = {2: "a value for each step", 3: "an image"}.get(found_rank, "a volume")
        mend = f"End it with a GlobalAveragePooling layer and a Dense layer, {_ELSEWHERE}."
        raise Invalid(f"This model outputs {thing}, from {node['name']}.", _TRAINED_HERE, mend)
    if rank > 1 and found_rank != rank:
        raise Invalid(
            f"This model gives one output for each image, from {node['name']}.",
            "This data needs an output for each pixel: the output must be an image as large as the input.",
            "Choose a model for segmentation, such as the stock U-Net.",
        )


def require_same_sides(graph: Graph) -> None:
    """Raise Invalid for a model whose image of answers is not as large as the image that it takes."""
    first, (last, place) = walk.inputs(graph)[0], walk.ends(graph)[0]
    traced = shapes.trace(graph)
    taken, given = traced[first][0][:-1], traced[last][place][:-1]
    if None not in given and taken != given:
        sides, got = (" x ".join(map(str, reversed(one))) for one in (taken, given))
        raise Invalid(
            f"This model outputs {got} pixels for an image of {sides}.",
            "The output needs as many pixels as the image.",
            "Choose images whose sides can be halved as often as the model halves them (64 or 128 pixels), or change its layers.",
        )


def _innermost(graph: Graph) -> tuple[Graph, Node]:
    """Return the layer that gives the answer, and the design it stands in: a sub-model is looked into."""
    node = walk.resolved(graph, edit.require_node(graph, walk.ends(graph)[0][0]))
    inside = walk.inner(node)
    return _innermost(inside) if inside is not None and len(walk.ends(inside)) == 1 else (graph, node)


def _is_meant(graph: Graph, node: Node) -> bool:
    """Tell whether an answer with more than one dimension is meant so: it grew back, or says a probability each."""
    if node["class"] == "Dense" or _head(graph, node):
        return False
    grows = any(item["class"].startswith(_GROWING) for item in graph["nodes"])
    return grows or node["config"].get("activation") in ("sigmoid", "softmax") or node["class"] == "Softmax"


def for_each_point(graph: Graph, facts: dict[str, Any]) -> tuple[Node, Node] | None:
    """Return the Dense layer that gives an answer for each point of an image, and the first of the Dense layers before it.

    Keras takes that without a word; nearly always a Flatten was forgotten. None for any other design.
    """
    found, nodes, feeding = walk.ends(graph), walk.nodes_by_id(graph), walk.incoming(graph)
    last = nodes[found[0][0]] if len(found) == 1 else {"class": "", "id": ""}
    if last["class"] != "Dense" or len(facts["nodes"].get(last["id"], {}).get("output_shape", ())) < 4:  # with the batch
        return None
    node = first = last
    while node["class"] in _BESIDE_DENSE and len(feeding[node["id"]]) == 1:
        first = node if node["class"] == "Dense" else first
        node = nodes[feeding[node["id"]][0]["source"]]
    return last, first


def require_no_words(graph: Graph, made: bool = False) -> None:
    """Raise Invalid when a layer for words would get measurements or pixels. `made`: whole numbers were made before."""
    feeding, nodes = walk.incoming(graph), walk.nodes_by_id(graph)
    whole: dict[str, bool] = {}
    seen: set[tuple[str, bool]] = set()
    for node_id in walk.topological(graph):
        node = walk.resolved(graph, nodes[node_id])
        came = any(whole[edge["source"]] for edge in feeding[node_id]) if feeding[node_id] else made
        if node["class"] in _WORDS and not came:
            told = f"This model reads texts: {node['name']} ({node['class']}) takes words or word numbers."
            needed = "A model for this data takes measurements or pixels."
            raise Invalid(told, needed, f"Choose a dataset of texts or a model for this kind of data, {_ELSEWHERE}.")
        inside = walk.inner(node)
        call = walk.owner_id(node), came
        if inside is not None and call not in seen:
            seen.add(call)
            require_no_words(inside, came)
        whole[node_id] = came or node["class"] == "Discretization"


def fit(graph: Graph, output: Output, said: list[str]) -> Graph:
    """Return the design with an answer as `output` describes it."""
    last_id, place = walk.ends(graph)[0]
    last = edit.require_node(graph, last_id)
    inside = walk.inner(last)
    if inside is not None and len(walk.ends(inside)) == 1 and _is_alone(graph, last):
        last["config"] = {"graph": fit(inside, output, said)}
        return graph
    head = _head(graph, last, _HEADS[output.rank])
    if head is None:
        return _append_head(graph, last_id, place, output, said)
    if output.rank == 1:
        graph = _flatten_before(graph, head["id"], said)
    if _set_head(edit.require_node(graph, head["id"]), edit.require_node(graph, last_id), output):
        said.append(f"{head['name']} {output.words}.")
    return graph


def _set_head(head: Node, last: Node, output: Output) -> bool:
    """Set what the answer is made of, and tell whether it was otherwise. `last`: the head, or its activation as a layer."""
    before = copy.deepcopy((head["config"], last["class"], last["config"]))
    head["config"][_SIZES[head["class"]]] = output.units
    if head is last:
        _set_activation(head, output.activation)
    else:
        # The activation stands in a layer of its own: the Dense before it stays linear.
        head["config"].pop("activation", None)
        last.update({"class": "Activation", "config": {"activation": output.activation}})
    return before != (head["config"], last["class"], last["config"])


def _is_alone(graph: Graph, node: Node) -> bool:
    """Tell whether changing this layer changes no other call of it."""
    return "shares" not in node and not walk.sharers(graph, node["id"])


def _set_activation(node: Node, activation: str) -> None:
    if activation == "linear":
        if node["config"].get("activation") != "linear":
            node["config"].pop("activation", None)
    else:
        node["config"]["activation"] = activation


def _head(graph: Graph, last: Node, class_name: str = "Dense") -> Node | None:
    """Return the layer that makes the answer, perhaps followed by its activation as a layer; None without one."""
    if not _is_alone(graph, last):
        return None
    if _makes_answers(last, class_name):
        return last
    edges = walk.incoming(graph)[last["id"]]
    if last["class"] not in ("Activation", "Softmax") or len(edges) != 1:
        return None
    before = edit.require_node(graph, edges[0]["source"])
    fed = walk.outgoing(graph)[before["id"]]
    return before if _makes_answers(before, class_name) and len(fed) == 1 and _is_alone(graph, before) else None


def _makes_answers(node: Node, class_name: str) -> bool:
    """Tell whether a layer only chooses the answer: a Dense, or a convolution that looks at one pixel at a time."""
    return node["class"] == class_name and set(_listed(node["config"].get("kernel_size", 1))) == {1}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _append_head(graph: Graph, node_id: str, place: int, output: Output, said: list[str]) -> Graph:
    rank = len(shapes.trace(graph)[node_id][place])
    if output.rank == 1 and rank > 1:
        class_name = {2: "GlobalAveragePooling1D", 3: "GlobalAveragePooling2D"}.get(rank, "Flatten")
        graph, node_id = _behind(graph, class_name, {}, node_id, place)
        place = 0
        said.append(f"A {class_name} layer was added: it reduces the features to one row of numbers.")
    class_name = _HEADS[output.rank]
    config: dict[str, Any] = {_SIZES[class_name]: output.units} | ({} if class_name == "Dense" else {"kernel_size": 1})
    config |= {"activation": output.activation} if output.activation != "linear" else {}
    graph, node_id = _behind(graph, class_name, config, node_id, place)
    said.append(f"A {class_name} layer was added. {edit.require_node(graph, node_id)['name']} {output.words}.")
    return graph


def _behind(graph: Graph, class_name: str, config: dict[str, Any], last: str, output: int) -> tuple[Graph, str]:
    """Add a layer behind the answer, which is then the answer."""
    graph, node_id = edit.add_node(graph, class_name, config=config, after=last)
    graph.pop("outputs", None)
    for edge in graph["edges"] if output else []:
        if edge["target"] == node_id:
            edge["output"] = output
    return graph, node_id


def _flatten_before(graph: Graph, node_id: str, said: list[str]) -> Graph:
    """A Dense on an image answers once per pixel; one answer per sample needs a row of numbers."""
    edge = walk.incoming(graph)[node_id][0]
    if len(shapes.trace(graph)[edge["source"]][walk.output_of(edge)]) <= 1:
        return graph
    graph, _ = edit.add_node(graph, "Flatten", after=edge["source"], before=node_id)
    said.append("A Flatten layer was added before the last one: it turns each example into a single row of numbers.")
    return graph
