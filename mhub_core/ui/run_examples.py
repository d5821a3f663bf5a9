"""What a model answers to open images, laid over them above what is true: of tasks whose answers have a place in a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.datasets import example_service
from mhub_core.errors import MHubError
from mhub_core.runs.records import Run
from mhub_core.ui import pictures
from mhub_core.ui.errors import show_error
from mhub_core.ui.pictures import Figure
from mhub_core.ui.session import get_viewer

Draw = Callable[[bytes, dict[str, Any], DataSpec], Figure]  # a picture as PNG with an answer or a truth


def show(run: Run, what: str, draw: Draw, control: Callable[[DataSpec], float]) -> None:
    """Draw the examples that the result of a run keeps. `what`: several answers, such as "masks"; `control` draws what stands
    above them and returns the opacity of what is laid over the images."""
    st.fragment(_show)(run, what, draw, control)


def _show(run: Run, what: str, draw: Draw, control: Callable[[DataSpec], float]) -> None:
    result, data = run.result or {}, DataSpec.from_json(run.spec["data"])
    examples = result.get("examples", [])
    try:
        found = {
            one.row: one
            for one in example_service.pictures(get_viewer(), run.dataset_version_id, [one["row"] for one in examples])
        }
    except MHubError as error:  # the run is the viewer's own, its dataset is no longer shared with them
        show_error(error)
        return
    shown = [(found[one["row"]], one["answer"]) for one in examples if one["row"] in found]
    if not shown:
        st.write("This run saved no example images.")
        return
    opacity = control(data)
    st.write(f"**Predicted {what}**")
    pictures.figures([draw(one.png, told, data) for one, told in shown], opacity)
    st.write(f"**True {what}**")
    pictures.figures([draw(one.png, one.truth, data) for one, _ in shown], opacity)
    learned = f"The model {'was not trained' if result.get('examples_kept_aside', True) else 'was trained'} on these images"
    st.caption(f"{learned}. Images of the held-out test set are never shown.")
