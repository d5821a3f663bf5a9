"""The links to the files of a version, and what is in them."""

from __future__ import annotations

import html

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import download_service
from mhub_core.datasets.records import EVERYONE, MANAGERS, Dataset, DatasetVersion
from mhub_core.kinds.registry import require_kind

_WITH_TEST = {
    MANAGERS: "You get the test {what} because you manage this dataset.",
    EVERYONE: "Its owner gives the test {what} to everyone.",
}
_TITLES = {"csv": "CSV", "parquet": "Parquet", "images": "PNG images in folders"}


def draw(viewer: User | None, dataset: Dataset, version: DatasetVersion) -> None:
    """Draw a button that opens the links; nothing for what cannot be downloaded."""
    forms = download_service.forms(version.spec) if version.spec else ()
    if not forms or version.spec is None:
        return
    with st.popover("Download", help="The files of this version as a zip, with a card that describes them."):
        for form in forms:
            st.html(
                f"<a class='mhub-link' href='api/datasets/versions/{version.id}/files?form={html.escape(form)}' download>"
                f"Version {version.number} as {_TITLES[form]}</a>"
            )
        what = require_kind(version.spec.kind).noun[1]
        if download_service.gets_test_rows(viewer, dataset.id):
            st.caption(f"A zip with train and test apart, and data_card.md. {_WITH_TEST[dataset.test_rows].format(what=what)}")
        else:
            num = f"{version.spec.num_train:,} {what}"
            st.caption(
                f"A zip with the {num} for training, and data_card.md. The test {what} are left out, so that scores stay honest."
            )
