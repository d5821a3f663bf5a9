"""The dashboard of who is signed in: what runs now, what ended, what they reached, and what they use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.charts import days as charting
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Best
from mhub_core.models import service as models
from mhub_core.projects import service as projects
from mhub_core.runs import summary_service
from mhub_core.runs.records import FAILED, RunCard
from mhub_core.runs.summary_service import DAYS, Summary
from mhub_core.tasks.registry import find_score
from mhub_core.ui import charts, figures, links, session, table, words
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.figures import Figure
from mhub_core.ui.page import window

LOOK_SECONDS = 4.0
MAX_MODELS, MAX_PROJECTS = 5, 8
_SECONDS, _MINUTES, _HOURS = (1, "seconds"), (60, "minutes"), (3600, "hours")


def running(summary: Summary) -> None:
    """Draw the runs that go on, which draws itself again and again; nothing where there is none."""
    if summary.active:
        _moving()


@st.fragment(run_every=LOOK_SECONDS)
def _moving() -> None:
    """Draw what goes on. When one of the runs has ended, the whole page is drawn again."""
    viewer = session.get_viewer()
    with errors_shown():
        now = summary_service.summarize(viewer).active
        with window("Training now", key="running"):
            links.show(links.to_html("Run", run_words(run), id=run.id) for run in now)
            if len(now) == summary_service.MAX_SHOWN:
                links.show([links.to_html("Runs", "All your runs", mine=1)])
    known = st.session_state.setdefault(_ACTIVE, [run.id for run in now])
    if [run.id for run in now] != known:
        del st.session_state[_ACTIVE]
        st.rerun()


_ACTIVE = "home_active_runs"  # in the session state


def run_link(run: RunCard, before: str = "", after: str = "") -> str:
    """Return the way to a run, or to the runs that it stands for, as HTML."""
    told = f"{before}{run_words(run)}{after}"
    return links.to_html("Runs", told, line=run.id) if run.line else links.to_html("Run", told, id=run.id)


def run_words(run: RunCard) -> str:
    """Return what is trained on what, what tells it apart, and how far it is or what it reached."""
    named = f" ({run.name})" if run.name and not run.line else ""
    return f"{words.model_on(run.model_name, run.dataset_name)}{named}: {_how_far(run)}"


def _how_far(run: RunCard) -> str:
    if run.line and run.line.num_runs > 1:
        done = f"{run.line.num_finished} of {run.line.num_runs} seeds finished"
        return ", ".join(part for part in (done, words.line_score(run.line)) if part)
    if run.is_active:
        state = words.STATES[run.state].lower()
        return f"{state}, epoch {run.epoch:,} of {run.epochs:,}" if run.epoch else state
    return ", ".join(part for part in (words.STATES[run.state].lower(), words.main_score(run.scores)) if part)


def ended(summary: Summary, last_visit: datetime | None) -> None:
    """Draw the runs that ended last, those since the last visit marked."""
    with window("Your newest results", key="ended"):
        links.show(run_link(run, _mark(run, last_visit)) for run in summary.ended)
        if any(run.state == FAILED for run in summary.ended):
            st.caption("The page of a failed run says why it failed and what to try.")
        links.show([links.to_html("Runs", f"All your runs ({summary.num_runs:,})", mine=1)])


def _mark(run: RunCard, last_visit: datetime | None) -> str:
    is_new = last_visit is not None and run.finished is not None and run.finished > last_visit
    return "New · " if is_new else ""


def best(user: User) -> None:
    """Draw the best that somebody reached on each dataset, and their place on its leaderboard."""
    found = leaderboards.list_best(user)
    if not found:
        return
    with window("Your best scores", key="best"):
        columns = [table.Column("Dataset", name=True), table.Column("Score"), table.Column("Place", number=True)]
        table.show(columns, [_cells(one) for one in found])
        st.caption("Your place among all runs that you can see on the leaderboard of each dataset.")


def _cells(one: Best) -> Sequence[table.Cell]:
    score = f"{find_score(one.metric).label} {words.mean(one.metric, one.score)}"
    many = "+" if one.rank == leaderboards.MOST_PLACES else ""
    place = table.Link(f"{one.rank:,}{many}", "Leaderboard", one.dataset_id, name="dataset")
    return [table.Link(one.dataset_name, "Dataset", one.dataset_id), table.Link(score, "Run", one.run_id), place]


def joined_projects(user: User) -> None:
    """Draw the projects that somebody is in, which lead to their leaderboards; nothing where there is none."""
    found = projects.list_joined(user)
    if not found:
        return
    with window("Your projects", key="projects"):
        told = [links.to_html("Project", name, id=project_id) for project_id, name in found[:MAX_PROJECTS]]
        links.show([*told, links.to_html("Projects", "All projects, or join another")])


def used(user: User, summary: Summary) -> None:
    """Draw how much of the hub somebody uses: storage, and training of the last days."""
    with window("What you use", key="used"):
        storage = Figure("Storage", quotas.words(quotas.usage(user)))
        figures.show([storage, Figure(f"Training in {DAYS} days", words.duration(summary.seconds))])
        if summary.seconds:
            size, unit = _unit(max(day.seconds for day in summary.days))
            texts = [f"{words.duration(day.seconds)}, {counted(day.num_runs, 'run')}" for day in summary.days]
            values = [day.seconds / size for day in summary.days]
            spec = charting.by_day([day.day for day in summary.days], values, texts, "Training")
            charts.show(spec, f"Training on each of the last {DAYS} days.", key="home_days")
            st.caption(f"Training on each of the last {DAYS} days, in {unit}.")


def _unit(seconds: float) -> tuple[int, str]:
    """Return in what a time of this order is told: how many seconds that is, and its name."""
    return next((unit for unit in (_HOURS, _MINUTES) if seconds >= 2 * unit[0]), _SECONDS)


def own_models(user: User) -> None:
    """Draw the models that somebody changed last."""
    found = models.list_models(user, mine=True, limit=MAX_MODELS)
    if not found:
        return
    with window("Your models"):
        told = [(f"{card.name}, {'trained' if card.trained else 'not trained'}", card.id) for card in found]
        every = links.to_html("Models", "All your models", mine=1)
        links.show([*(links.to_html("Model", text, id=model_id) for text, model_id in told), every])
