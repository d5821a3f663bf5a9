"""Series that somebody gives to a model: checked, and encoded as those of the dataset were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.kinds.kind import Decoded
from mhub_core.kinds.signals import carrying, fitting, gather

MAX_SERIES = 1_000
MAX_VALUES = 1_000_000  # of all series together


def check(data: DataSpec, given: Sequence[Any]) -> dict[str, Any]:
    """Return series `{channel: [number or None, ...]}` as plain JSON. Raises Invalid or TooLarge."""
    if not given:
        raise Invalid("There is no series to predict.", _expected(data), "Enter numbers, or upload a file.")
    if len(given) > MAX_SERIES or sum(len(line) for one in given for line in one.values()) > MAX_VALUES:
        told = f"At most {MAX_SERIES:,} series and {MAX_VALUES:,} values together."
        raise TooLarge("This is too much at once.", told, "Give fewer series, or shorter ones.")
    names = data.input["channels"]
    return {"series": [{name: [_plain(value) for value in one.get(name, ())] for name in names} for one in given]}


def _plain(value: Any) -> float | None:
    number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")
    return number if np.isfinite(number) else None


def _expected(data: DataSpec) -> str:
    names = data.input["channels"]
    told = ", ".join(names[:10])
    return f"Numbers in the order of time, {fitting.asked_steps(data.input):,} as in training or another number" + (
        "." if len(names) == 1 else f", of each channel: {told}."
    )


def decode(data: DataSpec, inputs: dict[str, Any]) -> Decoded:
    """Return the readable series as a model takes them, with what was done to each. Raises Invalid when there is none."""
    encoded: list[np.ndarray] = []
    problems: dict[int, MHubError] = {}
    notes: dict[int, str] = {}
    for place, one in enumerate(inputs["series"]):
        values = _values(one, data)
        if problem := _problem(values, data):
            problems[place] = problem
            continue
        changed = carrying.replayed(values, data.input)
        if note := _note(values, changed, data):
            notes[place] = note
        encoded.append(fitting.encode(changed, data.input))
    if not encoded:
        raise problems[0]
    return Decoded(np.stack(encoded), problems, notes)


def _values(one: dict[str, list[float | None]], data: DataSpec) -> np.ndarray:
    """Return float64 `(steps, channels)`, as many steps as the longest channel has."""
    lines = [one[name] for name in data.input["channels"]]
    values = np.full((max(map(len, lines)), len(lines)), np.nan)
    for channel, line in enumerate(lines):
        values[: len(line), channel] = [np.nan if value is None else value for value in line]
    return values


def _problem(values: np.ndarray, data: DataSpec) -> Invalid | None:
    if np.isnan(values).all():
        return Invalid("The series has no numbers.", _expected(data), "Enter numbers.")
    if len(values) < gather.MIN_STEPS:
        return Invalid("The series has one step.", f"{gather.MIN_STEPS} steps or more. {_expected(data)}", "Enter more numbers.")
    return None


def _note(values: np.ndarray, changed: np.ndarray, data: DataSpec) -> str:
    """Say what was done to one series. `changed`: it after the steps of the version, which a person chose."""
    told, steps = [], data.input_shape[0]
    empty = [name for name, line in zip(data.input["channels"], values.T, strict=True) if np.isnan(line).all()]
    if empty:
        told.append(f"Without numbers, so taken as the mean: {', '.join(empty[:10])}.")
    gaps, is_lost = np.isnan(changed), np.isnan(changed).all(axis=0)
    if missing := int(gaps[:, ~is_lost].sum()):
        what = "1 missing value was" if missing == 1 else f"{missing:,} missing values were"
        told.append(f"{what} filled with the line between the neighbours.")
    if len(changed) != steps:
        what = "After the steps it" if len(changed) != len(values) else "It"
        done = _fit_words(len(changed), steps, data.input["fit"])
        told.append(f"{what} has {len(changed):,} steps and the model takes {steps:,}: {done}.")
    return " ".join(told)


def _fit_words(length: int, steps: int, fit: str) -> str:
    if fit == fitting.STRETCH:
        return "it was stretched" if length < steps else "it was condensed"
    end = "end" if fit == fitting.END else "beginning"
    return f"the {end} was filled up with the mean" if length < steps else f"the {end} was cut off"
