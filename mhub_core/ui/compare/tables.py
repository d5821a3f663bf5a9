"""The scores of several runs with the best of each marked, and what differs in what was chosen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mhub_core.runs.lines import Mean, mean_of
from mhub_core.runs.records import Run
from mhub_core.tasks.registry import find_score
from mhub_core.ui import address, table, words
from mhub_core.ui.compare import told as telling
from mhub_core.ui.compare.told import Told

BEST = " ★"


def scores_of(run: Run) -> dict[str, float]:
    """Return the scores of a run on the hidden test split; none before its end."""
    found: dict[str, float] = (run.result or {}).get("scores", {})
    return found


def means_of(one: Told) -> dict[str, Mean]:
    """Return the scores of a run, or the mean over those of several."""
    found: dict[str, list[float]] = {}
    for run in one.members:
        for name, value in scores_of(run).items():
            if value is not None:  # JSON has no number that is none
                found.setdefault(name, []).append(value)
    return {name: mean_of(values) for name, values in found.items()}


def score_names(told: Sequence[Told]) -> list[str]:
    """Return the names of all scores, each once, in the order of their tasks."""
    return list(dict.fromkeys(name for one in told for run in one.members for name in scores_of(run)))


def best(told: Sequence[Told]) -> dict[str, float]:
    """Return the best value of each score that more than one run has."""
    found = {}
    for name in score_names(told):
        values = [means[name].value for one in told if name in (means := means_of(one))]
        if len(values) > 1:
            found[name] = max(values) if find_score(name).higher_is_better else min(values)
    return found


def are_comparable(told: Sequence[Told]) -> bool:
    """Return whether all scores were measured on the same examples."""
    return len({one.run.dataset_version_id for one in told}) < 2


def scores(told: Sequence[Told]) -> None:
    """Draw the table of scores."""
    names, marked = score_names(told), best(told) if are_comparable(told) else {}
    columns = [
        table.Column("Run", name=True),
        *(table.Column(find_score(name).label, number=True) for name in names),
        *(table.Column(title, number=True) for title in ("Parameters", "Training time")),
        table.Column("State"),
    ]
    table.show(columns, [[table.Link(one.name, "Run", one.run.id), *_cells(one, names, marked)] for one in told])
    if not are_comparable(told):
        st.warning("These runs were tested on different data, so their scores cannot be compared with each other.")
    elif marked:
        st.caption(f"{BEST.strip()} marks the best of these runs. All scores were measured on the held-out test set.")


def _cells(one: Told, names: list[str], marked: dict[str, float]) -> list[str]:
    run, means = one.run, means_of(one)
    return [
        *(f"{words.mean(name, means[name])}{_mark(means[name].value, name, marked)}" if name in means else "" for name in names),
        f"{run.num_parameters:,}" if run.num_parameters is not None else "",
        words.duration(run.train_seconds) if run.train_seconds is not None else "",
        telling.state(one),
    ]


def _mark(value: float, name: str, marked: dict[str, float]) -> str:
    return BEST if name in marked and value == marked[name] else ""


def settings(told: Sequence[Told]) -> None:
    """Draw what was chosen for each run: what differs, or all of it."""
    chosen = [one.settings for one in told]
    everything = st.toggle("Also show settings that are the same", **address.kept("all", False, address.flag, "compare"))
    labels = telling.all_labels(chosen) if everything else telling.differing(chosen)
    if labels:
        table.show([table.Column("Setting"), *(table.Column(one.name) for one in told)], telling.rows(told, labels))
    else:
        st.write("These runs have the same settings.")


def as_table(told: Sequence[Told]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of all that stands here, for a file: one row for each run, numbers in full."""
    names, labels = score_names(told), telling.all_labels([one.settings for one in told])
    rows = []
    for one in told:
        run, values = one.run, scores_of(one.run)
        facts = [str(run.id), run.state, str(run.epoch), _number(run.num_parameters), _number(run.train_seconds)]
        rows.append([*facts, *(_number(values.get(name)) for name in names), *(one.settings.get(label, "") for label in labels)])
    return ["run", "state", "epochs_done", "parameters", "training_seconds", *names, *labels], rows


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
