"""A tab that sends messages without waiting holds up itself, and nobody else, on a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from mhub_core.server.pace import ADDRESS, TAB, Pace, Paces
from tests.server.small_app import served
from tests.server.tabs import session_of, tab

APP = """
import streamlit as st
from streamlit.runtime.app_session import AppSession

st.write(f"heard {AppSession.num_heard}")
"""
COUNTING = """
from streamlit.runtime.app_session import AppSession

handle = AppSession.handle_backmsg
AppSession.num_heard = 0

def handle_and_count(session, message):
    AppSession.num_heard += 1
    handle(session, message)

AppSession.handle_backmsg = handle_and_count
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("app"), APP, COUNTING) as address:
        yield address


def num_heard(connection: ClientConnection) -> int:
    """Ask for the page and return how many messages of all tabs have been heard."""
    connection.send(BackMsg(rerun_script={}).SerializeToString())
    while True:
        told = ForwardMsg.FromString(connection.recv(timeout=20))
        if told.WhichOneof("type") == "delta" and "heard" in told.delta.new_element.markdown.body:
            return int(told.delta.new_element.markdown.body.split()[1])


@pytest.mark.slow
def test_others_are_served_while_a_tab_sends_thousands_of_messages(address: str):
    with tab(address) as calm, tab(address) as wild:
        num_heard(calm)
        session_of(wild)
        for _ in range(3000):
            wild.send(BackMsg(rerun_script={}).SerializeToString())
        assert [num_heard(calm) for _ in range(40)][-1] < 1000, "of what was sent at once, most is not read yet"


def test_as_many_as_are_allowed_come_at_once_and_the_others_evenly():
    of_tab = Pace(3, 2.0)
    assert [of_tab.wait(1000) for _ in range(5)] == [0, 0, 0, 0.5, 1]
    assert [of_tab.wait(1002) for _ in range(2)] == [0, 0]


def test_who_is_sent_away_is_not_counted():
    pace = Pace(2, 1.0)
    assert [pace.wait(1000, longest=0.5) for _ in range(5)] == [0, 0, 1, 1, 1]
    assert pace.wait(1001, longest=0.5) == 0


def test_tabs_of_an_address_share_its_pace_and_not_that_of_another():
    paces = Paces()
    for _ in range(ADDRESS[0]):
        paces.of_tab("192.0.2.1", 1000)[1].wait(1000)
    assert paces.of_tab("192.0.2.1", 1000)[1].wait(1000) > 0
    assert paces.of_tab("192.0.2.2", 1000)[1].wait(1000) == 0
    assert TAB[0] < ADDRESS[0]
