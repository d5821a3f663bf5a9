"""The models of a script: made from layers or between tensors, asked for their parts, used as a layer of another."""

from __future__ import annotations

import re
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.values import Failure, Network
from mhub_core.reading.sketch import Layer, Piece, Sketch, Tensor

_OF_INPUT = re.compile(r"input(_layer)?(_\d+)?\Z")  # What Keras calls an input by itself.
NO_SHAPE = "this model does not say what shape its input has"
# Methods that train, test, show or save a model: they do not change what it is made of.
TRAINING = ("compile", "fit", "train_on_batch", "fit_generator")
TESTING = (
    "evaluate", "predict", "test_on_batch", "predict_on_batch", "evaluate_generator", "predict_generator", "predict_classes",
    "predict_proba", "reset_states",
)  # fmt: skip
LOOKED_AT = (
    "variables", "trainable_variables", "weights", "trainable_weights", "losses", "metrics", "metrics_names", "optimizer",
    "history",
)  # fmt: skip
SURELY = ("compile", "train_on_batch", "fit_generator")
OF_FIT = ("epochs", "nb_epoch", "batch_size", "callbacks", "validation_data", "validation_split", "steps_per_epoch")
MODELS = ("keras.Model", "keras.Sequential")
SHOWING = ("summary", "save", "save_weights", "export", "to_json", "get_config", "count_params", "get_weights", "compute_loss")


def functional(inputs: Any, outputs: Any, name: Any, line: int) -> Network:
    """Return a model between tensors."""
    starts, ends = tensors(inputs), tensors(outputs)
    if not starts or not ends:
        raise Unreadable("a model needs inputs and outputs")
    title = name if isinstance(name, str) else None
    return Network(line, title, piece=Piece(starts, ends, title or "model"), is_sequential=False)


def tensors(value: Any) -> list[Tensor]:
    """Return the tensors of one, of a list or of a dictionary of them; Keras orders a dictionary by its keys."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=str)]
    if not isinstance(value, (list, tuple)):
        raise Unreadable("the inputs and outputs of a model must come from layers")
    return [tensor for item in value for tensor in tensors(item)]


def sources(tensor: Tensor) -> list[Tensor]:
    """Return the inputs that a tensor comes from, in the order in which they were made."""
    found: dict[Tensor, None] = {}
    waiting, seen = [tensor], set()
    while waiting:
        item = waiting.pop()
        if item.call not in seen:
            seen.add(item.call)
            waiting += [given for _, _, given in item.call.given]
            found |= {} if item.call.given else {item: None}
    return sorted(found, key=lambda item: item.call.number)


def add(network: Network, item: Any, shape: list[Any] | None, sketch: Sketch) -> None:
    """Put a layer behind those of a Sequential model. `shape` is what the layer says its input has."""
    if isinstance(item, Tensor) and not network.layers and not item.call.given:
        network.start = item
        return
    if isinstance(item, Network):
        inner = input_shape(item)
        shape = shape or inner
        item = as_layer(item, sketch, None if inner is None else tuple(inner))
    if not isinstance(item, Layer):
        raise Unreadable("a Sequential model takes layers of Keras only")
    if item.class_name == "InputLayer":
        network.shape = network.shape or item.config.get("shape")
        return
    if not network.layers and shape is not None:
        network.shape = shape
    network.layers.append(item)


def input_shape(network: Network) -> list[Any] | None:
    """Return the shape of one sample that a model takes, where it is known."""
    if network.piece is not None:
        shape = network.piece.inputs[0].shape
        return None if shape is None else list(shape)
    if network.start is not None and network.start.shape is not None:
        return list(network.start.shape)
    return network.shape


def as_layer(network: Network, sketch: Sketch, shape: tuple[Any, ...] | None) -> Layer:
    """Return a model as one layer of another. `shape` is that of what comes in."""
    if network.failure:
        raise network.failure
    network.is_used = True
    if network.layer is None:
        piece = network.piece or built(network, sketch, shape)
        network.layer = Layer("Model", {}, network.name, piece)
    return network.layer


def built(network: Network, sketch: Sketch, shape: tuple[Any, ...] | None = None) -> Piece:
    """Return what a model is made of, once the shape of its input is known."""
    if network.failure:
        raise network.failure
    if network.piece is None:
        start = network.start or _start(network, sketch, shape)
        if not network.layers:
            raise Unreadable("this model has no layers", line=network.line)
        end = start
        for layer in network.layers:
            end = sketch.call(layer, [end])[0]
        network.piece = Piece([start], [end], network.name or "model")
    return network.piece


def _start(network: Network, sketch: Sketch, shape: tuple[Any, ...] | None) -> Tensor:
    known = network.shape if shape is None else list(shape)
    if known is None and network.layers and network.layers[0].class_name == "Embedding":
        sketch.note(f"Line {network.line}: the model does not say how long its sequences are: its input takes any length.")
        known = [None]
    if known is None:
        raise Unreadable(NO_SHAPE, mend="Put keras.Input(shape=...) in front of its layers.", line=network.line)
    return sketch.input({"shape": known})


def called(network: Network, sketch: Sketch, given: list[Any], named: dict[str, Any]) -> list[Tensor]:
    """Return what a model gives when it is used as a layer."""
    first = given[0] if given and isinstance(given[0], Tensor) else None
    is_open = network.piece is None and network.start is None and network.shape is None and network.layer is None
    if is_open and first is not None and (first.shape is None or first.shape[-1:] == (None,)):
        return _one_by_one(network, sketch, first)
    return sketch.call(as_layer(network, sketch, None if first is None else first.shape if is_open else None), given, named)


def _one_by_one(network: Network, sketch: Sketch, tensor: Tensor) -> list[Tensor]:
    """Call the layers of a Sequential model where the shape of its input is not known: they stand one by one."""
    network.is_used = True
    if network.failure:
        raise network.failure
    for layer in network.layers:
        tensor = sketch.call(layer, [tensor])[0]
    return [tensor]


def attribute(network: Network, name: str, sketch: Sketch) -> Any:
    """Return a part of a model. Raises KeyError for a name that is none."""
    if name == "name":
        return network.name or "model"
    if name == "layers" and network.is_sequential:
        return list(network.layers)
    if name == "layers":
        return layers_of(built(network, sketch), sketch)
    piece = built(network, sketch) if name in ("input", "inputs", "output", "outputs", "input_shape", "output_shape") else None
    if piece is None:
        raise KeyError(name)
    ends = piece.inputs if name.startswith("input") else piece.outputs
    if name.endswith("_shape"):
        return shape_of(ends[0])
    return ends if name.endswith("s") else ends[0] if len(ends) == 1 else ends


def shape_of(tensor: Tensor) -> tuple[Any, ...]:
    """Return the shape of an output, with the batch, as a script can ask for it. Raises Unreadable."""
    error = Unreadable("the shape behind this layer is not followed here", mend="Write the plain number in its place.")
    if tensor.shape is None:
        raise error
    return None, *(Failure(error) if size is None and not tensor.is_sure else size for size in tensor.shape)


def layers_of(piece: Piece, sketch: Sketch) -> list[Layer]:
    """Return the layers of a model in the order in which they were called, its inputs first."""
    found: dict[Layer, None] = {tensor.call.layer: None for tensor in piece.inputs}
    waiting, seen = list(piece.outputs), set()
    while waiting:
        call = waiting.pop().call
        if call not in seen:
            seen.add(call)
            waiting += [tensor for _, _, tensor in call.given]
    return list(found | {call.layer: None for call in sorted(seen, key=lambda call: call.number)})


def get_layer(network: Network, named: dict[str, Any], sketch: Sketch) -> Layer:
    """Return a layer of a model by its name or its place."""
    layers = network.layers if network.is_sequential else layers_of(built(network, sketch), sketch)
    index = named.get("index")
    if type(index) is int:
        return layers[index]
    wanted = str(named.get("name"))
    # What Keras 2 called conv1/relu in networks of its own is conv1_relu now.
    found = next((layer for name in (wanted, wanted.replace("/", "_")) for layer in layers if layer.name == name), None)
    inputs = [layer for layer in layers if layer.class_name == "InputLayer"]
    if found is None and len(inputs) == 1 and _OF_INPUT.match(wanted):
        return inputs[0]
    if found is None:
        raise Unreadable(f"the model has no layer called {wanted[:60]!r}")
    return found


def set_trainable(value: Any, trainable: bool) -> None:
    """Freeze a layer or a model, or set it free."""
    if isinstance(value, Network):
        for layer in value.layers or ([] if value.piece is None else layers_of(value.piece, Sketch())):
            set_trainable(layer, trainable)
    elif value.inside is not None:
        for layer in layers_of(value.inside, Sketch()):
            set_trainable(layer, trainable)
    elif value.class_name != "InputLayer":
        value.config = {key: item for key, item in value.config.items() if key != "trainable"} | (
            {} if trainable else {"trainable": False}
        )
