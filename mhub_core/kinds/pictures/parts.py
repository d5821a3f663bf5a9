"""What arrays in a `.npz` tell beside their examples: one label for each, and which part is the test set.

`counts` is how many examples each part has, by its name: "train", "val", "test", or "" where there is only one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.given import MIXED, SPLITS
from mhub_core.kinds.pictures.paths import TEST
from mhub_core.kinds.tables import choosing

_WORDS = ((TEST, "x_test is the test set"), (MIXED, "Mixed: the hub chooses the test set"))


def one_label_each(values: np.ndarray, noun: str) -> np.ndarray:
    """Return the labels of one or two axes as `(examples,)`; of rows of zeros and a single one, the place of the one.

    Raises Invalid for other rows.
    """
    if values.ndim == 1:
        return values
    if values.shape[1] == 1:
        flat: np.ndarray = values[:, 0]
        return flat
    is_one_hot = values.size and values.dtype.kind in "uifb"
    if not is_one_hot or not ((values != 0).sum(axis=1) == 1).all() or not (values.sum(axis=1) == 1).all():
        told = f"The labels have {values.shape[1]:,} values for each {noun}, which are not zeros and a single 1."
        raise Invalid(told, f"One label for each {noun}.", "Save y with one axis: a number or a word for each.")
    places: np.ndarray = values.argmax(axis=1)
    return places


def keeps_test(counts: Mapping[str, int], chosen: Mapping[str, Any]) -> bool:
    """Tell whether `x_test` stays the test set. Raises Invalid for a choice that there is not."""
    is_offered = "test" in counts and len(counts) > 1
    return is_offered and choosing.one_of(dict(chosen), SPLITS, "The test set", _WORDS, TEST) == TEST


def options(counts: Mapping[str, int], chosen: Mapping[str, Any]) -> tuple[Option, ...]:
    """Return the choice of the test set, where the arrays bring one."""
    if "test" not in counts or len(counts) < 2:
        return ()
    return (Option(SPLITS, "Test set", TEST if keeps_test(counts, chosen) else MIXED, _WORDS),)


def notes(counts: Mapping[str, int], chosen: Mapping[str, Any], noun: str) -> list[str]:
    """Tell what becomes of the parts."""
    if not keeps_test(counts, chosen):
        named = ", ".join(f"{number:,} of {f'x_{name}' if name else 'x'}" for name, number in counts.items())
        return [f"All {noun} are used together ({named}); the hub chooses the hidden test set."] if len(counts) > 1 else []
    told = [f"The {counts['test']:,} {noun} of x_test are the hidden test set."]
    if "val" in counts:
        told.append(
            f"The {counts['val']:,} {noun} of x_val are used for training: each run sets its own part aside for validation."
        )
    return told
