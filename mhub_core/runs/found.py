"""What is asked when runs are looked for, and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mhub_core.runs.records import RunCard

NEWEST = "newest"
COLUMNS = ("name", "model", "dataset", "owner", "state", "parameters", "train_seconds", "finished")  # runs are sorted by
SCORE, SETTING = "score:", "setting:"  # a sort by one begins so: `score:accuracy`, `setting:learning_rate`
MAX_TAG, MAX_TAGS = 40, 10  # letters of a tag, and tags of a run


@dataclass(frozen=True)
class RunQuery:
    """Which runs are wanted, and in what order.

    `text`: each of its words stands in the name or the notes of a run, or in the name of its model or dataset; of the last one
    the beginning is enough. `states`: none means all. `project_id`: those of the models that belong to that project.
    `since` and `until` are the first and the last day on which a run was started, in UTC. `sort` is `NEWEST`, one of
    `COLUMNS`, or a score or a setting; runs that lack a column come last, and those that lack a score or a setting are left out.
    `folded`: runs that differ in the seed alone are told by one of them, but where their states matter. `line_id`: the runs that
    stand in the line of this one, each by itself.
    """

    text: str = ""
    mine: bool = False
    model_id: int | None = None
    dataset_id: int | None = None
    project_id: int | None = None
    states: tuple[str, ...] = ()
    tag: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = NEWEST
    descending: bool = True
    limit: int = 50
    offset: int = 0
    folded: bool = True
    line_id: int | None = None

    @property
    def shows_lines(self) -> bool:
        """Return whether each line is told by one of its runs."""
        return self.folded and self.line_id is None and not self.states


@dataclass(frozen=True)
class FoundRun(RunCard):
    """A run in a list of runs, with all that can be a column there. `settings` is what was chosen for it, by name."""

    num_parameters: int | None
    train_seconds: float | None
    may_edit: bool
    settings: dict[str, float | str]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class RunPage:
    """One page of what was found. `total` counts what matches, as far as `order_service.MOST_COUNTED`.

    `is_cut`: only the newest runs were sorted, as far as `order_service.MOST_SORTED`; they alone are counted.
    """

    runs: tuple[FoundRun, ...]
    total: int
    is_cut: bool
