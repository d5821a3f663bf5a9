"""Makes layers and models as a script does."""

from __future__ import annotations

import ast
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import library, networks
from mhub_core.reading.script.core import TooMuch
from mhub_core.reading.script.objects import Objects
from mhub_core.reading.script.values import Function, Loaded, Network, OwnModel, Reference
from mhub_core.reading.sketch import ACTIVATED_LAST, Layer, Sketch, Tensor


class Building(Objects):
    """Knows what makes a layer or a model, and what a model can be asked for."""

    def __init__(self, sketch: Sketch) -> None:
        super().__init__(sketch)
        self.networks: list[Network] = []
        self.shapes: dict[Layer, list[Any]] = {}
        self.is_channels_first = False  # Whether the script says so for all layers that follow.

    def uncallable(self, node: ast.Call, error: Unreadable) -> Any:
        """A model that cannot be read stays the model that it is, so that none is taken in its place."""
        if isinstance(error, OwnModel) and not isinstance(node.func, ast.Attribute):
            return self._lost(error)
        if not isinstance(error, (TooMuch, Loaded)) and _trains(node):
            self._lost(error).is_trained = True
        raise error

    def failed(self, target: Any, error: Unreadable) -> Any:
        """A call that should have made a model gives one that is known to have failed."""
        if isinstance(error, TooMuch) or not isinstance(target, Reference) or target.path not in networks.MODELS:
            raise error
        return self._lost(error)

    def _lost(self, error: Unreadable) -> Network:
        network = next((item for item in self.networks if item.failure is error), None)
        if network is None:
            network = Network(error.line or 1, is_sequential=False, failure=error)
            self.networks.append(network)
            self.sketch.note(f"Left out: {error.words}", error.line)
            self.num_doubtful += 1
        return network

    def _applied(self, target: Layer | Network, args: list[Any], named: dict[str, Any]) -> Any:
        if isinstance(target, Network):
            found = networks.called(target, self.sketch, args, named)
        else:
            found = self.sketch.call(target, args, named)
        return found[0] if len(found) == 1 else found

    def _drawn(self, args: list[Any], named: dict[str, Any]) -> Layer:
        """Return a Lambda: wherever it is called, its function is followed with what comes in."""
        named = dict(zip(("function", "output_shape", "mask", "arguments"), args)) | named
        layer = self._following(named.get("function"), named.get("arguments") or {}, named.get("name"))
        shape = library.old_shape(catalog.require_layer("Activation"), named)
        return self._shaped(layer, shape)

    def _layer(self, path: str, args: list[Any], named: dict[str, Any]) -> Layer:
        """Return a layer of Keras. An activation that is a function of the script is followed behind it."""
        named = self._with_channels(path, named)
        given = args[0] if path == "keras.layers.Activation" and args else named.get("activation")
        if not isinstance(given, Function):
            return self._shaped(*library.layer(self.sketch, path, args, named))
        follows = self._following(given, {}, None)
        if path == "keras.layers.Activation":
            return self._shaped(follows, library.old_shape(catalog.require_layer("Activation"), named))
        layer, shape = library.layer(self.sketch, path, args, {key: value for key, value in named.items() if key != "activation"})
        if not layer.class_name.endswith(ACTIVATED_LAST):
            raise Unreadable(
                "its activation is a function of the script, which is not supported there",
                mend="Use the name of a Keras activation, such as relu.",
            )
        layer.then = follows
        return self._shaped(layer, shape)

    def _set_channels(self, args: list[Any], named: dict[str, Any]) -> None:
        """Carry out what says where the channels of images stand, in all layers from here on."""
        self.is_channels_first = [*args, *named.values()][:1] in (["channels_first"], ["th"])

    def channels_word(self, path: str) -> str | None:
        """Return what Keras says to a script that asks where the channels stand, if not as usual; None for any other path."""
        words = {"image_data_format": "channels_first", "image_dim_ordering": "th"}
        return words.get(path.rpartition(".")[2]) if self.is_channels_first else None

    def _with_channels(self, path: str, named: dict[str, Any]) -> dict[str, Any]:
        block = catalog.get_block("layer", library.class_name(path.rpartition(".")[2])) if self.is_channels_first else None
        is_open = block is not None and block.argument("data_format") is not None and "dim_ordering" not in named
        return {"data_format": "channels_first"} | named if is_open else named

    def _shaped(self, layer: Layer, shape: list[Any] | None) -> Layer:
        if shape is not None:
            self.shapes[layer] = shape
        return layer

    def _following(self, function: Any, settings: dict[str, Any], name: Any) -> Layer:
        """Return a layer that is drawn as what a function of the script computes."""
        line = self.sketch.line

        def draw(given: list[Any], more: dict[str, Any]) -> list[Tensor]:
            try:
                return networks.tensors(self.sure(self.call(function, given, settings | more)))
            except Unreadable as error:
                raise error.at(line) from None

        return Layer("Lambda", {}, name if isinstance(name, str) else None, drawn=draw)

    def _input(self, args: list[Any], named: dict[str, Any]) -> Tensor:
        named = dict(zip(("shape", "batch_size", "dtype", "sparse"), args)) | named
        name = named.pop("name", None)
        shape = next((named.pop(key) for key in ("shape", "input_shape") if key in named), None)
        batch = next((named.pop(key) for key in ("batch_shape", "batch_input_shape") if key in named), None)
        if isinstance(batch, list) and batch:
            shape, named["batch_size"] = batch[1:], batch[0]
        shape = library.plain([shape] if isinstance(shape, int) else shape)
        config = {key: library.plain(value) for key, value in named.items() if value is not None}
        if config.get("dtype") == "float32":
            del config["dtype"]
        return self.sketch.input(config | {"shape": shape}, name if isinstance(name, str) else None)

    def _network(self, path: str, args: list[Any], named: dict[str, Any]) -> Network:
        line = self.sketch.line or 1
        if path == "keras.Model":
            now = {"input": "inputs", "output": "outputs"}  # As Keras 1 called them.
            named = dict(zip(("inputs", "outputs", "name"), args)) | {now.get(key, key): value for key, value in named.items()}
            network = networks.functional(named.get("inputs"), named.get("outputs"), named.get("name"), line)
        else:
            named = dict(zip(("layers", "trainable", "name"), args)) | named
            name = named.get("name")
            network = Network(line, name if isinstance(name, str) else None)
            for item in self.items(named.get("layers") or []):
                self._add(network, self.plain(item))
        self.networks.append(network)
        return network

    def _add(self, network: Network, item: Any) -> None:
        try:
            shape = self.shapes.get(item) if isinstance(item, Layer) else None
            networks.add(network, item, shape, self.sketch)
        except Unreadable as error:
            network.failure = error.at(self.sketch.line)
            raise

    def _end(self, layer: Layer, name: str) -> Tensor:
        call = next((call for call in self.sketch.calls if call.layer is layer), None)
        if call is None:
            raise Unreadable("this layer has not been called yet")
        return call.outputs[0] if name == "output" else call.given[0][2]

    def _of_network(self, network: Network, name: str, args: list[Any], named: dict[str, Any]) -> Any:
        if name == "add" and args:
            return self._add(network, self.plain(args[0]))
        if name == "pop" and network.layers:
            return network.layers.pop()
        if name == "build":
            return self._build(network, self.plain(args or [*named.values()]))
        if name == "get_layer":
            return networks.get_layer(network, dict(zip(("name", "index"), args)) | named, self.sketch)
        if name == "call":
            return self._applied(network, self.plain(args), self.plain(named))
        raise Unreadable(f"{name[:60]} of a model is not supported, so the model was left as it was")

    def _build(self, network: Network, args: list[Any]) -> None:
        shape = args[0] if args else None
        if network.is_sequential and isinstance(shape, list) and shape:
            network.shape = shape[1:]

    def _wrapped(self, args: list[Any], named: dict[str, Any]) -> Any:
        """Return the model that a wrapper for scikit-learn builds, with those of its values that the builder takes."""
        function = next((named[key] for key in ("build_fn", "model") if key in named), args[0] if args else None)
        if not isinstance(function, Function):
            return function
        given = function.node.args
        taken = {item.arg for item in [*given.posonlyargs, *given.args, *given.kwonlyargs]}
        values = {key.removeprefix("model__"): value for key, value in named.items()}
        return self.call(function, [], {key: value for key, value in values.items() if key in taken})


def _trains(node: ast.Call) -> bool:
    """Tell whether a call surely trains a model of Keras; other libraries have things to `fit` too."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name in networks.SURELY or (name == "fit" and any(item.arg in networks.OF_FIT for item in node.keywords))
