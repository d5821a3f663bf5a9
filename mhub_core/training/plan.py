"""The training plan of the Keras learner: what a person chooses for a run, checked as a whole, with defaults for the data."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from mhub_core import settings
from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.graphs import kept
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import require_loss

MOST_SEED = 2**31 - 1
MOST_LEARNING_RATE = 10.0
MOST_VALIDATION_SHARE = 0.5
_MAX_TIMES = 10  # the epochs of a very small dataset are at most so many times the usual number
_LINEAR_RATE = 0.03


@dataclass(frozen=True)
class TrainingPlan:
    """What a person chose for the Keras learner. Make it with `check`, which knows what fits the data."""

    epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float
    loss: str
    validation_share: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Optimizer:
    """One way to change the weights. `keras_class` and `arguments` say how Keras makes it."""

    name: str
    label: str
    help: str
    learning_rate: float
    keras_class: str
    arguments: dict[str, Any] = field(default_factory=dict)


OPTIMIZERS: tuple[Optimizer, ...] = (
    Optimizer("adam", "Adam", "Adapts the step size of every weight. A good first choice.", 0.001, "Adam"),
    Optimizer(
        "adamw", "AdamW", "Adam with weight decay, which keeps weights small: for larger models that overfit.", 0.001, "AdamW"
    ),
    Optimizer("sgd", "SGD", "Plain gradient descent: the same step for every weight. Simple and slow.", 0.01, "SGD"),
    Optimizer(
        "sgd_momentum",
        "SGD with momentum",
        "Gradient descent that keeps its direction (momentum 0.9). Often reaches the highest accuracy on images.",
        0.01,
        "SGD",
        {"momentum": 0.9, "nesterov": True},
    ),
    Optimizer("rmsprop", "RMSprop", "Divides each step by the recent gradient. For sequences.", 0.001, "RMSprop"),
    Optimizer("nadam", "Nadam", "Adam that looks one step ahead.", 0.001, "Nadam"),
    Optimizer("adamax", "Adamax", "A variant of Adam that is more stable with rare, large gradients.", 0.001, "Adamax"),
    Optimizer("adagrad", "Adagrad", "Smaller and smaller steps for weights that have changed a lot.", 0.01, "Adagrad"),
    Optimizer("adadelta", "Adadelta", "A variant of Adagrad that keeps learning. Use a learning rate near 1.", 1.0, "Adadelta"),
    Optimizer("lion", "Lion", "Uses only the direction of the gradient. Use a tenth of Adam's learning rate.", 0.0001, "Lion"),
)
HELP: dict[str, str] = {  # {row} and {rows}: what the kind of data calls one example, and several
    "epochs": "Number of passes over all training {rows}. Start with few; use more until the validation loss rises again.",
    "batch_size": "Number of {rows} for each update of the weights. Larger is faster and smoother, but takes more memory.",
    "optimizer": "The algorithm that turns gradients into updates of the weights.",
    "learning_rate": "The size of each update. Too large, and the loss jumps or becomes NaN; too small, and training is slow.",
    "loss": "The error that training minimizes.",
    "validation_share": "Share of the training {rows} set aside for the validation curve; the model does not train on them.",
    "seed": (
        "Makes the run reproducible: it determines the initial weights, the order of the {rows} and dropout. The same seed "
        "repeats the run."
    ),
}


def require_optimizer(name: str) -> Optimizer:
    """Return an optimizer by name. Raises Invalid."""
    found = next((optimizer for optimizer in OPTIMIZERS if optimizer.name == name), None)
    if found is None:
        known = ", ".join(optimizer.name for optimizer in OPTIMIZERS)
        raise Invalid(f"There is no optimizer {str(name)[:40]!r}.", f"One of: {known}.")
    return found


def defaults(data: DataSpec, graph: Graph | None = None) -> dict[str, Any]:
    """Return the values that a form starts with: sensible for the size and the task of the data, and for a design."""
    many = data.num_train >= 20_000
    validation_share = 0.2 if num_training_rows(data, 0.2) < data.num_train else 0.0
    num_rows = num_training_rows(data, validation_share)
    batch_size = max(1, min(require_task(data.task).batch_size * (4 if many else 1), num_rows))
    return {
        "epochs": min(_epochs(data, math.ceil(num_rows / batch_size)), settings.number("MHUB_MAX_EPOCHS")),
        "batch_size": batch_size,
        "optimizer": "adam",
        "learning_rate": _learning_rate(data, graph),
        "loss": require_task(data.task).losses[0].name,
        "validation_share": validation_share,
        "seed": 1,
    }


def seed_of(person_id: int) -> int:
    """Return the seed that a person's form starts with: another for everyone in a class, and the same each time."""
    return 1 + zlib.crc32(str(person_id).encode()) % 999_999


def _epochs(data: DataSpec, steps_an_epoch: int) -> int:
    """Return the usual number of epochs, more for small data, so that the weights are updated often enough."""
    usual = 10 if data.num_train >= 20_000 else require_kind(data.kind).epochs
    return max(usual, min(math.ceil(require_task(data.task).num_steps / max(1, steps_an_epoch)), _MAX_TIMES * usual))


def _learning_rate(data: DataSpec, graph: Graph | None) -> float:
    """Return the rate of Adam: larger without a hidden layer, where the loss has one valley and each weight has far to go.

    Then the more inputs there are, the smaller it is: their sum is what changes in a step.
    """
    usual = require_optimizer("adam").learning_rate
    if graph is None or not kept.has_no_hidden_layer(graph):
        return usual
    return round(min(_LINEAR_RATE, max(usual, 1 / math.prod(data.input_shape))), 4)


def num_training_rows(data: DataSpec, validation_share: float) -> int:
    """Return how many rows change the weights when a share of the training rows is kept for validation."""
    return data.num_train - num_validation_rows(data.num_train, validation_share)


def num_validation_rows(num_train: int, validation_share: float) -> int:
    """Return how many of the training rows a share keeps for validation. At least one row stays for training."""
    return min(math.floor(num_train * validation_share + 0.5), max(num_train - 1, 0))


def check(values: dict[str, Any], data: DataSpec, graph: Graph | None = None) -> TrainingPlan:
    """Return the plan that form values describe. Raises Invalid with one problem per wrong field, all at once.

    A missing value is taken from `defaults`.
    """
    given = {**defaults(data, graph), **values}
    problems = {name: "is not a training setting" for name in sorted(set(given) - set(_CHECKS), key=str)}
    clean: dict[str, Any] = {}
    for name, read in _CHECKS.items():
        try:
            clean[name] = read(given[name], data)
        except (Invalid, ValueError) as error:
            problems[name] = str(error)
    problems |= _batch_problem(clean, data)
    if problems:
        raise Invalid("The training settings contain mistakes.", mend="Correct the marked fields.", problems=problems)
    return TrainingPlan(**clean)


def _batch_problem(clean: dict[str, Any], data: DataSpec) -> dict[str, str]:
    if "batch_size" not in clean or "validation_share" not in clean:
        return {}
    rows = num_training_rows(data, clean["validation_share"])
    if clean["batch_size"] <= rows:
        return {}
    return {"batch_size": f"must be {rows:,} or less: only that many {require_kind(data.kind).noun[1]} are left for training"}


def _whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or isinstance(value, float) and value.is_integer()):
        raise ValueError("must be a whole number")
    if not least <= value <= most:
        raise ValueError(f"must be from {least:,} to {most:,}")
    return int(value)


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("must be a number")
    return float(value)


def _check_learning_rate(value: Any, data: DataSpec) -> float:
    rate = _real(value)
    if not 0 < rate <= MOST_LEARNING_RATE:
        raise ValueError(f"must be above 0 and at most {MOST_LEARNING_RATE:g}; 0.001 is a common start")
    return rate


def _check_validation_share(value: Any, data: DataSpec) -> float:
    share = _real(value)
    if not 0 <= share <= MOST_VALIDATION_SHARE:
        raise ValueError(f"must be from 0 to {MOST_VALIDATION_SHARE:g}; 0.2 keeps every fifth {require_kind(data.kind).noun[0]}")
    return share


_CHECKS: dict[str, Callable[[Any, DataSpec], Any]] = {
    "epochs": lambda value, data: _whole(value, 1, settings.number("MHUB_MAX_EPOCHS")),
    "batch_size": lambda value, data: _whole(value, 1, MOST_SEED),
    "optimizer": lambda value, data: require_optimizer(value).name,
    "learning_rate": _check_learning_rate,
    "loss": lambda value, data: require_loss(require_task(data.task), value).name,
    "validation_share": _check_validation_share,
    "seed": lambda value, data: _whole(value, 0, MOST_SEED),
}
