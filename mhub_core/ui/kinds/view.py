"""What the pages ask of a kind of data. Each module of this room but the registry is one such view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets.records import DatasetVersion
from mhub_core.runs.records import Run


@dataclass(frozen=True)
class Given:
    """What was given to a model: examples, what each is called, and what is true of a single one, as its task tells it. `shown`:
    for each example the cells of its row in the file that was given, where there is one."""

    examples: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    truth: dict[str, Any] | None = None
    shown: tuple[Mapping[str, Any], ...] = ()

    def only(self, places: Sequence[int]) -> Given:
        """Return some of the examples, by their places."""
        shown = tuple(self.shown[i] for i in places) if self.shown else ()
        return Given(tuple(self.examples[i] for i in places), tuple(self.names[i] for i in places), self.truth, shown)


class KindView(Protocol):
    """How a kind of data looks."""

    TABS: tuple[str, ...]  # titles of the tabs that `tab` draws
    TARGET_TAB: str  # title of the tab that shows how the target lies

    def show_preview(self, preview: UploadPreview) -> None:
        """Draw what an upload holds."""

    def choices(self, preview: UploadPreview) -> dict[str, Any]:
        """Draw what can be chosen for an upload, and return it as `datasets.service.create` takes it."""

    def tab(self, title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
        """Draw one tab of a ready version."""

    def mistakes(self, viewer: User | None, run: Run) -> None:
        """Draw the open examples about which the model of a run is most wrong; nothing where its result keeps none."""

    def take_input(self, viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
        """Draw the ways to give something to a model, and return what was given."""
