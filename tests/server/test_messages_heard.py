"""Which messages of a browser Streamlit gets to see, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from mhub_core.server.messages_heard import HEARD
from tests.server.small_app import served

pytestmark = pytest.mark.slow

APP = """
import streamlit as st
import uuid

@st.cache_data
def kept():
    return uuid.uuid4().hex

st.write("kept " + kept())
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("app"), APP, "heed_only_what_our_pages_send()") as address:
        yield address


def words(tab: ClientConnection) -> str:
    """Ask for the page and return what stands on it."""
    tab.send(BackMsg(rerun_script={}).SerializeToString())
    while True:
        told = ForwardMsg.FromString(tab.recv(timeout=20))
        if told.WhichOneof("type") == "delta" and told.delta.new_element.markdown.body:
            return told.delta.new_element.markdown.body


def test_a_visitor_cannot_empty_what_all_pages_keep(address: str):
    with connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as tab:
        before = words(tab)
        tab.send(BackMsg(clear_cache=True).SerializeToString())
        assert words(tab) == before


def test_every_message_that_streamlit_knows_is_heard_or_dropped_by_choice():
    dropped = {"clear_cache", "set_run_on_save", "load_git_info", "debug_disconnect_websocket", "debug_shutdown_runtime"}
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} == HEARD | dropped
