"""The start page: what the hub is for, the way in, where to go, and what is worth a look."""

import streamlit as st

from mhub_core.accounts import hub_service as hub_settings
from mhub_core.accounts import session_service as sessions
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetCard
from mhub_core.graphs import stock
from mhub_core.models import service as models
from mhub_core.runs import summary_service
from mhub_core.runs.summary_service import Summary
from mhub_core.training import fits
from mhub_core.ui import dataset_words, guide, home, links, session
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.login import WANTED, is_asking, require_login
from mhub_core.ui.page import go, page_setup, plain, window
from mhub_core.ui.text import without_images
from mhub_core.ui.widgets import sign_in_and_up

PURPOSE = (
    "**Draw a neural network, train it on real data, watch it learn, compare it on a leaderboard, and use it.** "
    "All in your browser, on your own machine, without writing code. "
    "M-Hub is made for teachers and their classes: you can start in five minutes."
)
FIRST = {
    "Classify images": ("images", "classification"),
    "Classify rows of a table": ("table", "classification"),
    "Predict a number": ("table", "regression"),
}
FEWEST_ROWS = 150
WAYS = {
    "Datasets": "Upload data",
    "Models": "Draw a model",
    "Train": "Train a model",
    "Runs": "Find runs",
    "Leaderboard": "Compare results",
    "Projects": "Join a class or a team",
    "Predict": "Predict",
    "Help": "Help",
}


def welcome() -> None:
    """Say what the hub is for."""
    hub = hub_settings.current()
    with window(f"Welcome to {hub.name}", key="welcome"):
        st.html("<img class='mhub-logo' src='app/static/logo.svg' alt='M-Hub'>")
        st.write(without_images(hub.welcome) or PURPOSE)


def functions() -> None:
    """Draw the ways to the main jobs."""
    with window("What you can do"):
        links.show(links.to_html(page, words) for page, words in WAYS.items())


def first_model(viewer: User | None, title: str = "Train your first model") -> None:
    """Draw the newcomer's three choices; one click makes the model and leads on, for a visitor after they have signed in."""
    with window(title, key="first-model"):
        choices = choices_of(datasets.list_datasets(viewer, built_in=True))
        st.write("Choose a task. The network and all settings are filled in; you only need to click.")
        if not choices:
            st.info("The built-in datasets are being prepared. This takes a few seconds after the first start.")
        for words, card in choices:
            if st.button(f"{words}: {plain(card.name)}", key=f"first_{card.id}", type="primary", width="stretch"):
                st.session_state[WANTED] = card.id
        for card in [card for _, card in choices if card.id == st.session_state.get(WANTED)]:
            user = require_login("Sign in or sign up to train your first model. Your choice is kept.")
            del st.session_state[WANTED]
            begin(user, card)


def choices_of(cards: list[DatasetCard]) -> list[tuple[str, DatasetCard]]:
    """Return the smallest built-in data set of each sort that is worth learning from, with the words that invite to it."""
    usable = [card for card in cards if card.state == "ready" and card.num_rows >= FEWEST_ROWS]
    usable.sort(key=lambda card: card.num_rows)
    return [
        (words, next(card for card in usable if (card.kind, card.task) == sort))
        for words, sort in FIRST.items()
        if any((card.kind, card.task) == sort for card in usable)
    ]


def begin(user: User, card: DatasetCard) -> None:
    """Make a model from the stock that fits the data, unless there is one of an earlier start, and go the guide's way.

    The note of its first version tells it again, which nobody can change: a model may be renamed.
    """
    note = f"Created by the guide for dataset {card.id}"
    if made := models.find_noted(user, note):
        run = guide.start_again(user, made, card.id)
        go("Run", id=run.id) if run else go("Dataset", id=card.id)
    fitting = stock.list_stock(card.kind, card.task)[0]
    data = datasets.require_version(user, card.version_id).spec
    graph = fits.drawn_for(fitting, data) if data else fitting.graph()
    model_id = models.create(user, f"My first model: {card.name}"[:120], fitting.help, graph, note=note)
    guide.start(model_id, card.id)
    go("Dataset", id=card.id)


def worth_a_look(viewer: User | None) -> None:
    """Draw models and data sets that everybody may use."""
    with window("Models to try"):
        cards = [card for card in models.list_models(viewer, limit=30) if card.trained and card.visibility == "public"]
        links.show(links.to_html("Model", f"{card.name}, by {card.owner_name}", id=card.id) for card in cards[:5])
        if not cards:
            st.caption("Trained models appear here when their owners make them public.")
    with window("Datasets to try"):
        ready = [data for data in datasets.list_datasets(viewer, limit=20) if data.state == "ready"][:6]
        told = [(f"{data.name}: {dataset_words.examples(data.kind, data.num_rows)}", data.id) for data in ready]
        links.show([*(links.to_html("Dataset", words, id=one) for words, one in told), links.to_html("Datasets", "All datasets")])


def dashboard(user: User, summary: Summary) -> None:
    """Draw what somebody's runs do, did and reached."""
    home.running(summary)
    if summary.ended:
        home.ended(summary, sessions.last_visit(user, session.tokens()))
    home.best(user)
    home.joined_projects(user)


viewer = page_setup("Home")
with shown_or_stopped():
    summary = summary_service.summarize(viewer) if viewer else None
with st.container(key="start"):  # a phone shows the middle first
    left, middle, right = st.columns([1, 2, 1.2])
with left, errors_shown():
    functions()
with right, errors_shown():
    if viewer and summary and summary.num_runs:
        home.used(viewer, summary)
        home.own_models(viewer)
    worth_a_look(viewer)
with middle, errors_shown():
    if viewer is None or summary is None:
        welcome()
        if not is_asking():  # the dialog has the same form
            with window("Sign in or sign up"):
                sign_in_and_up("start")
        first_model(viewer)  # last, because the page ends there while somebody is asked to sign in
    elif summary.num_runs:  # who is known came to work: a phone shows that without scrolling
        dashboard(viewer, summary)
        first_model(viewer, "Train on a built-in dataset")
    else:
        home.joined_projects(viewer)
        first_model(viewer)
        welcome()
