"""What images look like on average, and which of them are odd."""

from __future__ import annotations

import base64

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.datasets import example_service
from mhub_core.datasets.records import DatasetVersion, Picture
from mhub_core.errors import MHubError
from mhub_core.exploring.records import Finding, Profile
from mhub_core.ui import pictures
from mhub_core.ui.errors import show_error
from mhub_core.ui.explore import warnings
from mhub_core.ui.session import get_viewer
from mhub_core.ui.tasks.registry import require_view


def averages(profile: Profile, data: DataSpec) -> None:
    """Draw the mean of all training images, and of those of each class."""
    means = profile.pictures.get("means", [])
    pictures.figures([(base64.b64decode(png), None, name) for name, png in means])
    if data.classes and len(means) - 1 < len(data.classes) and len(means) > 1:
        st.caption(f"The first {len(means) - 1:,} of {len(data.classes):,} classes.")
    st.caption(
        "The mean of all training images, pixel by pixel. A sharp one says that the images are aligned; a border, a logo or a "
        "background that only one class has is something that a model may learn in place of the class."
    )


def odd(version: DatasetVersion, data: DataSpec, profile: Profile) -> None:
    """Draw what was found, each with the images that show it."""
    found = [finding for finding in profile.findings if finding.rows]
    if not found:
        st.write(f"None of {profile.sampled:,} images is blank or nearly the same as another one.")
        return
    for finding in found:
        warnings.listed(version, [finding], linked=False)
        _shown(version, data, finding)
    if profile.sampled < data.num_rows:
        st.caption(f"{profile.sampled:,} of {data.num_rows:,} images were compared.")


def _shown(version: DatasetVersion, data: DataSpec, finding: Finding) -> None:
    rows = [row for group in finding.rows for row in group]
    try:
        known = {one.row: one for one in example_service.pictures(get_viewer(), version.id, rows)}
    except MHubError as error:
        show_error(error)
        return
    groups = [[known[row] for row in group if row in known] for group in finding.rows]
    pictures.figures([_figure(one, data) for group in groups for one in group])


def _figure(picture: Picture, data: DataSpec) -> pictures.Figure:
    return picture.png, None, require_view(data.task).caption(picture.truth, data)
