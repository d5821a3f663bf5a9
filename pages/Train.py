"""Train a model on a dataset: `/Train?model=&dataset=`. `?run=` starts from the settings of an earlier run."""

import secrets
import time
from functools import partial
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets.records import DatasetVersion
from mhub_core.errors import MHubError
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import require_kind
from mhub_core.models import service as models
from mhub_core.models.records import Model, VersionCard
from mhub_core.runs import service as runs
from mhub_core.runs import starts
from mhub_core.training import fits, plan
from mhub_core.training.learners.learner import SEED, Learner
from mhub_core.training.learners.registry import LEARNERS
from mhub_core.ui import address, choose, offer, train_form
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.login import WANTED, require_login
from mhub_core.ui.page import go, link, opened, page_setup, plain, query_id, window

SUBMISSION_KEY = "submission_key"
WEIGHTS = {"trained": "Start from the trained weights", "new": "Start from new random weights"}
JUST_STARTED = "just_started"  # [run id, when]: the second click of a double click goes to the run as well


def start(user: User, model: Model, version: VersionCard, dataset: DatasetVersion, choice: dict[str, Any]) -> None:
    """Start the run, on a copy of the model when it is another person's, and go to it."""
    design_id, copied = version.id, None
    if model.owner_id != user.id and not model.may_edit:
        copied = models.copy(user, model.id, version.id)
        design_id = models.require_model(user, copied).versions[0].id
    weights_of = version.id if copied else None  # a copy is a design alone
    try:
        run_id = runs.submit(
            user, design_id, dataset.id, submission_key=st.session_state[SUBMISSION_KEY], weights_of=weights_of, **choice
        )
    except MHubError:
        if copied:
            models.delete(user, copied)  # otherwise every further try would leave one more
        raise
    st.session_state[JUST_STARTED] = [run_id, time.time()]
    del st.session_state[SUBMISSION_KEY]
    go("Run", id=run_id)


def choices(viewer: User | None) -> tuple[Model, VersionCard, Graph, DatasetVersion]:
    """Draw what to train on what; the page ends here as long as one of them is missing. Returns the version's design as well."""
    left, right = st.columns(2)
    with left, shown_or_stopped("Models", "Datasets"):  # it also looks at the dataset, for what fits
        model = choose.model(viewer)
        designs = [version for version in model.versions if not version.trained] if model else []
        trained = [version for version in model.versions if version.trained] if model else []
        version = choose.version([*designs, *trained]) if model else None
    with right, shown_or_stopped("Datasets"):
        dataset = choose.dataset(viewer, version)
        data = choose.dataset_version(dataset) if dataset else None
        if data is None or data.spec is None:
            st.info("This dataset is not ready yet." if dataset else "There is no dataset that you can use yet.")
            link("Dataset" if dataset else "Datasets", "Go to the dataset", id=dataset.id if dataset else None)
            st.stop()
        what = require_kind(data.spec.kind).noun[1]
        st.caption(f"{data.spec.num_train:,} {what} for training, {data.spec.num_test:,} held out for the test.")
    if model is None or version is None:
        offer.draw(data.spec, data.dataset_name, "You do not have a model yet.")
        link("Models", "Other ways to get a model")
        st.stop()
    with shown_or_stopped():
        graph = models.require_version(viewer, version.id).graph
    if not fits.is_for(graph, data.spec):
        offer.draw(data.spec, data.dataset_name, "This model was made for another kind of data.")
    else:
        opened("Other networks for this dataset", "stock_offer", partial(offer.others, data.spec, data.dataset_name))
    return model, version, graph, data


def earlier_spec(viewer: User | None) -> dict[str, Any]:
    """Return what decided the run that the address names, or nothing."""
    run_id = query_id("run")
    with shown_or_stopped("Start", "Leaderboard"):
        return runs.require_run(viewer, run_id).spec if run_id else {}


def wants_fresh(version: VersionCard, learner: Learner, earlier: dict[str, Any]) -> bool:
    """Ask whether a trained version goes on from its weights. Without weights of this learner nothing is asked."""
    if not starts.can_continue(version, learner):
        return False
    usual = "new" if earlier and not earlier.get("start") else "trained"
    kept = address.kept("weights", usual, address.one_of(WEIGHTS), f"train_{version.id}_{query_id('run')}")
    chosen = st.radio("Weights", list(WEIGHTS), format_func=WEIGHTS.__getitem__, horizontal=True, **kept)
    st.caption(
        f"Version {version.number} is already trained. Starting from its weights continues from what it has learned and "
        "usually needs fewer epochs; starting from new random weights trains it from scratch."
    )
    return bool(chosen == "new")


def seeds(scope: str) -> int:
    """Ask how many runs start, which differ in the seed alone."""
    kept = address.kept("seeds", 1, address.whole_number(1, runs.MAX_SEEDS), f"train_{scope}")
    number: int = st.number_input(
        "Number of seeds",
        1,
        runs.MAX_SEEDS,
        width=220,
        help="Trains the same settings several times, one run after another, each with a different seed. Lists show them as one "
        "line with the mean and the standard deviation of the scores, which tells how much of a score is chance.",
        **kept,
    )
    return number


viewer = page_setup("Train")
run_id, at = st.session_state.get(JUST_STARTED, (0, 0.0))
if time.time() - at < 1.5:
    go("Run", id=run_id)
st.session_state.setdefault(SUBMISSION_KEY, secrets.token_urlsafe(16))

with window("Model and dataset"):
    model, version, graph, dataset = choices(viewer)

with window("Settings"):
    assert dataset.spec is not None  # Without one the page has ended.
    earlier = earlier_spec(viewer)
    learner = train_form.choose_learner(dataset.spec, earlier.get("learner", ""))
    if learner is None:
        st.info("This hub cannot train on this kind of data yet.")
        st.stop()
    fresh = wants_fresh(version, learner, earlier)
    scope = f"{dataset.id}_{query_id('run')}" + ("" if len(LEARNERS) == 1 else f"_{learner.name}")
    mine = {"seed": plan.seed_of(viewer.id)} if viewer else {}
    values, problems = train_form.draw(learner, dataset.spec, graph, mine | earlier.get("plan", {}), scope)

with window("Start"):
    with errors_shown():
        first = runs.preview(viewer, version.id, dataset.id, fresh, learner.name)
        st.write(plain(first.fitted))
        changed = [plain(sentence) for sentence in first.adaptations]
        st.write("**Changes that make the model fit the data:**" if changed else "The model fits the data without changes.")
        if changed:
            st.markdown("\n".join(f"- {sentence}" for sentence in changed))
        if first.start:
            st.write(plain(first.start))
    if viewer and not model.may_edit:
        st.info(f"This model belongs to {plain(model.owner_name)}. Training it creates your own copy and trains that.")
    num_seeds = seeds(scope) if SEED in values else 1
    choice = {"plan": values, "fresh": fresh, "learner": learner.name, "num_seeds": num_seeds}
    wanted = [version.id, dataset.id, choice]
    # The key belongs to one submission, so that a late second click finds no button.
    label = "Start training" if num_seeds == 1 else f"Start {num_seeds} runs"
    if st.button(label, type="primary", key=f"start_{st.session_state[SUBMISSION_KEY]}"):
        st.session_state[WANTED] = wanted
    if st.session_state.get(WANTED) == wanted:
        if problems:
            del st.session_state[WANTED]
            st.error("The run was not started: correct the fields marked above.")
        else:
            user = require_login("Sign in to start this run. Your choices are kept.")
            del st.session_state[WANTED]
            with errors_shown():
                start(user, models.require_model(user, model.id), version, dataset, choice)
