"""Makes the networks of a run: the one that is trained, and the one that is kept and answers in people's units."""

from __future__ import annotations

import keras

from mhub_core import settings
from mhub_core.errors import Invalid
from mhub_core.evaluation import engine as evaluation
from mhub_core.graphs.engine import build as designs
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import require_loss
from mhub_core.training.engine.tasks.registry import require_engine
from mhub_core.training.plan import require_optimizer
from mhub_core.training.records import RunSpec


def build(spec: RunSpec) -> keras.Model:
    """Return the network to train, compiled. What comes in and what is compared, `graphs.adapt` and the task made fit.

    Raises Invalid when the design does not build.
    """
    model = designs.build(spec.graph, settings.number("MHUB_MAX_PARAMETERS"))
    if spec.start_model_key:
        _start_from(model, spec.start_model_key)
    optimizer, loss = require_optimizer(spec.plan.optimizer), require_loss(require_task(spec.data.task), spec.plan.loss)
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer.keras_class)(spec.plan.learning_rate, **optimizer.arguments),
        loss=getattr(keras.losses, loss.keras_class)(**loss.arguments),
        metrics=[require_engine(spec.data.task).metric(spec.data, loss)],
    )
    return model


def _start_from(model: keras.Model, model_key: str) -> None:
    weights = evaluation.load(model_key).get_weights()
    if [weight.shape for weight in weights] != [tuple(weight.shape) for weight in model.weights]:
        raise Invalid(
            "The model to start from has other layers than this design.",
            "The same layers with the same sizes.",
            "Train from scratch, or take the design of that model.",
        )
    model.set_weights(weights)


def for_serving(model: keras.Model, spec: RunSpec) -> keras.Model:
    """Return the network to keep: the same weights without optimizer, with an answer as people read it."""
    return keras.Model(model.inputs, require_engine(spec.data.task).answer(model.outputs[0], spec.data))
