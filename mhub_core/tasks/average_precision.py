"""Average precision of found boxes: which of them are right, and the area under the curve of precision over recall."""

from __future__ import annotations

import numpy as np

from mhub_core.tasks.boxes import Found, overlaps

ENOUGH = 0.5  # a found box is right when it overlaps a true one of its class so far


def matched(found: Found, classes: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return for each found box of an image its overlap with the true box that it found, 0 for one that found none.

    The surest chooses first, among the true boxes of its class that are free, the one that it overlaps most. True boxes are given
    by int `(boxes,)` classes and `(boxes, 4)` corners.
    """
    overlap = overlaps(found.corners, sides) * (found.classes[:, None] == classes[None, :])
    got = np.zeros(len(found.classes))
    for place in range(len(got)) if len(sides) else ():
        best = int(overlap[place].argmax())
        if overlap[place, best] >= ENOUGH:
            got[place] = overlap[place, best]
            overlap[:, best] = 0
    return got


def average_precision(confidences: np.ndarray, is_right: np.ndarray, num_true: int) -> float:
    """Return the area under the curve of precision over recall, where precision is the best at that recall or beyond: as Pascal
    VOC does since 2010 (Everingham et al. 2015, section 3.3, https://doi.org/10.1007/s11263-014-0733-5)."""
    if not num_true or not len(confidences):
        return 0.0
    right = is_right[np.argsort(-confidences, kind="stable")]
    hits = np.cumsum(right)
    precision = np.maximum.accumulate((hits / np.arange(1, len(right) + 1))[::-1])[::-1]
    return float(precision[right.astype(bool)].sum() / num_true)
