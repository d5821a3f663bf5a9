"""The design as code: shown as Python with a button that copies it, and downloads of a script, a notebook and Keras' own JSON."""

from __future__ import annotations

import streamlit as st

from mhub_core.errors import MHubError
from mhub_core.graphs import export
from mhub_core.graphs.exporting import notebook
from mhub_core.graphs.walk import Graph
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.errors import show_error
from mhub_core.ui.text import file_stem

KINDS = {notebook.IMAGES: "images in folders", notebook.TABLE: "a table (CSV)", notebook.ARRAYS: "NumPy arrays"}
TASKS = {notebook.CLASSIFICATION: "a class", notebook.REGRESSION: "a number"}
BROKEN = "This diagram cannot be exported as code yet, because it is not complete. Fix this first:"


def draw(desk: Desk) -> None:
    """Draw the code of the design that is open on the desk."""
    show(desks.graph(desk), desk["content"]["name"], f"{desk['model_id']}_code")


def show(graph: Graph, name: str, key: str) -> None:
    """Draw the code of any design, or say what keeps it from being code."""
    try:
        script = export.to_python(graph, name)
    except MHubError as error:
        st.info(BROKEN)
        show_error(error)
        return
    stem = file_stem(name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_downloads"):
        _download("Script (.py)", script, f"{stem}.py", f"{key}_py", "A Python script that builds this model")
        with st.popover("Notebook (.ipynb)", help="Loads data, trains and plots the curves, for Jupyter or Google Colab"):
            _notebook(graph, name, stem, key)
        told = "For keras.models.model_from_json; this hub can import it too"
        _download("Keras JSON", export.to_keras_json(graph), f"{stem}.json", f"{key}_json", told)
    st.code(script, language="python")


def _download(label: str, text: str, file_name: str, key: str, words: str) -> None:
    st.download_button(label, text, file_name=file_name, key=key, on_click="ignore", help=words)


def _notebook(graph: Graph, name: str, stem: str, key: str) -> None:
    """Ask what the data are, the likely answer first, and offer the notebook for them."""
    likely = notebook.guess(graph)
    kinds, tasks = (sorted(names, key=lambda item: item != first) for names, first in zip((KINDS, TASKS), likely))
    kind = st.radio("Your data", kinds, format_func=KINDS.get, key=f"{key}_kind")
    asked = [task for task in tasks if task in notebook.tasks_of(kind)]
    task = st.radio("It predicts", asked, format_func=TASKS.get, key=f"{key}_task") if len(asked) > 1 else (*asked, tasks[0])[0]
    try:
        text = export.to_notebook(graph, kind=kind, task=task, name=name)
    except MHubError as error:
        show_error(error)
    else:
        _download("Download the notebook", text, f"{stem}.ipynb", f"{key}_ipynb", "Open it in Jupyter or Google Colab")
