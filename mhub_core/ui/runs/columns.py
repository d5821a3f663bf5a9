"""The columns that a list of runs can have: what stands in each, and by what a click on its head sorts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mhub_core.runs import records
from mhub_core.runs.found import NEWEST, SCORE, SETTING, FoundRun
from mhub_core.sharing import texts
from mhub_core.tasks.registry import TASKS, find_score
from mhub_core.ui import table, words

DEFAULT = ["name", "model", "dataset", "score", "state", "started", "owner"]
_ON_A_PHONE = ("name", "score", "state")  # of the default ones; what somebody chose is shown everywhere
_SETTING = re.compile(rf"{SETTING}[a-z][a-z0-9_]{{0,59}}")
SCORES = {f"{SCORE}{score.name}": score for task in TASKS.values() for score in task.scores}


@dataclass(frozen=True)
class RunColumn:
    """One column. `sort`: by what runs are sorted, nothing where they cannot be; `descending`: so at the first click."""

    title: str
    cell: Callable[[FoundRun], table.Cell]
    sort: str = ""
    descending: bool = False
    number: bool = False


def _name(run: FoundRun) -> table.Cell:
    """Return the way to a run; that of several that differ in the seed alone leads to all of them."""
    if run.line is None:
        return table.Link(texts.run_title(run.id, run.name), "Run", run.id)
    return table.Link(f"{texts.run_title(run.id, run.name)} and {run.line.num_runs - 1} more seeds", "Runs", run.id, name="line")


def _score(run: FoundRun) -> str:
    return words.line_score(run.line) if run.line else words.main_score(run.scores)


def _state(run: FoundRun) -> str:
    """Return the state, and how far a run is that goes on."""
    if run.line and run.line.num_finished < run.line.num_runs:
        return f"{run.line.num_finished} of {run.line.num_runs} finished"
    told = words.STATES[run.state]
    return f"{told}, epoch {run.epoch:,} of {run.epochs:,}" if run.is_active and run.state != records.QUEUED else told


_FIXED = {
    "name": RunColumn("Run", _name, "name"),
    "model": RunColumn("Model", lambda run: table.Link(run.model_name, "Model", run.model_id), "model"),
    "dataset": RunColumn("Dataset", lambda run: table.Link(run.dataset_name, "Dataset", run.dataset_id), "dataset"),
    "score": RunColumn("Score", _score),
    "state": RunColumn("State", _state, "state"),
    "started": RunColumn("Started", lambda run: f"{run.queued:%Y-%m-%d %H:%M}", NEWEST, descending=True),
    "owner": RunColumn("Owner", lambda run: run.owner_name, "owner"),
    "tags": RunColumn("Tags", lambda run: ", ".join(run.tags)),
    "parameters": RunColumn(
        "Parameters", lambda run: "" if run.num_parameters is None else f"{run.num_parameters:,}", "parameters", number=True
    ),
    "train_seconds": RunColumn(
        "Training time",
        lambda run: "" if run.train_seconds is None else words.duration(run.train_seconds),
        "train_seconds",
        number=True,
    ),
    "finished": RunColumn("Ended", lambda run: f"{run.finished:%Y-%m-%d %H:%M}" if run.finished else "", "finished", True),
}


def read(name: str) -> str | None:
    """Return a name of a column, or None for what is none: the reader of the address."""
    return name if name in _FIXED or name in SCORES or _SETTING.fullmatch(name) else None


def find(name: str) -> RunColumn:
    """Return a column by a name that `read` knows."""
    if name in _FIXED:
        return _FIXED[name]
    if name in SCORES:
        score = SCORES[name].name
        return RunColumn(title(name), lambda run: _text_of(score, run), name, number=True)
    setting = name.removeprefix(SETTING)
    return RunColumn(title(name), lambda run: _value(run.settings.get(setting)), name, number=True)


def descends_first(sort: str) -> bool:
    """Tell which way runs are sorted first by something: scores the best first, dates the newest."""
    if sort in SCORES:
        return SCORES[sort].higher_is_better
    return any(column.descending for column in _FIXED.values() if column.sort == sort)


def title(name: str) -> str:
    """Return what a column is called: `Learning rate`; two of one name are told apart."""
    if name in _FIXED:
        return _FIXED[name].title
    if name in SCORES:
        return SCORES[name].label
    words_of = name.removeprefix(SETTING).replace("_", " ").capitalize()
    others = {column.title for column in _FIXED.values()} | {score.label for score in SCORES.values()}
    return f"{words_of} (setting)" if words_of in others else words_of


def _text_of(score: str, run: FoundRun) -> str:
    if run.line:
        return words.mean(score, run.line.scores[score]) if score in run.line.scores else ""
    return find_score(score).text(run.scores[score]) if score in run.scores else ""


def _value(value: float | str | None) -> str:
    """Return a setting as people read it."""
    if value is None or isinstance(value, str):
        return (value or "").replace("_", " ")
    return f"{int(value):,}" if value.is_integer() and abs(value) < 1e15 else f"{value:g}"


def options(runs: Iterable[FoundRun], chosen: Sequence[str]) -> list[str]:
    """Return the names of all columns that can be chosen: the settings are those of the runs that are shown."""
    settings = {f"{SETTING}{name}" for run in runs for name in run.settings} | {one for one in chosen if _SETTING.fullmatch(one)}
    return [*_FIXED, *SCORES, *sorted(one for one in settings if read(one))]


def main_score(runs: Iterable[FoundRun]) -> str:
    """Return as a sort the score by which most of these runs rank, or nothing."""
    ranking = [task.scores[0].name for task in TASKS.values()]
    counted = Counter(name for run in runs for name in ranking if name in run.scores)
    return f"{SCORE}{counted.most_common(1)[0][0]}" if counted else ""


def is_wide_only(name: str, chosen: Sequence[str]) -> bool:
    """Tell whether a phone leaves a column out."""
    return list(chosen) == DEFAULT and name not in _ON_A_PHONE
