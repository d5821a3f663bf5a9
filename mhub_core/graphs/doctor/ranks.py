"""Repairs of a layer that needs another number of dimensions: an image where a row comes, a sequence where an image comes ..."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import needs, walk
from mhub_core.graphs.doctor.case import GATHERING, Attempt, Case, Shape, configured, inserted, removed, replaced
from mhub_core.graphs.walk import Edge, Node
from mhub_core.graphs.words import thing

_DIMENSION = re.compile(r"(\d)D")
# Without sense for a row of numbers, so they can go.
_IDLE_ON_ROWS = (
    "Global",
    "ZeroPadding",
    "Cropping",
    "UpSampling",
    "MaxPooling",
    "AveragePooling",
    "Random",
    "Resizing",
    "CenterCrop",
)


def repairs(case: Case) -> Iterator[Attempt]:
    """Yield what brings the dimensions together that come in and that are needed."""
    needed = needs.rank(case.node)
    given = case.given[0] if case.given else []
    if needed is None or not given or len(given) == needed:
        return
    if needed == 1:
        yield from _gather(case, given)
    elif len(given) == 1:
        yield from _from_row(case, needed, given)
    elif len(given) < needed:
        yield from _other_dimensions(case, given)
        yield from _widen(case, needed, given)
    else:
        yield from _embedded_twice(case)
        yield from _other_dimensions(case, given)
        yield from _merge_sides(case, needed, given)
        yield from _without(case, "its input has more dimensions than it supports")


def _gather(case: Case, given: Shape) -> Iterator[Attempt]:
    """A layer for rows gets a sequence or images."""
    for node in case.back(case.sources[0]):
        if _inner(node).get("return_sequences"):
            words = f"Switch return_sequences off in {node['name']}: it then gives one row of numbers instead of a sequence"
            yield words, _with_inner(case, node, return_sequences=False)
    for class_name in ("Flatten", f"GlobalAveragePooling{len(given) - 1}D"):
        yield _inserted_before(case, class_name, f"it makes one row of numbers of {thing([None, *given])}")
    yield from _without(case, "its input already has several steps")


def _from_row(case: Case, needed: int, given: Shape) -> Iterator[Attempt]:
    yield from _give_sequences(case, needed)
    yield from _keep_dimensions(case, needed)
    if not _is_followed_by(case, needed):
        yield from _idle(case)
    if needed == 2:
        yield from _as_words(case, given)
    yield from _other_dimensions(case, given)
    yield from _widen(case, needed, given)
    yield from _idle(case)
    yield from _as_dense(case)


def _inner(node: Node) -> dict[str, Any]:
    """Return the settings of a recurrent layer, of the one inside a Bidirectional too; of another layer nothing."""
    if node["class"] == "Bidirectional":
        node = walk.nested(node["config"].get("layer"))
        return dict(node["config"])
    return dict(node["config"]) if node["class"] in needs.READS_STEPS or node["class"].startswith("ConvLSTM") else {}


def _with_inner(case: Case, node: Node, **changes: Any) -> Any:
    if node["class"] != "Bidirectional":
        return configured(case.graph, node["id"], **changes)
    sides = {name: walk.nested(node["config"][name]) for name in ("layer", "backward_layer") if node["config"].get(name)}
    changed = {name: {**side, "config": {**side["config"], **changes}} for name, side in sides.items()}
    return configured(case.graph, node["id"], **changed)


def _give_sequences(case: Case, needed: int) -> Iterator[Attempt]:
    """The recurrent layer before gives only its last step."""
    for node in case.back(case.sources[0]):
        if _inner(node) and not _inner(node).get("return_sequences") and len(case.input_shape(node)) == needed:
            words = f"Switch return_sequences on in {node['name']}: it then gives every step, not only the last one"
            yield words, _with_inner(case, node, return_sequences=True)


def _keep_dimensions(case: Case, needed: int) -> Iterator[Attempt]:
    """A Flatten or a global pooling stands before a layer that needs what it takes away."""
    for node in case.back(case.sources[0]):
        if node["class"] in GATHERING and len(case.input_shape(node)) > needed == 2:
            yield from _row_by_row(case, node)
        if node["class"] in GATHERING and len(case.input_shape(node)) == needed:
            told = f"{case.node['name']} then gets {thing([None, *case.input_shape(node)])}"
            graph, last = removed(case.graph, node["id"]), _last_of_rank(case, needed)
            if last is None:
                yield f"Remove {node['name']} before {case.node['name']}: {told}", graph
                continue
            moved, _ = inserted(graph, last, node["class"], **node["config"])
            place = case.at(last["source"])["name"]
            yield f"Move {node['name']} behind {place}: {told}", moved
            yield f"Remove {node['name']}: {told}", graph


def _row_by_row(case: Case, node: Node) -> Iterator[Attempt]:
    """Images that go into a recurrent layer are read row by row."""
    sizes = case.input_shape(node)
    if None not in sizes:
        target = [sizes[0], math.prod(size or 0 for size in sizes[1:])]
        words = f"Use a Reshape instead of {node['name']}: it makes of each sample {thing([None, *target])}, row by row"
        yield words, replaced(case.graph, node["id"], "Reshape", {"target_shape": target})


def _last_of_rank(case: Case, needed: int) -> Edge | None:
    """Return the connection on which samples should be gathered: before the first Dense; None when something gathers them."""
    before = case.node
    for node in case.forward(case.node):
        if node["class"] in GATHERING or node["class"] in ("Reshape", *needs.READS_STEPS):
            return None
        if node["class"] == "Dense":
            ends = before["id"], node["id"]
            found: Edge = next(edge for edge in case.graph["edges"] if (edge["source"], edge["target"]) == ends)
            return found
        before = node
    return None


def _is_followed_by(case: Case, needed: int) -> bool:
    """Tell whether a layer behind needs these dimensions too, so that leaving this one out is no help."""
    return any(needs.rank(node) == needed and node["class"] not in GATHERING for node in case.forward(case.node))


def _idle(case: Case) -> Iterator[Attempt]:
    node = case.node
    if node["class"].startswith("SpatialDropout"):
        config = {key: value for key, value in node["config"].items() if key in ("rate", "seed")}
        yield f"Use a Dropout instead of {node['name']}: it works on rows", replaced(case.graph, node["id"], "Dropout", config)
    elif node["class"] == "TimeDistributed" and "layer" in node["config"]:
        inner = walk.nested(node["config"]["layer"])
        words = f"Use the {inner['class']} inside {node['name']} alone: there are no steps to repeat it for"
        yield words, replaced(case.graph, node["id"], inner["class"], inner["config"])
    elif node["class"].startswith(_IDLE_ON_ROWS):
        yield from _without(case, "its input is already a row of numbers")


def _without(case: Case, why: str) -> Iterator[Attempt]:
    if len(case.edges) == 1:
        yield f"Remove {case.node['name']}: {why}", removed(case.graph, case.node["id"])


def _as_words(case: Case, given: Shape) -> Iterator[Attempt]:
    """A row of whole numbers may stand for words: then it is an Embedding that is missing."""
    source = case.sources[0]
    if source["class"] != "InputLayer" or "int" not in source["config"].get("dtype", ""):
        return
    graph, node_id = inserted(case.graph, case.edges[0], "Embedding", input_dim=10_000, output_dim=32)
    name = next(node["name"] for node in graph["nodes"] if node["id"] == node_id)
    yield f"Insert an Embedding ({name}) before {case.node['name']}: it makes 32 numbers of each of {given[0]} words", graph


def _other_dimensions(case: Case, given: Shape) -> Iterator[Attempt]:
    """The same layer exists for other dimensions: Conv1D, Conv2D, Conv3D."""
    name, dims = case.node["class"], len(given) - 1
    is_two_sided = len(given) == 2 and min(size or 0 for size in given) >= 12  # More like a grey image than a signal.
    other = "Conv2D" if name.startswith("ConvLSTM") and dims == 2 else _DIMENSION.sub(f"{dims}D", name)
    block = catalog.get_block("layer", other)
    if other == name or dims < 1 or block is None or is_two_sided:
        return
    known = {argument.name for argument in block.arguments}
    config = {key: _fewer(value, dims) for key, value in case.node["config"].items() if key in known}
    yield (
        f"Use {other} instead of {name}: it works on {thing([None, *given])}",
        replaced(case.graph, case.node["id"], other, config),
    )


def _fewer(value: Any, count: int) -> Any:
    return [*value, *value[-1:] * count][:count] if isinstance(value, list) and value and isinstance(value[0], int) else value


def _widen(case: Case, needed: int, given: Shape) -> Iterator[Attempt]:
    """Reshape to more dimensions, the likeliest first."""
    if None in given:
        return
    for target in _targets(needed, [size or 0 for size in given], case.node["class"].startswith("ConvLSTM")):
        if target[-1] == 1 and needed == 3 and len(given) == 1 and target[1] == 1:
            yield from _as_dense(case)
        yield _inserted_before(case, "Reshape", f"it makes of each sample {thing([None, *target])}", target_shape=target)


def _targets(needed: int, given: list[int], is_film: bool) -> Iterator[list[int]]:
    if len(given) > 1:
        missing = [1] * (needed - len(given))
        yield from ([[*missing, *given], [*given, *missing]] if is_film else [[*given, *missing], [*missing, *given]])
        return
    total = given[0]
    if needed == 3:
        yield from ([side, side, total // side**2] for side in _sides(total))
    yield [total] + [1] * (needed - 1)


def _sides(total: int) -> list[int]:
    """Return the sides of square images of 1, 3, 8, 16 ... channels that hold so many numbers, two at most."""
    found = []
    for channels in (1, 3, *(2**power for power in range(3, 10))):
        side = math.isqrt(total // channels)
        if side >= 4 and side * side * channels == total:
            found.append(side)
    return found[:2]


def _merge_sides(case: Case, needed: int, given: Shape) -> Iterator[Attempt]:
    """Reshape to fewer dimensions: what is left becomes one."""
    if None in given:
        return
    sizes = [size or 0 for size in given]
    rows = [*sizes[: needed - 1], math.prod(sizes[needed - 1 :])]
    places = [math.prod(sizes[: len(sizes) - needed + 1]), *sizes[len(sizes) - needed + 1 :]]
    for target in (rows, places):
        yield _inserted_before(case, "Reshape", f"it makes of each sample {thing([None, *target])}", target_shape=target)


def _embedded_twice(case: Case) -> Iterator[Attempt]:
    for node in case.back(case.sources[0]):
        if node["class"] == "Embedding" and len(case.input_shape(node)) > 1:
            words = f"Remove {node['name']}: an Embedding before it already turned the words into numbers"
            yield words, removed(case.graph, node["id"])


def _as_dense(case: Case) -> Iterator[Attempt]:
    """On a table every column may matter for every other: that is a Dense layer's work."""
    config = case.node["config"]
    if case.node["class"] in ("Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D", "Conv3D") and "filters" in config:
        kept = {key: value for key, value in config.items() if key == "activation"}
        graph = replaced(case.graph, case.node["id"], "Dense", {"units": config["filters"], **kept})
        yield f"Use a Dense layer instead of {case.node['name']}: it is made for rows of numbers", graph


def _inserted_before(case: Case, class_name: str, why: str, **config: Any) -> Attempt:
    graph, _ = inserted(case.graph, case.edges[0], class_name, **config)
    return f"Insert a {class_name} before {case.node['name']}: {why}", graph
