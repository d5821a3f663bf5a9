"""What a run found out: scores on the hidden test rows, where it went wrong, and all that decided the result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.errors import NotFound
from mhub_core.kinds.registry import require_kind
from mhub_core.runs import service as runs
from mhub_core.runs.records import Run
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import Task
from mhub_core.training.learners.learner import Field
from mhub_core.training.learners.registry import LEARNERS
from mhub_core.ui import figures, table, words
from mhub_core.ui.figures import Figure
from mhub_core.ui.kinds.registry import require_view as require_kind_view
from mhub_core.ui.page import opened, plain, window
from mhub_core.ui.tasks.registry import require_view

Row = tuple[str, str, str]  # what it is called, its value, and what it means


def draw(viewer: User | None, run: Run) -> None:
    """Draw the scores of a run that has a result, and what its task shows of it."""
    result, view = run.result or {}, require_view(run.spec["data"]["task"])
    noun = require_kind(run.spec["data"]["kind"]).noun[1]
    with window("Scores on the held-out test set", key="scores"):
        st.write(f"Measured by the hub on {run.spec['data']['num_test']:,} {noun} that the model was not trained on.")
        _figures(require_task(run.spec["data"]["task"]), result.get("scores", {}))
        if view.is_guessing(result):
            st.warning(
                "This is no better than always predicting the most frequent class: the network has not learned anything "
                "useful yet. "
                "Try more epochs, another learning rate, or a network designed for this kind of data."
            )
    view.result(viewer, run)
    require_kind_view(run.spec["data"]["kind"]).mistakes(viewer, run)


def _figures(task: Task, scores: dict[str, float]) -> None:
    told = [score for score in task.scores if score.name in scores]
    figures.show(Figure(score.label, score.text(scores[score.name]), score.help) for score in told)


def _started_from(viewer: User | None, run: Run) -> str:
    try:
        version = runs.require_start(viewer, run)
    except NotFound:
        return "A trained version that was deleted or is private"
    return f"Version {version.number} of {version.model_name}" if version else "New random weights"


def _fields(run: Run) -> list[Field]:
    learner, plan = LEARNERS.get(run.learner), run.spec["plan"]
    return [field for field in learner.fields(DataSpec.from_json(run.spec["data"])) if field.name in plan] if learner else []


def chosen_values(run: Run) -> list[tuple[Field, Any]]:
    """Return each setting of a run with the value that was chosen."""
    return [(field, run.spec["plan"][field.name]) for field in _fields(run)]


def _chosen(run: Run) -> list[Row]:
    """Return what was chosen, through the fields of the learner; what follows a choice stands behind it."""
    learner, plan = LEARNERS.get(run.learner), run.spec["plan"]
    if learner is None:  # a newer release on the same database trained it
        return [("Learner", run.learner, ""), *((name, str(value), "") for name, value in plan.items())]
    fields = _fields(run)
    told = {field.name: field.text(plan[field.name]) for field in fields}
    for field in fields:
        if field.counts_epochs and not run.is_active:
            told[field.name] = f"{run.epoch:,} of {told[field.name]}"
        if field.follows in told:
            told[field.follows] += f", {field.label.lower()} {told[field.name]}"
    rows = [(field.label, told[field.name], field.help) for field in fields if field.follows not in told]
    return [("Learner", learner.title, "The method that learned from the data."), *rows] if len(LEARNERS) > 1 else rows


def decided(viewer: User | None, run: Run) -> list[Row]:
    """Return in words what was chosen and what it was given: all that decided the result, but for the design."""
    data = run.spec["data"]
    numbers = f"{data['num_train']:,} for training, {data['num_test']:,} held out for the test"
    return [
        *_chosen(run),
        ("Started from", _started_from(viewer, run), "The weights that the network had before its first epoch."),
        (require_kind(data["kind"]).noun[1].capitalize(), numbers, "The scores are measured on the held-out test set."),
    ]


def settings(viewer: User | None, run: Run) -> None:
    """Draw all that decided the result; what only an administrator or a programmer needs is folded away."""
    size = f"{run.num_parameters:,}" if run.num_parameters is not None else "not known yet"
    took = words.duration(run.train_seconds) if run.train_seconds is not None else "not known yet"
    rows = [
        *decided(viewer, run),
        ("Parameters", size, "The numbers that the network consists of. Training changes most or all of them."),
        ("Training time", took, "Without the time in the queue, for loading the data, and for the test."),
    ]
    _table(rows)
    if run.spec.get("adaptations"):
        st.write("**Changes that make the model fit the data:**")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in run.spec["adaptations"]))
    opened("Technical details", "run_technical", lambda: _technical(run))


def _technical(run: Run) -> None:
    rows = [
        ("Submitted", words.moment(run.queued), "When “Start training” was clicked."),
        *([("Started", words.moment(run.started), "When a worker began to train.")] if run.started else []),
        *([("Ended", words.moment(run.finished), "")] if run.finished else []),
        ("Times started", str(run.attempt), "More than once if a worker stopped unexpectedly and the run began again."),
        *(
            (name, version, "The version of this program that trained it.")
            for name, version in run.spec.get("versions", {}).items()
        ),
    ]
    _table(rows)
    st.caption("Everything that decides the result, as the hub stored it when the run was started (JSON):")
    st.json(run.spec, expanded=1)


def _table(rows: list[Row]) -> None:
    cells = [(table.Explained(name, help), value) for name, value, help in rows]
    table.show([table.Column("Setting"), table.Column("Value")], cells)
