"""What the catalogue tells: building blocks of Keras, their arguments and families. Frozen, and free of Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Argument:
    """One constructor argument as a form field. `type` names one of `fields.TYPES`.

    `suggestion` is a good first value for a required argument; `default` is what Keras takes when nothing is given.
    `choices` are the values of an "enum", or the classes that fit inside a "layer" or "layers"; empty for any.
    """

    name: str
    type: str
    default: Any = None
    required: bool = False
    nullable: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    suggestion: Any = None
    help: str = ""


@dataclass(frozen=True)
class Block:
    """One public Keras class: a layer, an optimizer, a loss ... Its `group` says which.

    `role` says how a layer stands in a graph: "input" starts it, "single" takes one tensor, "merge" takes an ordered
    list, "ports" takes named tensors, "part" lives only inside another layer. `no_form` is the reason why a class is
    not offered, empty when it is.
    """

    name: str
    group: str
    family: str
    help: str
    role: str = "single"
    ports: tuple[str, ...] = ()
    min_inputs: int = 1
    alias: str = ""
    no_form: str = ""
    arguments: tuple[Argument, ...] = ()

    def argument(self, name: str) -> Argument | None:
        """Return one argument, or None."""
        return next((argument for argument in self.arguments if argument.name == name), None)


@dataclass(frozen=True)
class Family:
    """A shelf of the palette: a title, and one sentence for a newcomer."""

    name: str
    title: str
    help: str
