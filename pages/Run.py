"""One run, live and afterwards: `/Run?id=7`."""

import streamlit as st

from mhub_core.projects import service as projects
from mhub_core.runs import compare_service, line_service, name_service, naming, records, service
from mhub_core.runs.records import Run
from mhub_core.sharing import service as sharing
from mhub_core.ui import links, live, run_result, words
from mhub_core.ui.comments import discussion
from mhub_core.ui.errors import FormPlaces, errors_shown, shown_or_stopped
from mhub_core.ui.page import go, opened, page_setup, plain, query_id, window
from mhub_core.ui.text import without_images


def heading(run: Run) -> None:
    """Draw what is trained on what, by whom, and where to go from here."""
    st.write(f"Model **{plain(run.model_name)}**, dataset **{plain(run.dataset_name)}**, started by {plain(run.owner_name)}.")
    parent = service.parent_of(viewer, run)
    joined = projects.list_joined(viewer, model_id=run.model_id)
    learned = {"model": run.model_id, "version": run.trained_version_id}
    again = {"model": run.model_id, "version": run.model_version_id, "dataset": run.dataset_id, "run": run.id}
    ways = [
        *([links.to_html("Predict", "Predict with this model", **learned)] if run.trained_version_id else []),
        links.to_html("Compare", "Compare with other runs", runs=run.id),
        *([links.to_html("Compare", "Compare with the run it continues", runs=f"{parent},{run.id}")] if parent else []),
        links.to_html("Leaderboard", "Leaderboard", dataset=run.dataset_id),
        *(links.to_html("Project", f"Leaderboard of {name}", id=one, board=run.dataset_version_id) for one, name in joined),
        links.to_html("Model", "Model", id=run.model_id),
        links.to_html("Dataset", "Dataset", id=run.dataset_id),
        links.to_html("Person", f"Owner: {run.owner_name}", id=run.owner_id),
        links.to_html("Train", "Train again with these settings", **again),
    ]
    links.show(ways, in_row=True)
    seeds(run)


def seeds(run: Run) -> None:
    """Say what the runs reached that differ from this one in the seed alone."""
    found = line_service.line_of(viewer, run.id)
    if found is None:
        return
    line_id, line = found
    reached = f": {words.line_score(line)}" if line.scores else ""
    told = f"One of {line.num_runs} runs that differ in the seed alone, {line.num_finished} of them finished{reached}."
    members = ",".join(map(str, line_service.list_members(viewer, [line_id])[: compare_service.MAX_RUNS]))
    st.write(told)
    both = (links.to_html("Compare", "Compare the seeds", runs=members), links.to_html("Runs", "List them", line=line_id))
    links.show(both, in_row=True)


def ended(run: Run) -> None:
    """Say how a run ended."""
    if run.state == records.FAILED:
        error = run.error or {}
        lines = [f"**This run failed.** {plain(error.get('happened', ''))}", plain(error.get("expected", ""))]
        lines += [f"**What to try:** {plain(error['mend'])}"] if error.get("mend") else []
        st.error("\n\n".join(line for line in lines if line))
        return
    took = f", in {words.duration(run.train_seconds)}" if run.train_seconds is not None else ""
    epochs = f"{run.epoch:,} of {run.epochs:,} epochs"
    say = st.success if run.state == records.FINISHED else st.info
    name = f"version {run.trained_version_number} of {plain(run.model_name)}"
    saved = f" The trained model is saved as {name}." if run.trained_version_id else " No model was saved."
    say(f"**{words.STATES[run.state]}** after {epochs}{took}.{saved}")


def describe_form(run: Run) -> None:
    """Draw the form for what the run is called and what stands about it."""
    places = FormPlaces()
    name = st.text_input("Name", run.name, max_chars=naming.LONGEST, key=f"run_name_{run.id}", placeholder=f"Run {run.id}")
    places.under("name")
    notes = st.text_area("Notes (Markdown)", run.notes, max_chars=name_service.LONGEST_NOTES, key=f"run_notes_{run.id}")
    places.under("notes")
    places.above_button()
    if st.button("Save", type="primary", key=f"run_describe_{run.id}"):
        with errors_shown(places):
            name_service.describe(viewer, run.id, name, notes)
            st.rerun()


def stop_button(run: Run) -> None:
    """Ask once more, then stop."""
    with st.popover("Stop"):
        st.write("A waiting run ends immediately. If training has started, the model learned so far is tested and saved.")
        if st.button("Yes, stop it", key="stop", type="primary"):
            with errors_shown():
                service.stop(viewer, run.id)
                st.rerun()


def delete_button(run: Run) -> None:
    """Ask once more, then delete."""
    with st.popover("Delete this run"):
        st.write("This deletes its curves, its log and its place on the leaderboard. A model version that it saved is kept.")
        if st.button("Yes, delete it", key="delete_run", type="primary"):
            with errors_shown():
                service.delete(viewer, run.id)
                go("Model", id=run.model_id)


viewer = page_setup("Run")
with shown_or_stopped("Start", "Leaderboard"):
    run = service.require_run(viewer, query_id() or 0)

with window(run.title, key="run"):
    heading(run)
    if run.state in records.ENDED:
        ended(run)
    if run.notes:
        st.markdown(without_images(run.notes))
    if run.may_edit and run.is_active:
        stop_button(run)
    live.panel(viewer, run)

if run.result:
    run_result.draw(viewer, run)
with window("Settings", key="settings"):
    run_result.settings(viewer, run)
    if run.may_edit:
        opened("Name and notes", f"run_about_{run.id}", lambda: describe_form(run), keeps=True)
    if run.may_edit and run.state not in records.HELD:
        delete_button(run)
discussion.draw(sharing.RUN, run.id)
