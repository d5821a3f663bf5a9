"""The two ways to train give the same result: inside one TensorFlow graph, and with plain Keras on any back end."""

from __future__ import annotations

import keras
import pytest

from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import require_loss
from mhub_core.training.engine import network, rows
from mhub_core.training.engine.loop_keras import KerasLoop
from mhub_core.training.engine.loop_tensorflow import TensorFlowLoop
from tests.training import real

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hub_home")]


def curves(loop_class, spec):
    keras.utils.set_random_seed(1)
    loaded = rows.load(spec.data, 0.2, 1, require_loss(require_task(spec.data.task), spec.plan["loss"]))
    loop = loop_class(network.build(spec), loaded, batch_size=25)
    found = []
    for epoch in range(1, 4):
        trained = loop.train(rows.order_of(loaded.train, 1, epoch), lambda: False)
        measured = loop.measure(loaded.validation, lambda: False)
        found += [values[name] for values in (trained, measured) for name in sorted(values)]
    return found


@pytest.mark.parametrize(
    ("model", "data", "loss"),
    [
        ("softmax_regression", real.iris, "sparse_categorical_crossentropy"),
        ("softmax_regression", real.iris, "categorical_focal_crossentropy"),
        ("linear_regression", real.diabetes, "mean_squared_error"),
    ],
)
def test_both_loops_draw_the_same_curves(model, data, loss):
    spec = real.run_spec(model, data(), loss=loss)
    assert curves(TensorFlowLoop, spec) == pytest.approx(curves(KerasLoop, spec), rel=1e-4)


def test_the_plain_loop_stops_when_told():
    spec = real.run_spec("softmax_regression", real.iris())
    loaded = rows.load(spec.data, 0.2, 1, require_task(spec.data.task).losses[0])
    loop = KerasLoop(network.build(spec), loaded, batch_size=1)
    answers = iter([False, False, True])

    assert loop.train(loaded.train, lambda: next(answers)) is None
