"""Let an element cost less on its way out of a page's script.

A page is 30 to 100 elements, and Streamlit does much for each that is in vain here: it wraps every command in a count of its
usage, which this hub does not gather, copies the message to compute its hash without its metadata, and looks its listeners up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any, cast

import streamlit as st
from streamlit import config
from streamlit.delta_generator import DeltaGenerator
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import forward_msg_cache
from streamlit.runtime.metrics_util import gather_metrics
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.runtime.state import SafeSessionState

_LISTENERS = "_mhub_listeners"  # an attribute of a script's runner: who hears what it tells


def save_on_elements() -> None:
    """Teach Streamlit, once for this process."""
    if hasattr(ScriptRunner, _LISTENERS):
        return
    setattr(ScriptRunner, _LISTENERS, None)
    setattr(ScriptRunner, "_enqueue_forward_msg", _enqueue_forward_msg)
    _hash_quickly()
    setattr(SafeSessionState, "filtered_state", property(_KeyedState))
    if not config.get_option("browser.gatherUsageStats"):
        _count_no_usage()


def _enqueue_forward_msg(runner: ScriptRunner, message: ForwardMsg) -> None:
    """Tell the listeners of a message; they are looked up once. Who stopped listening knows by the sender that it is no more."""
    runner._maybe_handle_execution_control_request()
    listeners = getattr(runner, _LISTENERS)
    if listeners is None:
        listeners = runner.on_event._get_live_receivers()
        setattr(runner, _LISTENERS, listeners)
    for listener in listeners:
        listener(runner, event=ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=message)


def _hash_quickly() -> None:
    """Compute the hash of what is drawn from that part alone: without metadata there is nothing else in its message."""
    usual = forward_msg_cache.populate_hash_if_needed
    worth_keeping = int(config.get_option("global.minCachedMessageSize"))

    def populate_hash(message: ForwardMsg) -> None:
        if message.hash or not message.HasField("delta"):
            usual(message)
            return
        data = message.delta.SerializeToString(deterministic=True)
        message.hash = hashlib.blake2b(data, digest_size=16, usedforsecurity=False).hexdigest()
        message.metadata.cacheable = len(data) >= worth_keeping and message.delta.WhichOneof("type") == "new_element"

    setattr(script_run_context, "populate_hash_if_needed", populate_hash)


class _KeyedState(Mapping[str, Any]):
    """What has a name in a session's state. Streamlit copies all of it for each field that asks whether it is in there."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state._state.filtered_state)

    def __len__(self) -> int:
        return len(self._state._state.filtered_state)


def _count_no_usage() -> None:
    """Put each command itself in the place of its wrapper. All wrappers are made by one function, and so share their code."""
    counting = cast(FunctionType, gather_metrics("any", lambda: None)).__code__
    for owner in (st, *DeltaGenerator.__mro__):
        for name, found in list(vars(owner).items()):
            # By exact type: some things of Streamlit's, such as `st.session_state`, answer to every question with a warning.
            command = found.__func__ if type(found) is MethodType else found
            if type(command) is not FunctionType or command.__code__ is not counting:
                continue
            inner = getattr(command, "__wrapped__")
            setattr(owner, name, MethodType(inner, found.__self__) if type(found) is MethodType else inner)
