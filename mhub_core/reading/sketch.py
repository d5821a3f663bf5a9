"""Gathers layers and calls while an architecture is read.

A reader makes layers and calls them on tensors, as a program does that builds a Keras model. What a layer is called on
twice shares its weights. `extraction` then takes what lies between the inputs and the outputs of a model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.errors import MHubError
from mhub_core.graphs import ports
from mhub_core.graphs.records import Port
from mhub_core.reading import settings, sizes
from mhub_core.reading.records import Note, Unreadable

# More than a design may hold, because a file may hold more than the model that is read of it.
MOST_CALLS, MOST_CONNECTIONS = 5_000, 20_000
DEEPEST = 5
MOST_NOTES = 200
Shape = tuple[int | None, ...]
# Classes for which `training=False` at the call differs from saying nothing.
_TRAINING_INHERITED = ("BatchNormalization", "Model", "Bidirectional", "TimeDistributed", "SpectralNormalization")
# Classes whose activation is the last thing that they do.
ACTIVATED_LAST = ("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
# Keras takes the first tensor under these names too.
_FIRST = ("inputs", "input", "x", "sequences", "sequence", "query")


@dataclass(eq=False)
class Layer:
    """A layer with its settings, not yet called or called any number of times. `then` follows wherever it is called."""

    class_name: str
    config: dict[str, Any]
    name: str | None = None
    inside: Piece | None = None
    then: Layer | None = None
    # A layer that is drawn as others, whenever it is called: returns what it gives for (values, named values).
    drawn: Callable[[list[Any], dict[str, Any]], list[Tensor]] | None = None


@dataclass(eq=False)
class Call:
    """One call of a layer. `given` says for each tensor at which input it enters, and at which place there."""

    number: int
    layer: Layer
    given: list[tuple[str, int, Tensor]] = field(default_factory=list)
    arguments: dict[str, Any] = field(default_factory=dict)
    outputs: list[Tensor] = field(default_factory=list)


@dataclass(frozen=True)
class Tensor:
    """One output of a call. `shape` is one sample's, without the batch; None: not known.

    `is_sure` tells whether a size in it that is None is open, and not only unknown here.
    """

    call: Call
    output: int = 0
    shape: Shape | None = None
    is_sure: bool = True


@dataclass(eq=False)
class Piece:
    """A model: what lies between tensors that go in and tensors that come out."""

    inputs: list[Tensor]
    outputs: list[Tensor]
    name: str = "model"


class Sketch:
    """All layers and calls of one file, and the notes about it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._notes: dict[Note, None] = {}
        self.num_connections = 0
        self.line: int | None = None  # Where the reader stands, for the notes.
        self.is_quiet = False  # While it reads what the author of the file did not write.

    def note(self, words: str, line: int | None = None) -> None:
        """Remember something that a person should know, once."""
        if len(self._notes) < MOST_NOTES and not self.is_quiet:
            self._notes[Note(line or self.line, words)] = None

    def notes(self) -> tuple[Note, ...]:
        """Return what was noted, in order."""
        more = (Note(None, "There are more notes than can be shown."),) if len(self._notes) == MOST_NOTES else ()
        return (*self._notes, *more)

    def layer(self, class_name: str, config: dict[str, Any], name: str | None = None) -> Layer:
        """Return a layer whose settings have passed the catalogue's check. Raises Unreadable."""
        then = self._own_activation(class_name, config, name)
        try:
            layer = Layer(class_name, catalog.check_config(class_name, config), name, then=then)
        except MHubError as error:
            # Notes and errors name the layer as its author did.
            of = f"{name}: " if name else ""
            raise Unreadable(of + error.happened, error.expected, error.mend, self.line) from error
        return layer

    def _own_activation(self, class_name: str, config: dict[str, Any], name: str | None) -> Layer | None:
        """Take out an activation that is a layer itself, such as a LeakyReLU: it gives the same as a layer behind."""
        inner = config.get("activation")
        if not settings.is_nested(inner) or not class_name.endswith(ACTIVATED_LAST):
            return None
        del config["activation"]
        self.note(f"{name or class_name} has {inner['class']} as its activation: in the diagram that is a layer behind it.")
        return self.layer(inner["class"], dict(inner["config"]), f"{name}_activation" if name else None)

    def input(self, config: dict[str, Any], name: str | None = None) -> Tensor:
        """Return the tensor of a new input."""
        layer = self.layer("InputLayer", config, name)
        call = self._add(layer)
        call.outputs = [Tensor(call, 0, tuple(layer.config["shape"]))]
        return call.outputs[0]

    def _add(self, layer: Layer) -> Call:
        if len(self.calls) >= MOST_CALLS or self.num_connections > MOST_CONNECTIONS:
            raise Unreadable(
                f"This has more than {MOST_CALLS:,} layers or {MOST_CONNECTIONS:,} connections.", mend="Import a smaller one."
            )
        self.calls.append(Call(len(self.calls), layer))
        return self.calls[-1]

    def apply(self, class_name: str, given: Any, name: str | None = None, **config: Any) -> Tensor:
        """Return what a new layer gives for a tensor or for a list of them."""
        return self.call(self.layer(class_name, config, name), [given])[0]

    def call(self, layer: Layer, given: list[Any], named: dict[str, Any] | None = None) -> list[Tensor]:
        """Return what a layer gives: one tensor for each output. `given` and `named` are what it was called with."""
        if layer.drawn is not None:
            return layer.drawn(given, dict(named or {}))
        tensors, arguments = self._given(layer, given, dict(named or {}))
        self.num_connections += len(tensors)
        call = self._add(layer)
        call.given, call.arguments = tensors, arguments
        if not tensors:
            raise self._wrong(layer, "is called without a tensor")
        found = call.outputs = self._outputs(call)
        return found if layer.then is None else self.call(layer.then, [found[0]]) + found[1:]

    def _given(self, layer: Layer, given: list[Any], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        accepted = self._ports(layer)
        arguments = {name: named.pop(name) for name in ports.CALL if name in named}
        arguments = {name: value for name, value in arguments.items() if not _is_usual(layer, name, value)}
        if layer.inside is not None and len(given) == 1 and isinstance(given[0], dict):
            given = [[given[0].get(tensor.call.layer.name) for tensor in layer.inside.inputs]]
        if len(given) == 1 and isinstance(given[0], list) and len(accepted) > 1:
            given = given[0]
        if len(given) > len(accepted):
            raise self._wrong(layer, f"takes {len(accepted)} input{'s' * (len(accepted) != 1)} and is given {len(given)}")
        slots = list(zip(accepted, given))
        for name, value in named.items():
            if value is None and name == "mask":
                continue
            port = next((port for port in accepted if port.name == name), accepted[0] if accepted and name in _FIRST else None)
            if port is None:
                raise self._wrong(layer, f"is called with {name[:60]}, which a diagram cannot show")
            slots.append((port, value))
        return [item for port, value in slots for item in self._at(layer, port, value)], arguments

    def _ports(self, layer: Layer) -> list[Any]:
        if layer.inside is not None:
            return [Port(f"n{place}", "") for place in range(1, len(layer.inside.inputs) + 1)]
        return list(ports.of({"class": layer.class_name, "config": layer.config}))

    def _at(self, layer: Layer, port: Any, value: Any) -> list[tuple[str, int, Tensor]]:
        """Return what enters at one input."""
        if value is None and not port.required:
            return []
        values = value if isinstance(value, list) and (port.many or len(value) == 1) else [value]
        if not all(isinstance(item, Tensor) for item in values):
            raise self._wrong(layer, "is called on something that is not the output of a layer")
        return [(port.name, place, item) for place, item in enumerate(self._apart(values))]

    def _apart(self, values: list[Tensor]) -> list[Tensor]:
        """Give a tensor that enters the same list twice a name of its own: a diagram draws one line for one connection."""
        found: list[Tensor] = []
        seen: set[tuple[Call, int]] = set()
        for tensor in values:
            place = (tensor.call, tensor.output)
            found.append(self.apply("Activation", tensor, activation="linear") if place in seen else tensor)
            seen.add(place)
        return found

    def _wrong(self, layer: Layer, words: str) -> Unreadable:
        name = f"{layer.name} ({layer.class_name})" if layer.name else layer.class_name
        return Unreadable(f"{name} {words}.", mend="Change it in the file, or draw this part by hand.", line=self.line)

    def _outputs(self, call: Call) -> list[Tensor]:
        layer = call.layer
        told = [(tensor.shape, tensor.is_sure) for _, _, tensor in call.given]
        if layer.inside is not None:
            ends = [(tensor.shape, tensor.is_sure) for tensor in layer.inside.outputs]
            return [Tensor(call, at, shape, sure and sizes.is_sure(shape, told)) for at, (shape, sure) in enumerate(ends)]
        node = {"class": layer.class_name, "config": layer.config, "call": call.arguments}
        given = [tensor.shape for _, _, tensor in call.given if tensor.shape is not None]
        shape = sizes.of(layer.class_name, layer.config, call.arguments, given) if len(given) == len(told) else None
        sure = sizes.is_sure(shape, told)
        return [Tensor(call, place, None if place else shape, sure and not place) for place in range(len(ports.outputs(node)))]


def _is_usual(layer: Layer, name: str, value: Any) -> bool:
    """Tell whether an argument of a call says what the layer does anyway. Keras writes many of these into a config."""
    if name != "training" or layer.class_name in _TRAINING_INHERITED:
        return value is None or (name != "training" and value is False)
    block = catalog.get_block("layer", layer.class_name)
    return value is None or value is (block is not None and block.family == "augmentation")


def with_shape(tensor: Tensor, shape: Shape | None) -> Tensor:
    """Return a tensor whose shape is told by the file itself."""
    return tensor if shape is None else replace(tensor, shape=shape)
