"""Repairs of a layer's own settings: a window larger than the image, an axis that is not there, groups that do not divide ..."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import edit, needs, shapes
from mhub_core.graphs.doctor.case import Attempt, Case, Shape, configured, inserted, removed, replaced
from mhub_core.graphs.walk import Node
from mhub_core.graphs.words import shape_text, thing


def repairs(case: Case) -> Iterator[Attempt]:
    """Yield changes of settings for a layer that has its own and gets one input of a known shape."""
    given = case.given[0] if case.given else []
    if not given or "shares" in case.node:
        return
    if needs.rank(case.node) == len(given) and shapes.is_too_large(case.node, given):
        yield from _window(case, given)
    if case.node["class"].startswith("Cropping"):
        yield from _crop(case, given)
    yield from _axis(case, given)
    yield from _groups(case, given)
    yield from _stride_and_dilation(case)
    if case.node["class"] == "Reshape":
        yield from _reshape(case, given)
    if case.node["class"] == "Permute":
        yield from _permute(case, given)
    if case.node["class"] == "EinsumDense":
        yield from _equation(case, given)


def _set(case: Case, why: str, **changes: Any) -> Attempt:
    told = " and ".join(f"{name} to {_written(value)}" for name, value in changes.items())
    return f"Set {told} in {case.node['name']}: {why}", configured(case.graph, case.node["id"], **changes)


def _written(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).replace("[", "(").replace("]", ")")


def _window(case: Case, given: Shape) -> Iterator[Attempt]:
    """Let the window reach over the border, make it smaller, or pool less before it."""
    node, spatial = case.node, [size for size in given[:-1] if size]
    is_pooling = node["class"].startswith(_POOLINGS)
    if is_pooling and min(spatial, default=0) == 1:
        yield _pool_less(case, given)
    why = f"the window may extend beyond the border of its input, {shape_text([None, *given])}"
    yield _set(case, why, padding="same")
    yield from _padded_from_here(case)
    setting = "pool_size" if is_pooling else "kernel_size"
    smaller = max(1, min(spatial, default=1))
    yield _set(case, "it is then no larger than its input", **{setting: smaller})
    for earlier in case.back(case.sources[0], through=(*_THROUGH, *_CONVOLUTIONS)):
        if earlier["class"].startswith(_POOLINGS):
            words = f"Remove {earlier['name']} before it: then larger images reach {node['name']}"
            yield words, removed(case.graph, earlier["id"])
    yield f"Remove {node['name']}: its input is only {shape_text([None, *given])}", removed(case.graph, node["id"])


def _padded_from_here(case: Case) -> Iterator[Attempt]:
    """Where one window is too large, those behind it often are so too."""
    graph, names = case.graph, []
    for node in _from_here(case):
        if node["class"].startswith(_POOLINGS) or node["class"] in _CONVOLUTIONS:
            graph = configured(graph, node["id"], padding="same")
            names.append(node["name"])
    yield f'Set padding to "same" in {" and ".join(names)}: the windows may extend beyond the border', graph


def _from_here(case: Case) -> list[Node]:
    """Return the layer and those behind it, along a single line. A change copies the design, so not for a thousand of them."""
    return [case.node, *islice(case.forward(case.node), 50)]


def _pool_less(case: Case, given: Shape) -> Attempt:
    """Nothing is left to pool: without this layer, and without those of its kind behind it."""
    graph, names = case.graph, []
    for node in _from_here(case):
        if node["class"].startswith(_POOLINGS):
            graph = removed(graph, node["id"])
            names.append(node["name"])
    return f"Remove {' and '.join(names)}: its input is only {shape_text([None, *given])}", graph


_THROUGH = ("Activation", "ReLU", "LeakyReLU", "BatchNormalization", "Dropout", "SpatialDropout2D")
_POOLINGS = ("MaxPooling", "AveragePooling")
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D")


def _crop(case: Case, given: Shape) -> Iterator[Attempt]:
    known = [size for size in given[:-1] if size]
    most = (min(known, default=1) - 1) // 2
    if most > 0:
        yield _set(case, f"that much can be cropped from {thing([None, *given])}", cropping=max(1, most // 2))
    yield f"Remove {case.node['name']}: there is too little to crop", removed(case.graph, case.node["id"])


def _axis(case: Case, given: Shape) -> Iterator[Attempt]:
    if "axis" in case.node["config"]:
        yield _set(case, "the last axis, the features or channels", axis=-1)


def _groups(case: Case, given: Shape) -> Iterator[Attempt]:
    """Find groups that divide the channels that come in, and the filters."""
    config, channels = case.node["config"], given[-1]
    groups = config.get("groups", 32 if case.node["class"] == "GroupNormalization" else 1)
    if groups <= 1 or not channels:
        return
    whole = math.gcd(channels, config.get("filters", channels))
    best = max(number for number in range(1, min(groups, whole) + 1) if whole % number == 0)
    more = math.ceil(config.get("filters", 0) / groups) * groups
    if "filters" in config and channels % groups == 0:
        yield _set(case, f"the filters are then divisible by the {groups} groups", filters=more)
    divided = (
        f"the {channels} channels and the {config['filters']} filters" if "filters" in config else f"the {channels} channels"
    )
    yield _set(case, f"{divided} are divisible by that", groups=best)


def _stride_and_dilation(case: Case) -> Iterator[Attempt]:
    both = [case.node["config"].get(name) or 1 for name in ("strides", "dilation_rate")]
    if min(item if isinstance(item, int) else max(item) for item in both) > 1:
        yield _set(case, "Keras can do strides or dilation, not both", dilation_rate=1)
        yield _set(case, "Keras can do strides or dilation, not both", strides=1)


def _reshape(case: Case, given: Shape) -> Iterator[Attempt]:
    """Change the layer that makes the numbers, or the target."""
    target = [size for size in case.node["config"].get("target_shape", []) if isinstance(size, int)]
    if None in given or not target:
        return
    total, wanted = math.prod(size or 0 for size in given), math.prod(size for size in target if size > 0)
    for node in case.back(case.sources[0]):
        if node["class"] == "Dense" and len(given) == 1 and -1 not in target:
            words = f"Set units to {wanted:,} in {node['name']}: {case.node['name']} needs that many"
            yield words, configured(case.graph, node["id"], units=wanted)
            break
    kept = target[::-1]
    for place, size in enumerate(kept):
        rest = wanted // max(size, 1)
        if rest and total % rest == 0:
            loose = [*kept[:place], total // rest, *kept[place + 1 :]][::-1]
            yield _set(case, f"which holds the {total:,} input values", target_shape=loose)
    yield _set(case, "-1 means as many as there are", target_shape=[-1, *([given[-1]] if len(target) > 1 else [])])
    yield _set(case, "-1 means as many as there are", target_shape=[-1] + [1] * (len(target) - 1))


def _permute(case: Case, given: Shape) -> Iterator[Attempt]:
    count = len(given)
    kept = [dim for dim in case.node["config"].get("dims", []) if dim <= count]
    dims = kept + [dim for dim in range(1, count + 1) if dim not in kept]
    orders = [dims, [2, 1, *range(3, count + 1)][:count]]
    # The order that is there already changes nothing.
    for order in orders if dims != sorted(dims) else orders[::-1]:
        if sorted(order) == list(range(1, count + 1)):
            yield _set(case, f"{thing([None, *given])} has {count} dimensions", dims=order)


def _equation(case: Case, given: Shape) -> Iterator[Attempt]:
    config = case.node["config"]
    told = config.get("output_shape")
    size = next((size for size in reversed(told if isinstance(told, list) else [told]) if isinstance(size, int)), 32)
    letters = "abcdefg"[: len(given) + 1]
    equation = f"{letters},{letters[-1]}z->{letters[:-1]}z"
    fixed = [None] * (len(given) - 1) + [size]
    yield _set(case, "one letter for each dimension of the input", equation=equation, output_shape=fixed)
    dense = {"units": size, **{key: config[key] for key in ("activation",) if key in config}}
    words = f"Use a Dense layer instead of {case.node['name']}: it works on the last dimension of any input"
    yield words, replaced(case.graph, case.node["id"], "Dense", dense)


def budget(case: Case) -> Iterator[Attempt]:
    """Yield what makes a layer smaller that passes the limits of this hub: gather more before it, or fewer units."""
    node, config = case.node, case.node["config"]
    source = case.sources[0] if case.sources else None
    flat = case.input_shape(source) if source and source["class"] == "Flatten" else []
    if source and len(flat) > 1 and None not in flat:
        better = f"GlobalAveragePooling{len(flat) - 1}D"
        words = f"Use a {better} instead of {source['name']}: {flat[-1]} numbers reach {node['name']}, not {case.given[0][0]:,}"
        yield words, replaced(case.graph, source["id"], better, {})
        pool = f"MaxPooling{len(flat) - 1}D"
        edge = next(edge for edge in case.graph["edges"] if edge["target"] == source["id"])
        words = f"Insert a {pool} before {source['name']}: fewer numbers reach {node['name']}"
        yield words, inserted(case.graph, edge, pool, pool_size=4)[0]
    for setting in ("units", "filters", "output_dim", "input_dim", "size", "n", "height"):
        value = config.get(setting)
        if isinstance(value, int) and value > 1:
            yield from _smaller(case, setting, value)


def _smaller(case: Case, setting: str, value: int) -> Iterator[Attempt]:
    for size in (512, 64) if setting != "size" else (2,):
        if size < value:
            yield _set(case, "the model then has fewer parameters", **{setting: size})


def last_resorts(case: Case) -> Iterator[Attempt]:
    """Yield what helps where nothing better does: the settings of a fresh layer, or doing without the layer."""
    node = case.node
    block = catalog.get_block("layer", node["class"])
    if block is None or node["class"] == "InputLayer":
        return
    needed = {item.name for item in block.arguments if item.required}
    plain = {**catalog.first_config(block), **{name: value for name, value in node["config"].items() if name in needed}}
    if plain != node["config"]:
        yield f"Set all of {node['name']} back to its defaults", edit.set_config(case.graph, node["id"], plain)
    if len(case.edges) == 1 and not re.search("Dense|Embedding", node["class"]):
        yield f"Remove {node['name']}", removed(case.graph, node["id"])
    for source in case.sources[:1]:
        if source["class"] != "InputLayer":
            yield f"Remove {source['name']} before {node['name']}", removed(case.graph, source["id"])


def unshared(case: Case) -> Iterator[Attempt]:
    """Yield own weights for a layer that is used a second time with another size."""
    if case.node.get("shares"):
        words = f"Stop sharing the weights of {case.node['name']}: its input differs in size from the first place"
        yield words, edit.unshare(case.graph, case.node["id"])
