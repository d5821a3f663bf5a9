"""Reads what Keras writes about a model: the config of a Functional or a Sequential model, also of before Keras 3."""

from __future__ import annotations

from collections import deque
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.reading import keras2_json, operations, part, private, settings, stated
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import library
from mhub_core.reading.sketch import DEEPEST, Layer, Piece, Sketch, Tensor, with_shape


def read(value: Any, sketch: Sketch) -> Piece:
    """Return the model of a config. Raises Unreadable."""
    if settings.is_object(value) and not stated.is_model(value):
        settings.class_of(value, "The model")
        told = f"This is a config of the class {value['class_name'][:60]}, not of a model."
        raise Unreadable(told, "A Functional or a Sequential model.", "Export the whole model with to_json().")
    if not stated.is_model(value):
        raise Unreadable(
            "This JSON is not a model.", "It must be the output of model.to_json(), or a diagram of this hub.", "Export it again."
        )
    return _model(value, sketch, 0, None)


def _model(entry: dict[str, Any], sketch: Sketch, depth: int, shape: Any) -> Piece:
    """Return a model; `shape` (with the batch) is that of what it is called on, where that is known."""
    if depth > DEEPEST:
        raise Unreadable(f"Models are nested more than {DEEPEST} levels deep.", mend="Nest fewer models in each other.")
    settings.class_of(entry, "The model")
    config = entry.get("config")
    layers = config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or not layers or not all(settings.is_object(layer) for layer in layers):
        raise Unreadable("The config of the model has no list of layers.", mend="Export the model again.")
    name = config.get("name") if isinstance(config, dict) else None
    if entry["class_name"] == "Sequential" or not isinstance(config, dict):
        piece = _sequential(entry, layers, sketch, depth, shape)
    else:
        piece = _Functional(config, layers, sketch, depth).piece()
    piece.name = name[:120] if isinstance(name, str) else "model"
    return piece


def _sequential(entry: dict[str, Any], layers: list[Any], sketch: Sketch, depth: int, shape: Any) -> Piece:
    first = layers[0]
    if first["class_name"] == "InputLayer":
        tensor, layers = _input(first, sketch), layers[1:]
    else:
        tensor = stated.start(entry, first, sketch, shape)
    start = tensor
    for layer in layers:
        tensor = sketch.call(_layer(layer, sketch, depth, _with_batch(tensor.shape)), [tensor])[0]
    return Piece([start], [tensor])


def _with_batch(shape: Any) -> list[Any] | None:
    return None if shape is None else [None, *shape]


def _input(entry: dict[str, Any], sketch: Sketch) -> Tensor:
    config = dict(entry["config"]) if isinstance(entry.get("config"), dict) else {}
    shape = config.pop("batch_shape", None) or config.pop("batch_input_shape", None)
    name = _name(entry)
    if not isinstance(shape, list) or not shape:
        raise Unreadable(f"{name or 'An input'} has no shape.", mend="Give it one and export the model again.")
    clean = settings.clean(catalog.require_layer("InputLayer"), config, name or "An input")
    return sketch.input(clean | {"shape": shape[1:]} | ({"batch_size": shape[0]} if shape[0] else {}), name)


def _name(entry: dict[str, Any]) -> str | None:
    config = entry.get("config")
    name = entry.get("name") or (config.get("name") if isinstance(config, dict) else None)
    return name if isinstance(name, str) else None


def _layer(entry: dict[str, Any], sketch: Sketch, depth: int, shape: Any) -> Layer:
    """Return a layer of an entry of a config."""
    name = _name(entry)
    if stated.is_model(entry):
        inside = _model(entry, sketch, depth + 1, shape)
        return Layer("Model", {}, name, inside)
    if private.is_known(entry):
        return private.layer(entry, sketch, name, shape)
    what = f"The layer {name}" if name else "A layer"
    written = settings.class_of(entry, what)
    class_name = library.class_name(written)
    block = catalog.require_layer(class_name) if catalog.get_block("layer", class_name) else None
    if block is None:
        raise Unreadable(f"{what} is of the class {class_name[:60]}, which Keras does not offer as a layer.", mend="Replace it.")
    config = keras2_json.settings(written, block, entry.get("config"))
    if keras2_json.is_other_sigmoid(entry):
        sketch.note(f"{what} computes hard_sigmoid as Keras 3 does, x / 6 + 0.5; Keras 2 took x / 5 + 0.5.")
    return sketch.layer(class_name, settings.clean(block, config, name or class_name), name)


class _Functional:
    """Replays the calls of a Functional model: each can be made when what it is called on is there."""

    def __init__(self, config: dict[str, Any], entries: list[Any], sketch: Sketch, depth: int) -> None:
        self.config, self.sketch, self.depth = config, sketch, depth
        self.entries: dict[str, dict[str, Any]] = {}
        self.layers: dict[str, Layer] = {}
        self.made: dict[tuple[str, int], list[Tensor]] = {}
        for entry in entries:
            name = _name(entry)
            if name is None or name in self.entries:
                raise Unreadable("Two layers of this model have the same name, or one has none.", mend="Export it again.")
            self.entries[name] = entry
        self.rank = {name: place for place, name in enumerate(self.entries)}

    def piece(self) -> Piece:
        """Return the model between its inputs and its outputs."""
        starts, ends = _ends(self.config.get("input_layers")), _ends(self.config.get("output_layers"))
        if not starts or not ends:
            raise Unreadable("This model does not say which layers are its inputs and outputs.", mend="Export it again.")
        for place in self._order([(name, number) for name, number, _ in starts + ends]):
            self._make(place)
        self._tell_unused()
        return Piece([self._tensor(*end) for end in starts], [self._tensor(*end) for end in ends])

    def _tell_unused(self) -> None:
        used = {name for name, _ in self.made}
        for name, entry in self.entries.items():
            if name not in used and not operations.is_operation(entry):
                self.sketch.note(f"The layer {name[:80]} is not connected to an output of the model and was left out.")

    def _order(self, wanted: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Return the calls that are needed, each behind those that it needs. Those that only make masks are not among them."""
        needs = self._needs(wanted)
        follows: dict[tuple[str, int], list[tuple[str, int]]] = {place: [] for place in needs}
        missing = {place: len(before) for place, before in needs.items()}
        for place, before in needs.items():
            for item in before:
                follows[item].append(place)
        # In the order of the file, so that the diagram shows what its author wrote first on the left.
        ready = deque(sorted((place for place, count in missing.items() if not count), key=lambda place: self.rank[place[0]]))
        order = []
        while ready:
            order.append(ready.popleft())
            for place in follows[order[-1]]:
                missing[place] -= 1
                if not missing[place]:
                    ready.append(place)
        if len(order) < len(needs):
            raise Unreadable("The connections between the layers of this model form a cycle.", mend="Export it again.")
        return order

    def _needs(self, wanted: list[tuple[str, int]]) -> dict[tuple[str, int], set[tuple[str, int]]]:
        """Return for each call that is needed which calls it needs itself."""
        needs: dict[tuple[str, int], set[tuple[str, int]]] = {}
        waiting = deque(wanted)
        while waiting:
            place = waiting.popleft()
            if place not in needs:
                before = [(name, number) for name, number, _ in _histories(self._node(place))]
                needs[place] = set(before)
                waiting.extend(before)
        return needs

    def _node(self, place: tuple[str, int]) -> dict[str, Any]:
        """Return how a layer was called: `{"args", "kwargs"}`, empty for an input."""
        name, number = place
        entry = self.entries.get(name)
        if entry is None:
            raise Unreadable(f"The model uses a layer {str(name)[:80]!r} that is not in it.", mend="Export it again.")
        nodes = entry.get("inbound_nodes", [])
        if entry["class_name"] == "InputLayer":
            return {"args": [], "kwargs": {}}
        if not isinstance(nodes, list) or not 0 <= number < len(nodes):
            raise Unreadable(f"The layer {name[:80]} is not connected as the file says.", mend="Export it again.")
        node = nodes[number]
        if isinstance(node, list):
            node = keras2_json.call(node)
        if not isinstance(node, dict) or not isinstance(node.get("args"), list) or not isinstance(node.get("kwargs"), dict):
            raise Unreadable(f"The connections of {name[:80]} cannot be read.", mend="Export the model with Keras 3.")
        return node

    def _make(self, place: tuple[str, int]) -> None:
        name, _ = place
        entry, node = self.entries[name], self._node(place)
        if entry["class_name"] == "InputLayer":
            self.made[place] = [_input(entry, self.sketch)]
            return
        args = [self._given(value) for value in node["args"]]
        named = {key: self._given(value) for key, value in node["kwargs"].items() if key != "mask"}
        if node["kwargs"].get("mask") is not None:
            self._check_mask(name)
        if (old := keras2_json.calculation(entry)) is not None:
            self.made[place] = [operations.apply(old, self.sketch, *keras2_json.arguments(args, named), name)]
            return
        if operations.is_operation(entry):
            self.made[place] = operations.from_config(entry, self.sketch, name, args, named)
            return
        if name not in self.layers:
            shape = next((_shape(value) for value in _tensors(node["args"])), None)
            self.layers[name] = _layer(entry, self.sketch, self.depth, shape)
        self.made[place] = self.sketch.call(self.layers[name], args, named)

    def _check_mask(self, name: str) -> None:
        """A mask that a layer made is found again by Keras itself; one made by hand is not."""
        if not any(_makes_masks(entry) for entry in self.entries.values()):
            told = f"The layer {name[:80]} is given a mask that was computed by hand."
            raise Unreadable(told, mend="Use a Masking layer, or an Embedding with mask_zero.")

    def _given(self, value: Any) -> Any:
        """Return what an argument of a call stands for, with tensors in the place of their descriptions."""
        if isinstance(value, list):
            return [self._given(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("class_name") == "__keras_tensor__":
            shape = _shape(value)
            return with_shape(self._tensor(*_history(value)), None if shape is None else tuple(shape[1:]))
        if value.get("class_name") in part.INDEX_CLASSES:
            return value
        return {key: self._given(item) for key, item in value.items()}

    def _tensor(self, name: str, number: int, output: int) -> Tensor:
        found = self.made[name, number]
        if not 0 <= output < len(found):
            raise Unreadable(f"The layer {name[:80]} has no output number {output}.", mend="Export the model again.")
        return found[output]


def _makes_masks(entry: dict[str, Any]) -> bool:
    config = entry.get("config")
    return (
        entry["class_name"] == "Masking" or (isinstance(config, dict) and bool(config.get("mask_zero"))) or stated.is_model(entry)
    )


def _ends(value: Any) -> list[tuple[str, int, int]]:
    """Return inputs or outputs in order: one, a list of them, or a dictionary (which Keras orders by its keys)."""
    if keras2_json.is_history(value):
        return [tuple(value)]
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=str)]
    return [end for item in value for end in _ends(item)] if isinstance(value, list) else []


def _history(tensor: dict[str, Any]) -> tuple[str, int, int]:
    config = tensor.get("config")
    history = config.get("keras_history") if isinstance(config, dict) else None
    if not keras2_json.is_history(history):
        raise Unreadable("A connection of this model cannot be read.", mend="Export the model with Keras 3.")
    name, call, output = history
    return name, call, output


def _shape(tensor: dict[str, Any]) -> list[Any] | None:
    config = tensor.get("config")
    shape = config.get("shape") if isinstance(config, dict) else None
    is_plain = (
        isinstance(shape, list)
        and 0 < len(shape) < 9
        and all(size is None or (type(size) is int and size >= 0) for size in shape)
    )
    return shape if is_plain else None


def _tensors(value: Any) -> list[dict[str, Any]]:
    """Return the tensors in the arguments of a call, wherever they stand."""
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value]
        value = list(value.values())
    return [tensor for item in value for tensor in _tensors(item)] if isinstance(value, list) else []


def _histories(node: dict[str, Any]) -> list[tuple[str, int, int]]:
    named = [value for key, value in node["kwargs"].items() if key != "mask"]
    return [_history(tensor) for tensor in _tensors([node["args"], named])]
