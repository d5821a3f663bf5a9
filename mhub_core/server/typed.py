"""What open tabs hold of what was typed into them, counted by address: one message brings up to 4 MB, and a tab holds it until it
is closed.

Only long values count. Of each widget its last value is held; those of another page go when it is left.
"""

from __future__ import annotations

import logging
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

MAX_BYTES_OF_ADDRESS = 100_000_000  # the hub itself takes about twice that for them
_LONG = 4_000  # bytes; what is shorter is little beside the tab itself
_log = logging.getLogger(__name__)


class _Tab:
    """The long values of one tab: bytes by widget."""

    def __init__(self) -> None:
        self.address, self.page = "", ""
        self.values: dict[str, int] = {}


_tabs: WeakKeyDictionary[AppSession, _Tab] = WeakKeyDictionary()


def take(session: AppSession, state: ClientState, address: str) -> None:
    """Count the values that a message brings. The long ones are taken out of it where the tabs of an address hold too much."""
    sizes = {widget.id: widget.ByteSize() for widget in state.widget_states.widgets}
    if session not in _tabs and max(sizes.values(), default=0) <= _LONG:
        return
    tab = _tabs.setdefault(session, _Tab())
    if tab.page != state.page_script_hash:
        tab.values.clear()
    tab.address, tab.page = address, state.page_script_hash
    for widget_id, size in sizes.items():
        tab.values.pop(widget_id, None)
        if size > _LONG:
            tab.values[widget_id] = size
    if sum(sum(other.values.values()) for other in list(_tabs.values()) if other.address == address) <= MAX_BYTES_OF_ADDRESS:
        return
    _log.warning("the tabs of one address hold more than %d bytes of what was typed; no more is taken", MAX_BYTES_OF_ADDRESS)
    kept = [widget for widget in state.widget_states.widgets if sizes[widget.id] <= _LONG]
    del state.widget_states.widgets[:]
    state.widget_states.widgets.extend(kept)
    for widget_id in sizes:
        tab.values.pop(widget_id, None)
