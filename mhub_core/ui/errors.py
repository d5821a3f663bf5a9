"""The one shape in which an error reaches a person."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mhub_core.errors import MHubError, NotFound, SignInRequired, Unavailable
from mhub_core.ui.pages import find_page
from mhub_core.ui.text import plain

ASKED_TO_SIGN_IN = "asked_to_sign_in"  # in the session state: why somebody must sign in to go on
_LISTS = {
    "Models": "All models",
    "Datasets": "All datasets",
    "Leaderboard": "All leaderboards",
    "Projects": "All projects",
    "Start": "Home, with your recent runs",
}
_LAYER = re.compile(r"(n[0-9]{1,6}|graph)\Z")


def show_error(error: MHubError, told: Container[str] = ()) -> None:
    """Show what happened, what was expected and how to mend it, and each problem of a form that is not `told` at its field."""
    lines = [f"**{plain(error.happened)}**", plain(error.expected), plain(error.mend)]
    # Problems of a design stand under the ids of its layers, which nobody knows; the first is what happened, told above.
    layers = [words for name, words in error.problems.items() if _LAYER.match(name) and not error.happened.startswith(words)]
    fields = [f"{name}: {words}" for name, words in error.problems.items() if name not in told and not _LAYER.match(name)]
    lines += [f"- {plain(words)}" for words in layers + fields]
    draw = st.warning if isinstance(error, Unavailable) else st.error
    draw("\n\n".join(line for line in lines if line))


def field_problem(problems: dict[str, str], name: str) -> None:
    """Say under a form field what is wrong with it, when something is."""
    if name in problems:
        st.markdown(f":red[**▲ {plain(problems[name][:1].upper() + problems[name][1:])}**]")


class FormPlaces:
    """Where a form shows what is wrong with it: each problem at its field, and the rest above the button.

    The button is the last thing that a form draws, and what it finds wrong is known only then: so places are kept for it.
    """

    def __init__(self) -> None:
        self._fields: dict[str, DeltaGenerator] = {}
        self._rest: DeltaGenerator | None = None

    def under(self, field: str, place: Any = st) -> None:
        """Keep the place under the field that was just drawn in `place`."""
        self._fields[field] = place.container()

    def above_button(self, place: Any = st) -> None:
        """Keep the place above the button, which is drawn next."""
        self._rest = place.container()

    def show(self, error: MHubError) -> None:
        """Show an error in the places that were kept."""
        for field in self._fields:
            with self._fields[field]:
                field_problem(error.problems, field)
        with self._rest or st.container():
            show_error(error, told=self._fields)


@contextmanager
def errors_shown(form: FormPlaces | None = None) -> Iterator[None]:
    """Show an error of the hub raised inside, in the places of a form when one is given, and go on after the block.

    What needs an account opens the sign-in window.
    """
    try:
        yield
    except SignInRequired as error:
        st.session_state[ASKED_TO_SIGN_IN] = error.happened
        st.rerun()
    except MHubError as error:
        form.show(error) if form else show_error(error)


@contextmanager
def shown_or_stopped(*lists: str) -> Iterator[None]:
    """Show an error of the hub raised inside, and end the page there.

    `lists`: pages that list what the address names, to go on to when there is no such thing.
    """
    try:
        yield
    except MHubError as error:
        show_error(error)
        for name in lists if isinstance(error, NotFound) else ():
            st.page_link(find_page(name), label=_LISTS[name])
        st.stop()


def show_unexpected(error: Exception) -> bool:
    """Show an error of the hub that no page caught, such as a dataset of a kind that only a later release knows.

    Of any other say that the hub itself failed, and log all that is known under a number that the person can pass on.
    """
    if isinstance(error, MHubError):
        show_error(error)
        return True
    number = secrets.token_hex(3)
    logging.getLogger(__name__).error("A page failed, number %s", number, exc_info=error)
    mend = f"Try again. If it happens again, give the administrator this number: {number}."
    show_error(MHubError("Something went wrong inside the hub.", mend=mend))
    return True
