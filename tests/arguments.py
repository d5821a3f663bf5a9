"""`python -m tests.arguments`: every argument of every form is set as the form sets it, and looked for in what Keras builds.

For each argument one value other than the default is written as its widget holds it, read by the form (`fields.read`), put
into the settings (`fields.with_value`, which checks them) and built. It has arrived when Keras' object tells that value back
(`get_config`, or an attribute where Keras does not tell it). What Keras writes of a layer is also read back and built again.
"""

from __future__ import annotations

import json
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from mhub_core.catalog import catalog, engine, generate  # noqa: E402
from mhub_core.catalog.records import Argument, Block  # noqa: E402
from mhub_core.reading import settings  # noqa: E402
from mhub_core.ui.forms import fields, text  # noqa: E402

Path = tuple[str, ...]
Config = dict[str, Any]
# Widgets that hold the value itself; all others hold it as text.
PLAIN = ("bool", "switch", "int", "seed", "enum", "dtype", "activation", "initializer", "regularizer", "constraint", "layer")


def lost(group: str) -> tuple[int, list[str]]:
    """Set every argument of a group's forms; return how many there are, and what did not arrive."""
    pairs = [(block, argument) for block in catalog.list_blocks(group) for argument in block.arguments]
    return len(pairs), [words for block, argument in pairs if (words := _lost(block, argument))]


def _lost(block: Block, argument: Argument) -> str:
    partners = generate.companions(block, argument)
    start = {key: item for key, item in (catalog.first_config(block) | partners).items() if key != argument.name}
    value = partners.get(argument.name, generate.example(argument))
    name = f"{block.group} {block.name}.{argument.name} = {value!r}"
    if not argument.required and value == argument.default:
        return f"{name}: that is the default"
    try:
        config = set_by_form(block, start, (argument.name,), argument, value)
        thing = engine.construct(block.group, block.name, config)
        stored = told(thing, argument.name)
        if block.group == "layer" and block.role != "input" and not comes_back(block, thing):
            return f"{name}: does not come back from Keras"
    except Exception as error:  # Whatever the form or Keras raises is the finding.
        return f"{name}: {type(error).__name__}: {error}"[:300]
    return "" if arrived(stored, value) else f"{name}: arrived as {stored!r}"


def comes_back(block: Block, layer: Any) -> bool:
    """Tell whether what Keras writes of a layer passes the form again, and builds the same layer."""
    written = _written(layer)
    config = catalog.check_config(block.name, settings.clean(block, written, block.name))
    return _unnamed(_written(engine.construct("layer", block.name, config))) == _unnamed(written)


def _written(layer: Any) -> Any:
    return json.loads(json.dumps(layer.get_config()))


def _unnamed(config: Any) -> Any:
    """Leave out the names of layers, which Keras counts up."""
    if isinstance(config, list):
        return [_unnamed(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {key: _unnamed(item) for key, item in config.items() if key != "name" or not {"dtype", "layers"} & set(config)}


def set_by_form(block: Block, config: Config, path: Path, argument: Argument, value: Any) -> Config:
    """Set an argument as somebody at the form does: a nested block is chosen first, and then its own settings are set."""
    if argument.type == "layers":
        config = _hand_on(block, config, path, argument, len(value))
        entry = Argument(name="class", type="layer", required=True, choices=argument.choices)
        for number, item in enumerate(value):
            config = set_by_form(block, config, (*path, str(number)), entry, item)
        return config
    if not isinstance(value, dict):
        return _hand_on(block, config, path, argument, value if argument.type in PLAIN else text.to_text(value, argument.type))
    config = _hand_on(block, config, path, argument, value["class"])
    inner = catalog.require_block(argument.type, value["class"])
    for name, own in value["config"].items():
        config = set_by_form(block, config, (*path, name), inner.argument(name), own)
    return config


def _hand_on(block: Block, config: Config, path: Path, argument: Argument, shown: Any) -> Config:
    return fields.with_value(block, config, path, fields.read(argument, shown))


def told(thing: Any, name: str) -> Any:
    """Return what a Keras object says that an argument is."""
    config = thing.get_config() if hasattr(thing, "get_config") else {}
    if type(thing).__name__ == "InputLayer" and name in ("shape", "batch_size"):
        return config["batch_shape"][1:] if name == "shape" else config["batch_shape"][0]
    held = {key.removeprefix("_"): value for key, value in vars(thing).items()} | {"dtype": getattr(thing, "dtype", None)}
    places = (config, held, vars(getattr(thing, "cell", thing)), getattr(thing, "_fn_kwargs", {}))
    return next((place[name] for place in places if name in place), "nothing")


def arrived(stored: Any, value: Any) -> bool:
    """Tell whether Keras means by `stored` what was set. It keeps 4 as (4,) or (4, 4), and a nested block as a dictionary."""
    if isinstance(stored, dict):
        inner = stored.get("config", {})
        if isinstance(value, str):
            return value in (stored.get("class_name"), inner.get("name"))
        given = value["config"].items()
        return stored.get("class_name") == value["class"] and all(arrived(inner.get(name), own) for name, own in given)
    if isinstance(value, list):
        return isinstance(stored, (list, tuple)) and len(stored) == len(value) and all(map(arrived, stored, value))
    if isinstance(stored, (list, tuple)):
        return _is_range(stored, value) or (len(stored) > 0 and all(arrived(item, value) for item in stored))
    return stored == value and isinstance(stored, bool) == isinstance(value, bool)


def _is_range(stored: Any, value: Any) -> bool:
    """Tell whether this is the range that layers of augmentation draw from when they get one number."""
    return len(stored) == 2 and stored[1] == value and stored[0] in (0, 1, -value)


def main() -> int:
    """Print how many arguments arrived, and those that did not."""
    total, missing = 0, []
    for group in catalog.groups():
        count, words = lost(group)
        print(f"{group:14}{count - len(words):6} of {count}")
        total, missing = total + count, missing + words
    print(f"{'together':14}{total - len(missing):6} of {total} arrived", *missing, sep="\n  ")
    return bool(missing)


if __name__ == "__main__":
    raise SystemExit(main())
