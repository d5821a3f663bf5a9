"""Makes the networks of a run: the one that is trained, and the one that is kept and answers in people's units."""

from __future__ import annotations

import keras

from mhub_core import settings
from mhub_core.errors import Invalid
from mhub_core.evaluation import engine as evaluation
from mhub_core.graphs.engine import build as designs
from mhub_core.training.plan import require_loss, require_optimizer
from mhub_core.training.records import RunSpec


def build(spec: RunSpec) -> keras.Model:
    """Return the network to train, compiled. A regression learns the standardised target.

    Images come in as 0 to 255, for which `graphs.adapt` put a Rescaling into the design.
    Raises Invalid when the design does not build.
    """
    model = designs.build(spec.graph, settings.number("MHUB_MAX_PARAMETERS"))
    if spec.start_model_key:
        _start_from(model, spec.start_model_key)
    optimizer, loss = require_optimizer(spec.plan.optimizer), require_loss(spec.plan.loss, spec.data.task)
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer.keras_class)(spec.plan.learning_rate, **optimizer.arguments),
        loss=getattr(keras.losses, loss.keras_class)(),
        metrics=[_metric(spec.data.task, loss.one_hot)],
    )
    return model


def _metric(task: str, one_hot: bool) -> keras.Metric:
    if task == "regression":
        return keras.metrics.MeanAbsoluteError(name="mae")
    kind = keras.metrics.CategoricalAccuracy if one_hot else keras.metrics.SparseCategoricalAccuracy
    return kind(name="accuracy")


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
    """Return the network to keep: the same weights without optimizer; a regression answers in the target's own unit."""
    output = model.outputs[0]
    if spec.data.task == "regression":
        output = keras.layers.Rescaling(spec.data.y_std, spec.data.y_mean, name="in_the_targets_unit")(output)
    return keras.Model(model.inputs, output)
