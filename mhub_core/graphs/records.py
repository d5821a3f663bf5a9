"""What the graph room tells: problems of a design, pinned to the node they belong to, and the inputs of a layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a design from working. `node_id` is None when it concerns the whole."""

    node_id: str | None
    message: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Repair:
    """A way to mend a broken design that was tried and builds: what it does in words, the design, the layer at fault."""

    words: str
    graph: dict[str, Any]
    node_id: str


@dataclass(frozen=True)
class Port:
    """One input of a layer. `title` is for people; `many` takes an ordered list; `fewest` connections make it work."""

    name: str
    title: str
    required: bool = True
    many: bool = False
    fewest: int = 1
