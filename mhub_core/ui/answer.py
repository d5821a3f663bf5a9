"""A model's answer: the class with its confidences, or the value; for many at once a table and a file."""

from __future__ import annotations

import csv
import io

import streamlit as st

from mhub_core.charts import bars
from mhub_core.evaluation.records import Prediction
from mhub_core.ui import charts, table
from mhub_core.ui.page import plain
from mhub_core.ui.predict_input import Given

_MOST_SHOWN = 200


def show(prediction: Prediction, given: Given) -> None:
    """Draw the answer to one thing in full, or the answers to many as a table."""
    if len(given.names) == 1:
        _one(prediction, given)
    else:
        _many(prediction, given)
    st.caption(f"The network took {prediction.milliseconds:.1f} ms.")


def _one(prediction: Prediction, given: Given) -> None:
    answer, sure = _answers(prediction)[0]
    st.metric(plain(prediction.target or "Answer"), plain(answer), sure, delta_color="off", delta_arrow="off")
    if given.truth is not None and prediction.task == "classification":
        right = given.truth == answer
        (st.success if right else st.warning)(
            f"In truth: **{plain(given.truth)}**. " + ("Right." if right else "Wrong this time.")
        )
    elif given.truth is not None:
        st.info(f"In truth: **{plain(given.truth)}**.")
    if prediction.task == "classification":
        charts.show(bars.confidences(prediction.classes, prediction.probabilities[0]), "How sure the model is of each class.")


def _answers(prediction: Prediction) -> list[tuple[str, str]]:
    if prediction.task != "classification":
        return [(f"{value:.5g}", "") for value in prediction.values]
    best = [prediction.best(row) for row in range(len(prediction.probabilities))]
    return [(name, f"{probability:.1%} sure") for name, probability in best]


def _many(prediction: Prediction, given: Given) -> None:
    answers = _answers(prediction)
    rows = [(name, *answer) for name, answer in zip(given.names, answers, strict=True)]
    columns = [table.Column("What"), table.Column("Answer"), table.Column("Confidence", number=True)]
    width = 3 if prediction.task == "classification" else 2
    table.show(columns[:width], [row[:width] for row in rows[:_MOST_SHOWN]])
    if len(rows) > _MOST_SHOWN:
        st.caption(f"The first {_MOST_SHOWN} of {len(rows):,}; the file holds all.")
    st.download_button("Download the answers (CSV)", _csv(prediction, given), "answers.csv", "text/csv", on_click="ignore")


def _csv(prediction: Prediction, given: Given) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    if prediction.task == "classification":
        writer.writerow(["what", "answer", *prediction.classes])
        for row, name in enumerate(given.names):
            writer.writerow([name, prediction.best(row)[0], *(f"{value:.6f}" for value in prediction.probabilities[row])])
    else:
        writer.writerow(["what", "answer"])
        writer.writerows(zip(given.names, prediction.values, strict=True))
    return file.getvalue()
