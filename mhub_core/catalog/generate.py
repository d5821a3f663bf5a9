"""Makes `keras.json` from the installed Keras: every public class with its arguments, types and explanations."""

from __future__ import annotations

import inspect
import json
from typing import Any

import keras

from mhub_core.catalog import docstrings, infer, rules
from mhub_core.catalog.catalog import PATH
from mhub_core.catalog.engine import MODULES

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
# What every layer takes beside the arguments of its own __init__.
COMMON = {"trainable": (True, "Whether training changes the weights of this layer."), "dtype": (None, "The number format it computes in.")}


class Unexplained(Exception):
    """Raised when Keras brings an argument that neither its docstring nor a rule explains."""


def generate() -> dict[str, Any]:
    """Return the whole catalogue as plain JSON. Raises Unexplained with all arguments that need a rule."""
    unexplained: list[str] = []
    groups = {group: [_entry(group, cls, unexplained) for cls in _classes(group)] for group in MODULES}
    if unexplained:
        raise Unexplained("Give these a rule in mhub_core/catalog/rules.py: " + ", ".join(unexplained))
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
    PATH.write_text(text(), encoding="utf-8")


def _classes(group: str) -> list[type]:
    module, base = MODULES[group], BASES[group]
    found = {value for name in dir(module) if inspect.isclass(value := getattr(module, name)) and issubclass(value, base)}
    return sorted(found, key=lambda cls: cls.__name__)


def _entry(group: str, cls: type, unexplained: list[str]) -> dict[str, Any]:
    name = cls.__name__
    entry: dict[str, Any] = {"name": name, "family": _family(group, cls), "help": docstrings.summary(cls.__doc__) or rules.HELP.get(name, "")}
    if group == "layer":
        entry |= _role(name, entry["family"])
    if group in ("initializer", "regularizer", "constraint"):
        entry |= {"alias": _alias(group, name)}
    if name in rules.NO_FORM:
        return entry | {"no_form": rules.NO_FORM[name], "arguments": []}
    return entry | {"arguments": _arguments(group, cls, unexplained)}


def _family(group: str, cls: type) -> str:
    if group != "layer":
        return group
    parts = cls.__module__.split(".")
    if "image_preprocessing" in parts and cls.__name__ not in ("CenterCrop", "Resizing"):
        return "augmentation"
    return parts[3] if parts[3] in rules.FAMILIES else "core"


def _role(name: str, family: str) -> dict[str, Any]:
    default = ("merge", (), 2) if family == "merging" else ("single", (), 1)
    role, ports, min_inputs = rules.ROLES.get(name, default)
    return {"role": role, "ports": list(ports), "min_inputs": min_inputs}


def _alias(group: str, name: str) -> str:
    """Return the short name that Keras takes as a string ("glorot_uniform"), if there is one."""
    module = MODULES[group]
    names = [alias for alias in dir(module) if getattr(module, alias).__class__ is type and getattr(module, alias).__name__ == name]
    return next((alias for alias in names if alias.islower()), "")


def _arguments(group: str, cls: type, unexplained: list[str]) -> list[dict[str, Any]]:
    texts = _documented(cls)
    found = []
    for name, default in _parameters(cls).items():
        if infer.rule_for(rules.HIDDEN, cls.__name__, name):
            continue
        argument = infer.describe(cls.__name__, name, _canonical(name, default), texts.get(name, ""))
        if argument is None:
            unexplained.append(f"{cls.__name__}.{name}")
        else:
            found.append(argument)
    if group == "layer":
        known = {argument["name"] for argument in found}
        common = {name: item for name, item in COMMON.items() if name not in known and cls.__name__ != "InputLayer"}
        found += [infer.describe("", name, default, sentence) or {} for name, (default, sentence) in common.items()]
    return found


def _parameters(cls: type) -> dict[str, Any]:
    """Return the arguments of the class's own __init__ and their defaults. `**kwargs` are not followed: they leak internals."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {
        item.name: infer.REQUIRED if item.default is item.empty else item.default
        for item in parameters
        if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)
    }


def _documented(cls: type) -> dict[str, str]:
    """Return the explanations of arguments, also those that a base class wrote down."""
    texts: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        texts |= docstrings.arguments(base.__init__.__doc__) | docstrings.arguments(base.__doc__)
    return texts


def _canonical(name: str, default: Any) -> Any:
    """Return a default as people choose it: Keras itself writes "Zeros", "zeros" and "uniform"."""
    if isinstance(default, str) and name.endswith("initializer"):
        return _alias("initializer", keras.initializers.get(default).__class__.__name__)
    return default
