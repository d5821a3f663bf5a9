"""What is found out before a run is queued, where workers are there to ask: whether its design builds and can be trained."""

from __future__ import annotations

from mhub_core import queue
from mhub_core.errors import Invalid, Unavailable
from mhub_core.graphs import service as graphs
from mhub_core.runs.worker_service import list_workers
from mhub_core.training import cost
from mhub_core.training.learners.registry import require_learner
from mhub_core.training.records import RunSpec


def require(spec: RunSpec) -> None:
    """Raise Invalid when the quick worker finds at once that the design cannot be built, or that no worker can train it so.

    Else the train worker finds out.
    """
    workers = [worker for worker in list_workers() if worker.alive]
    if not any(worker.queue == queue.QUICK for worker in workers):
        return
    try:
        facts = graphs.facts(spec.graph, seconds=2.0)
    except Unavailable:
        return
    names = {node["id"]: node["name"] for node in spec.graph["nodes"]}
    for node_id, fact in facts.get("nodes", {}).items():
        if error := fact.get("error"):
            raise Invalid(f"{names.get(node_id, node_id)}: {error['message']}", mend=error.get("mend", ""))
    machine = cost.largest(worker.facts for worker in workers if worker.queue == queue.TRAINING)
    if machine is not None:
        require_learner(spec.learner).require_affordable(spec.plan, spec.data, facts["totals"], machine)
