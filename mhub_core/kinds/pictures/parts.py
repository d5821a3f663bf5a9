"""What arrays in a `.npz` tell beside their examples: one label for each."""

from __future__ import annotations

import numpy as np

from mhub_core.errors import Invalid


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
