"""The one shape in which an error reaches a person."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mhub_core.errors import MHubError, SignInRequired, Unavailable
from mhub_core.ui.text import plain

ASKED_TO_SIGN_IN = "asked_to_sign_in"  # in the session state: why somebody must sign in to go on
_LAYER = re.compile(r"(n[0-9]{1,6}|graph)\Z")


def show_error(error: MHubError) -> None:
    """Show what happened, what was expected and how to mend it, and each problem of a form."""
    lines = [f"**{plain(error.happened)}**", plain(error.expected), plain(error.mend)]
    # Problems of a design stand under the ids of its layers, which nobody knows; the first is what happened, told above.
    layers = [words for name, words in error.problems.items() if _LAYER.match(name) and not error.happened.startswith(words)]
    fields = [f"{name}: {words}" for name, words in error.problems.items() if not _LAYER.match(name)]
    lines += [f"- {plain(words)}" for words in layers + fields]
    draw = st.warning if isinstance(error, Unavailable) else st.error
    draw("\n\n".join(line for line in lines if line))


def field_problem(problems: dict[str, str], name: str) -> None:
    """Say under a form field what is wrong with it, when something is."""
    if name in problems:
        st.markdown(f":red[**▲ {plain(problems[name])}**]")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an error of the hub raised inside, and go on after the block.

    What needs an account opens the sign-in window.
    """
    try:
        yield
    except SignInRequired as error:
        st.session_state[ASKED_TO_SIGN_IN] = error.happened
        st.rerun()
    except MHubError as error:
        show_error(error)


@contextmanager
def shown_or_stopped() -> Iterator[None]:
    """Show an error of the hub raised inside, and end the page there."""
    try:
        yield
    except MHubError as error:
        show_error(error)
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
