"""How much of what was typed the tabs of an address hold, on a real server with a small limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from tests.server.small_app import served
from tests.server.tabs import tab

pytestmark = pytest.mark.slow

APP = """
import streamlit as st
from mhub_core.ui import left_out
left_out.warn()
st.write(f"{len(st.text_input('A text', key='text'))} letters")
"""
SMALL = """
from mhub_core.server import typed
typed.MAX_BYTES_OF_ADDRESS, typed.AFTERWARDS_SECONDS = 100_000, 0
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("app"), APP, SMALL) as address:
        yield address


def look(connection: ClientConnection, widget_id: str = "", text: str = "") -> tuple[str, str, str]:
    """Ask for the page with a text typed into it. Returns what it says of the text, the id of the widget, and a warning."""
    message = BackMsg(rerun_script={})
    if widget_id:
        message.rerun_script.widget_states.widgets.add(id=widget_id, string_value=text)
    connection.send(message.SerializeToString())
    said, found, warned = "", "", ""
    while True:
        told = ForwardMsg.FromString(connection.recv(timeout=20))
        element = told.delta.new_element
        said, found = element.markdown.body or said, element.text_input.id or found
        warned = element.alert.body or warned
        if told.WhichOneof("type") == "script_finished":
            return said, found, warned


def test_the_tabs_of_an_address_hold_no_more_than_they_may_until_one_holds_less(address: str):
    with tab(address) as first, tab(address) as second:
        _, widget_id, _ = look(first)
        assert look(first, widget_id, "x" * 60_000)[0] == "60000 letters"
        said, _, warned = look(second, widget_id, "x" * 60_000)
        assert said == "0 letters", "both together are too much"
        assert "was not received" in warned
        assert look(second)[2] == "", "it is said once"
        assert look(second, widget_id, "x" * 2_000)[0] == "2000 letters", "what is short is always taken"
        assert look(first, widget_id, "x" * 10_000)[0] == "10000 letters"
        assert look(second, widget_id, "x" * 60_000)[0] == "60000 letters"


def test_long_values_of_one_tab_count_together_whatever_widgets_they_are_of(address: str):
    with tab(address) as only:
        _, widget_id, _ = look(only)
        for number in range(4):
            look(only, f"{widget_id}-{number}", "x" * 40_000)
        assert look(only, widget_id, "x" * 40_000)[0] == "0 letters"
