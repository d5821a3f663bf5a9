"""Makes the networks of a run: the one that is trained, and the one that is kept and answers in people's units."""

from __future__ import annotations

import keras

from mhub_core import settings
from mhub_core.errors import Invalid, MHubError
from mhub_core.graphs.engine import build as designs
from mhub_core.graphs.kept import listed
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import require_loss
from mhub_core.training.engine import stored
from mhub_core.training.engine.tasks.registry import require_engine
from mhub_core.training.plan import TrainingPlan, require_optimizer
from mhub_core.training.records import RunSpec, Start


def build(spec: RunSpec) -> keras.Model:
    """Return the network to train, compiled. What comes in and what is compared, `graphs.adapt` and the task made fit.

    Raises Invalid when the design does not build.
    """
    model = designs.build(spec.graph, settings.number("MHUB_MAX_PARAMETERS"))
    plan = TrainingPlan(**spec.plan)
    optimizer, loss = require_optimizer(plan.optimizer), require_loss(require_task(spec.data.task), plan.loss)
    engine = require_engine(spec.data.task)
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer.keras_class)(plan.learning_rate, **optimizer.arguments),
        loss=engine.loss(spec.data, loss),
        metrics=[engine.metric(spec.data, loss)],
    )
    return model


def start_from(model: keras.Model, start: Start) -> str:
    """Give every layer the weights of the layer of its name in a kept model, where their shapes agree. Return that in words.

    The layers that a kept model has behind its answer have no twin here: what it learned of a target is standardised, as here.
    Raises Invalid when no layer fits or the model cannot be read, NotFound when it is gone.
    """
    kept, fresh = _take_over(model, _load(start.key))
    if not kept:
        raise Invalid(
            "The model to start from has different layers than this design: none has the same name and sizes.",
            "At least one layer's weights must fit.",
            "Start from new random weights, or use the design of that model.",
        )
    if not fresh:
        return "Training starts from trained weights in all layers."
    return (
        "Training starts from trained weights. These layers start at new random values, because no trained weights have their "
        f"sizes: {listed(fresh)}."
    )


def _load(model_key: str) -> keras.Model:
    try:
        return stored.load(model_key)
    except MHubError:
        raise
    except Exception as error:  # Keras raises every kind for a file that it does not know
        raise Invalid(
            "The model to start from cannot be read.",
            "It must be a model that this hub trained.",
            "Start from new random weights.",
        ) from error


def _take_over(model: keras.Model, trained: keras.Model) -> tuple[list[str], list[str]]:
    """Copy the weights that fit. Return the names of the layers that got them, and of those that did not."""
    twins = {layer.name: layer for layer in trained.layers}
    kept: list[str] = []
    fresh: list[str] = []
    for layer in model.layers:
        twin = twins.get(layer.name)
        if isinstance(layer, keras.Model) and isinstance(twin, keras.Model):
            for names, inside in zip((kept, fresh), _take_over(layer, twin), strict=True):
                names += [f"{layer.name} / {name}" for name in inside]
        elif layer.weights:
            if twin is not None and type(layer) is type(twin) and _shapes(layer) == _shapes(twin):
                layer.set_weights(twin.get_weights())
                kept.append(layer.name)
            else:
                fresh.append(layer.name)
    return kept, fresh


def _shapes(layer: keras.Layer) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def for_serving(model: keras.Model, spec: RunSpec) -> keras.Model:
    """Return the network to keep: the same weights without optimizer, with an answer as people read it."""
    return keras.Model(model.inputs, require_engine(spec.data.task).answer(model.outputs[0], spec.data))
