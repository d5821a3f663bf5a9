"""What about the data of a version would mislead a model: a short list at the top of its page."""

from __future__ import annotations

import html

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring.records import WARNING, Finding, Profile
from mhub_core.ui import links
from mhub_core.ui.explore import seen
from mhub_core.ui.explore.where import here
from mhub_core.ui.page import window

_FIRST = 3


def show(viewer: User | None, version: DatasetVersion) -> None:
    """Draw the warnings in a window of their own; without any, nothing. Until it is known, draw how far it is."""
    profile = seen.profile(viewer, version)
    if profile is None:
        seen.words(viewer, version)
        return
    found = [finding for finding in profile.findings if finding.level == WARNING]
    if not found:
        return
    with window("1 warning" if len(found) == 1 else f"{len(found)} warnings", key="dataset-warnings"):
        listed(version, found[:_FIRST])
        if len(found) > _FIRST:
            with st.expander(f"{len(found) - _FIRST} more", key="more_warnings"):
                listed(version, found[_FIRST:])


def listed(version: DatasetVersion, findings: list[Finding], linked: bool = True) -> None:
    """Draw findings below one another, each with what to do and a link to where it is seen."""
    items = "".join(
        f"<li><b>{html.escape(one.words)}</b> {html.escape(one.advice)}{_link(version, one) if linked else ''}</li>"
        for one in findings
    )
    st.html(f"<ul class='mhub-findings'>{items}</ul>")


def _link(version: DatasetVersion, finding: Finding) -> str:
    if finding.column:
        return " " + links.to_html("Dataset", "Show the column", **here(version, tab="Columns", column=finding.column))
    if finding.rows:
        return " " + links.to_html("Dataset", "Show the images", **here(version, tab="Odd images"))
    return ""


def notes(profile: Profile) -> list[Finding]:
    """Return what is only good to know."""
    return [finding for finding in profile.findings if finding.level != WARNING]
