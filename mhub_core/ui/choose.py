"""Choosing a model and a dataset. The address of the page holds the choice, see `address`; without one, what fits is proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.models import service as models
from mhub_core.models.records import Model, VersionCard
from mhub_core.ui import address, proposals
from mhub_core.ui.kinds import example
from mhub_core.ui.page import query_id

_MOST = 200


def from_address(
    name: str, label: str, labels: dict[int, str], proposed: int | None = None, then: Callable[[], None] | None = None
) -> int | None:
    """Draw a choice among ids whose value is the page's address `?name=`. Without one the proposed id is taken, or the first."""
    if not labels:
        return None
    ids = list(labels)
    # The browser answers with the words of a choice, so no two may be called the same.
    twice = {words for words, times in Counter(labels.values()).items() if times > 1}
    labels = {one: f"{words} (no. {one})" if words in twice else words for one, words in labels.items()}
    read = address.one_of(ids)
    shown = address.value(name, proposed if proposed in labels else ids[0], read)
    address.put(name, shown)  # also what was only proposed: the address says what the page shows
    kept = address.kept(name, None, read, "choose", then)
    chosen: int = st.selectbox(label, ids, format_func=labels.__getitem__, **kept)
    return chosen


def _forget_version() -> None:
    address.forget("version")
    example.forget_all()


def model(viewer: User | None, trained_only: bool = False) -> Model | None:
    """Choose a model: the viewer's own first, then public ones. Raises NotFound for an address that names none.

    Without a choice the first one is proposed; where the address names a dataset, the first that was drawn for such data.
    """
    asked = query_id("model")
    wanted = models.require_model(viewer, asked) if asked else None
    labels = {wanted.id: _named(wanted.name, wanted.owner_name)} if wanted else {}
    cards = models.list_models(viewer, mine=True, limit=_MOST) if viewer else []
    cards += models.list_models(viewer, limit=_MOST)
    labels |= {card.id: _named(card.name, card.owner_name) for card in cards if card.trained or not trained_only}
    proposed = None if wanted else proposals.model(viewer, list(labels), query_id("dataset"))
    chosen = from_address("model", "Model", labels, proposed, _forget_version)
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
    chosen = from_address("version", "Version", labels, then=example.forget_all)
    return next(one for one in versions if one.id == chosen)


def _version_label(one: VersionCard) -> str:
    words = [f"Version {one.number}", "trained" if one.trained else "not trained", one.note]
    return " · ".join(word for word in words if word)


def _forget_data() -> None:
    address.forget("data")


def dataset(viewer: User | None, version: VersionCard | None = None) -> Dataset | None:
    """Choose a dataset that the viewer may see. Raises NotFound for an address that names none.

    Without a choice the newest is proposed; of a version of a model, the newest that it was drawn for.
    """
    asked = query_id("dataset")
    wanted = datasets.require_dataset(viewer, asked) if asked else None
    cards = [card for card in datasets.list_datasets(viewer, limit=_MOST) if card.state == "ready"]
    labels = {wanted.id: wanted.name} if wanted else {}
    labels |= {card.id: card.name for card in cards}
    proposed = proposals.dataset(viewer, version.id, cards) if version and not wanted else None
    chosen = from_address("dataset", "Dataset", labels, proposed, _forget_data)
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
