"""A series as a model takes it: missing values filled, brought to one length, standardised; for training and prediction alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from mhub_core.data.signal import filled, stretched

END, START, STRETCH = "end", "start", "stretch"
FITS: tuple[tuple[str, str], ...] = (
    (END, "keep the beginning: cut off or fill up the end"),
    (START, "keep the end: cut off or fill up the beginning"),
    (STRETCH, "stretch or condense each series"),
)
LONG_STEPS = 1_000  # a network takes long for more
_USUAL_SHARE = 0.95
_FAR_LONGER = 2.0
_LARGEST = 1e30  # that a float32 can hold and multiply


def choose(lengths: np.ndarray, chosen_length: int = 0, chosen_fit: str = "") -> tuple[int, str]:
    """Return to how many steps series of these lengths come, and how. Chosen values count."""
    longest, middle = int(lengths.max()), float(np.median(lengths))
    usual = longest if longest <= _FAR_LONGER * middle else int(np.quantile(lengths, _USUAL_SHARE))
    length = chosen_length or min(usual, LONG_STEPS)
    return length, chosen_fit or (STRETCH if usual > LONG_STEPS and length <= LONG_STEPS else END)


def fitted(values: np.ndarray, length: int, fit: str) -> np.ndarray:
    """Return `(length, channels)`; steps that were added are NaN."""
    if len(values) == length:
        return values
    if fit == STRETCH:
        return stretched(values, length)
    kept = values[:length] if fit == END else values[-length:]
    room = np.full((length - len(kept), values.shape[1]), np.nan)
    return np.concatenate([kept, room] if fit == END else [room, kept])


def encode(values: np.ndarray, input: dict[str, Any]) -> np.ndarray:
    """Return float32 `(steps, channels)` as the version's `input` says; what is not known is the mean, 0."""
    return standardised(fitted(filled(values), input["shape"][0], input["fit"]), np.array(input["mean"]), np.array(input["std"]))


def standardised(values: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return float32 with mean 0 and deviation 1 by channel, NaN as 0."""
    whole: np.ndarray = np.nan_to_num((values - mean) / std, nan=0.0)
    return whole.clip(-_LARGEST, _LARGEST).astype(np.float32)


def asked_steps(input: dict[str, Any]) -> int:
    """Return how many steps somebody should give, before the steps of a recipe change that."""
    return int(input.get("raw_steps", input["shape"][0]))


def real_steps(length: int, input: dict[str, Any]) -> slice:
    """Return which steps of an encoded series are its own, and not filled up, of one that had so many."""
    steps = int(input["shape"][0])
    if input["fit"] == STRETCH or length >= steps:
        return slice(0, steps)
    return slice(0, length) if input["fit"] == END else slice(steps - length, steps)


def in_own_unit(x: np.ndarray, length: int, input: dict[str, Any]) -> np.ndarray:
    """Return the real steps of an encoded series that had so many, in the unit of the data."""
    values: np.ndarray = (x * np.array(input["std"]) + np.array(input["mean"]))[real_steps(length, input)]
    return values


class Moments:
    """Mean and deviation of many series by channel (Chan, Golub and LeVeque 1979), NaN left out."""

    def __init__(self, num_channels: int) -> None:
        self._count, self._mean, self._squares = (np.zeros(num_channels) for _ in range(3))

    def add(self, values: np.ndarray) -> None:
        """Add `(steps, channels)`."""
        known = ~np.isnan(values)
        count = known.sum(axis=0)
        total = self._count + count
        mean = np.divide(np.nansum(values, axis=0), count, out=np.zeros(len(count)), where=count > 0)
        squares = np.nansum((values - mean) ** 2, axis=0)
        share = np.divide(count, total, out=np.zeros(len(count)), where=total > 0)
        apart = mean - self._mean
        self._squares += squares + apart**2 * self._count * share
        self._mean, self._count = self._mean + apart * share, total

    def mean(self) -> np.ndarray:
        """The mean of each channel, 0 of one without values."""
        return self._mean

    def std(self) -> np.ndarray:
        """The deviation of each channel, 1 of one that never changes."""
        found = np.sqrt(np.divide(self._squares, self._count, out=np.zeros(len(self._count)), where=self._count > 0))
        return np.where(found > np.abs(self._mean) * 1e-12, found, 1.0)
