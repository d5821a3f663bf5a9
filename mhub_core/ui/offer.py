"""Stock models that are made for a dataset, for somebody who has none that is: one click makes one and chooses it."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.graphs.stock import Stock
from mhub_core.models import service as models
from mhub_core.training import fits
from mhub_core.ui import address, proposals
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.login import require_login
from mhub_core.ui.page import go, plain

_MAX_OFFERED = 3
_MAX_OWN = 30


def draw(data: DataSpec, dataset_name: str, why: str) -> None:
    """Draw the offer under a sentence that says why. What is made is the model of this page's address then."""
    offered = fits.list_stock(data)[:_MAX_OFFERED]
    if not offered:
        return
    st.info(f"{why} Choose a ready-made network for this dataset, with everything filled in; the first one is recommended:")
    buttons(offered, data, dataset_name)


def others(data: DataSpec, dataset_name: str) -> None:
    """Draw the offer for somebody who has a model that fits already."""
    st.caption("A click makes a new model, drawn for this dataset, and chooses it. The first one is recommended.")
    buttons(fits.list_stock(data)[:_MAX_OFFERED], data, dataset_name)


def buttons(offered: list[Stock], data: DataSpec, dataset_name: str) -> None:
    """Draw one button for each, the recommended one first."""
    with st.container(horizontal=True):
        for place, item in enumerate(offered):
            kind: Literal["primary", "secondary"] = "secondary" if place else "primary"
            if st.button(plain(item.title), help=plain(item.help), key=f"offer_{item.name}", type=kind):
                user = require_login("Sign in to create a model. The dataset stays chosen.")
                with errors_shown():
                    address.put("model", _make(user, item, data, dataset_name))
                    address.forget("version", "run")
                    st.rerun()


def _make(user: User, item: Stock, data: DataSpec, dataset_name: str) -> int:
    name = f"{item.title}: {dataset_name}"[: models.LONGEST_NAME]
    return models.create(user, name, item.help, fits.drawn_for(item, data))


def train_on(viewer: User | None, dataset: Dataset, version: DatasetVersion) -> None:
    """Leave for training on a version with all filled in: with a model of the viewer's that fits, else with the recommended one,
    which is made now. A visitor chooses there, and is asked to sign in."""
    data = None if version == dataset.ready_version else version.id
    offered = fits.list_stock(version.spec) if version.spec else []
    if viewer and offered and version.spec and _fitting(viewer, dataset) is None:
        model_id = _make(viewer, offered[0], version.spec, dataset.name)
        go("Train", model=model_id, dataset=dataset.id, data=data)
    go("Train", dataset=dataset.id, data=data)


def _fitting(viewer: User, dataset: Dataset) -> int | None:
    own = [card.id for card in models.list_models(viewer, mine=True, limit=_MAX_OWN)]
    return proposals.model(viewer, own, dataset.id) if own else None
