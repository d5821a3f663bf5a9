"""The live panel of a run: state, progress and curves that move without a reload of the page.

Only this fragment runs again, once a second, and only while something may still change. It asks for the points after those that
it holds; the points are kept as plain numbers in the session state.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.charts import curves
from mhub_core.errors import MHubError
from mhub_core.runs import records, service
from mhub_core.runs.records import Progress
from mhub_core.tasks.registry import find_score, require_task
from mhub_core.tasks.task import Score
from mhub_core.ui import charts, words, workers
from mhub_core.ui.errors import show_error
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer

SECONDS = 1.0
# Beyond this many points a curve is fetched anew, because the hub sends long curves thinned out.
_MOST_POINTS = 1000


def panel(run: records.Run) -> None:
    """Draw the panel; when the run ends, the page is drawn again, with its results."""
    # Empty charts stand there from the start: so the browser has loaded what draws them when the first epoch comes.
    curve = require_task(run.spec["data"]["task"]).curve
    st.fragment(_panel, run_every=SECONDS if run.is_active else None)(run.id, curve, run.is_active)


def _panel(run_id: int, curve: Score, was_active: bool) -> None:
    held = st.session_state.setdefault("live_curves", {})
    if held.get("run") != run_id:
        held.clear()
        held.update(run=run_id, attempt=None, after=0, points={})
    try:
        progress = service.progress(get_viewer(), run_id, held["after"], held["attempt"])
        _take(held, progress)
        if progress.is_active:
            _state(progress)
    except MHubError as error:
        show_error(error)  # such as a database that is away for a moment: the next look may succeed
        return
    if was_active and not progress.is_active:
        st.rerun(scope="app")
    _curves(held["points"], curves.metrics(held["points"]) or (["loss", curve.name] if was_active else []), curve)
    _log(progress)


def _take(held: dict[str, Any], progress: Progress) -> None:
    """Put new points behind those that are held; those of another attempt are thrown away."""
    if held["attempt"] != progress.attempt:
        held.update(attempt=progress.attempt, points={})
    for name, pairs in progress.points.items():
        held["points"].setdefault(name, []).extend(tuple(pair) for pair in pairs)
    held["after"] = progress.epoch if progress.points or not progress.epoch else held["after"]
    if max(map(len, held["points"].values()), default=0) > _MOST_POINTS:
        held.update(after=0, attempt=None)


def _state(progress: Progress) -> None:
    share = progress.epoch / max(1, progress.epochs)
    st.progress(min(1.0, share), text=f"**{words.STATES[progress.state]}.** {plain(_sentence(progress))}")
    if progress.state == records.QUEUED and not workers.answer("training"):
        st.warning("No training worker is running at the moment. The run stays in the queue and starts as soon as there is one.")


def _sentence(progress: Progress) -> str:
    if progress.state == records.QUEUED:
        before = (progress.queue_position or 1) - 1
        return "It is next in the queue." if not before else f"{before} run{'s' if before > 1 else ''} ahead of this one."
    if progress.state == records.STARTING:
        return "Building the network and loading the data."
    if progress.state == records.STOPPING:
        return "The model learned so far is being tested and saved."
    sentence = f"Epoch {progress.epoch:,} of {progress.epochs:,} is done."
    if progress.epoch == progress.epochs:
        return f"{sentence} The model is being tested and saved."
    return sentence + (
        f" About {words.duration(progress.seconds_left)} left."
        if progress.seconds_left is not None and progress.epoch > 1
        else ""
    )


def _curves(points: dict[str, list[tuple[int, float]]], names: list[str], curve: Score) -> None:
    """Draw loss and metric side by side, or one below the other on a phone."""
    for metric, column in zip(names, st.columns(len(names)) if names else [], strict=True):
        with column:
            score = curve if metric == curve.name else find_score(metric)
            best, title = curves.best_point(points, metric, score.higher_is_better), _title(score)
            most = "Highest" if score.higher_is_better else "Lowest"
            sentence = f"{most} value: {best[1]:.4g}, in epoch {best[0]}" if best else "The curve starts after the first epoch"
            spec = curves.curves(points, metric, title, score.higher_is_better)
            charts.show(spec, f"{title} by epoch. {sentence}", key=f"curve_{metric}")
            st.caption(sentence + (" (validation)." if f"val_{metric}" in points else "."))


def _title(score: Score) -> str:
    return f"{score.label} ({'higher' if score.higher_is_better else 'lower'} is better)"


def _log(progress: Progress) -> None:
    with st.expander("Log", expanded=progress.is_active, key="run_log"):
        st.code(
            "\n".join(f"{line.at:%H:%M:%S}  {line.words}" for line in progress.log), language=None, wrap_lines=True, height=180
        )
