"""What a run found out: scores on the hidden test rows, where it went wrong, and all that decided the result."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.charts import bars, confusion, numbers
from mhub_core.runs.records import Run
from mhub_core.training import plan as plans
from mhub_core.ui import charts, table, words
from mhub_core.ui.page import plain, window

_MOST_BARS = 40
_BINS = 15


def draw(run: Run) -> None:
    """Draw the scores and the charts of a run that has a result."""
    result = run.result or {}
    with window("Scores on the hidden test rows", key="scores"):
        st.write(f"The model never saw these {run.spec['data']['num_test']:,} rows. The hub itself measured this.")
        _figures(result.get("scores", {}))
        if _is_guessing(result):
            st.warning(
                "This is no better than always giving the most frequent answer: the network learned nothing of use yet. "
                "Try more epochs, another learning rate, or a network made for this kind of data."
            )
    if result.get("task") == "classification":
        _classification(result)
    elif result.get("task") == "regression":
        _regression(result["residuals"])


def _is_guessing(result: dict[str, Any]) -> bool:
    """Tell whether a classifier does no better than one that always names the most frequent class of the test rows."""
    supports = [one["support"] for one in result.get("per_class", [])]
    return bool(supports) and result["scores"].get("accuracy", 1.0) <= max(supports) / max(1, sum(supports))


def _figures(scores: dict[str, float]) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, value in scores.items():
            with st.container(width=165):
                st.metric(words.SCORES.get(name, name), words.score(name, value))
                st.caption(words.EXPLANATIONS.get(name, ""))


def _classification(result: dict[str, Any]) -> None:
    classes = result["classes"]
    left, right = st.columns(2)
    with left, window("What was taken for what", key="confusion"):
        charts.show(
            confusion.confusion(result["confusion"], classes), "Confusion matrix: rows are the truth, columns the answers."
        )
        st.caption("Each row is a true class. What lies off the diagonal is a mistake; dark cells hold most of their class.")
    with right, window("Class by class", key="per-class"):
        columns = [table.Column("Class"), *(table.Column(title, number=True) for title in ("Precision", "Recall", "F1", "Rows"))]
        table.show(
            columns,
            [
                (one["name"], *(f"{one[score]:.3f}" for score in ("precision", "recall", "f1")), str(one["support"]))
                for one in result["per_class"]
            ],
        )
        if len(classes) <= _MOST_BARS:
            charts.show(bars.class_scores(classes, [one["f1"] for one in result["per_class"]], "F1"), "F1 of each class.")


def _regression(residuals: dict[str, list[float]]) -> None:
    left, right = st.columns(2)
    with left, window("Answers against the truth", key="scatter"):
        charts.show(
            numbers.truth_against_answer(residuals["true"], residuals["predicted"]), "Each test row: its truth and the answer."
        )
        st.caption("Each dot is a test row. On the dashed line the answer is right.")
    with right, window("How far off", key="residuals"):
        edges, counts = _histogram(residuals["error"])
        charts.show(numbers.histogram(edges, counts, "Answer minus truth"), "How many test rows are how far off.")
        st.caption("A good model stands close around 0, without leaning to one side.")


def _histogram(values: list[float]) -> tuple[list[float], list[int]]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    width = (high - low) / _BINS or 1.0
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, int((value - low) / width))] += 1
    return [low + width * step for step in range(_BINS + 1)], counts


def settings(run: Run) -> None:
    """Draw all that decided the result."""
    plan, data = run.spec["plan"], run.spec["data"]
    optimizer, loss = plans.require_optimizer(plan["optimizer"]).label, plans.require_loss(plan["loss"], data["task"]).label
    rows = [
        ("Epochs", f"{plan['epochs']:,}" if run.is_active else f"{run.epoch:,} of {plan['epochs']:,}"),
        ("Batch size", f"{plan['batch_size']:,}"),
        ("Optimizer", f"{optimizer}, learning rate {plan['learning_rate']:g}"),
        ("Loss", loss),
        ("Validation share", f"{plan['validation_share']:.0%}"),
        ("Seed", str(plan["seed"])),
        ("Rows", f"{data['num_train']:,} to learn from, {data['num_test']:,} hidden for the test"),
        ("Parameters", f"{run.num_parameters:,}" if run.num_parameters is not None else "not known yet"),
        ("Training time", words.duration(run.train_seconds) if run.train_seconds is not None else "not known yet"),
        ("Queued", words.moment(run.queued)),
        *([("Started", words.moment(run.started))] if run.started else []),
        *([("Ended", words.moment(run.finished))] if run.finished else []),
        ("Attempt", str(run.attempt)),
        *((name.capitalize(), version) for name, version in run.spec.get("versions", {}).items()),
    ]
    table.show([table.Column("Setting"), table.Column("Value")], rows)
    if run.spec.get("adaptations"):
        st.write("**Adapted so that the model fits the data:**")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in run.spec["adaptations"]))
    with st.expander("Everything, as JSON", key="run_json"):
        st.json(run.spec, expanded=1)
