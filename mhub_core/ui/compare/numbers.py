"""How the scores of several runs depend on what was chosen: a dot or a line for each run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from mhub_core.charts import compare as charting
from mhub_core.runs.records import Run
from mhub_core.tasks.registry import find_score
from mhub_core.ui import address, charts
from mhub_core.ui.compare import tables
from mhub_core.ui.compare.told import Told
from mhub_core.ui.run_result import chosen_values

MIN_RUNS = 3  # two dots show no dependence
_MAX_AXES = 8
_FACTS: dict[str, Callable[[Run], float | None]] = {
    "Parameters": lambda run: run.num_parameters,
    "Training time (s)": lambda run: run.train_seconds,
    "Epochs done": lambda run: run.epoch,
}


def draw(told: Sequence[Told]) -> None:
    """Draw the scatter of any number against any score, and all numbers that differ as parallel coordinates."""
    choices = {label: found for label, found in _choices(told).items() if len(set(found.values())) > 1}
    names = [name for name in tables.score_names(told) if len(_scores(told, name)) >= MIN_RUNS]
    if not choices or not names:
        st.write("When three or more runs have finished with different settings, their scores are drawn here against those.")
        return
    with st.container(horizontal=True):
        x = _choice("x", "Setting", list(choices), str)
        name = _choice("y", "Score", names, lambda score: find_score(score).label)
    label, order = find_score(name).label, [one.name for one in told]
    scores = _scores(told, name)
    rows = [{"run": run, "x": choices[x][run], "y": scores[run]} for run in order if run in choices[x] and run in scores]
    charts.show(charting.scatter(rows, order, x, label), f"{label} against {x} of {len(rows)} runs.", key="compare_scatter")
    axes = dict(list(choices.items())[: _MAX_AXES - 1]) | {label: scores}
    charts.show(charting.parallel(axes, order), f"All settings that differ, and {label}, of each run.", key="compare_parallel")
    st.caption("Each line is one run. Each vertical axis reaches from the smallest to the largest value of these runs.")


def _choice(name: str, label: str, options: list[str], words: Callable[[str], str]) -> str:
    kept = address.kept(name, options[0], address.one_of(options), "compare")
    chosen: str = st.selectbox(label, options, format_func=words, width=260, **kept)
    return chosen


def _scores(told: Sequence[Told], name: str) -> dict[str, float]:
    return {one.name: tables.scores_of(one.run)[name] for one in told if name in tables.scores_of(one.run)}


def _choices(told: Sequence[Told]) -> dict[str, dict[str, float]]:
    """Return all numbers that were chosen or came out, by label and run."""
    found: dict[str, dict[str, float]] = {}
    for one in told:
        numbers = {field.label: value for field, value in chosen_values(one.run)}
        for label, value in (numbers | {label: fact(one.run) for label, fact in _FACTS.items()}).items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                found.setdefault(label, {})[one.name] = float(value)
    return found
