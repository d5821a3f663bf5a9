"""How a run is called: by what its siblings do not have in common with it, such as `learning rate 0.01, batch size 64`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mhub_core.training.learners.learner import Field

LONGEST = 120
_MOST_SETTINGS = 4


@dataclass(frozen=True)
class Sibling:
    """An earlier run of the same person, model and data: the number of the version that was trained, and its plan."""

    version_number: int
    plan: dict[str, Any]


def name_of(fields: Sequence[Field], version_number: int, plan: dict[str, Any], siblings: Iterable[Sibling]) -> str:
    """Return the settings that differ among a run and its siblings, as people read them: nothing for a first run."""
    siblings = list(siblings)
    parts = [f"version {version_number}"] if any(one.version_number != version_number for one in siblings) else []
    differing = [field for field in fields if any(one.plan.get(field.name) != plan[field.name] for one in siblings)]
    parts += [f"{field.label.lower()} {field.text(plan[field.name])}" for field in differing[:_MOST_SETTINGS]]
    return ", ".join(parts)[:LONGEST]
