"""What is proposed to somebody who chose only one of model and dataset: the other one, as fits. Found once, then remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetCard
from mhub_core.models import service as models
from mhub_core.training import fits

_MAX_MODELS = 30  # of which the designs are looked at
_MAX_DATASETS = 30  # of those that fit


def model(viewer: User | None, model_ids: Sequence[int], dataset_id: int | None) -> int | None:
    """Return the first of some models whose newest version was drawn for the data of a dataset; None when there is none."""
    first = list(model_ids[:_MAX_MODELS])
    return _remembered("model", [dataset_id, *first], lambda: _model(viewer, first, dataset_id)) if dataset_id else None


def _model(viewer: User | None, model_ids: list[int], dataset_id: int) -> int | None:
    ready = datasets.require_dataset(viewer, dataset_id).ready_version
    if ready is None or ready.spec is None:
        return None
    data, designs = ready.spec, models.list_designs(viewer, model_ids)
    return next((one for one in model_ids if one in designs and fits.is_for(designs[one], data)), None)


def dataset(viewer: User | None, version_id: int, cards: Sequence[DatasetCard]) -> int | None:
    """Return the dataset that a version of a model needs the fewest changes for, of several the newest; None when none fits."""
    return _remembered("dataset", [version_id, *(card.id for card in cards)], lambda: _dataset(viewer, version_id, cards))


def _dataset(viewer: User | None, version_id: int, cards: Sequence[DatasetCard]) -> int | None:
    graph = models.require_version(viewer, version_id).graph
    unfit: set[tuple[str, str]] = set()
    found: dict[int, int] = {}
    for card in cards:
        if (card.kind, card.task) in unfit or len(found) == _MAX_DATASETS:
            continue
        data = datasets.require_version(viewer, card.version_id).spec
        changes = None if data is None else fits.num_changes(graph, data)
        if changes == 0:
            return card.id
        if changes is None:
            unfit.add((card.kind, card.task))  # so are the others of its sort
        else:
            found[card.id] = changes
    return min(found, key=found.__getitem__, default=None)


def _remembered(what: str, asked: list[int | None], find: Callable[[], int | None]) -> int | None:
    last = st.session_state.get(f"proposed_{what}")
    if last is None or last[0] != asked:
        last = st.session_state[f"proposed_{what}"] = [asked, find()]
    found: int | None = last[1]
    return found
