"""Drop what a page still sends after its visitor has left it.

Between the click on a link and the first word of the next page, the browser goes on with the old page: a widget or component
in a fragment may ask for that fragment once more, under the old page's name. Streamlit 1.67 runs it after the next page, or
instead of it: the browser then goes back to the old page's name and clears the screen, and the visitor sees an empty page
until the next click. Nothing of such a request is worth keeping, for the fragment that it asks for is gone.
"""

from __future__ import annotations

from typing import Any

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

_ASKED = "_mhub_page_asked_for"  # an attribute of the session: the hash of a page that was asked for and has not begun


def drop_requests_of_pages_left() -> None:
    """Teach Streamlit's sessions, once for this process."""
    if hasattr(AppSession, _ASKED):
        return
    setattr(AppSession, _ASKED, "")
    handle, begin = AppSession.request_rerun, AppSession._create_new_session_message

    def request_rerun(session: AppSession, client_state: ClientState | None) -> None:
        if client_state and client_state.fragment_id:
            page = getattr(session, _ASKED) or session._pages_manager.current_page_script_hash
            if client_state.page_script_hash != page:
                return
        elif client_state:
            setattr(session, _ASKED, client_state.page_script_hash)
        handle(session, client_state)

    def create_new_session_message(session: AppSession, *arguments: Any, **named: Any) -> ForwardMsg:
        setattr(session, _ASKED, "")  # From here on the script itself says which page it draws, also after `st.switch_page`.
        return begin(session, *arguments, **named)

    for name, method in (("request_rerun", request_rerun), ("_create_new_session_message", create_new_session_message)):
        setattr(AppSession, name, method)
