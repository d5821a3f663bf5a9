"""Brings the settings of a layer, as Keras writes them into a config, into the form that the catalogue checks."""

from __future__ import annotations

from typing import Any, TypeGuard

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Argument, Block
from mhub_core.reading.records import Unreadable

# Keras writes these beside the arguments of the form. They may hold only what means "not used".
UNUSED: dict[str, tuple[Any, ...]] = {
    "quantization_config": (None,),
    "renorm_clipping": (None, {}),
    "idf_weights": (None,),
    "weights": (None,),
    "gptq_unpacked_column_size": (None,),
    "activity_regularizer": (None,),
    "zero_output_for_mask": (False,),
    "rms_scaling": (False,),
    "time_major": (False,),
    "unroll": (False,),
    "fused": (None, False, True),
    "encoding": ("utf-8", None),
    "oov_method": ("floormod",),
    "fill_mode": ("constant",),
    "vocabulary_dtype": ("int64",),
    "seed": (None,),
}
# These say nothing that the layer's other settings do not.
SAID_ELSEWHERE = {"name", "vocabulary_size", "input_length", "implementation", "build_input_shape", "batch_input_shape"}
SAID_ELSEWHERE |= {"trainable", "data_format", "dtype", "input_dim", "input_dtype"}
# Other names that Keras has for a class of layers, and for an activation.
_CLASSES = {"GroupedQueryAttention": "GroupQueryAttention"}
RENAMED = {"swish": "silu", "hard_swish": "hard_silu"}
# Other names that Keras 2 had for a value of a setting.
RENAMED_VALUES = {"distribution": {"normal": "truncated_normal"}}
_NUMBERS = ("__numpy__", "__tensor__")


def renamed(setting: str, value: Any) -> Any:
    """Return the value of a setting under the name of now."""
    return RENAMED_VALUES.get(setting, {}).get(value, value) if isinstance(value, str) else value


def is_object(value: Any) -> bool:
    """Tell whether a value is an object of Keras, as it stands in a config."""
    return isinstance(value, dict) and isinstance(value.get("class_name"), str)


def is_nested(value: Any) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is `{"class", "config"}` of an object inside a layer."""
    return isinstance(value, dict) and isinstance(value.get("class"), str) and isinstance(value.get("config"), dict)


def class_of(entry: dict[str, Any], what: str) -> str:
    """Return the class that an entry names. Raises Unreadable for a class from outside Keras."""
    name, module = entry["class_name"], entry.get("module")
    registered = entry.get("registered_name")
    is_named = registered in (None, name) or str(registered).startswith("keras")
    if not is_named or (module is not None and not _is_keras(module)) or (module is None and registered and "module" in entry):
        raise own_code(str(registered or name), what)
    return _CLASSES.get(name, str(name))


def _is_keras(module: Any) -> bool:
    return isinstance(module, str) and (module in ("keras", "builtins", "tf_keras") or module.startswith(("keras.", "tf_keras.")))


def own_code(name: str, what: str) -> Unreadable:
    """Return the error for a class that somebody wrote in Python."""
    told = f"{what} is of the class {name[:80]!r}, which is custom Python code and not part of Keras."
    return Unreadable(
        told, "Only Keras layers can be imported: no code in a file is ever run.", "Build this part from layers of Keras."
    )


def clean(block: Block, config: Any, what: str) -> dict[str, Any]:
    """Return the values of a config under the names of the form; the catalogue still has to check them."""
    if not isinstance(config, dict):
        raise Unreadable(f"The settings of {what} cannot be read.", "Named values.", "Save the model again.")
    found: dict[str, Any] = {}
    for name, value in config.items():
        argument = block.argument(name)
        if argument is not None and not (name == "dtype" and _dtype(value, what) in ("float32", None)):
            found[name] = _value(argument, value, f"{name} of {what}")
        elif argument is None and name not in SAID_ELSEWHERE and not _means_nothing(name, value):
            told = f"{what} ({block.name}) has the setting {str(name)[:60]!r}, which this hub does not know."
            raise Unreadable(told, mend="Save the model with Keras 3, or leave the setting out.")
    if _is_mirrored(found.get("layer"), found.get("backward_layer")):
        del found["backward_layer"]
    return found


def _is_mirrored(layer: Any, backward: Any) -> bool:
    """Tell whether Bidirectional makes the layer for the way back by itself: Keras writes it down all the same."""
    if not is_nested(layer) or not is_nested(backward):
        return False
    return bool(backward == {**layer, "config": {**layer["config"], "go_backwards": True}})


def _means_nothing(name: str, value: Any) -> bool:
    return any(value is allowed or value == allowed for allowed in UNUSED.get(name, ()))


def _value(argument: Argument, value: Any, what: str) -> Any:
    if argument.type == "int" and isinstance(value, list) and len(value) == 1:
        return value[0]  # Keras 2 wrote the axis of a normalization as a list.
    if argument.name in RENAMED_VALUES:
        return renamed(argument.name, value)
    if argument.type == "dtype":
        return _dtype(value, what)
    if argument.type == "activation":
        return _activation(value, what)
    if argument.type == "layers" and isinstance(value, list):
        return [_nested("layer", item, what) for item in value]
    if isinstance(value, dict):
        return _numbers(value) if value.get("class_name") in _NUMBERS else _nested(argument.type, value, what)
    return value


def _numbers(value: dict[str, Any]) -> Any:
    inner = value.get("config")
    return inner.get("value") if isinstance(inner, dict) else None


def _dtype(value: Any, what: str) -> Any:
    """Return the name of a number format; Keras writes it as an object."""
    if not is_object(value):
        return value
    inner = value.get("config")
    if value["class_name"] != "DTypePolicy" or not isinstance(inner, dict):
        told = f"The number format (dtype) of {what} is of a kind that is not available on this hub."
        raise Unreadable(told, "The name of one, such as float32.", "Give the layer one number format.")
    return inner.get("name")


def _activation(value: Any, what: str) -> Any:
    """Return the name of an activation. A layer as an activation stays one: `Sketch.layer` puts it behind."""
    if is_object(value) and value["class_name"] == "function":
        name = value.get("config")
        if value.get("module") not in ("builtins", None) and not _is_keras(value.get("module")):
            raise own_code(str(name), f"The {what}")
        return RENAMED.get(name, name) if isinstance(name, str) else name
    if is_object(value):
        return _nested("layer", value, what)
    return RENAMED.get(value, value) if isinstance(value, str) else value


def _nested(group: str, value: Any, what: str) -> Any:
    """Return `{"class", "config"}` of a nested object."""
    if not is_object(value) or group not in catalog.groups():
        return value
    name = class_of(value, what)
    inner = {} if value.get("config") is None else value["config"]
    block = catalog.get_block(group, name)
    return {"class": name, "config": clean(block, inner, what) if block else {}}
