"""What goes wrong while a network trains, in plain words. Knows no back end: errors are told apart by name and text."""

from __future__ import annotations

from mhub_core.errors import Invalid, MHubError, Unavailable

_OUT_OF_MEMORY = ("ResourceExhausted", "RESOURCE_EXHAUSTED", "MemoryError", "OutOfMemory", "out of memory", "OOM when")
_LONGEST = 300


def lost_loss(epoch: int, learning_rate: float) -> MHubError:
    """Return the error of a loss that is no number any more."""
    return Invalid(
        f"The loss became infinite or not a number (NaN) in epoch {epoch}, so the run ended.",
        "The loss has to stay finite: the learning rate was too high for this network, or the data contains extreme values.",
        f"Try a lower learning rate, for example {learning_rate / 10:g}, or add a BatchNormalization layer.",
    )


def plain(error: Exception) -> MHubError:
    """Return the error that a person can read for what Keras or its back end raised."""
    words = f"{type(error).__name__}: {error}"
    if any(sign in words for sign in _OUT_OF_MEMORY):
        return Unavailable(
            "This run needs more memory than the worker has.",
            "A batch of data, the model and its gradients must fit into memory together.",
            "Try a smaller batch size, smaller images or a smaller model.",
        )
    return Invalid(
        f"Keras could not train this network. It reported: {_first_lines(str(error))}",
        "The layers must fit each other and the data.",
        "Check the layer that is named, or try a stock model on the same data.",
    )


def _first_lines(text: str) -> str:
    short = " ".join(line.strip() for line in text.strip().splitlines() if line.strip())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"
