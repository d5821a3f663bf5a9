"""What the pages ask of a task. Each module of this room but the registry is one such view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.runs.records import Run
from mhub_core.ui.kinds.view import Given

Told = dict[str, Any]  # an answer or a truth, as `Task.answer` and `Task.truth` give it


class TaskView(Protocol):
    """How a task looks."""

    COLUMNS: tuple[str, ...]  # titles of what `cells` gives
    OPACITY: float  # of an overlay, from 0 to 1

    def asks(self, data: DataSpec) -> str:
        """Return what a model of this data answers with, behind "It answers with"."""

    def caption(self, told: Told, data: DataSpec) -> str:
        """Return a truth or an answer in a few words."""

    def overlay(self, told: Told, data: DataSpec) -> bytes | None:
        """Return a transparent PNG to lay over the picture that the truth or answer is about, or None."""

    def legend(self, data: DataSpec) -> None:
        """Draw what the colours of an overlay mean; nothing where there is none."""

    def groups(self, data: DataSpec) -> list[tuple[str, int]]:
        """Return the groups that examples can be browsed by, with the number of examples in each."""

    def target(self, data: DataSpec) -> None:
        """Draw how the target of a dataset lies."""

    def is_guessing(self, result: dict[str, Any]) -> bool:
        """Tell whether a result is no better than always giving the most frequent answer."""

    def result(self, viewer: User | None, run: Run) -> None:
        """Draw what a run found out, beside its scores."""

    def answer(self, told: Told, data: DataSpec, given: Given, seen: bytes | None) -> None:
        """Draw the answer to one example in full; `seen` is the example as PNG when it is a picture."""

    def cells(self, told: Told, data: DataSpec) -> Sequence[str]:
        """Return an answer as cells of a table."""

    def csv_head(self, data: DataSpec) -> Sequence[str]:
        """Return the titles of `csv_cells`."""

    def csv_cells(self, told: Told, data: DataSpec) -> Sequence[str]:
        """Return an answer as cells of a file."""
