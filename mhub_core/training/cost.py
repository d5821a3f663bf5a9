"""Whether a network can be trained on the machines there are: refused only when it surely cannot be.

The estimates are lower bounds: weights with their gradients and the outputs of all layers for one batch; and the multiply-adds
forwards and, twice as many, backwards, at the highest speed that such a machine may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mhub_core import settings
from mhub_core.errors import Invalid

_PER_PROCESSOR, _PER_GPU = 1e11, 1e14  # multiply-adds a second
_COPIES_OF_WEIGHTS = 2
_PASSES = 3


@dataclass(frozen=True)
class Machine:
    """The most that one worker has. `memory` in bytes, None where it is not known, as that of GPUs; `speed` in multiply-adds a
    second."""

    memory: float | None
    speed: float


def largest(facts: Iterable[Mapping[str, Any]]) -> Machine | None:
    """Return what the largest of some workers has, given what each tells of itself; None without any."""
    machines = [_machine(one) for one in facts]
    if not machines:
        return None
    memories = [machine.memory for machine in machines]
    known = None if None in memories else max(memory for memory in memories if memory is not None)
    return Machine(known, max(machine.speed for machine in machines))


def _machine(facts: Mapping[str, Any]) -> Machine:
    if facts.get("gpus"):
        return Machine(None, _PER_GPU)
    memory = facts.get("memory_gb")
    return Machine(memory * 1e9 if memory else None, _PER_PROCESSOR * (facts.get("processors") or 1))


def require_memory(totals: Mapping[str, int], batch_size: int, machine: Machine, row: tuple[str, str]) -> None:
    """Raise Invalid when a batch does not fit into the memory. `totals` are those of `graphs.engine.facts`; `row` names an
    example, and several."""
    weights, per_example = _COPIES_OF_WEIGHTS * totals["weight_bytes"], totals["activation_bytes"]
    needed = weights + per_example * batch_size
    if machine.memory is None or needed <= machine.memory:
        return
    fitting = int((machine.memory - weights) // per_example) if per_example else 0
    fitting = 1 << (fitting.bit_length() - 1) if fitting > 0 else 0  # a power of two, as batch sizes are
    raise Invalid(
        f"With a batch size of {batch_size:,}, this model needs about {_gigabytes(needed)} of memory for its layer outputs and "
        "parameters.",
        f"The largest worker of this hub has {_gigabytes(machine.memory)}.",
        f"Choose a batch size of {fitting:,} or less." if fitting else f"Choose a smaller model: it cannot take one {row[0]}.",
    )


def require_time(totals: Mapping[str, int], num_rows: int, epochs: int, machine: Machine) -> None:
    """Raise Invalid when a run of so many rows an epoch would be stopped long before its end."""
    allowed = settings.number("MHUB_MAX_RUN_HOURS")
    hours = _PASSES * totals["multiply_adds"] * num_rows * epochs / machine.speed / 3600
    if hours <= allowed:
        return
    fitting = int(epochs * allowed / hours)
    raise Invalid(
        f"This run would take {hours:,.0f} hours or more: {epochs:,} epochs of {num_rows:,} examples.",
        f"A run is stopped after {allowed:,} hours.",
        f"Choose {fitting:,} epochs or fewer, or a smaller model." if fitting else "Choose a smaller model, or less data.",
    )


def _gigabytes(num_bytes: float) -> str:
    return f"{num_bytes / 1e9:,.1f} GB"
