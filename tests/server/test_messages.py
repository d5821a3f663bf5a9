"""A page's messages come gathered, whole and in their order, from a real Streamlit server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

from mhub_core.server import messages
from tests.server.small_app import served

pytestmark = pytest.mark.slow

APP = """
import time
import streamlit as st
for number in range(200):
    st.write(f"word {number}")
if st.query_params.get("slow"):
    st.write("before the wait")
    time.sleep(1.0)
if st.query_params.get("fail"):
    raise ValueError("on purpose")
if st.query_params.get("fields"):
    st.session_state["emptied"], st.session_state["set"] = None, 7
    for name in ("emptied", "set", "new"):
        st.number_input(name, value=3, key=name)
st.html("<p>" + 3000 * "large " + "</p>")
st.write("the end")
"""
TAUGHT = """
from mhub_core.server.elements import save_on_elements
from mhub_core.server.messages import GatheringWebSocket, gather_messages
gather_messages()
save_on_elements()
run = uvicorn.run
uvicorn.run = lambda *given, **named: run(*given, **named, ws=GatheringWebSocket, ws_per_message_deflate=False)
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("app"), APP, TAUGHT) as address:
        yield address


def look(address: str, query: str = "") -> list[tuple[float, str]]:
    """Run the page. Returns when each message came, in seconds, and its words, or what sort of message it is."""
    ask = BackMsg()
    ask.rerun_script.query_string = query
    found: list[tuple[float, str]] = []
    with connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
        began = time.monotonic()
        connection.send(ask.SerializeToString())
        while not found or found[-1][1] != "script_finished":
            message = ForwardMsg.FromString(connection.recv(timeout=30))
            kind = message.WhichOneof("type")
            words = message.delta.new_element.markdown.body if kind == "delta" else ""
            found.append((time.monotonic() - began, words or kind))
    return found


def test_all_come_in_their_order_between_the_beginning_and_the_end(address):
    told = [words for _, words in look(address)]

    assert told.index("new_session") < told.index("word 0")
    assert [words for words in told if words.startswith("word")] == [f"word {number}" for number in range(200)]
    assert told[-2:] == ["the end", "script_finished"]


def test_every_element_has_a_hash_of_its_own_that_lasts_and_large_ones_may_be_kept_by_the_browser(address):
    first, second = ([message for message in drawn(address)] for _ in range(2))

    assert len({message.hash for message in first}) == len(first) == 202
    assert [message.hash for message in first] == [message.hash for message in second]
    assert [message.delta.new_element.WhichOneof("type") for message in first if message.metadata.cacheable] == ["html"]


def drawn(address: str, query: str = "") -> list[ForwardMsg]:
    """Run the page and return the messages of its elements."""
    ask = BackMsg()
    ask.rerun_script.query_string = query
    found: list[ForwardMsg] = []
    with connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
        connection.send(ask.SerializeToString())
        while not found or not found[-1].HasField("script_finished"):
            found.append(ForwardMsg.FromString(connection.recv(timeout=30)))
    return [message for message in found if message.HasField("delta")]


def test_what_stands_before_a_message_is_what_the_websocket_library_writes():
    for num_bytes in (0, 1, 125, 126, 2**16 - 1, 2**16, 300_000):
        data = b"x" * num_bytes
        assert messages._head(num_bytes) + data == Frame(Opcode.BINARY, data).serialize(mask=False)


def test_a_field_that_a_script_empties_is_empty_and_others_keep_their_defaults(address):
    fields = [message.delta.new_element.number_input for message in drawn(address, "fields=1")]

    assert {field.label: field.HasField("default") for field in fields if field.label} == {
        "emptied": False,
        "set": True,
        "new": True,
    }


def test_what_was_drawn_does_not_wait_for_what_takes_long(address):
    when = {words: seconds for seconds, words in look(address, "slow=1")}

    assert when["the end"] - when["before the wait"] > 0.5


def test_a_page_that_fails_ends_and_the_next_look_is_whole(address):
    failed = [words for _, words in look(address, "fail=1")]
    assert failed[-1] == "script_finished" and "the end" not in failed
    assert "the end" in [words for _, words in look(address)]


def test_many_tabs_at_once_get_each_their_own(address):
    with ThreadPoolExecutor(12) as threads:
        pages = list(threads.map(lambda _: look(address), range(24)))

    for page in pages:
        assert [words for _, words in page if words.startswith("word")] == [f"word {number}" for number in range(200)]
