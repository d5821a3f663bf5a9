"""A dataset that is computed, not measured: noisy waves of four forms, as an instrument might record them."""

from __future__ import annotations

import numpy as np

NUM_SERIES = 800
STEPS = 128
FORMS = ("sine", "square", "triangle", "sawtooth")
_SEED = 23
_NOISE = 0.4  # deviation, beside waves of height 1
_CYCLES = (2.0, 6.0)
_DRIFT = 0.5  # the most that the middle of a wave wanders over a series


def generate(num_series: int = NUM_SERIES, steps: int = STEPS) -> tuple[np.ndarray, list[str], tuple[str, ...]]:
    """Return float64 `(series, steps, 1)`, the form of each wave, and the name of the channel.

    Frequency, phase, height and drift are drawn by chance. The same numbers give the same waves.
    """
    numbers = np.random.default_rng(_SEED)
    forms = numbers.permutation(np.arange(num_series) % len(FORMS))
    cycles, phase = numbers.uniform(*_CYCLES, (num_series, 1)), numbers.uniform(0, 1, (num_series, 1))
    height, drift = numbers.uniform(0.7, 1.3, (num_series, 1)), numbers.uniform(-_DRIFT, _DRIFT, (num_series, 1))
    at = np.linspace(0, 1, steps)
    waves = np.stack(_waves((at * cycles + phase) % 1))[forms, np.arange(num_series)]
    noisy = waves * height + drift * at + numbers.normal(0, _NOISE, waves.shape)
    return noisy[..., None], [FORMS[form] for form in forms], ("signal",)


def _waves(turn: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return waves of each form between -1 and 1, by the share of a cycle that has passed."""
    return np.sin(2 * np.pi * turn), np.where(turn < 0.5, 1.0, -1.0), 1 - 4 * np.abs(turn - 0.5), 2 * turn - 1
