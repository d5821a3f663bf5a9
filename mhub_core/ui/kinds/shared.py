"""What the views of several kinds draw alike: tabs that need the profile, examples of one class, and the mistakes of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import num_test_rows
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring.records import Profile
from mhub_core.runs.records import Run
from mhub_core.ui import address
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.explore import seen
from mhub_core.ui.page import window
from mhub_core.ui.tasks.registry import require_view

Example = TypeVar("Example")


def tab(
    title: str,
    viewer: User | None,
    version: DatasetVersion,
    plain: Mapping[str, Callable[[], None]],
    of_profile: Mapping[str, Callable[[Profile], None]],
) -> None:
    """Draw a tab: one of those that need the data alone, or that show what was found when the data was looked through."""
    profile = seen.profile(viewer, version)
    if title in plain:
        plain[title]()
    elif profile is None:
        st.write("This appears once the data was looked through.")
    else:
        of_profile[title](profile)


def group(data: DataSpec, scope: str) -> tuple[int | None, int]:
    """Let a person choose a class, where there are such; return it, None for all, and how many open examples it has."""
    groups = require_view(data.task).groups(data)
    if not groups:
        return None, data.num_train
    words = ["All classes", *(f"{name} ({count:,})" for name, count in groups)]
    options = [-1, *range(len(groups))]
    kept = address.kept("class", -1, address.one_of(options), scope, lambda: address.forget("page"))
    number = st.selectbox("Class", options, format_func=lambda index: words[index + 1], **kept)
    return (None, data.num_train) if number == -1 else (number, _num_open(data, number, groups[number][1]))


def _num_open(data: DataSpec, group: int, number: int) -> int:
    """Return how many examples of a group are not hidden; a version of an earlier release does not tell, but was split alike."""
    known = data.target.get("open")
    return int(known[group]) if known else number - num_test_rows(number)


def mistakes(
    run: Run,
    noun: str,
    find: Callable[[Sequence[int]], Mapping[int, Example]],
    draw: Callable[[DataSpec, list[tuple[Example, dict[str, Any]]]], None],
) -> None:
    """Draw the open examples about which a model is most wrong, the worst first, each with what the model answered. `find` gives
    examples by their rows; those that somebody may no longer see are left out."""
    kept = (run.result or {}).get("mistakes", [])
    if not kept:
        return
    data = DataSpec.from_json(run.spec["data"])
    with window(f"{noun.capitalize()} that the model gets most wrong", key="mistakes"):
        known: Mapping[int, Example] = {}
        with errors_shown():  # the run is the viewer's own, its dataset is no longer shared with them
            known = find([one["row"] for one in kept])
        draw(data, [(known[one["row"]], one["answer"]) for one in kept if one["row"] in known])
        learned = "did not learn" if (run.result or {}).get("examples_kept_aside", True) else "learned"
        st.caption(f"The model {learned} from these {noun}. {noun.capitalize()} of the held-out test set are never shown.")
