"""Detection: the answer is a box around each object of an image, with its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame
from mhub_core.errors import Invalid
from mhub_core.graphs.answer import Output
from mhub_core.tasks import boxes
from mhub_core.tasks.average_precision import ENOUGH, average_precision, matched
from mhub_core.tasks.boxes import Found
from mhub_core.tasks.task import Loss, Score

SHOWN = 0.3  # the confidence from which a box is shown, and counts for precision and recall
MAX_BOXES = 300  # in one image
GIOU, L1 = "giou", "l1"

OVERLAP = Score(
    "box_iou",
    "Box overlap",
    "How far the predicted box at the place of each true object overlaps the true box: 1 is a perfect fit, 0 is no overlap.",
)
MAP = Score(
    "map50",
    "mAP@0.5",
    "Mean average precision: the area under the curve of precision over recall, averaged over the classes. A box is correct when "
    "its class is right and it overlaps a true box by half (IoU of 0.5). 1 is perfect.",
)


class Detection:
    """`y` is float32 `(images, boxes, 5)`: [class, x, y, width, height] as shares of the image, x and y the middle of the box;
    rows of padding have the class -1. `target` is `{"name", "classes", "counts"}`; a model gives `(batch, rows, columns,
    classes + 4)`, see `boxes.found_in`.
    """

    name = "detection"
    title = "Detection"
    help = "find objects: a class and a box for each"
    curve = OVERLAP
    curve_help = "The scores compare all boxes that the trained model finds; the box overlap looks at the true places only."
    batch_size = 8  # each image has many cells to learn from
    num_steps = 1_200
    hidden_share = "a fifth of all"
    num_examples = 8
    losses: tuple[Loss, ...] = (
        Loss(
            "focal_giou",
            "Focal and box overlap",
            "Focal loss for finding objects, and the generalized overlap (GIoU) for their boxes: small and large objects count "
            "the same. The usual choice.",
            "",
            arguments={"box": GIOU},
        ),
        Loss(
            "focal_l1",
            "Focal and box distance",
            "Focal loss for finding objects, and the distance of the sides (L1) for their boxes: large objects count more.",
            "",
            arguments={"box": L1},
        ),
    )
    scores: tuple[Score, ...] = (
        MAP,
        Score(
            "box_precision",
            "Box precision",
            f"Share of the predicted boxes that are correct, of those with a confidence of {SHOWN:.0%} or more.",
        ),
        Score(
            "box_recall",
            "Box recall",
            f"Share of the true objects that are found by boxes with a confidence of {SHOWN:.0%} or more.",
        ),
        Score(
            "found_iou",
            "IoU of correct boxes",
            "How far the correct boxes overlap the true ones, on average: intersection over union, from 0.5 to 1.",
        ),
    )

    def output(self, data: DataSpec) -> Output:
        """One confidence for each class and four sides, in each cell of a grid."""
        number = len(data.classes)
        classes = "1 confidence, for its class," if number == 1 else f"{number} confidences, one for each class,"
        words = f"outputs, for each cell of a grid, {classes} and the 4 sides of a box"
        return Output(number + boxes.SIDES, "sigmoid", words, rank=3, is_grid=True)

    def read_column(self, values: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Raise Invalid: a cell of a table has no boxes."""
        raise Invalid(
            f"The column {values.name!r} contains no boxes.",
            "Detection needs images with boxes.",
            "Choose another task for a table.",
        )

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        """Count the boxes of each class in the images that are not hidden."""
        shown = y[train]
        counts = np.bincount(shown[boxes.there(shown)][:, 0].astype(np.int64), minlength=len(classes))
        return {"name": name, "classes": list(classes), "counts": counts.tolist()}

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        """Tell how many images have no object."""
        empty = int((~boxes.there(y).any(axis=1)).sum())
        words = "1 image has no object: it teaches" if empty == 1 else f"{empty:,} images have no object: they teach"
        return [f"{words} what is background."] if empty else []

    def strata(self, y: np.ndarray) -> np.ndarray:
        """Return the rarest class in each image, so that each class gives its share to every split. Without an object:
        one more than the last class."""
        is_box = boxes.there(y)
        images, classes = np.nonzero(is_box)[0], y[is_box][:, 0].astype(np.int64)
        if not len(classes):
            return np.zeros(len(y), np.int64)
        present = np.zeros((len(y), classes.max() + 1), bool)
        present[images, classes] = True
        number = present.sum(axis=0)
        rarest = np.where(present, number, len(y) + 1).argmin(axis=1)
        groups: np.ndarray = np.where(present.any(axis=1), rarest, present.shape[1])
        return groups

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        """Return the boxes as they are: the loss lays them over the grid of the network."""
        return y

    def scorer(self, data: DataSpec) -> DetectionScorer:
        """Return what compares boxes."""
        return DetectionScorer(data.classes)

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        """How many objects are missed, and how many boxes that are shown fit none."""
        return np.array([_num_wrong(y[boxes.there(y)], grid) for y, grid in zip(truth, output, strict=True)], np.float64)

    def answer(self, output: np.ndarray, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
        """Return the boxes, the surest first: of each its class, its confidence, its corners as shares of what the model sees,
        and as pixels of the photo where that is known."""
        return told(boxes.found_in(output, SHOWN, one_class=True), data, frame)

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        """Return the true boxes in the same way."""
        real = np.asarray(y)[boxes.there(np.asarray(y))]
        return told(Found(real[:, 0].astype(np.int64), np.ones(len(real)), boxes.corners(real[:, 1:])), data)

    def truth_file(self, y: Any, data: DataSpec) -> tuple[str, str, bytes]:
        """Return the boxes as a YOLO text: class x y width height."""
        real = np.asarray(y)[boxes.there(np.asarray(y))]
        lines = [" ".join([str(int(number)), *(f"{value:.6f}" for value in sides)]) for number, *sides in real.tolist()]
        return "labels", ".txt", "".join(f"{line}\n" for line in lines).encode()


def _num_wrong(real: np.ndarray, grid: np.ndarray) -> int:
    found = boxes.found_in(grid.astype(np.float64), SHOWN, one_class=True)
    right = int((matched(found, real[:, 0].astype(np.int64), boxes.corners(real[:, 1:])) >= ENOUGH).sum())
    return len(found.classes) + len(real) - 2 * right


def told(found: Found, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
    """Return boxes as plain JSON."""
    pixels = frame.in_photo(found.corners).tolist() if frame else [None] * len(found.classes)
    listed = [
        {"class": data.classes[number], "confidence": float(confidence), "box": [round(side, 6) for side in sides]}
        | ({"pixels": in_photo} if in_photo else {})
        for number, confidence, sides, in_photo in zip(
            found.classes.tolist(), found.confidences.tolist(), found.corners.tolist(), pixels, strict=True
        )
    ]
    return {"boxes": listed}


class DetectionScorer:
    """Mean average precision at an IoU of 0.5, see `average_precision`, over the classes that have a true box; precision, recall
    and mean IoU of the boxes that are shown."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = list(classes)
        self._num_true = np.zeros(len(classes), np.int64)
        self._found: list[np.ndarray] = [np.zeros((0, 3))]  # class, confidence, overlap with what it found
        self._shown: list[np.ndarray] = [np.zeros((0, 3))]  # of those that a person sees

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Count a batch: `truth` `(images, boxes, 5)`, `output` `(images, rows, columns, classes + 4)`."""
        for y, grid in zip(truth, output, strict=True):
            real, exact = y[boxes.there(y)], grid.astype(np.float64)
            classes, sides = real[:, 0].astype(np.int64), boxes.corners(real[:, 1:])
            self._num_true += np.bincount(classes, minlength=len(self._classes))
            self._found.append(_compared(boxes.found_in(exact), classes, sides))
            self._shown.append(_compared(boxes.found_in(exact, SHOWN, one_class=True), classes, sides))

    def report(self) -> dict[str, Any]:
        """Return the scores and the table by class."""
        rows = [self._of_class(number) for number in range(len(self._classes))]
        seen = [row for row in rows if row["support"]]
        shown = np.concatenate(self._shown)
        right = shown[:, 2] >= ENOUGH
        scores = {
            "map50": float(np.mean([row["ap"] for row in seen])) if seen else 0.0,
            "box_precision": float(right.mean()) if len(shown) else 0.0,
            "box_recall": float(right.sum() / max(1, self._num_true.sum())),
            "found_iou": float(shown[right, 2].mean()) if right.any() else 0.0,
        }
        return {"task": Detection.name, "scores": scores, "classes": self._classes, "per_class": rows}

    def _of_class(self, number: int) -> dict[str, Any]:
        mine, shown = (rows[rows[:, 0] == number] for rows in map(np.concatenate, (self._found, self._shown)))
        right, num_true = shown[:, 2] >= ENOUGH, int(self._num_true[number])
        return {
            "name": self._classes[number],
            "ap": average_precision(mine[:, 1], mine[:, 2] >= ENOUGH, num_true),
            "precision": float(right.mean()) if len(right) else 0.0,
            "recall": float(right.sum() / max(1, num_true)),
            "support": num_true,
        }


def _compared(found: Found, classes: np.ndarray, sides: np.ndarray) -> np.ndarray:
    return np.stack([found.classes, found.confidences, matched(found, classes, sides)], axis=1)
