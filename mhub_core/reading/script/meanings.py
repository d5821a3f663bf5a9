"""What a name means that no line of the script gives a value: where it comes from, and why its value is not known."""

from __future__ import annotations

import builtins

from mhub_core.catalog import catalog
from mhub_core.reading.records import Unreadable
from mhub_core.reading.script import applications, arithmetic, library, python
from mhub_core.reading.script.values import Reference, canonical

# The modules and functions of Keras that stand in its modules beside the classes of the catalogue.
_IN_KERAS = (
    "activations", "applications", "backend", "callbacks", "constraints", "datasets", "initializers", "layers", "losses",
    "metrics", "models", "ops", "optimizers", "preprocessing", "regularizers", "utils", "Input", "Model", "Sequential",
)  # fmt: skip
_NAMES = {
    "keras": _IN_KERAS,
    "keras.models": ("Model", "Sequential", "load_model", "model_from_json", "clone_model"),
    "keras.layers": ("Input", "add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate", "dot"),
    "keras.datasets": ("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "reuters", "boston_housing"),
    "tensorflow": ("keras", "nn", "math", "image"),
    "argparse": ("ArgumentParser",),
}
_COMPUTING, _LIBRARIES = ("ops", "backend", "random"), ("tensorflow", "numpy", "jax", "torch")
_PLAIN = "Write the plain value in its place, such as num_classes = 10."
_TOOLS = (
    "preprocessing",
    "utils",
    "datasets",
    "callbacks",
    "optimizers",
    "losses",
    "metrics",
    "models",
    "saving",
    "tuner",
    "wrappers",
)


def has_names(home: str) -> bool:
    """Tell whether it is known which names a module has."""
    return (
        home in _NAMES
        or home in library.GROUPS
        or home.startswith(("keras.layers.", "keras.applications"))
        or home in ("math", "numpy")
    )


def starred(homes: list[str], name: str) -> Reference:
    """Return what a name means after `from module import *`: the last module that surely has it gives it."""
    path = next((found for home in reversed(homes) if _is_in(home, name, found := canonical(f"{home}.{name}"))), name)
    return Reference(path)


def _is_in(home: str, name: str, path: str) -> bool:
    if name in _NAMES.get(home, ()) or path in arithmetic.NUMBERS:
        return True
    if home.startswith("keras.layers"):
        return is_class(name) or (home != "keras.layers" and name in _NAMES["keras.layers"])
    if home.startswith("keras.applications"):
        return applications.has(path)
    return catalog.get_block(library.GROUPS.get(home, ""), name) is not None if home in library.GROUPS else False


def is_class(name: str) -> bool:
    """Tell whether Keras has a class of layers of this name, now or before."""
    return catalog.get_block("layer", library.class_name(name)) is not None


def unknown(path: str, stars: list[str], on_tensors: bool) -> Unreadable:
    """Return why it is not known what a call gives."""
    top, _, rest = path.partition(".")
    what = path[:80]
    is_computed = (top == "keras" and rest.partition(".")[0] in _COMPUTING) or (
        top == "tensorflow" and rest.islower() and "." not in rest
    )
    if is_computed or (on_tensors and top in _LIBRARIES):
        told = f"no layer of Keras computes what {what} does"
        return Unreadable(told, mend="Write this part with layers of Keras, or draw it by hand.")
    if on_tensors or (top == "keras" and rest.partition(".")[0] not in _TOOLS):
        return Unreadable(f"{what} is not a layer of Keras", mend="Write this part with layers of Keras.")
    if rest and path.startswith("."):
        return Unreadable(
            f"{what} is defined in another file, which the importer cannot see",
            mend="Copy the lines of that file into this script.",
        )
    if rest:
        told = f"what {what} gives depends on data or on a library, and is known only when the script runs"
        is_class = path.rpartition(".")[2][:1].isupper()
        return Unreadable(told, mend="Write this part with layers of Keras, or plain values." if is_class else _PLAIN)
    if hasattr(builtins, path) or path in python.FUNCTIONS:
        return Unreadable(f"what {what}() gives is known only when the script runs", mend=_PLAIN)
    strange = [home for home in stars if not has_names(home)]
    told = f"; it may come from {strange[-1][:60]}, which the importer cannot see" if strange else ""
    return Unreadable(f"{what} is not defined in this script{told}", mend="Add the lines that define it to this script.")
