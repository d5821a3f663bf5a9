"""Short scripts of our own behind the imports that public ones have, and what the reader makes of them."""

from __future__ import annotations

import pytest

from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable

HEAD = (
    "import os, click, keras, numpy as np, pandas as pd, tensorflow as tf\nfrom keras import layers, Input, Model, Sequential\n"
)
LINES = HEAD.count("\n")


def text(code: str) -> Reading:
    return read.read_text(HEAD + code)


def classes(reading: Reading) -> list[str]:
    return [node["class"] for node in reading.graph["nodes"]]


def refusal(code: str) -> tuple[str, int | None]:
    """Return why a script is refused, and the line of it, which counts from the first line behind the head."""
    with pytest.raises(Unreadable) as refused:
        text(code)
    assert refused.value.mend
    return refused.value.words, refused.value.line and refused.value.line - LINES
