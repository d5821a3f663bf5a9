"""Use a trained model: `/Predict?model=&version=`. Open to visitors for public models."""

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.errors import NotFound, Unavailable
from mhub_core.evaluation import service as evaluation
from mhub_core.models.records import VersionCard
from mhub_core.runs import service as runs
from mhub_core.ui import answer, choose, links, workers
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.kinds.registry import require_view as require_kind_view
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import link, page_setup, plain, window
from mhub_core.ui.tasks.registry import require_view as require_task_view


def choose_version(viewer: User | None) -> VersionCard:
    """Draw the choice of a trained model; the page ends here without one."""
    with shown_or_stopped("Models"):
        model = choose.model(viewer, trained_only=True)
    if model is None:
        st.info("There is no trained model that you can use yet. Train one: a small model takes about a minute.")
        link("Train", "Train a model")
        st.stop()
    trained = [version for version in model.versions if version.trained]
    if trained and not any(version.serving for version in trained):
        st.info(
            "The owner of this model keeps its training data private, so others cannot predict with it. "
            "They can allow it on the page of the model."
        )
        link("Model", "The model", id=model.id)
        st.stop()
    if not trained:
        st.info("This model has not been trained, so it cannot predict anything yet.")
        link("Train", "Train this model", model=model.id)
        st.stop()
    return choose.version([version for version in trained if version.serving])


def learned_from(viewer: User | None, version: VersionCard) -> int | None:
    """Return the dataset version that the model learned from, if the viewer may see it."""
    try:
        return runs.require_run(viewer, version.run_id or 0).dataset_version_id
    except NotFound:
        return None


def ask(viewer: User | None, version: VersionCard, given: Given) -> None:
    """Ask the model and draw its answer."""
    if not workers.answer("quick"):
        raise Unavailable(
            "No worker for predictions is running at the moment.",
            "Predictions are computed by a worker process of the hub.",
            "Try again in a moment.",
        )
    with st.spinner("Computing the prediction; the first one loads the model …"):
        prediction = evaluation.predict(viewer, version.id, given.examples)
    answer.show(prediction, given)


viewer = page_setup("Predict")
with window("Model", key="model"):
    version = choose_version(viewer)
    assert version.serving is not None  # Every trained version says what it was trained on.
    data = DataSpec.from_json(version.serving["data"])
    answers = require_task_view(data.task).asks(data)
    st.caption(plain(f"Version {version.number}, {version.num_parameters:,} parameters. It predicts {answers}."))
    ways = [links.to_html("Model", "Model", id=version.model_id)]
    ways += [links.to_html("Run", "Training run", id=version.run_id)] if version.run_id else []
    links.show(ways, in_row=True)

left, right = st.columns(2)
given = None
with left, window("Input", key="input"):
    with errors_shown():
        given = require_kind_view(data.kind).take_input(viewer, data, learned_from(viewer, version))
with right, window("Prediction", key="answer"):
    if given is None:
        st.write("Give the model an input; its prediction appears here.")
    else:
        with errors_shown():
            ask(viewer, version, given)
