"""What open tabs hold of what was typed into them, counted by address: one message brings up to 4 MB, and a tab holds it until it
is closed.

Only long values count. Of each widget its last value is held; those of another page go when it is left. What is too much is taken
out of a message before Streamlit sees it: whatever came with a message stays in memory with it, until the tab's next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from mhub_core.ui import left_out

MAX_BYTES_OF_ADDRESS = 100_000_000  # the hub itself takes about three times that for them
AFTERWARDS_SECONDS = 130  # for which Streamlit keeps the session of a closed tab, should it come back
_LONG = 4_000  # bytes; what is shorter is little beside the tab itself
_log = logging.getLogger(__name__)


class Typed:
    """The long values of all tabs: bytes by address."""

    def __init__(self) -> None:
        self.of_address: Counter[str] = Counter()

    def add(self, address: str, num_bytes: int) -> None:
        """Count so many bytes more, or fewer, for an address."""
        self.of_address[address] += num_bytes
        if not self.of_address[address]:
            del self.of_address[address]


class TypedInTab:
    """The long values of one tab: bytes by widget."""

    def __init__(self, typed: Typed, address: str) -> None:
        self._typed, self._address = typed, address
        self._page, self._values = "", dict[str, int]()

    def take(self, data: bytes) -> bytes:
        """Count the values that a message brings. Returns the message, without the long ones where the address holds too much."""
        if len(data) <= _LONG and not self._values:
            return data
        message = BackMsg()
        try:
            message.ParseFromString(data)
        except DecodeError:  # of which Streamlit tells the tab
            return data
        state = message.rerun_script
        if state.page_script_hash != self._page:
            self._forget(list(self._values))
            self._page = state.page_script_hash
        sizes = {widget.id: widget.ByteSize() for widget in state.widget_states.widgets}
        self._forget([widget_id for widget_id in sizes if widget_id in self._values])
        long = {widget_id: size for widget_id, size in sizes.items() if size > _LONG}
        if self._typed.of_address[self._address] + sum(long.values()) > MAX_BYTES_OF_ADDRESS:
            _log.warning("the tabs of one address hold %d bytes of what was typed; no more is taken", MAX_BYTES_OF_ADDRESS)
            _leave_out(state, long)
            less: bytes = message.SerializeToString()
            return less
        self._values.update(long)
        self._typed.add(self._address, sum(long.values()))
        return data

    def close(self) -> None:
        """Count the values of a tab that was closed for as long as they are kept."""
        asyncio.get_running_loop().call_later(AFTERWARDS_SECONDS, self._forget, list(self._values))

    def _forget(self, widget_ids: list[str]) -> None:
        self._typed.add(self._address, -sum(self._values.pop(widget_id) for widget_id in widget_ids))


def _leave_out(state: ClientState, widget_ids: dict[str, int]) -> None:
    kept = [widget for widget in state.widget_states.widgets if widget.id not in widget_ids]
    del state.widget_states.widgets[:]
    state.widget_states.widgets.extend(kept)
    state.context_info.url += left_out.MARK  # so that the page says it
