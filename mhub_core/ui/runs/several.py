"""What is done with ticked runs: compared, tagged, stopped, deleted; the last two after one question that says what goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.runs import line_service, several_service
from mhub_core.runs.found import MAX_TAG, MAX_TAGS, FoundRun
from mhub_core.runs.several_service import Happened
from mhub_core.sharing import texts
from mhub_core.ui import address, ticks, words
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.login import TICKED
from mhub_core.ui.page import plain

CHANGES = (ticks.Action("tag", "Tag"), ticks.Action("stop", "Stop"), ticks.Action("delete", "Delete"))
_MAX_NAMED = 20  # runs that a question names


def bar(viewer: User | None, shown: Sequence[FoundRun]) -> None:
    """Draw the bar over the list, and the question that it led to."""
    by_id = {run.id: run for run in shown}
    actions = (ticks.COMPARE, *CHANGES) if any(run.may_edit for run in shown) else (ticks.COMPARE,)
    what = "compare, tag, stop or delete them" if len(actions) > 1 else "compare them"
    asked = ticks.bar("runs_ticks", actions, f"Tick runs to {what}.", by_id)
    if asked and asked[0] == ticks.COMPARE.name:
        ticks.compare(viewer, asked[1])
    elif asked:
        st.session_state[TICKED] = f"{asked[0]}:{','.join(map(str, asked[1]))}"
    if TICKED in st.session_state:
        action, _, ids = st.session_state[TICKED].partition(":")
        ticked = [by_id[one] for one in address.ids(ids) if one in by_id]
        own = [run for run in ticked if run.may_edit]
        names = {run_id: name for run in own for run_id, name in _names(viewer, run).items()}
        _DIALOGS[action](viewer, names, len(ticked) - len(own))


def _names(viewer: User | None, run: FoundRun) -> dict[int, str]:
    """Name a run, and the others that stand in its line."""
    about = f" ({words.model_on(run.model_name, run.dataset_name)})"
    others = line_service.list_members(viewer, [run.id]) if run.line else []
    return {run.id: texts.run_title(run.id, run.name) + about} | {
        one: f"{texts.run_title(one, '')}, another seed{about}" for one in others if one != run.id
    }


def _forget() -> None:
    st.session_state.pop(TICKED, None)


def _list(names: dict[int, str], num_others: int) -> bool:
    """Name the runs that something is done with. Return whether there are any."""
    if num_others:
        words = ("belongs to somebody else and stays as it is", "belong to other people and stay as they are")
        st.info(f"{counted(num_others, 'ticked run')} {words[num_others > 1]}.")
    shown = [f"- {plain(name)}" for name in list(names.values())[:_MAX_NAMED]]
    shown += [f"- and {len(names) - _MAX_NAMED:,} more"] if len(names) > _MAX_NAMED else []
    st.markdown("\n".join(shown))
    return bool(names)


def _do(label: str, key: str, names: dict[int, str], verb: Callable[[], Sequence[Happened]]) -> None:
    """Draw the button that does it. Where all went well the dialog closes; else it says of which run it did not, and why."""
    if not st.button(label, key=key, type="primary"):
        return
    with errors_shown():
        happened = verb()
        failed = [one for one in happened if one.error]
        if not failed:
            _forget()
            st.rerun()
        st.warning(f"Done for {len(happened) - len(failed):,} of {len(happened):,} runs. The others stay as they were:")
        st.markdown("\n".join(f"- {plain(names[one.run_id])}: {plain(_words(one))}" for one in failed))


def _words(one: Happened) -> str:
    error = one.error
    return " ".join(part for part in (error.happened, *error.problems.values(), error.mend) if part) if error else ""


@st.dialog("Delete runs", on_dismiss=_forget)
def _delete(viewer: User | None, names: dict[int, str], num_others: int) -> None:
    if _list(names, num_others):
        st.write(
            "This permanently deletes their curves, their logs, their tags and their places on the leaderboard. Model versions "
            "that they saved are kept."
        )
        label = f"Yes, delete {counted(len(names), 'run')}"
        _do(label, "runs_delete", names, lambda: several_service.delete(viewer, list(names)))


@st.dialog("Stop runs", on_dismiss=_forget)
def _stop(viewer: User | None, names: dict[int, str], num_others: int) -> None:
    if _list(names, num_others):
        st.write(
            "Waiting runs end immediately. Where training has started, the model learned so far is tested and saved. Runs that "
            "have ended stay as they are."
        )
        _do(f"Yes, stop {counted(len(names), 'run')}", "runs_stop", names, lambda: several_service.stop(viewer, list(names)))


@st.dialog("Tag runs", on_dismiss=_forget)
def _tag(viewer: User | None, names: dict[int, str], num_others: int) -> None:
    if _list(names, num_others):
        is_added = st.radio("What to do", ["Add", "Remove"], horizontal=True, key="runs_tag_how") == "Add"
        typed = st.text_input("Tags", max_chars=MAX_TAGS * (MAX_TAG + 2), key="runs_tags", placeholder="baseline, paper")
        st.caption(f"Separated by commas. A run has at most {MAX_TAGS} tags of {MAX_TAG} letters.")
        given = {"add" if is_added else "remove": [tag for tag in typed.split(",") if tag.strip()]}
        _do("Save", "runs_tag", names, lambda: several_service.tag(viewer, list(names), **given))


_DIALOGS = {"delete": _delete, "stop": _stop, "tag": _tag}
