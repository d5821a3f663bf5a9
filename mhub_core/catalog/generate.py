"""Makes `keras.json` from the installed Keras: every public class with its arguments, types and explanations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import keras

from mhub_core.catalog import catalog, docstrings, infer, rules
from mhub_core.catalog.engine import MODULES, construct
from mhub_core.catalog.records import Argument, Block
from mhub_core.catalog.words import Words

BASES = {
    "layer": keras.layers.Layer,
    "optimizer": keras.optimizers.Optimizer,
    "schedule": keras.optimizers.schedules.LearningRateSchedule,
    "loss": keras.losses.Loss,
    "metric": keras.metrics.Metric,
    "callback": keras.callbacks.Callback,
    "initializer": keras.initializers.Initializer,
    "regularizer": keras.regularizers.Regularizer,
    "constraint": keras.constraints.Constraint,
}
# What every layer takes beside the arguments of its own __init__, with the default.
COMMON = {"trainable": True, "dtype": None}


class Unexplained(Exception):
    """Raised when Keras and the rules and words written by hand disagree: tells everything that must be mended."""


class _Generator:
    """One pass over Keras: the words it takes, and what it found unexplained."""

    def __init__(self) -> None:
        self.words = Words()
        self.unexplained: list[str] = []

    def sentence(self, group: str, name: str, cls: type) -> str:
        return self.words.of_class(group, name) or self._ask(f"{group} {name}", docstrings.summary(cls.__doc__))

    def argument_sentence(self, group: str, class_name: str, name: str, text: str) -> str:
        found = self.words.of_argument(group, class_name, name)
        return found or self._ask(f"{class_name}.{name}", docstrings.first_sentence(text))

    def _ask(self, what: str, keras_says: str) -> str:
        self.unexplained.append(f"{what} has no sentence in words/; Keras says: {keras_says or 'nothing'}")
        return keras_says


def generate() -> dict[str, Any]:
    """Return the whole catalogue as plain JSON. Raises Unexplained with everything that needs a rule or a sentence."""
    work = _Generator()
    groups = {group: [_entry(work, group, *item) for item in _classes(work.words, group)] for group in MODULES}
    work.unexplained += [f"words/ explains {key}, which Keras does not have" for key in work.words.unasked()]
    if work.unexplained:
        raise Unexplained("Mend these in mhub_core/catalog:\n" + "\n".join(dict.fromkeys(work.unexplained)))
    families = [{"name": name, "title": title, "help": text} for name, (title, text) in rules.FAMILIES.items()]
    return {"keras_version": keras.__version__, "families": families, "groups": groups}


def text() -> str:
    """Return the catalogue as the text of `keras.json`: one argument a line, so that a change reads well."""
    catalogue = generate()
    groups = []
    for group, entries in catalogue["groups"].items():
        lines = ",\n".join(_entry_text(entry) for entry in entries)
        groups.append(f"{json.dumps(group)}: [\n{lines}\n]")
    families = ",\n".join(json.dumps(family) for family in catalogue["families"])
    head = f'"keras_version": {json.dumps(catalogue["keras_version"])},\n"families": [\n{families}\n]'
    return "{\n" + head + ',\n"groups": {\n' + ",\n".join(groups) + "\n}\n}\n"


def _entry_text(entry: dict[str, Any]) -> str:
    arguments = ",\n    ".join(json.dumps(argument) for argument in entry["arguments"])
    head = json.dumps({key: value for key, value in entry.items() if key != "arguments"})
    return f'  {head[:-1]}, "arguments": [' + (f"\n    {arguments}" if arguments else "") + "]}"


def write() -> None:
    """Write `keras.json`."""
    catalog.PATH.write_text(text(), encoding="utf-8")


def _classes(words: Words, group: str) -> list[tuple[str, type]]:
    """Return the public classes of a group, those with a form first, then in the order of the words.

    Each stands under its own name, or else under the longest alias that Keras gives.
    """
    module = MODULES[group]
    names: dict[type, list[str]] = {}
    for name in dir(module):
        cls = getattr(module, name)
        if inspect.isclass(cls) and issubclass(cls, BASES[group]):
            names.setdefault(cls, []).append(name)
    found = [(cls.__name__ if cls.__name__ in given else max(given, key=len), cls) for cls, given in names.items()]
    return sorted(found, key=lambda item: (item[0] in rules.NO_FORM, words.place(group, item[0]), item[0]))


def _entry(work: _Generator, group: str, name: str, cls: type) -> dict[str, Any]:
    family = work.words.shelves.get(name, "core") if group == "layer" else group
    entry: dict[str, Any] = {"name": name, "family": family, "help": work.sentence(group, name, cls)}
    if group == "layer":
        entry |= _role(name, family)
    if group in ("initializer", "regularizer", "constraint"):
        entry |= {"alias": _alias(group, name)}
    if name in rules.NO_FORM:
        return entry | {"no_form": rules.NO_FORM[name], "arguments": []}
    return entry | {"arguments": _arguments(work, group, name, cls)}


def _role(name: str, family: str) -> dict[str, Any]:
    default = ("merge", (), 2) if family == "merging" else ("single", (), 1)
    role, ports, min_inputs = rules.ROLES.get(name, default)
    return {"role": role, "ports": list(ports), "min_inputs": min_inputs}


def _alias(group: str, name: str) -> str:
    """Return the short name that Keras takes as a string ("glorot_uniform"), if there is one."""
    module = MODULES[group]
    lower = [alias for alias in dir(module) if alias.islower() and inspect.isclass(getattr(module, alias))]
    return next((alias for alias in lower if getattr(module, alias).__name__ == name), "")


def _arguments(work: _Generator, group: str, class_name: str, cls: type) -> list[dict[str, Any]]:
    texts, defaults = _documented(cls), _parameters(cls)
    if group == "layer" and _takes_more(cls):
        defaults |= {name: default for name, default in COMMON.items() if name not in defaults}
    found = []
    for name, default in defaults.items():
        if infer.rule_for(rules.HIDDEN, class_name, name):
            continue
        text = texts.get(name, "")
        argument = infer.describe(class_name, name, _canonical(name, default), text)
        if argument is None:
            work.unexplained.append(f"{class_name}.{name} has no type: give it a rule in rules.py")
            argument = {"name": name}
        found.append(argument | {"help": work.argument_sentence(group, class_name, name, text)})
    return found


def _init(cls: type) -> Callable[..., None]:
    return cls.__init__  # type: ignore[misc, no-any-return]  # Unsound only where an object stands for its class.


def _takes_more(cls: type) -> bool:
    return any(item.kind is item.VAR_KEYWORD for item in inspect.signature(_init(cls)).parameters.values())


def _parameters(cls: type) -> dict[str, Any]:
    """Return the arguments of the class's own __init__ with their defaults; what `**kwargs` lead to are internals."""
    parameters = list(inspect.signature(_init(cls)).parameters.values())[1:]
    return {
        item.name: infer.REQUIRED if item.default is item.empty else item.default
        for item in parameters
        if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)
    }


def _documented(cls: type) -> dict[str, str]:
    """Return the explanations of arguments, also those that a base class wrote down."""
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        texts |= docstrings.arguments(_init(base).__doc__) | docstrings.arguments(base.__doc__)
    return texts


def _canonical(name: str, default: Any) -> Any:
    """Return a default as people choose it: Keras itself writes "Zeros", "zeros" and "uniform"."""
    if isinstance(default, str) and name.endswith("initializer"):
        return _alias("initializer", keras.initializers.get(default).__class__.__name__)
    return default


def probe(group: str) -> dict[tuple[str, str], str]:
    """Build every class of a group with one value other than the default for each argument; return what Keras refused.

    The values go the way of a form: through `catalog.check_config`. An empty answer means all is typed right.
    """
    refused: dict[tuple[str, str], str] = {}
    for block in catalog.list_blocks(group):
        for argument in block.arguments:
            config = catalog.first_config(block) | {argument.name: example(argument)} | companions(block, argument)
            try:
                construct(group, block.name, catalog.check_config(block.name, config, group))
            except Exception as error:  # Whatever Keras raises is the finding.
                refused[block.name, argument.name] = f"{type(error).__name__}: {error}"[:300]
    return refused


def companions(block: Block, argument: Argument) -> dict[str, Any]:
    """Return the values that must be set together with an argument."""
    return infer.rule_for(rules.COMPANIONS, block.name, argument.name) or {}


def example(argument: Argument) -> Any:
    """Return a value other than the default that an argument should take."""
    if argument.type == "enum":
        return next((choice for choice in argument.choices if choice != argument.default), argument.choices[0])
    if argument.suggestion is not None:
        return argument.suggestion
    if argument.type in _EXAMPLES:
        return _EXAMPLES[argument.type]
    if argument.type in ("bool", "switch"):
        return argument.default is not True
    return _example_number(argument)


_EXAMPLES = {
    "activation": "elu",
    "initializer": {"class": "HeNormal", "config": {"seed": 3}},
    "regularizer": {"class": "L2", "config": {"l2": 0.001}},
    "constraint": {"class": "MaxNorm", "config": {"max_value": 3.0}},
    "schedule": {"class": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 10}},
    "dtype": "float16",
    "string": "b",
    "strings": ["a", "b"],
    "int_list": [1, 2],
    "number_list": [0.25, 0.75],
    "range": [0.25, 0.75],
    "shape": [4],
    "layer": {"class": "LSTM", "config": {"units": 5, "go_backwards": True}},
}


def _example_number(argument: Argument) -> Any:
    default = argument.default
    if isinstance(default, list):
        return _plus_one(default)
    low, high = argument.minimum or 0, argument.maximum
    if argument.type == "int" and high == low + 1:
        return int(low if default == high else high)
    if high is not None and high <= low + 1:
        # A share of one, or a number that must be negative.
        number = high - 1 if argument.minimum is None else (low + high) / 2
        number = number / 2 if number == default else number
    else:
        number = low + 2 if low + 1 == default else low + 1
    return number if argument.type in ("float", "numbers") else int(number)


def _plus_one(value: Any) -> Any:
    return [_plus_one(item) for item in value] if isinstance(value, list) else value + 1
