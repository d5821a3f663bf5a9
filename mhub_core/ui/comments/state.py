"""What somebody is about to do in a discussion: which form is open, what is typed, what was wrong. All in the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mhub_core import errors
from mhub_core.comments.service import LONGEST
from mhub_core.errors import MHubError, SignInRequired
from mhub_core.ui.errors import ASKED_TO_SIGN_IN, show_error

NEW, REPLY, EDIT, DELETE = "new", "reply", "edit", "delete"


@dataclass(frozen=True)
class Place:
    """The discussion of one thing."""

    kind: str
    thing_id: int

    def key(self, *parts: object) -> str:
        """Return the key of a widget or a value of this discussion."""
        return "_".join(map(str, ("comments", self.kind, self.thing_id, *parts)))


def doing(place: Place) -> tuple[str, int]:
    """Return which form is open, and for which comment: 0 for a new one."""
    what, comment_id = st.session_state.get(place.key("doing"), (NEW, 0))
    return str(what), int(comment_id)


def begin(place: Place, what: str, comment_id: int, text: str = "") -> None:
    """Open a form below a comment, instead of the one that is open. What was typed into it before is still there."""
    put_aside(place)
    key = place.key(what, comment_id)
    st.session_state[place.key("doing")] = [what, comment_id]
    st.session_state[key] = _aside(place).get(key, text)


def put_aside(place: Place) -> None:
    """Close the form that is open, and keep what is typed into it: Streamlit forgets fields that are not drawn."""
    what, comment_id = doing(place)
    if what != NEW:
        _aside(place)[place.key(what, comment_id)] = typed(place, what, comment_id)
    for name in ("doing", "problem"):
        st.session_state.pop(place.key(name), None)


def _aside(place: Place) -> dict[str, str]:
    kept: dict[str, str] = st.session_state.setdefault(place.key("aside"), {})
    return kept


def end(place: Place, what: str, comment_id: int) -> None:
    """Close a form and forget what was typed."""
    put_aside(place)
    _aside(place).pop(place.key(what, comment_id), None)
    if what == NEW:  # which is still drawn, and would keep what it shows
        st.session_state[place.key(what, comment_id)] = ""


def typed(place: Place, what: str, comment_id: int) -> str:
    """Return what is typed into a form."""
    return str(st.session_state.get(place.key(what, comment_id), ""))


def append(place: Place, what: str, comment_id: int, text: str) -> None:
    """Put text behind what is typed into a form, as far as there is room."""
    before = typed(place, what, comment_id)
    blank = "" if not before or before[-1].isspace() else " "
    st.session_state[place.key(what, comment_id)] = f"{before}{blank}{text}"[:LONGEST]


def attempt(place: Place, verb: Callable[[], Any]) -> bool:
    """Call a verb, keep what went wrong to be shown, and tell whether all went well."""
    st.session_state.pop(place.key("problem"), None)
    try:
        verb()
        return True
    except SignInRequired as error:
        st.session_state[ASKED_TO_SIGN_IN] = error.happened
        st.session_state[place.key("asks")] = True
    except MHubError as error:
        st.session_state[place.key("problem")] = errors.to_json(error)
    return False


def open_sign_in_when_asked(place: Place) -> None:
    """Draw the whole page once more, which opens the sign-in window, when a visitor wanted something that needs an account."""
    if st.session_state.pop(place.key("asks"), False):
        st.rerun()


def show_problem(place: Place) -> None:
    """Show what went wrong with the form that is open."""
    if problem := st.session_state.get(place.key("problem")):
        show_error(errors.from_json(problem))
