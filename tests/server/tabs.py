"""What a tab of a browser says to Streamlit, without the browser."""

from __future__ import annotations

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


def tab(address: str) -> ClientConnection:
    """Open a tab on a server."""
    return connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None)


def session_of(connection: ClientConnection) -> str:
    """Ask for the page and return the id that uploads name."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    connection.send(message.SerializeToString())
    while True:
        told = ForwardMsg.FromString(connection.recv(timeout=20))
        if told.WhichOneof("type") == "new_session":
            return str(told.new_session.initialize.session_id)
