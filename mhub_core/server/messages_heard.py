"""Hear only those messages of a browser that the hub's pages send. Streamlit obeys the others too, whoever sends them."""

from __future__ import annotations

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession

# Kept: `rerun_script`, which every click and page sends; `stop_script`, the stop button of the toolbar; `file_urls_request`,
# which asks where st.file_uploader may put its files; `backend_operation_request`, downloads made at the click and tables that
# load as they are scrolled; `app_heartbeat`, which keeps a quiet tab alive.
# Dropped: `clear_cache` empties st.cache_data for everybody; `set_run_on_save`, `load_git_info` and the two of `debug_...` are
# for people who write a page, on their own machine. So is, until somebody looks at it, whatever a later Streamlit adds.
HEARD = frozenset({"rerun_script", "stop_script", "file_urls_request", "backend_operation_request", "app_heartbeat"})
_TAUGHT = "_mhub_hears_only_what_our_pages_send"


def heed_only_what_our_pages_send() -> None:
    """Teach Streamlit's sessions, once for this process."""
    if hasattr(AppSession, _TAUGHT):
        return
    setattr(AppSession, _TAUGHT, True)
    handle = AppSession.handle_backmsg

    def handle_backmsg(session: AppSession, msg: BackMsg) -> None:
        if msg.WhichOneof("type") in HEARD:
            handle(session, msg)

    setattr(AppSession, "handle_backmsg", handle_backmsg)
