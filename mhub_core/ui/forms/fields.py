"""Draws the form of a building block: every constructor argument, typed, with its default and its help.

A field hands its new value on by itself, so that nothing typed waits for a button. Fields of nested blocks (a regularizer with
its factor, the layer inside Bidirectional) are drawn under the choice of the block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from mhub_core.catalog import catalog, fields
from mhub_core.catalog.records import Argument, Block
from mhub_core.errors import Invalid
from mhub_core.ui.errors import field_problem
from mhub_core.ui.forms import text
from mhub_core.ui.page import opened, plain

Path = tuple[str, ...]
NO_CHOICE = "–"
COMMON = frozenset(
    "shape units filters kernel_size pool_size strides padding activation rate input_dim output_dim num_heads key_dim "
    "target_shape return_sequences axis factor scale offset size height width momentum stddev layer cell cells "
    "backward_layer merge_mode n dims function output_size group_size num_groups groups learning_rate".split()
)
FIXED = "a fixed number"  # instead of a schedule


@dataclass(frozen=True)
class Form:
    """Where a form stands: a prefix that makes its widgets its own, who takes a value, and what is wrong with which field.

    `take(path, value)` and `back(path, default)` get the way to the argument: `("kernel_regularizer", "l2")` for the factor of a
    nested L2. What a field holds and cannot mean is told beside the field for as long as it stands there, and never handed on.
    """

    key: str
    take: Callable[[Path, Any], Any]
    back: Callable[[Path, Any], None]
    problems: dict[str, str]
    disabled: bool = False


def draw(form: Form, block: Block, config: dict[str, Any], path: Path = ()) -> None:
    """Draw all arguments of a block: what is needed often or has been changed first, the rest behind "More"."""
    first = [item for item in block.arguments if item.required or item.name in COMMON]
    first += [item for item in block.arguments if item not in first and item.name in config]
    rest = [item for item in block.arguments if item not in first]
    if len(rest) == 1 or not first:
        first, rest = first + rest, []  # A title with nothing else beside it would only hide things.
    _fields(form, first, config, path)
    if rest:
        opened(
            f"More settings ({len(rest)})",
            _key(form, (*path, "more")),
            lambda: _fields(form, rest, config, path),
        )


def _field(form: Form, argument: Argument, config: dict[str, Any], path: Path) -> None:
    here = (*path, argument.name)
    value = config.get(argument.name, argument.default)
    _widget(form, argument, value, here)
    if argument.name in config and not argument.required and not form.disabled:
        label = plain(f"↺ reset to {describe(argument.default)}")
        st.button(label, key=_key(form, here) + "_default", type="tertiary", on_click=form.back, args=(here, argument.default))
    if argument.type in fields.NESTED:
        _nested(form, argument, value, here)


def _fields(form: Form, arguments: list[Argument], config: dict[str, Any], path: Path) -> None:
    for argument in arguments:
        _field(form, argument, config, path)


def describe(value: Any) -> str:
    """Say a default in a word or two."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return str(value.get("class"))
    return text.to_text(value) or "none"


def _key(form: Form, path: Path) -> str:
    return f"{form.key}_{'.'.join(path)}"


def _widget(form: Form, argument: Argument, value: Any, path: Path) -> None:
    key = _key(form, path)
    common: dict[str, Any] = {"label": _label(argument), "help": plain(_help(argument))}
    choices = _choices(argument)
    if choices is not None:
        shown = [None, *choices] if argument.nullable else list(choices)
        current = _chosen(argument, value)
        shown = shown if current in shown else [*shown, current]
        index = shown.index(current)
        st.selectbox(options=shown, index=index, format_func=_choice_words, **common, **_handing_on(form, argument, path, key))
        if argument.type == "schedule" and current == FIXED:
            _typed(form, argument, value, path, {"label": FIXED, "label_visibility": "collapsed"}, f"{key}_number")
    elif argument.type == "bool":
        st.checkbox(value=bool(value), **common, **_handing_on(form, argument, path, key))
    else:
        _typed(form, argument, value, path, common, key)
    if ".".join(path) in form.problems and not (key in st.session_state and _unreadable(argument, st.session_state[key])):
        field_problem(form.problems, ".".join(path))


def _label(argument: Argument) -> str:
    words = argument.name.replace("_", " ") + (" *" if argument.required else "")
    return f"number of {words}" if argument.type == "layers" else words


def _help(argument: Argument) -> str:
    default = "required" if argument.required else f"default {describe(argument.default)}"
    return f"{argument.help} (keras: {argument.name}, {default})"


def _handing_on(form: Form, argument: Argument, path: Path, key: str) -> dict[str, Any]:
    return {"key": key, "disabled": form.disabled, "on_change": _hand_on, "args": (form, argument, path, key)}


def _typed(form: Form, argument: Argument, value: Any, path: Path, common: dict[str, Any], key: str) -> None:
    """Draw a field that is typed into. The widget itself knows no bounds: it would keep what is out of them to itself."""
    common = common | _handing_on(form, argument, path, key)
    if argument.type in ("int", "seed"):
        held = st.number_input(value=value, step=1, placeholder=text.HINTS.get(argument.type, "none"), **common)
    elif argument.type == "layers":
        held = st.number_input(value=len(value or ()), min_value=1, max_value=50, step=1, **common)
    else:
        held = st.text_input(
            value=text.to_text(value, argument.type), placeholder=text.HINTS.get(argument.type, "none"), **common
        )
    wrong = _unreadable(argument, held)
    if wrong:
        field_problem({argument.name: f"{wrong[0].upper()}{wrong[1:]}. Value in use: {describe(value)}."}, argument.name)


def _unreadable(argument: Argument, held: Any) -> str:
    """Return what is wrong with what a widget holds, or an empty text."""
    try:
        read(argument, held)
    except ValueError as error:
        return str(error)
    return ""


def _choices(argument: Argument) -> list[Any] | None:
    """Return what a selectbox offers, or None when the argument is typed in."""
    if argument.type == "bool" and argument.nullable:
        return [True, False]
    named = {"dtype": fields.DTYPES, "activation": fields.ACTIVATIONS, "enum": argument.choices, "switch": ("auto", True, False)}
    if argument.type in named:
        return list(named[argument.type])
    if argument.type in fields.NESTED and argument.type != "layers":
        return [FIXED] * (argument.type == "schedule") + [_short(block) for block in offered(argument)]
    return None


def offered(argument: Argument) -> list[Block]:
    """Return the blocks that a nested form may choose: those that the argument names, or all but those that wrap another."""
    group = "layer" if argument.type == "layers" else argument.type
    blocks = [block for block in catalog.list_blocks(group) if not block.no_form]
    if argument.choices:
        return [block for block in blocks if block.name in argument.choices]
    wraps = {"layer", "layers"}
    blocks = [block for block in blocks if block.role == "single"]
    return [block for block in blocks if not any(item.type in wraps and item.required for item in block.arguments)]


def _short(block: Block) -> str:
    return block.name if block.group == "layer" else block.alias or block.name


def _chosen(argument: Argument, value: Any) -> Any:
    """Return the choice that stands for a value: of a nested block its name, whether it has own settings or not."""
    if argument.type == "schedule" and not isinstance(value, dict):
        return FIXED
    block = catalog.get_block(argument.type, _class_of(value)) if argument.type in fields.NESTED else None
    return _short(block) if block else value


def _class_of(value: Any) -> Any:
    return value.get("class") if isinstance(value, dict) else value


def _choice_words(value: Any) -> str:
    return {None: NO_CHOICE, True: "yes", False: "no"}.get(value, str(value))


def _hand_on(form: Form, argument: Argument, path: Path, key: str) -> None:
    """Give what a widget holds to the form's owner, if it means something; `_typed` says why when it does not."""
    if not _unreadable(argument, st.session_state[key]):
        form.take(path, read(argument, st.session_state[key]))


def read(argument: Argument, shown: Any) -> Any:
    """Return the argument's value from what its widget holds. Raises ValueError with a sentence for the field."""
    value = shown
    if argument.type in (*text.LISTS, "ints", "numbers", "string", "float"):
        value = text.from_text(argument.type, shown)
    if argument.type == "shape" and value is None and not argument.nullable:
        value = []
    if argument.type == "layers":
        return [None] * int(shown)
    if argument.type == "schedule" and (shown == FIXED or not catalog.get_block("schedule", shown)):
        value = argument.default if shown == FIXED else text.from_text("float", shown)
    elif argument.type in fields.NESTED and shown is not None:
        return fresh(argument.type, shown)
    return catalog.check_value(argument, value)


def fresh(group: str, name: str) -> Any:
    """Return a nested block as it is when just chosen: with its required values only."""
    block = catalog.require_block(group, name)
    config = catalog.first_config(block)
    return {"class": block.name, "config": config} if config or group == "layer" else _short(block)


def _nested(form: Form, argument: Argument, value: Any, path: Path) -> None:
    items = list(enumerate(value or ())) if argument.type == "layers" else [(None, value)]
    group = "layer" if argument.type == "layers" else argument.type
    for number, item in items:
        here = path if number is None else (*path, str(number))
        block = catalog.get_block(group, _class_of(item))
        if block is None or not block.arguments or len(here) > 2 * fields.DEEPEST:
            continue
        config = item.get("config", {}) if isinstance(item, dict) else {}
        place = "" if number is None else f"{number + 1}. "
        opened(f"{place}{block.name} settings", f"{_key(form, here)}_own", partial(_own, form, argument, block, config, here))


def _own(form: Form, argument: Argument, block: Block, config: dict[str, Any], path: Path) -> None:
    if argument.type == "layers":
        _which(form, argument, block, path)
    draw(form, block, config, path)


def _which(form: Form, argument: Argument, block: Block, path: Path) -> None:
    """Draw the choice of one block in a list of blocks."""
    names = [item.name for item in offered(argument)]
    entry = Argument(name="class", type="layer", required=True, choices=argument.choices)
    place = names.index(block.name) if block.name in names else None
    st.selectbox("class", names, place, **_handing_on(form, entry, path, f"{_key(form, path)}_class"))


def with_value(block: Block, config: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return a config in which the argument at `path` has a value, clean. Raises Invalid."""
    return catalog.check_config(block.name, _put(block, config, path, value), block.group)


def _put(block: Block, config: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    name, *rest = path
    argument = block.argument(name)
    if argument is None:
        raise Invalid(f"{block.name} has no argument {name}.", mend="Reload the form.")
    old = config.get(name, argument.default)
    if argument.type == "layers":
        return {**config, name: _put_in_list(list(old or ()), rest, value, argument)}
    return {**config, name: _put_inside(argument.type, old, rest, value)}


def _put_inside(group: str, old: Any, rest: list[str], value: Any) -> Any:
    if not rest:
        return value
    inner = catalog.require_block(group, _class_of(old))
    inner_config = old.get("config", {}) if isinstance(old, dict) else {}
    return {"class": inner.name, "config": _put(inner, inner_config, tuple(rest), value)}


def _put_in_list(old: list[Any], rest: list[str], value: Any, argument: Argument) -> list[Any]:
    if not rest:
        # Only the number changed: what is there stays, more of the last kind follow.
        more = (old or argument.suggestion)[-1:] * len(value)
        return (old + more)[: len(value)]
    place = int(rest[0])
    if not 0 <= place < len(old):
        raise Invalid("This entry is no longer in the list.", mend="Reload the form.")
    return [*old[:place], _put_inside("layer", old[place], rest[1:], value), *old[place + 1 :]]
