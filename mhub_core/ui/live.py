"""The live panel of a run: state, progress, curves and log.

While a run goes on, the browser itself asks the hub again and again for what is new (`static/live.js`, `server/live.py`) and
draws it: the page is not run again for it, so that a whole class can watch. When the run ends the page is drawn again, with its
results.
"""

from __future__ import annotations

import html
from functools import cache
from weakref import WeakKeyDictionary

import streamlit as st

from mhub_core import settings
from mhub_core.accounts.records import User
from mhub_core.charts import curves, palette
from mhub_core.runs import records, watch_service
from mhub_core.runs.watch_service import Seen
from mhub_core.tasks.registry import find_score, require_task
from mhub_core.tasks.task import Task
from mhub_core.ui import charts, live_words

_STATIC = settings.ROOT / "static"
_HTML = """
<div data-part="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-label="Epochs">
  <div data-part="done"></div>
</div>
<p data-part="words"></p>
<p data-part="warning" role="status" hidden></p>
<div data-part="charts"></div>
<details open><summary>Log</summary><pre data-part="log" tabindex="0"></pre></details>
"""
_COLORS = {**palette.CURVES, "ink": palette.INK, "grid": palette.GRID, "axis": palette.GRAY}


def panel(viewer: User | None, run: records.Run) -> None:
    """Draw the panel."""
    seen = watch_service.watch_as(viewer, run.id)
    task = require_task(run.spec["data"]["task"])
    if run.is_active:
        _moving(run, seen, task)
    else:
        _still(seen, task)


def _moving(run: records.Run, seen: Seen, task: Task) -> None:
    empty = [live_words.chart({}, name) for name in ("loss", task.curve.name)]  # axes stand there before the first epoch ends
    data = {"run": run.id, "first": live_words.whole(seen), "empty": empty, "colors": _COLORS}
    draw = st.components.v2.component("mhub_live", html=_HTML, css=_read("live.css"), js=_read("live.js"))
    draw(data=data, key=f"live_{run.id}", on_ended_change=lambda: None)
    _explain(task)


@cache
def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _explain(task: Task) -> None:
    if task.curve_help:
        st.caption(task.curve_help)


def _curve(seen: Seen, metric: str) -> tuple[charts.Chart, str]:
    """Return the curve of one metric, and its best value in words."""
    words = live_words.best_words(seen.points, metric)
    spec = curves.curves(seen.points, metric, live_words.title(metric), find_score(metric).higher_is_better)
    return charts.make(spec, f"{live_words.title(metric)} by epoch. {words}", f"curve_{metric}"), words


_drawn: WeakKeyDictionary[Seen, list[tuple[charts.Chart, str]]] = WeakKeyDictionary()  # of runs that ended: nothing changes there


def _still(seen: Seen, task: Task) -> None:
    """Draw the curves side by side, or one below the other on a phone, and the log."""
    if seen not in _drawn:
        _drawn[seen] = [_curve(seen, metric) for metric in curves.metrics(seen.points)]
    drawn = _drawn[seen]
    for (chart, words), column in zip(drawn, st.columns(len(drawn)) if drawn else [], strict=True):
        with column:
            chart.draw()
            st.caption(words)
    if drawn:
        _explain(task)
    lines = "\n".join(live_words.log_lines(seen.progress))
    with st.expander("Log", key="run_log"):
        st.html(f"<pre class='mhub-log'>{html.escape(lines)}</pre>")
