"""What people may do at each level, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mhub_core.sharing import policy
from mhub_core.sharing.service import DATASET, MODEL, PROJECT

TITLES = {policy.READ: "Read", policy.EDIT: "Edit", policy.MANAGE: "Manage", policy.OWN: "Owner"}
MEANINGS = {
    MODEL: {
        policy.READ: "Open it, copy it and see its runs.",
        policy.EDIT: "Also change the diagram, save versions and train it.",
        policy.MANAGE: "Also rename it, choose who can see it, and share it. Only the owner can delete it.",
    },
    DATASET: {
        policy.READ: "Look at it and train on it.",
        policy.EDIT: "Also change what its card says: description, licence, source and known faults.",
        policy.MANAGE: "Also rename it, choose who can see it, and share it. Only the owner can delete it.",
    },
    PROJECT: {
        policy.READ: "See the project and everything in it.",
        policy.EDIT: "Also put their own models and datasets into it.",
        policy.MANAGE: "Also change the project, its members and its join code, and remove things. Only the owner can delete it.",
    },
}


def choose(kind: str, label: str, key: str, now: str = policy.READ, levels: Sequence[str] = policy.GRANTABLE) -> str:
    """Draw the choice of a level, each with a sentence, and return it."""
    meanings = [MEANINGS[kind][level] for level in levels]
    place = list(levels).index(now) if now in levels else 0
    chosen: str = st.radio(label, levels, place, format_func=TITLES.__getitem__, captions=meanings, key=key)
    return chosen
