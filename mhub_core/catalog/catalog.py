"""Reads the generated list of building blocks and checks forms against it. Standard library only."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from mhub_core.catalog import fields
from mhub_core.catalog.records import Argument, Block, Family
from mhub_core.errors import Invalid, NotFound

LONGEST_SEARCH = 80
PATH = Path(__file__).with_name("keras.json")


@cache
def _load() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return read


@cache
def _groups() -> dict[str, dict[str, Block]]:
    groups = _load()["groups"].items()
    return {group: {entry["name"]: _block(group, entry) for entry in entries} for group, entries in groups}


def _block(group: str, entry: dict[str, Any]) -> Block:
    arguments = tuple(Argument(**{**item, "choices": tuple(item.get("choices", ()))}) for item in entry["arguments"])
    return Block(**{**entry, "group": group, "arguments": arguments, "ports": tuple(entry.get("ports", ()))})


def keras_version() -> str:
    """Return the version of Keras that the catalogue was made from."""
    return str(_load()["keras_version"])


def groups() -> list[str]:
    """Return the names of all groups: "layer", "optimizer" ..."""
    return list(_groups())


def list_families() -> list[Family]:
    """Return the shelves of the layer palette, in order."""
    return [Family(**family) for family in _load()["families"]]


def list_blocks(group: str) -> list[Block]:
    """Return all classes of a group: "layer", "optimizer", "schedule", "loss", "metric", "callback" ..."""
    return list(_groups()[group].values())


def list_layers(family: str | None = None) -> list[Block]:
    """Return all layers, or those of one family; also those without a form, which say why."""
    return [block for block in list_blocks("layer") if family in (None, block.family)]


def get_block(group: str, name: Any) -> Block | None:
    """Return an entry by its class name or its alias ("glorot_uniform"), or None."""
    if not isinstance(name, str):
        return None
    return _groups()[group].get(name) or _aliases(group).get(name)


@cache
def _aliases(group: str) -> dict[str, Block]:
    return {block.alias: block for block in list_blocks(group) if block.alias}


def require_block(group: str, name: Any) -> Block:
    """Return an entry that has a form. Raises NotFound for an unknown class, Invalid for one that is not offered."""
    block = get_block(group, name)
    if block is None:
        raise NotFound(f"There is no {group} called {str(name)[:60]!r}.", mend="Choose one from the list.")
    if block.no_form:
        raise Invalid(f"{block.name} is not available on this hub.", block.no_form, "Choose another one from the list.")
    return block


def require_layer(name: Any) -> Block:
    """Return a layer that has a form. Raises NotFound or Invalid."""
    return require_block("layer", name)


def search(text: str) -> list[Block]:
    """Return the layers whose name, shelf or explanation holds every word, names first."""
    words = text[:LONGEST_SEARCH].lower().split()
    titles = {family.name: family.title for family in list_families()}
    named = [block for block in list_layers() if all(word in block.name.lower() for word in words)]
    told = {block.name: f"{block.name} {titles[block.family]} {block.help}".lower() for block in list_layers()}
    named.sort(key=lambda block: (not block.name.lower().startswith(words[0]) if words else False, len(block.name)))
    return named + [block for block in list_layers() if block not in named and all(word in told[block.name] for word in words)]


def first_config(block: Block) -> dict[str, Any]:
    """Return the values that a fresh layer needs to work at once."""
    return {item.name: item.suggestion for item in block.arguments if item.suggestion is not None}


def check_config(class_name: Any, config: Any, group: str = "layer") -> dict[str, Any]:
    """Return a form's values, clean and without those at their default. The values are taken for hostile.

    Raises NotFound for an unknown class and Invalid with one problem per argument.
    """
    return _check(require_block(group, class_name), config, 0)


def _check(block: Block, config: Any, depth: int) -> dict[str, Any]:
    if not isinstance(config, dict) or depth > fields.DEEPEST:
        told = f"The settings of {block.name} cannot be read."
        raise Invalid(told, "A small set of named values.", "Set them in the layer's form.")
    problems: dict[str, str] = {}
    clean: dict[str, Any] = {}
    for name, value in list(config.items())[:200]:
        argument = block.argument(name) if isinstance(name, str) else None
        try:
            if argument is None:
                raise ValueError(f"{block.name} has no such argument")
            clean[name] = check_value(argument, value, depth)
        except ValueError as error:
            problems[str(name)[:60]] = str(error)
    for argument in block.arguments:
        if argument.required and argument.name not in config:
            problems[argument.name] = "is needed"
    if problems:
        told = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        raise Invalid(f"{block.name}: {told}.", problems=problems, mend="Change it in the form of the layer.")
    # In the order of the catalogue, so that equal settings make equal random numbers in whatever order they were set.
    given = (argument for argument in block.arguments if argument.name in clean)
    return {argument.name: clean[argument.name] for argument in given if _differs(argument, clean[argument.name])}


def _differs(argument: Argument | None, value: Any) -> bool:
    if argument is None or argument.required:
        return argument is not None
    return json.dumps(value) != json.dumps(_like(value, argument.default))


def _like(value: Any, default: Any) -> Any:
    """Return a default as the value is written: Keras means the same by 1 and (1, 1), and by 2 and 2.0."""
    if isinstance(default, list) and not isinstance(value, list) and all(item == default[0] for item in default):
        default = default[0]
    return float(default) if isinstance(value, float) and type(default) is int else default


def check_value(argument: Argument, value: Any, depth: int = 0) -> Any:
    """Return one value of a form, clean. Raises ValueError with a sentence for the field."""
    if value is None:
        if argument.nullable:
            return None
        raise ValueError("must have a value")
    if argument.type in fields.TYPES:
        return fields.TYPES[argument.type](argument, value)
    if argument.type == "layers":
        if not isinstance(value, list) or not 0 < len(value) <= 50:
            raise ValueError("must be a list of 1 to 50 layers")
        return [_nested("layer", item, depth, argument.choices) for item in value]
    if argument.type == "schedule" and not isinstance(value, dict):
        return fields.TYPES["float"](argument, value)
    return _nested(argument.type, value, depth, argument.choices)


def _nested(group: str, value: Any, depth: int, choices: tuple[str, ...]) -> Any:
    """Check `"l2"` or `{"class": "L2", "config": {...}}`. Without own settings the short form comes back."""
    if isinstance(value, str):
        value = {"class": value}
    if not isinstance(value, dict) or not set(value) <= {"class", "config"}:
        raise ValueError(f"must be the name of a {group}")
    try:
        block = require_block(group, value.get("class"))
        config = _check(block, value.get("config", {}), depth + 1)
    except (NotFound, Invalid) as error:
        raise ValueError(f"is not right: {error.happened}") from error
    if choices and block.name not in choices:
        raise ValueError("must be one of " + ", ".join(choices))
    if group == "layer" or config:
        return {"class": block.name, "config": config}
    return block.alias or block.name
