"""One calculation of a model on its way to the layer that does the same."""

from __future__ import annotations

from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.sketch import Sketch, Tensor


class Work:
    """The name of the calculation, and the layer's name if it has one."""

    def __init__(self, operation: str, sketch: Sketch, name: str | None) -> None:
        self.operation, self.sketch, self.name = operation, sketch, name

    def draw(self, class_name: str, given: Any, **config: Any) -> Tensor:
        """Return what the layer gives that does the same, and tell about it."""
        self.sketch.note(f"The calculation {self.operation} became a layer: {class_name}.")
        return self.sketch.apply(class_name, given, self.name, **config)

    def refused(self, why: str = "") -> Unreadable:
        """Return the error for a calculation that no layer does."""
        told = (
            f"The calculation {self.operation[:60]}{f' ({self.name[:60]})' if self.name else ''} has no layer that does the same"
        )
        mend = "Use a layer for it, or draw this part by hand."
        return Unreadable(f"{told}{': ' if why else ''}{why}.", mend=mend, line=self.sketch.line)

    def tensor(self, value: Any) -> Tensor:
        """Return a value that must be the output of a layer."""
        if not isinstance(value, Tensor):
            raise self.refused("it computes on something that is not the output of a layer")
        return value

    def shape(self, tensor: Tensor) -> tuple[int | None, ...]:
        """Return a shape that must be known."""
        if tensor.shape is None:
            raise self.refused("the shape of what it computes on is not known")
        return tensor.shape
