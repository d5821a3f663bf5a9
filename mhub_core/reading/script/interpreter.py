"""Follows a script line by line: names, loops over known lists, functions, and the calls that build a model.

A line that cannot be followed leaves a failure under the names that it would have set, and a note. Only when a model needs one of
these names does the failure count; so loading data, training and plotting do no harm.
"""

from __future__ import annotations

import ast
from typing import Any

from mhub_core.errors import MHubError
from mhub_core.reading import operations
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import applications, arithmetic, arrays, library, meanings, networks, options, outside, python
from mhub_core.reading.script.arrays import Array
from mhub_core.reading.script.building import Building
from mhub_core.reading.script.core import MOST_STEPS, TooMuch
from mhub_core.reading.script.options import Parser
from mhub_core.reading.script.values import (
    Class,
    Failure,
    Function,
    Harmless,
    Instance,
    Method,
    Names,
    Network,
    Reference,
    Returned,
)
from mhub_core.reading.sketch import Layer, Sketch, Tensor


class Interpreter(Building):
    """Knows what calls and attributes mean."""

    def __init__(self, sketch: Sketch) -> None:
        super().__init__(sketch)
        self.flags = Instance({})
        self.modules: dict[str, Names] = {}  # Those of Keras whose code was read.
        self.called: set[ast.AST] = set()  # The functions of the script that were called.

    def refuse_early(self, target: Any, node: ast.Call) -> None:
        """Leave out what trains, shows or prints, without a look at what it is given."""
        if isinstance(target, Method) and isinstance(target.owner, Network):
            target.owner.is_trained |= target.name in networks.TRAINING
            target.owner.is_tested |= target.name in networks.TESTING
            if target.name in (*networks.TRAINING, *networks.TESTING):
                raise Harmless("it trains or tests the model, which the hub does itself")
            if target.name in networks.SHOWING:
                raise Harmless("it shows or saves the model, and changes nothing in it")
        if isinstance(target, Method) and target.name == "adapt":
            raise Harmless("adapt learns numbers or words from data: set them by hand in the layer's form")
        if isinstance(target, Reference) and target.path == "print":
            raise Harmless("it only prints")
        if isinstance(target, Reference) and outside.is_loading(target.path):
            raise outside.loaded(target.path)

    def call(self, target: Any, args: list[Any], named: dict[str, Any]) -> Any:
        """Return what a call gives."""
        self.step(10)
        if isinstance(target, Class):
            return self.instance(target, args, named)
        if isinstance(target, Function):
            return self._function(target, args, named)
        if isinstance(target, Method):
            return self._method(target, args, named)
        try:
            if isinstance(target, (Layer, Network)):
                return self._applied(target, self.plain(args), self.plain(named))
            if isinstance(target, Reference):
                return self._reference(target.path, args, named)
        except MHubError as error:
            raise error if isinstance(error, Unreadable) else Unreadable(error.happened, error.expected, error.mend) from error
        raise Unreadable("it calls something that is not a function or a layer")

    def referred(self, path: str) -> Any:
        """Return what a name out of a module stands for."""
        home, _, name = path.rpartition(".")
        if path == "sys.argv":
            return ["script.py"]  # As if it were started without anything behind its name.
        return self.sure(self.flags.own[name]) if home.endswith("flags.FLAGS") and name in self.flags.own else Reference(path)

    def tried_call(self, function: Function) -> Any:
        """Return what a function gives when it is called with its defaults, or the failure of it. Raises TooMuch."""
        try:
            return self.call(function, [], {})
        except TooMuch:
            raise
        except Unreadable as error:
            return Failure(error.at(function.node.lineno))

    def _reference(self, path: str, args: list[Any], named: dict[str, Any]) -> Any:
        if path in python.FUNCTIONS and not (args and isinstance(args[0], Array)):
            return self.sized(python.function(path, args, named, self.items))
        if path in networks.MODELS:
            return self._network(path, args, named)
        if path in library.SET_CHANNELS:
            return self._set_channels(args, named)
        if path == "isinstance":
            return python.is_instance(*args)
        if path == "type" and len(args) == 1:
            return python.type_of(args[0])
        if path == "copy.deepcopy":
            return self.copied(args[0])
        if path.rpartition(".")[2] in ("KerasClassifier", "KerasRegressor"):
            return self._wrapped(args, named)
        if path.startswith(applications.HOME):
            return self._application(path, args, named)
        if library.is_layer(path) and named.pop("weights", None) is not None:
            self.sketch.note(f"{path.rpartition('.')[2]}: {library.OWN_WEIGHTS}")
        if outside.is_split(path):
            return outside.parted(args)
        args, named = self.plain(args), self.plain(named)
        if outside.is_known(path, args):
            return self.sized(outside.call(path, args, named, self.flags))
        if path == "keras.Input":
            return self._input(args, named)
        if path in arithmetic.NUMBERS or path in library.CONSTANTS:
            return self.channels_word(path) or library.constant(path, args, named)
        if path.rpartition(".")[0] in library.GROUPS:
            return library.component(path, args, named)
        if path == "keras.layers.Lambda":
            return self._drawn(args, named)
        if library.is_layer(path):
            return self._layer(path, args, named)
        found = library.merged(self.sketch, path, args, named)
        return self._calculated(path, args, named) if found is None else found

    def _application(self, path: str, args: list[Any], named: dict[str, Any]) -> Any:
        """Return a network of keras.applications, as the code that Keras has for it builds it, without weights."""
        if self.sketch.is_quiet:
            return self._from_keras(path, args, named)[0]
        self.step(applications.STEPS)
        before, line, doubtful = (self.steps, self.limit), self.sketch.line, self.num_doubtful
        self.steps, self.limit, self.sketch.is_quiet = 0, MOST_STEPS, True
        count = len(self.networks)
        try:
            found, weights = self._from_keras(path, args, named)
        except Unreadable as error:
            raise Unreadable(
                f"{path[:80]} cannot be read with these settings: {error.words}", mend=error.mend, line=line
            ) from error
        finally:
            self.steps, self.limit = before
            self.sketch.is_quiet, self.num_doubtful, self.sketch.line = False, doubtful, line
        if isinstance(found, Network):
            found.line = line or 1
            self.networks[count:] = [found]
            if weights is not None:
                self.sketch.note(f"{path.rpartition('.')[2]}: {library.PRETRAINED}")
        return found

    def _from_keras(self, path: str, args: list[Any], named: dict[str, Any]) -> tuple[Any, Any]:
        if path.rpartition(".")[2] == applications.SCALING:
            return applications.scaled(*args, **named, sketch=self.sketch), None
        if path.rpartition(".")[2] in applications.PRIVATE:
            return applications.own_layer(path.rpartition(".")[2], args, named, self.sketch), None
        module, name = applications.place(path)
        names = self.modules.get(module)
        if names is None:
            names = self.modules[module] = Names()
            self.run(applications.body(module), names)
            own = (*applications.PRIVATE, applications.SCALING)
            names.own |= {item: Reference(f"{applications.HOME}{module}.{item}") for item in own}
        function = self.sure(names.find(name))
        named, weights = applications.without_weights(module, function, args, named)
        return self.sure(self.call(function, [], named)), weights

    def _calculated(self, path: str, args: list[Any], named: dict[str, Any]) -> Any:
        if path in ("keras.ops.shape", "tensorflow.shape", "keras.backend.shape", "keras.backend.int_shape") and len(args) == 1:
            return self.attribute(args[0], "shape")
        if path.endswith(".is_keras_tensor"):
            return isinstance(args[0], Tensor)
        if path.endswith(".get_source_inputs"):
            return networks.sources(args[0])
        if library.is_calculation(path):
            name = named.pop("name", None)
            return operations.apply(path.rpartition(".")[2], self.sketch, args, named, name if isinstance(name, str) else None)
        raise meanings.unknown(path, self.stars, any(isinstance(item, Tensor) for item in [*args, *named.values()]))

    def _function(self, function: Function, args: list[Any], named: dict[str, Any]) -> Any:
        if self.depth >= self.DEEPEST:
            raise Unreadable("its functions call each other too deeply")
        names = Names(function.names)
        self._parameters(function, names, [*function.bound, *args], named)
        self.called.add(function.node)
        self.depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, names)
            self.run(function.node.body, names)
        except Returned as returned:
            return returned.value
        finally:
            self.depth -= 1
        return None

    def _parameters(self, function: Function, names: Names, args: list[Any], named: dict[str, Any]) -> None:
        given = function.node.args
        places = [*given.posonlyargs, *given.args]
        if len(args) > len(places) and given.vararg is None:
            raise Unreadable(f"{function.title} receives more arguments than it accepts")
        names.own.update(zip((place.arg for place in places), args))
        if given.vararg is not None:
            names.own[given.vararg.arg] = list(args[len(places) :])
        known = {place.arg for place in [*places, *given.kwonlyargs]}
        names.own.update({key: value for key, value in named.items() if key in known})
        rest = {key: value for key, value in named.items() if key not in known}
        if rest and given.kwarg is None:
            raise Unreadable(f"{function.title} has no argument called {next(iter(rest))[:60]}")
        if given.kwarg is not None:
            names.own[given.kwarg.arg] = rest
        for name in known - names.own.keys():
            if name not in function.defaults:
                raise Unreadable(f"{function.title} is called without {name}")
            names.own[name] = function.defaults[name]

    def attribute(self, value: Any, name: str) -> Any:
        """Return what `value.name` stands for."""
        if isinstance(value, (Class, Instance)):
            return self.member(value, name)
        if isinstance(value, Tensor) and name in ("shape", "_keras_shape"):
            return networks.shape_of(value)
        if isinstance(value, Tensor) and name == "dtype":
            return "float32"
        if name == "value" and (value is None or type(value) is int):
            return value  # A size, as TensorFlow 1 gave it.
        if isinstance(value, Network):
            try:
                return networks.attribute(value, name, self.sketch)
            except KeyError:
                return Method(value, name)
        if isinstance(value, Layer) and name in ("output", "input"):
            return self._end(value, name)
        if isinstance(value, Layer) and name == "name" and value.name:
            return value.name
        if isinstance(value, Array) and name in ("shape", "size", "ndim", "dtype", "T"):
            return arrays.attribute(value, name)
        if isinstance(value, Reference):
            return Reference(f"{value.path}.{name}")
        return Method(value, name)

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Carry out `owner.name = value`: of Keras, only freezing means something for a diagram."""
        if isinstance(owner, (Class, Instance)):
            owner.own[name] = value
            return
        if name != "trainable" or not isinstance(owner, (Layer, Network)) or not isinstance(value, bool):
            raise Unreadable(f"setting {name[:60]} is not supported")
        networks.set_trainable(owner, value)

    def _method(self, method: Method, args: list[Any], named: dict[str, Any]) -> Any:
        owner, name = method.owner, method.name
        if isinstance(owner, Network):
            return self._of_network(owner, name, args, named)
        if isinstance(owner, Parser):
            return options.method(owner, name, args, named)
        if isinstance(owner, Array):
            return outside.of_array(name, [owner, *self.plain(args)], self.plain(named))
        if isinstance(owner, Tensor) and name == "get_shape":
            return self.attribute(owner, "shape")
        return self.sized(python.method(owner, name, args, named, self.items))
