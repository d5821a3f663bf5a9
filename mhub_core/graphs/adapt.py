"""Makes a design fit the data: its inputs take the data's shape, its answer has one unit per class (or one number).

Pure Python: shapes are followed only as far as needed to keep windows from growing larger than the image.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from mhub_core.graphs import answer, design, edit, feature_map, shapes, walk, word_input
from mhub_core.graphs.answer import Output
from mhub_core.graphs.walk import Graph, Node
from mhub_core.graphs.words import shape_text, thing

_SCALE = 1 / 255
_MAX_KEPT = 50_000  # letters of a design whose answer is kept


@dataclass(frozen=True)
class Input:
    """What one example of a data set is to a model.

    `shape` is without the batch; `numbers` stands behind it where it needs a noun, and `counted` says once what they are; `thing`
    is what several inputs of a model share; `fit_values` gets a design of one input and makes it fit the range of the values:
    `scale_bytes`, `leave_out_scale`, or what another kind of data needs. `num_words`: where the numbers are those of words, how
    many of them there are.
    """

    shape: tuple[int, ...]
    thing: str
    fit_values: Callable[[Graph, list[str]], Graph]
    numbers: str = ""
    counted: str = ""
    num_words: int = 0


def row(num_features: int) -> Input:
    """Return the input of a table: standardised numbers."""
    counted = " (one for each numeric column, and one for each category of a text column)"
    return Input((num_features,), "columns", leave_out_scale, " numbers", counted)


def picture(shape: tuple[int, ...]) -> Input:
    """Return the input of images `(height, width, channels)`: bytes, 0 to 255."""
    return Input(shape, "image", scale_bytes)


def text(length: int, num_words: int) -> Input:
    """Return the input of texts: the numbers of their first words, filled up with 0."""
    counted = f" (one for each of the first {length:,} words; {num_words:,} different ones)"
    return Input((length,), "text", _of_texts, " word numbers", counted, num_words)


def signal(shape: tuple[int, ...]) -> Input:
    """Return the input of series `(steps, channels)`: standardised numbers."""
    return Input(shape, "series", _of_series)


def fitted_words(given: Input, output: Output) -> str:
    """Return in a sentence what a network takes and gives once it fits the data."""
    shape = [None, *given.shape]
    taken = f"{shape_text(shape)}{given.numbers}{given.counted}" if given.numbers else thing(shape)
    return f"For this dataset, the network takes {taken} and {output.words}."


def adapt(graph: Graph, given: Input, output: Output) -> tuple[Graph, list[str]]:
    """Return the design that fits the data, and a sentence for everything that was changed.

    Raises Invalid for a broken design and for one that cannot learn from such data. The answers to the last questions are kept:
    whoever chooses what to train on which data asks the same again at each look.
    """
    try:
        drawn = json.dumps(graph, allow_nan=False)
    except (TypeError, ValueError):  # no design; which part of it is none, is said below
        return _adapt(graph, given, output)
    if len(drawn) > _MAX_KEPT:
        return _adapt(graph, given, output)
    fitted, said = json.loads(_adapted(drawn, given, output))
    return fitted, said


@lru_cache(maxsize=64)
def _adapted(drawn: str, given: Input, output: Output) -> str:
    """Answer in text: so nobody changes what is kept, and it is at most a few megabytes."""
    return json.dumps(_adapt(json.loads(drawn), given, output))


def _adapt(graph: Graph, given: Input, output: Output) -> tuple[Graph, list[str]]:
    design.require_valid(graph)
    answer.require_one(graph, output.rank, output.is_grid)
    if not given.num_words:
        answer.require_no_words(graph)
    graph = copy.deepcopy(graph)
    said: list[str] = []
    for node_id in walk.inputs(graph):
        graph = _fit_input(graph, node_id, given, said)
    graph = _join_inputs(graph, given.thing, said)
    graph = given.fit_values(graph, said)
    if given.num_words:
        word_input.fit_vocabulary(graph, given.num_words, said)
    _fit_sizes(graph, said)
    if output.is_grid:
        graph = feature_map.cut(graph, said)
    graph = answer.fit(graph, output, said)
    if output.is_grid:
        feature_map.require_grid(graph)
    elif output.rank > 1:
        answer.require_same_sides(graph)
    return design.require_valid(graph), list(dict.fromkeys(said))


def _fit_input(graph: Graph, node_id: str, given: Input, said: list[str]) -> Graph:
    wanted = list(given.shape)
    node = edit.require_node(graph, node_id)
    drawn = node["config"].get("shape", [])
    if drawn != wanted:
        said.append(f"The input takes {shape_text([None, *wanted])}{given.numbers} instead of {shape_text([None, *drawn])}.")
    node["config"] = {"shape": wanted}
    behind = node_id
    if given.num_words:
        node["config"]["dtype"] = word_input.DTYPE
        graph, behind, wanted = word_input.enter(graph, node_id, len(drawn), given.num_words, said)
    fed = [edit.require_node(graph, edge["target"]) for edge in walk.outgoing(graph)[behind]]
    _loosen_reshapes([walk.owner(graph, layer) for layer in fed], wanted, said)
    if len(drawn) in (0, len(wanted)) or any(layer["class"] in ("Flatten", "Reshape") for layer in fed):
        return graph
    return _bridge(graph, behind, wanted, given.thing, len(drawn), said)


def _loosen_reshapes(fed: list[Node], wanted: list[int], said: list[str]) -> None:
    """Let a Reshape that was drawn for another number of values take what now comes in."""
    for layer in fed:
        target = layer["config"].get("target_shape", []) if layer["class"] == "Reshape" else []
        if target and None not in target and -1 not in target and math.prod(target) != math.prod(wanted):
            layer["config"] = {"target_shape": [-1] + [1] * (len(target) - 1)}
            said.append(f"{layer['name']} reshapes to fit the {math.prod(wanted)} values of the new data.")


def _bridge(graph: Graph, node_id: str, wanted: list[int], thing: str, rank: int, said: list[str]) -> Graph:
    """Insert a layer behind a node that brings the data to as many dimensions as the design was drawn for."""
    if rank == 1:
        said.append(f"A Flatten layer was added: it turns each {thing} into one row of numbers.")
        return edit.add_node(graph, "Flatten", after=node_id)[0]
    target = _target(wanted, rank)
    said.append(
        f"A Reshape layer was added: it reshapes each example to {shape_text([None, *target])}, the input shape that the "
        "model was designed for."
    )
    return edit.add_node(graph, "Reshape", config={"target_shape": target}, after=node_id)[0]


def _target(wanted: list[int], rank: int) -> list[int]:
    """Return a shape of `rank` dimensions for a sample: (13,) becomes (13, 1, 1), (28, 28, 3) becomes (28, 84)."""
    if len(wanted) <= rank:
        return wanted + [1] * (rank - len(wanted))
    return wanted[: rank - 1] + [math.prod(wanted[rank - 1 :])]


def _join_inputs(graph: Graph, what: str, said: list[str]) -> Graph:
    """A data set gives one thing for each sample: where a model has several inputs, all take that."""
    first, *others = walk.inputs(graph)
    if not others:
        return graph
    names = ", ".join(node["name"] for node in graph["nodes"] if node["id"] in (first, *others))
    said.append(f"The model has {len(others) + 1} inputs ({names}) and the data has one: all of them receive the same {what}.")
    for edge in graph["edges"]:
        edge["source"] = first if edge["source"] in others else edge["source"]
    graph["nodes"] = [node for node in graph["nodes"] if node["id"] not in others]
    return graph


def scale_bytes(graph: Graph, said: list[str]) -> Graph:
    """Return a design that takes bytes, 0 to 255: a network learns well from numbers around 1."""
    if _has_scale(graph):
        return graph
    said.append("A Rescaling layer was added: it scales pixel values from 0-255 to 0-1.")
    return edit.add_node(graph, "Rescaling", config={"scale": _SCALE}, after=walk.inputs(graph)[0])[0]


def _has_scale(graph: Graph) -> bool:
    insides = filter(None, map(walk.inner, graph["nodes"]))
    return any(node["class"] in ("Rescaling", "Normalization") for node in graph["nodes"]) or any(map(_has_scale, insides))


def leave_out_scale(graph: Graph, said: list[str], why: str = "table values are already standardized") -> Graph:
    """Return a design that takes standardised numbers, or words: no layer has to bring bytes to 0-1. `why`: in words."""
    for node in graph["nodes"]:
        inside = walk.inner(node)
        if inside is not None and _has_scale(inside):
            node["config"] = {"graph": _inside_left_out(inside, said, why)}
    while left := next((node for node in graph["nodes"] if _only_scales(walk.resolved(graph, node))), None):
        graph = edit.remove(graph, left["id"])
        said.append(f"{left['name']} was removed: it is for images, and {why}.")
    return graph


def _of_series(graph: Graph, said: list[str]) -> Graph:
    return leave_out_scale(graph, said, "the values of series are already standardized")


def _of_texts(graph: Graph, said: list[str]) -> Graph:
    return leave_out_scale(graph, said, "texts have no pixels")


def _inside_left_out(inside: Graph, said: list[str], why: str) -> Graph:
    """The answers stay in their order: what an input that is left alone gives is one of them now."""
    changed = leave_out_scale({**inside, "outputs": _answers(inside)}, said, why)
    is_passed_on = any(node_id in walk.inputs(changed) for node_id, _ in walk.ends(changed))
    return {**changed, "outputs": _answers(changed)} if is_passed_on else changed


def _answers(graph: Graph) -> list[dict[str, object]]:
    return [{"node": node_id, "output": output} for node_id, output in walk.ends(graph)]


def _only_scales(node: Node) -> bool:
    """Tell whether a layer brings bytes to 0-1, or is a sub-model of which nothing but its input is left."""
    inside = walk.inner(node)
    if inside is not None:
        return [item["class"] for item in inside["nodes"]] == ["InputLayer"]
    return bool(node["class"] == "Rescaling" and node["config"].get("scale") == _SCALE)


def _fit_sizes(graph: Graph, said: list[str]) -> None:
    """Bring layers that hold a size to what now reaches them, from the input on."""
    widened: list[str] = []

    def fit(node: Node, given: shapes.Given) -> None:
        first = next((shape for arriving in given.values() for shape in arriving), [])
        layer = walk.owner(graph, node)
        if shapes.is_too_large(layer, first):
            layer["config"]["padding"] = "same"
            widened.append(layer["name"])
        if layer is node:
            _fit_places(node, first, said)
            _fit_inside(node, given, said)

    told = -1
    # A layer that is called twice may be changed at its second call, which changes what the first one gives.
    while told < (told := len(widened) + len(said)):
        shapes.trace(graph, visit=fit)
    if widened:
        said.append(f'The padding is now "same" in {", ".join(widened)}: the window is larger than its input.')


def _fit_places(node: Node, given: shapes.Shape, said: list[str]) -> None:
    """An EinsumDense names the sizes that it keeps, such as the number of steps: those follow what comes in."""
    if node["class"] != "EinsumDense":
        return
    told, sizes = node["config"]["output_shape"], shapes.einsum_sizes(node["config"], given)
    if isinstance(told, list) and None not in sizes and sizes != told:
        node["config"]["output_shape"] = sizes
        said.append(f"{node['name']} gives {shape_text([None, *sizes])} instead of {shape_text([None, *told])}.")


def _fit_inside(node: Node, given: shapes.Given, said: list[str]) -> None:
    """The inputs inside of a sub-model take what reaches it, and the layers behind them follow."""
    inside = walk.inner(node)
    if inside is None:
        return
    for entry in inside["nodes"]:
        arriving, drawn = given.get(entry["id"], [[]])[0], entry["config"].get("shape", [])
        if entry["class"] == "InputLayer" and None not in arriving and arriving != drawn:
            entry["config"] = {**entry["config"], "shape": arriving}
            said.append(f"In {node['name']} the input takes {shape_text([None, *arriving])} too.")
    _fit_sizes(inside, said)
