"""Stock models that are made for a dataset, for somebody who has none that is: one click makes one and chooses it."""

from __future__ import annotations

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.graphs.stock import Stock
from mhub_core.models import service as models
from mhub_core.training import fits
from mhub_core.ui import address
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.login import require_login
from mhub_core.ui.page import plain

_MAX_OFFERED = 3


def draw(data: DataSpec, dataset_name: str, why: str) -> None:
    """Draw the offer under a sentence that says why. What is made is the model of this page's address then."""
    offered = fits.list_stock(data)[:_MAX_OFFERED]
    if not offered:
        return
    st.info(f"{why} Start from a ready-made network for this dataset:")
    with st.container(horizontal=True):
        for item in offered:
            if st.button(plain(item.title), help=plain(item.help), key=f"offer_{item.name}"):
                _make(item, data, dataset_name)


def _make(item: Stock, data: DataSpec, dataset_name: str) -> None:
    user = require_login("Sign in to create a model. The dataset stays chosen.")
    with errors_shown():
        name = f"{item.title}: {dataset_name}"[: models.LONGEST_NAME]
        address.put("model", models.create(user, name, item.help, fits.drawn_for(item, data)))
        address.forget("version", "run")
        st.rerun()
