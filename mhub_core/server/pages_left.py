"""Drop what a page still sends after its visitor has left it.

Between the click on a link and the first word of the next page, the browser goes on with the old page: a widget or component
in a fragment may ask for that fragment once more, under the old page's name. Streamlit 1.67 runs it after the next page, or
instead of it: the browser then goes back to the old page's name and clears the screen, and the visitor sees an empty page
until the next click. A component that mounts late, on a slow machine, asks for its whole page in the same way, and takes the
browser back to it. Nothing of such a request is worth keeping, for the page that it asks for is gone. A visitor's own request
for a page carries no values of widgets; that tells the two apart.
"""

from __future__ import annotations

import time
from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

# Attributes of a session: the hash of a page that was asked for and has not begun, and when the last one began.
_ASKED, _BEGAN = "_mhub_page_asked_for", "_mhub_page_began"
_MOMENT = 3.0  # seconds in which a browser may not know yet that another page began


def drop_requests_of_pages_left() -> None:
    """Teach Streamlit's sessions, once for this process."""
    if hasattr(AppSession, _ASKED):
        return
    setattr(AppSession, _ASKED, "")
    setattr(AppSession, _BEGAN, 0.0)
    handle, begin = AppSession.request_rerun, AppSession._create_new_session_message

    def request_rerun(session: AppSession, client_state: ClientState | None) -> None:
        if client_state and _is_of_page_left(session, client_state):
            return
        if client_state and not client_state.fragment_id:
            setattr(session, _ASKED, client_state.page_script_hash)
        handle(session, client_state)

    def create_new_session_message(session: AppSession, *arguments: Any, **named: Any) -> ForwardMsg:
        setattr(session, _ASKED, "")  # From here on the script itself says which page it draws, also after `st.switch_page`.
        setattr(session, _BEGAN, time.monotonic())
        return begin(session, *arguments, **named)

    for name, method in (("request_rerun", request_rerun), ("_create_new_session_message", create_new_session_message)):
        setattr(AppSession, name, method)


def _is_of_page_left(session: AppSession, client_state: ClientState) -> bool:
    asked = getattr(session, _ASKED)
    if client_state.page_script_hash == (asked or session._pages_manager.current_page_script_hash):
        return False
    if client_state.fragment_id:
        return True
    # Beyond that moment the browser is right, whatever it names: a page that it never heard of must not silence its widgets.
    is_fresh = bool(asked) or time.monotonic() - getattr(session, _BEGAN) < _MOMENT
    return is_fresh and bool(client_state.widget_states.widgets)
