"""Segmentation: the answer is a class for each pixel of an image."""

from __future__ import annotations

import base64
import colorsys
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from mhub_core.data.records import DataSpec, Frame
from mhub_core.errors import Invalid
from mhub_core.graphs.answer import Output
from mhub_core.tasks.classification import SMALLEST_PROBABILITY, confusion_of, one_hot, share
from mhub_core.tasks.task import LOSS_SCORE, Loss, Score

BACKGROUND = 0
_GOLDEN_RATIO = 0.618034  # steps around the circle of colours that come close to no earlier one for long
# One colour for each class behind the background, told apart by people who see red and green alike (Okabe and Ito 2008).
COLORS = ((230, 159, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (86, 180, 233), (213, 94, 0), (240, 228, 66))


DICE = Score(
    "dice",
    "Dice",
    "How well predicted and true areas overlap: 1 is a perfect match, 0 is no overlap. Averaged over the classes, "
    "without the background.",
)


class Segmentation:
    """`y` is uint8 `(images, height, width)`, a class for each pixel, of which 0 is the background.

    `target` is `{"name", "classes", "pixels"}`; a model gives `(batch, height, width, classes)`.
    """

    name = "segmentation"
    title = "Segmentation"
    help = "predict a class for each pixel"
    curve = DICE
    curve_help = ""
    batch_size = 8  # each image has thousands of pixels to learn from
    num_steps = 300
    hidden_share = "a fifth of all"
    num_examples = 8
    losses: tuple[Loss, ...] = (
        Loss(
            "sparse_categorical_crossentropy",
            "Cross-entropy",
            "Penalizes a low probability for the true class of each pixel. The usual choice.",
            "SparseCategoricalCrossentropy",
        ),
        Loss(
            "dice",
            "Dice",
            "Maximizes the overlap of predicted and true areas: for small objects on a large background.",
            "Dice",
            one_hot=True,
            arguments={"axis": (1, 2)},
        ),
        Loss(
            "categorical_focal_crossentropy",
            "Focal cross-entropy",
            "Cross-entropy that gives more weight to difficult and rare pixels, such as borders.",
            "CategoricalFocalCrossentropy",
            one_hot=True,
        ),
    )
    scores: tuple[Score, ...] = (
        DICE,
        Score(
            "iou",
            "IoU",
            "Intersection over union: the area that is both predicted and true, divided by the area that is either. "
            "Stricter than Dice.",
        ),
        Score(
            "pixel_accuracy",
            "Pixel accuracy",
            "Share of all pixels that were classified correctly. Easily high where most of an image is background.",
        ),
        LOSS_SCORE,
    )

    def output(self, data: DataSpec) -> Output:
        """One probability for each class at each pixel."""
        number = len(data.classes)
        return Output(number, "softmax", f"outputs, for each pixel, {number} probabilities, one for each class", rank=3)

    def read_column(self, values: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Raise Invalid: a cell of a table is no mask."""
        raise Invalid(
            f"The column {values.name!r} contains no masks.",
            "Segmentation needs images with masks.",
            "Choose another task for a table.",
        )

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        """Count the pixels of each class in the images that are not hidden."""
        masks = (y[row] for row in np.flatnonzero(train))  # one at a time: all of them may be much
        pixels = sum((np.bincount(mask.ravel(), minlength=len(classes)) for mask in masks), np.zeros(len(classes), np.int64))
        return {"name": name, "classes": list(classes), "pixels": pixels.tolist()}

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        """Nothing."""
        return []

    def strata(self, y: np.ndarray) -> None:
        """An image shows several classes, so images make no groups."""
        return None

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        """Return class numbers, or float32 `(images, height, width, classes)` for a loss that is one-hot."""
        return one_hot(y, len(data.classes)) if loss.one_hot else y

    def scorer(self, data: DataSpec) -> SegmentationScorer:
        """Return what counts pixels."""
        return SegmentationScorer(data.classes)

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        """The share of the pixels of another class."""
        shares: np.ndarray = (output.argmax(axis=-1) != truth).mean(axis=(1, 2))
        return shares

    def answer(self, output: np.ndarray, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
        """Return the mask of the likeliest class at each pixel, and the share of the image that each class takes."""
        return _told(output.argmax(axis=-1), data)

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        """Return the true mask in the same way."""
        return _told(np.asarray(y), data)

    def truth_file(self, y: Any, data: DataSpec) -> tuple[str, str, bytes]:
        """Return the mask."""
        return "masks", ".png", mask_png(np.asarray(y))


def _told(mask: np.ndarray, data: DataSpec) -> dict[str, Any]:
    counts = np.bincount(mask.ravel().astype(np.int64), minlength=len(data.classes))
    png = base64.b64encode(mask_png(mask)).decode("ascii")
    return {"mask": png, "shares": (counts / mask.size).tolist()}


def mask_png(mask: np.ndarray) -> bytes:
    """Return a mask of class numbers `(height, width)` as a PNG whose palette colours them; the background is clear."""
    image = Image.fromarray(mask.astype(np.uint8), "P")
    image.putpalette([0, 0, 0, *(part for number in range(1, 256) for part in color_of(number))])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=BACKGROUND)
    return buffer.getvalue()


def color_of(class_number: int) -> tuple[int, int, int]:
    """Return the colour in which a class is drawn, as red, green and blue of 0 to 255; no two classes share one."""
    if class_number <= len(COLORS):
        return COLORS[class_number - 1]
    turn, shade = (class_number * _GOLDEN_RATIO) % 1, 0.55 + 0.4 * (class_number % 2)
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(turn, 0.8, shade))
    return red, green, blue


class SegmentationScorer:
    """Dice and intersection over union of each class, over the pixels of all hidden images together.

    With true positives TP, false positives FP and false negatives FN of a class, Dice is 2 TP / (2 TP + FP + FN) (Dice 1945,
    https://doi.org/10.2307/1932409) and IoU is TP / (TP + FP + FN) (Jaccard 1912). Their means leave out the background and
    classes that are neither true nor drawn anywhere. `loss` is the mean cross-entropy of a pixel in nats.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = list(classes)
        self._confusion = np.zeros((len(classes), len(classes)), np.int64)
        self._loss = 0.0

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Count a batch: `truth` `(images, height, width)`, `output` float `(images, height, width, classes)`."""
        self._confusion += confusion_of(truth, output.argmax(axis=-1), len(self._classes))
        of_truth = np.take_along_axis(output, truth[..., None].astype(np.int64), axis=-1).astype(np.float64)
        self._loss -= float(np.log(of_truth.clip(SMALLEST_PROBABILITY, 1.0)).sum())

    def report(self) -> dict[str, Any]:
        """Return the scores, the table by class, and `confusion[true][drawn]` as counts of pixels."""
        hits, true, drawn = self._confusion.diagonal(), self._confusion.sum(axis=1), self._confusion.sum(axis=0)
        dice, iou = share(2 * hits, true + drawn), share(hits, true + drawn - hits)
        counted = true + drawn > 0
        counted[BACKGROUND] = False
        pixels = max(int(true.sum()), 1)
        scores = {
            "dice": dice[counted].mean() if counted.any() else 0.0,
            "iou": iou[counted].mean() if counted.any() else 0.0,
            "pixel_accuracy": hits.sum() / pixels,
            "loss": self._loss / pixels,
        }
        return {
            "task": Segmentation.name,
            "scores": {name: float(value) for name, value in scores.items()},
            "confusion": self._confusion.tolist(),
            "classes": self._classes,
            "per_class": [
                {"name": name, "dice": float(d), "iou": float(i), "support": int(n)}
                for name, d, i, n in zip(self._classes, dice, iou, true, strict=True)
            ],
        }
