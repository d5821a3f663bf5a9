"""What a page sends after its visitor has left it, as the browser sends it, to a real Streamlit server with two pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.server.small_app import served

pytestmark = pytest.mark.slow

APP = """
import time
import streamlit as st

@st.fragment
def part():
    st.button("again")

def first():
    part()
    time.sleep(0.5)
    if st.query_params.get("go"):
        st.switch_page(pages[1])

def second():
    time.sleep(0.4)
    part()
    st.write("the second page is here")

pages = [st.Page(first), st.Page(second)]
st.navigation(pages).run()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("app"), APP) as address:
        yield address


class Tab:
    """A browser's tab, without the browser: what it sends, and what it would show in the end."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.pages: list[str] = []
        self.last_run: list[str] = []  # its fragments; none for a whole page
        self.page, self.fragment, self.words = "", "", ""

    def ask(self, page: str = "", fragment: str = "", query: str = "", widget: str = "") -> None:
        message = BackMsg()
        if widget:
            message.rerun_script.widget_states.widgets.add(id=widget, string_value="typed")
        message.rerun_script.page_script_hash, message.rerun_script.fragment_id = page, fragment
        message.rerun_script.query_string = query
        self.connection.send(message.SerializeToString())

    def read(self, quiet_seconds: float = 1.5) -> None:
        """Take in what the server says, until it has been silent for a while."""
        self.words = ""
        while True:
            try:
                message = ForwardMsg.FromString(self.connection.recv(timeout=quiet_seconds))
            except TimeoutError:
                return
            if message.WhichOneof("type") == "new_session":
                self.page = message.new_session.page_script_hash
                self.last_run = list(message.metadata.run.fragment_ids)
            elif message.WhichOneof("type") == "navigation":
                self.page = message.navigation.page_script_hash
                self.pages = [page.page_script_hash for page in message.navigation.app_pages]
            elif message.WhichOneof("type") == "delta":
                self.fragment = message.delta.fragment_id or self.fragment
                self.words += message.delta.new_element.markdown.body


@contextmanager
def opened(address: str, quiet_seconds: float = 1.5) -> Iterator[Tab]:
    with connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
        tab = Tab(connection)
        tab.ask()
        tab.read(quiet_seconds)
        yield tab


@pytest.fixture
def tab(address: str) -> Iterator[Tab]:
    with opened(address) as tab:
        yield tab


@pytest.mark.parametrize("seconds_after_the_click", [0.0, 0.2])
def test_a_fragment_of_the_page_left_does_not_take_the_next_page_away(tab: Tab, seconds_after_the_click: float):
    first, second = tab.pages
    assert tab.page == first
    tab.ask(second)
    time.sleep(seconds_after_the_click)
    tab.ask(first, tab.fragment)
    tab.read()
    assert tab.page == second
    assert tab.words == "the second page is here"


@pytest.mark.parametrize("seconds_after_the_click", [0.0, 0.2])
def test_a_widget_of_the_page_left_does_not_take_the_next_page_away(tab: Tab, seconds_after_the_click: float):
    first, second = tab.pages
    tab.ask(second)
    time.sleep(seconds_after_the_click)
    tab.ask(first, widget="a component that mounted late")
    tab.read()
    assert tab.page == second
    assert tab.words == "the second page is here"


def test_a_visitor_who_changes_their_mind_gets_the_page_asked_for_last(tab: Tab):
    first, second = tab.pages
    tab.ask(second)
    tab.ask(first)
    tab.read()
    assert tab.page == first


def test_a_widget_works_in_a_browser_that_missed_a_change_of_page(tab: Tab):
    first, second = tab.pages
    tab.ask(second)
    tab.read(3.5)
    tab.ask(first, widget="still on the page before")
    tab.read()
    assert tab.page == first


@pytest.mark.parametrize("quiet_seconds", [1.5, 0.3], ids=["after its end", "while the page is being drawn"])
def test_a_fragment_of_the_page_at_hand_runs(address: str, quiet_seconds: float):
    with opened(address, quiet_seconds) as tab:
        tab.ask(tab.pages[0], tab.fragment)
        tab.read()
        assert tab.last_run == [tab.fragment]


def test_a_fragment_runs_after_the_script_itself_changed_the_page(tab: Tab):
    tab.ask(tab.pages[0], query="go=1")
    tab.read()
    assert tab.page == tab.pages[1]
    tab.ask(tab.pages[1], tab.fragment)
    tab.read()
    assert tab.last_run == [tab.fragment]
