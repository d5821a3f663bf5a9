"""Every verb, asked by somebody without an account: it answers, or says in words why not."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from docs import verbs
from mhub_core.errors import MHubError
from mhub_core.runs.found import RunQuery
from tests import factories

ASKERS = ("viewer", "user", "admin")
# What a verb takes besides, by name or by type; a word or a number will do for the rest.
GIVEN: dict[str, Any] = {
    "graph": factories.chain(3), "visibility": "public", "level": "read", "kind": "model", "given": [{"a": 1}], "plan": {},
    "submission_key": "a-visitors-key", "int": 1, "int | None": None, "str": "word", "bool": False, "Sequence[int]": [1],
    "query": RunQuery(), "Sequence[str]": ["word"], "Mapping[int, str]": {1: "classification"},
}  # fmt: skip


def asked_by_somebody() -> dict[str, Callable[..., Any]]:
    """Return the verbs that take who asks, by name; those within a transaction are not for pages."""
    found = {}
    for module in (name for name in verbs.public() if name.endswith("service")):
        loaded = importlib.import_module(module)
        for name, verb in inspect.getmembers(loaded, inspect.isfunction):
            parameters = inspect.signature(verb).parameters
            is_ours = verb.__module__ == module and not name.startswith("_")
            if is_ours and set(parameters) & set(ASKERS) and "session" not in parameters:
                found[f"{module.removeprefix('mhub_core.')}.{name}"] = verb
    return found


# Given a run or a class of rows, which nobody has who was shown none; and statements of lists, which answer nothing themselves.
LEFT_OUT = {
    "runs.service.require_start", "runs.service.parent_of", "sharing.service.allowed", "sharing.service.private_ids",
    "sharing.service.allowed_run", "sharing.service.private_runs", "sharing.service.seen_by", "sharing.service.granted_to",
    "sharing.list_service.reasons",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(asked_by_somebody().keys() - LEFT_OUT))
def test_a_visitor_gets_an_answer_or_words(database, name: str):
    verb = asked_by_somebody()[name]
    factories.model(factories.person("ada"), "private")
    several = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(verb).parameters.values()
    required = [one for one in parameters if one.default is one.empty and one.kind not in several]
    given = {one.name: None if one.name in ASKERS else GIVEN.get(one.name, GIVEN.get(str(one.annotation))) for one in required}
    try:
        verb(**given)
    except MHubError as error:
        assert error.happened


def test_what_is_left_out_is_there():
    assert LEFT_OUT <= asked_by_somebody().keys()
