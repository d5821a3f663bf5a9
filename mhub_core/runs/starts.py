"""Where the weights of a run come from: fresh ones, or those of a version that was trained before; and that in a sentence."""

from __future__ import annotations

from contextlib import suppress

from mhub_core.accounts.records import User
from mhub_core.errors import NotFound, Unavailable
from mhub_core.graphs import kept
from mhub_core.graphs.walk import Graph
from mhub_core.models import service as models
from mhub_core.models.records import ModelVersion, VersionCard
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from mhub_core.training.learners.learner import Learner
from mhub_core.training.records import Start


def can_continue(version: VersionCard, learner: Learner) -> bool:
    """Tell whether a run of a learner can start from what a version learned.

    Not from what it learned from data of which the viewer may not be told: then it says nothing of what it serves.
    """
    return version.trained and version.serving is not None and learner.continues and version.kind == learner.name


def choose(version: ModelVersion, graph: Graph, fresh: bool, learner: Learner) -> tuple[Start | None, str]:
    """Return what a run of a version starts from, and that in a sentence; "" for a design, which has no weights.

    `graph` is its design as the run trains it. Raises NotFound when the version's weights are gone.
    """
    if not version.trained:
        return None, ""
    if not can_continue(version, learner):
        return None, f"{learner.title} starts from scratch: the trained weights of version {version.number} are not used."
    if fresh:
        return None, f"All weights start at new random values: the trained weights of version {version.number} are not used."
    fitting, other = kept.layers(version.graph, graph)
    if not fitting:
        return (
            None,
            f"No layer of version {version.number} keeps its size on this data, so all weights start at new random values.",
        )
    found = artifacts.list_artifacts(version_id=version.id, role=artifacts.MODEL)
    if not found:
        raise _gone(version)
    return Start(found[-1].key, found[-1].id), _sentence(version, graph, other)


def _sentence(version: ModelVersion, graph: Graph, fresh: list[str]) -> str:
    begins = f"Training starts from the weights of version {version.number}"
    if not fresh:
        return f"{begins}."
    if fresh == kept.last_layer(graph):
        return (
            f"{begins}; only {fresh[0]}, the output layer, starts at new random values, because this data needs a different "
            "output."
        )
    return f"{begins}, where layers keep their sizes on this data. These layers start at new random values: {kept.listed(fresh)}."


def require_stored(version: ModelVersion, start: Start) -> None:
    """Raise NotFound when the weights are missing from the file store. One that is away is waited for by the run."""
    with suppress(Unavailable):
        try:
            storage.num_bytes(start.key)
        except NotFound as error:
            raise _gone(version) from error


def _gone(version: ModelVersion) -> NotFound:
    told = f"The weights of version {version.number} are missing from the file store."
    return NotFound(
        told, "A trained version needs its weights to continue.", "Start from new random weights, or from another version."
    )


def require_version(viewer: User | None, start: Start) -> ModelVersion:
    """Return the version whose weights a run started from. Raises NotFound when it is gone, or not for the viewer to see."""
    artifact = artifacts.require_artifact(start.artifact or 0)
    return models.require_version(viewer, artifact.version_id or 0)
