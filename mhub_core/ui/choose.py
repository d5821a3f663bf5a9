"""Choosing a model and a dataset. The address of the page holds the choice, so that it can be sent to somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.models import service as models
from mhub_core.models.records import Model, VersionCard
from mhub_core.ui.page import query_id

_MOST = 200


def from_address(name: str, label: str, labels: dict[int, str], on_change: Callable[[], None] | None = None) -> int | None:
    """Draw a choice among ids whose value is the page's address `?name=`. The first is taken when the address names none."""
    if not labels:
        return None
    ids = list(labels)
    # The browser answers with the words of a choice, so no two may be called the same.
    twice = {words for words, times in Counter(labels.values()).items() if times > 1}
    labels = {one: f"{words} (no. {one})" if words in twice else words for one, words in labels.items()}
    asked = query_id(name)
    # The key changes with the address: a link to this page with another id must win over what was chosen before.
    key = f"choose_{name}_{asked}"

    def put_into_address() -> None:
        st.query_params[name] = str(st.session_state[key])
        if on_change:
            on_change()

    index = ids.index(asked) if asked in labels else 0
    return st.selectbox(label, ids, index, format_func=labels.__getitem__, key=key, on_change=put_into_address)


def _forget_version() -> None:
    st.query_params.pop("version", None)


def model(viewer: User | None, trained_only: bool = False) -> Model | None:
    """Choose a model: the viewer's own first, then public ones. Raises NotFound for an address that names none."""
    asked = query_id("model")
    wanted = models.require_model(viewer, asked) if asked else None
    labels = {wanted.id: _named(wanted.name, wanted.owner_name)} if wanted else {}
    cards = models.list_models(viewer, mine=True, limit=_MOST) if viewer else []
    cards += models.list_models(viewer, limit=_MOST)
    labels |= {card.id: _named(card.name, card.owner_name) for card in cards if card.trained or not trained_only}
    chosen = from_address("model", "Model", labels, _forget_version)
    if chosen is None or (wanted and chosen == wanted.id):
        return wanted
    return models.require_model(viewer, chosen)


def _named(name: str, owner: str) -> str:
    return f"{name} · {owner}"


def version(versions: list[VersionCard]) -> VersionCard:
    """Choose one of a model's versions, the first unless the address names another. With one version nothing is drawn."""
    if len(versions) == 1:
        return versions[0]
    labels = {one.id: _version_label(one) for one in versions}
    chosen = from_address("version", "Version", labels)
    return next(one for one in versions if one.id == chosen)


def _version_label(one: VersionCard) -> str:
    words = [f"Version {one.number}", "trained" if one.trained else "not trained", one.note]
    return " · ".join(word for word in words if word)


def dataset(viewer: User | None) -> Dataset | None:
    """Choose a dataset that the viewer may see. Raises NotFound for an address that names none."""
    asked = query_id("dataset")
    wanted = datasets.require_dataset(viewer, asked) if asked else None
    labels = {wanted.id: wanted.name} if wanted else {}
    labels |= {card.id: card.name for card in datasets.list_datasets(viewer, limit=_MOST) if card.state == "ready"}
    chosen = from_address("dataset", "Dataset", labels)
    if chosen is None or (wanted and chosen == wanted.id):
        return wanted
    return datasets.require_dataset(viewer, chosen)


def dataset_version(of: Dataset) -> DatasetVersion | None:
    """Choose one of a dataset's ready versions, the newest unless the address names another. None: none is ready."""
    ready = [one for one in of.versions if one.state == "ready"]
    if len(ready) < 2:
        return of.ready_version
    chosen = from_address("data", "Dataset version", {one.id: f"Version {one.number}" for one in ready})
    return next(one for one in ready if one.id == chosen)
