"""The learner that trains the design of a model with Keras. What can be chosen, and its checks, stand in `training.plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mhub_core.data.records import DataSpec
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import require_kind
from mhub_core.models.records import KERAS
from mhub_core.tasks.registry import require_task
from mhub_core.training import cost
from mhub_core.training import plan as plans
from mhub_core.training.cost import Machine
from mhub_core.training.learners.learner import CHOICE, NUMBER, SEED, WHOLE_NUMBER, Field, Option


class KerasLearner:
    """Gradient descent on a neural network."""

    name, title, continues, file_ending = KERAS, "Neural network", True, ".keras"
    help = "Trains the layers of the model with gradient descent, epoch by epoch."

    def accepts(self, kind: str, task: str) -> bool:
        """A design is adapted to every kind and task."""
        return True

    def fields(self, data: DataSpec, graph: Graph | None = None) -> tuple[Field, ...]:
        """Return the fields of a training plan."""
        start, (row, rows) = plans.defaults(data, graph), require_kind(data.kind).noun

        def field(name: str, label: str, widget: str, **more: Any) -> Field:
            return Field(name, label, plans.HELP[name].format(row=row, rows=rows), widget, start[name], **more)

        rules = tuple(Option(one.name, one.label, one.help, one.learning_rate) for one in plans.OPTIMIZERS)
        losses = tuple(Option(one.name, one.label, one.help) for one in require_task(data.task).losses)
        return (
            field("epochs", "Epochs", WHOLE_NUMBER, digits=",", counts_epochs=True),
            field("batch_size", "Batch size", WHOLE_NUMBER, digits=","),
            field("optimizer", "Optimizer", CHOICE, options=rules),
            # Each optimizer has a learning rate of its own: what suits SGD is far too much for Lion.
            field("learning_rate", "Learning rate", NUMBER, digits="g", form_digits="%g", follows="optimizer"),
            field("loss", "Loss", CHOICE, options=losses, advanced=True),
            field("validation_share", "Validation share", NUMBER, step=0.05, digits=".0%", form_digits="%.2f", advanced=True),
            field(SEED, "Seed", WHOLE_NUMBER, advanced=True),
        )

    def defaults(self, data: DataSpec, graph: Graph | None = None) -> dict[str, Any]:
        """Return the values of a plan that is sensible for the data and the design."""
        return plans.defaults(data, graph)

    def check(self, values: dict[str, Any], data: DataSpec, graph: Graph | None = None) -> dict[str, Any]:
        """Return a training plan as plain JSON."""
        return plans.check(values, data, graph).to_json()

    def require_affordable(self, plan: dict[str, Any], data: DataSpec, totals: Mapping[str, int], machine: Machine) -> None:
        """Look at memory and time."""
        cost.require_memory(totals, plan["batch_size"], machine, require_kind(data.kind).noun)
        num_rows = plans.num_training_rows(data, plan["validation_share"])
        cost.require_time(totals, num_rows, plan["epochs"], machine)
