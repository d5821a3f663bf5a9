"""One model: what it is, its versions, its runs: `/Model?id=7`."""

import streamlit as st

from mhub_core.datasets import use_service
from mhub_core.models import service as models
from mhub_core.models.records import Model, VersionCard
from mhub_core.runs import service as runs
from mhub_core.runs.records import RunCard
from mhub_core.sharing import policy
from mhub_core.sharing.service import MODEL
from mhub_core.training.learners.registry import LEARNERS
from mhub_core.ui import address, links, publishing, session, words
from mhub_core.ui.builder import code
from mhub_core.ui.builder.create import visibility_words
from mhub_core.ui.comments import discussion
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import FormPlaces, errors_shown, shown_or_stopped
from mhub_core.ui.page import go, link, opened, page_setup, plain, query_id, window
from mhub_core.ui.sharing import panel
from mhub_core.ui.text import file_stem, without_images

FIRST_VERSIONS = 10

viewer = page_setup("Model")


def about(model: Model) -> None:
    """Draw the description and what can be done with the newest versions."""
    visible = "public" if model.visibility == "public" else "private"
    st.caption(plain(f"by {model.owner_name} · {visible} · changed {model.updated:%Y-%m-%d %H:%M} UTC"))
    st.markdown(without_images(model.description) or "*No description yet.*")
    trained = next((version for version in model.versions if version.trained), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        link("Builder", "Edit in the builder" if model.may_edit else "View the diagram", model=model.id)
        if model.may_edit:
            link("Train", "Train", model=model.id)
        if trained:
            link("Predict", "Predict", model=model.id, version=trained.id)
        link("Person", f"Owner: {model.owner_name}", id=model.owner_id)
        if st.button("Copy", key="copy", help="Create your own copy of this model, which you can change and train"):
            with errors_shown():
                go("Model", id=models.copy(session.require_user(), model.id))


def version_row(version: VersionCard) -> None:
    """Draw one version in a line."""
    facts = [f"Version {version.number}", "trained" if version.trained else "not trained"]
    facts += [f"{version.num_parameters:,} parameters"] if version.num_parameters is not None else []
    facts += [f"{version.created:%Y-%m-%d %H:%M}", *([version.note] if version.note else [])]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.write(plain(" · ".join(facts)))
        if version.run_id:
            link("Run", "Training run", id=version.run_id)
        if version.trained and version.serving is None:
            st.caption("It learned from private data, so only its owner can use it.")
        elif version.trained:
            link("Predict", "Predict", model=version.model_id, version=version.id)
            ending = LEARNERS[version.kind].file_ending if version.kind in LEARNERS else ""
            name = f"{file_stem(model.name)}-version-{version.number}{ending}"
            asking = session.viewer_later()
            data = lambda: models.read_trained(asking(), version.id)  # noqa: E731  (read only when somebody clicks)
            st.download_button(f"Download {ending}".strip(), data, file_name=name, key=f"keras_{version.id}", on_click="ignore")
        elif model.may_edit:
            link("Train", "Train", model=version.model_id, version=version.id)
        kept = address.kept(f"python{version.number}", False, address.flag, f"version_{version.id}")
        shows_python = st.toggle("Python", **kept)
    if shows_python:
        code.show(models.require_version(viewer, version.id).graph, model.name, f"version_{version.id}")


def run_link(run: RunCard) -> str:
    """Return the way to one run, with its name and its score."""
    state, at = words.STATES[run.state].lower(), f"{run.queued:%Y-%m-%d %H:%M}"
    if run.line:
        about, score = f"{run.line.num_runs} seeds, {run.line.num_finished} finished", words.line_score(run.line)
    else:
        about, score = state, words.main_score(run.scores)
    told = (run.dataset_name, run.name, about, at, run.owner_name, score)
    page, name = ("Runs", "line") if run.line else ("Run", "id")
    return links.to_html(page, " · ".join(part for part in told if part), **{name: run.id})


def dataset_links(model: Model) -> None:
    """Draw the datasets that the runs of this model learned from."""
    linked = use_service.datasets_of_model(viewer, model.id)
    if not linked.datasets and not linked.num_hidden:
        return
    with window("Datasets"):
        st.write("The runs of this model learned from:")
        links.show(links.to_html("Dataset", _versions(name, numbers), id=number) for number, name, numbers in linked.datasets)
        if linked.num_hidden:
            st.caption(f"{counted(linked.num_hidden, 'dataset').capitalize()} that you cannot see.")


def _versions(name: str, numbers: tuple[int, ...]) -> str:
    listed = ", ".join(map(str, numbers[:10])) + (" ..." if len(numbers) > 10 else "")
    return f"{name} · version{'s' if len(numbers) > 1 else ''} {listed}"


def change_form(model: Model) -> None:
    """Draw the form for name, description and visibility.

    All keys hold the model's id: to Streamlit a field of the same key is the same field, with what was typed for another model.
    """
    places = FormPlaces()
    name = st.text_input("Name", model.name, max_chars=models.LONGEST_NAME, key=f"change_name_{model.id}")
    places.under("name")
    description = st.text_area("Description (Markdown)", model.description, height=200, key=f"change_description_{model.id}")
    places.under("description")
    place = policy.VISIBILITIES.index(model.visibility)
    visibility = st.radio(
        "Who can see it",
        policy.VISIBILITIES,
        place,
        horizontal=True,
        format_func=visibility_words,
        key=f"change_visibility_{model.id}",
    )
    shares_data = st.checkbox(
        "Let others predict with it",
        model.shares_data,
        key=f"change_shares_{model.id}",
        help="To predict, they must know what the data look like: the names of columns, categories and classes, and the ranges "
        "of numbers. Without this, others predict only with versions that learned from data that they may see themselves.",
    )
    if visibility == policy.PUBLIC:
        with errors_shown():
            publishing.draw(session.require_user(), model.id, shares_data)
    places.above_button()
    if st.button("Save", type="primary", key=f"change_save_{model.id}"):
        with errors_shown(places):
            models.update(session.require_user(), model.id, name, description, visibility, shares_data)
            st.rerun()


def delete_form(model: Model) -> None:
    """Ask twice before a model goes."""
    st.write(f"This permanently deletes the model, its {counted(len(model.versions), 'version')} and all its runs.")
    sure = st.checkbox("Yes, delete this model", key=f"delete_sure_{model.id}")
    if st.button("Delete the model", disabled=not sure, key=f"delete_{model.id}"):
        with errors_shown():
            models.delete(session.require_user(), model.id)
            go("Models")


model_id = query_id()
with shown_or_stopped("Models"):
    model = models.require_model(viewer, model_id or 0)
    trainings = runs.list_runs(viewer, model_id=model.id)

with window(model.name, key="about"):
    about(model)

with window("Versions"):
    kept = address.kept("all", False, address.flag, f"versions_of_{model.id}")
    everything = st.toggle("Show all versions", **kept) if len(model.versions) > FIRST_VERSIONS else False
    for version in model.versions if everything else model.versions[:FIRST_VERSIONS]:
        version_row(version)

with window("Runs"):
    links.show(run_link(run) for run in trainings)
    with st.container(horizontal=True):
        if len(trainings) > 1:
            link("Compare", "Compare these runs", runs=",".join(str(run.id) for run in trainings))
        if trainings:
            link("Runs", "All runs of this model", model=model.id)
    if not trainings:
        st.write("No runs yet.")

dataset_links(model)
panel.draw(viewer, MODEL, model.id, model.owner_id, model.owner_name, model.may_manage)
if model.may_manage:
    with window("Edit"):
        opened("Name, description and visibility", "change", lambda: change_form(model), keeps=True)
        opened("Delete this model", "remove", lambda: delete_form(model))
discussion.draw(MODEL, model.id)
