"""Well-known architectures to start from. Their input and output sizes are defaults: training fits them to the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mhub_core.errors import NotFound
from mhub_core.graphs import design, edit, layout
from mhub_core.graphs.walk import Graph

PICTURE = [28, 28, 1]
COLOUR = [32, 32, 3]
ROW = [16]


@dataclass(frozen=True)
class Stock:
    """One architecture: what it is called, what a newcomer should know, what it fits, and how it is drawn.

    `kind` is "table" or "images", `task` "classification" or "regression", as data sets have them.
    """

    name: str
    title: str
    help: str
    kind: str
    task: str
    draw: Callable[[], Graph]

    def graph(self) -> Graph:
        """Return a fresh design, laid out."""
        return layout.arrange(self.draw())


class Pen:
    """Draws a design layer by layer, each behind the last, or behind those that are named."""

    def __init__(self) -> None:
        self.graph = design.empty()
        self.last: str | None = None

    def add(self, class_name: str, *sources: str | None, **config: Any) -> str:
        """Add a layer behind `sources` (default: the last one drawn) and return its id."""
        feeding = [source for source in sources or (self.last,) if source is not None]
        self.graph, self.last = edit.add_node(self.graph, class_name, config=config)
        for source in feeding:
            self.graph = edit.connect(self.graph, source, self.last)
        return self.last


def list_stock(kind: str | None = None, task: str | None = None) -> list[Stock]:
    """Return the architectures, or those made for a kind of data and a task."""
    return [item for item in STOCK if kind in (None, item.kind) and task in (None, item.task)]


def require_stock(name: str) -> Stock:
    """Return one architecture. Raises NotFound."""
    for item in STOCK:
        if item.name == name:
            return item
    raise NotFound("There is no such stock model.", mend="Pick one from the list.")


def _softmax_regression() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=ROW)
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _linear_regression() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=ROW)
    pen.add("Dense", units=1)
    return pen.graph


def _dense_classifier() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    pen.add("Dropout", rate=0.2)
    pen.add("Dense", units=32, activation="relu")
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _dense_regressor() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    pen.add("Dense", units=64, activation="relu")
    pen.add("Dense", units=1)
    return pen.graph


def _small_cnn() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=PICTURE)
    pen.add("Rescaling", scale=1 / 255)
    for filters in (32, 64):
        pen.add("Conv2D", filters=filters, kernel_size=3, activation="relu")
        pen.add("MaxPooling2D")
    pen.add("Flatten")
    pen.add("Dropout", rate=0.5)
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _lenet() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=PICTURE)
    pen.add("Rescaling", scale=1 / 255)
    pen.add("Conv2D", filters=6, kernel_size=5, padding="same", activation="tanh")
    pen.add("AveragePooling2D", pool_size=2)
    pen.add("Conv2D", filters=16, kernel_size=5, activation="tanh")
    pen.add("AveragePooling2D", pool_size=2)
    pen.add("Flatten")
    pen.add("Dense", units=120, activation="tanh")
    pen.add("Dense", units=84, activation="tanh")
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _vgg() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=COLOUR)
    pen.add("Rescaling", scale=1 / 255)
    for filters in (32, 64, 128):
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("MaxPooling2D")
    pen.add("Flatten")
    pen.add("Dense", units=128, activation="relu")
    pen.add("Dropout", rate=0.5)
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _residual_block(pen: Pen, filters: int, strides: int) -> None:
    """Two convolutions, and the way around them that gave the network its name (He et al. 2015, arXiv 1512.03385)."""
    start = pen.last
    pen.add("Conv2D", filters=filters, kernel_size=3, strides=strides, padding="same", use_bias=False)
    pen.add("BatchNormalization")
    pen.add("Activation", activation="relu")
    pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", use_bias=False)
    straight = pen.add("BatchNormalization")
    around = start
    if strides > 1:
        shape = {"filters": filters, "kernel_size": 1, "strides": strides}
        around = pen.add("Conv2D", start, **shape, padding="same", use_bias=False)
    pen.add("Add", straight, around)
    pen.add("Activation", activation="relu")


def _residual() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=COLOUR)
    pen.add("Rescaling", scale=1 / 255)
    pen.add("Conv2D", filters=16, kernel_size=3, padding="same", use_bias=False)
    pen.add("BatchNormalization")
    pen.add("Activation", activation="relu")
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        _residual_block(pen, filters, strides)
    pen.add("GlobalAveragePooling2D")
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _separable() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=COLOUR)
    pen.add("Rescaling", scale=1 / 255)
    pen.add("Conv2D", filters=32, kernel_size=3, padding="same", activation="relu")
    for filters in (64, 128):
        pen.add("SeparableConv2D", filters=filters, kernel_size=3, padding="same", use_bias=False)
        pen.add("BatchNormalization")
        pen.add("Activation", activation="relu")
        pen.add("MaxPooling2D", pool_size=3, strides=2, padding="same")
    pen.add("GlobalAveragePooling2D")
    pen.add("Dropout", rate=0.2)
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _wide_and_deep() -> Graph:
    pen = Pen()
    source = pen.add("InputLayer", shape=ROW)
    pen.add("Dense", units=64, activation="relu")
    deep = pen.add("Dense", units=32, activation="relu")
    pen.add("Concatenate", source, deep)
    pen.add("Dense", units=10, activation="softmax")
    return pen.graph


def _picture_regressor() -> Graph:
    pen = Pen()
    pen.add("InputLayer", shape=PICTURE)
    pen.add("Rescaling", scale=1 / 255)
    for filters in (16, 32):
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("MaxPooling2D")
    pen.add("GlobalAveragePooling2D")
    pen.add("Dense", units=32, activation="relu")
    pen.add("Dense", units=1)
    return pen.graph


STOCK: tuple[Stock, ...] = (
    Stock(
        "dense_classifier",
        "Dense classifier",
        "Two layers in which every unit sees all numbers of a row, then one probability per class. The first "
        "thing to try on a table: it trains in seconds and is hard to beat on small data. Dropout keeps it from "
        "learning rows by heart.",
        "table", "classification", _dense_classifier,
    ),
    Stock(
        "dense_regressor",
        "Dense regressor",
        "The same idea for predicting a number, such as a price: two dense layers and one output without an "
        "activation, so that it can be any number.",
        "table", "regression", _dense_regressor,
    ),
    Stock(
        "softmax_regression",
        "Softmax regression",
        "One layer only: every class is a weighted sum of the inputs. Not deep at all, and therefore the honest "
        "yardstick: a deeper network that does not beat it is not worth its parameters.",
        "table", "classification", _softmax_regression,
    ),
    Stock(
        "linear_regression",
        "Linear regression",
        "A straight line through the data, trained as a network of one unit. Use it as the yardstick for "
        "regressors.",
        "table", "regression", _linear_regression,
    ),
    Stock(
        "wide_and_deep",
        "Wide and deep",
        "The inputs go two ways: straight to the output, which learns simple rules, and through dense layers, "
        "which learn combinations. A first example of a branch (Cheng et al. 2016, arXiv 1606.07792).",
        "table", "classification", _wide_and_deep,
    ),
    Stock(
        "small_cnn",
        "Small CNN",
        "Two rounds of convolution and pooling, then a dense layer. Convolutions look for the same small pattern "
        "everywhere, so the network needs few parameters and little data. The usual start for small pictures such"
        " as digits.",
        "images", "classification", _small_cnn,
    ),
    Stock(
        "lenet5",
        "LeNet-5",
        "The network that read handwritten cheques in the 1990s (LeCun et al. 1998): two convolutions, average "
        "pooling and three dense layers. Small, and still above 98 % on digits.",
        "images", "classification", _lenet,
    ),
    Stock(
        "vgg_small",
        "VGG, small",
        "Pairs of 3 × 3 convolutions, doubled in number each time the picture is halved: the plain recipe of VGG "
        "(Simonyan and Zisserman 2014, arXiv 1409.1556) at a size for small colour pictures.",
        "images", "classification", _vgg,
    ),
    Stock(
        "residual_small",
        "Residual network, small",
        "Each block adds what it computed to what came in, so that even deep networks train well; batch "
        "normalisation keeps the numbers in range. The idea behind most vision networks since 2015 (He et al., "
        "arXiv 1512.03385).",
        "images", "classification", _residual,
    ),
    Stock(
        "separable_small",
        "Separable CNN, small",
        "Convolutions taken apart into a spatial and a channel step, as in Xception and MobileNet (Chollet 2016, "
        "arXiv 1610.02357): about the accuracy of a CNN with a fraction of its parameters.",
        "images", "classification", _separable,
    ),
    Stock(
        "picture_regressor",
        "Picture regressor",
        "A small CNN that answers with a number instead of a class, for example an angle or an age.",
        "images", "regression", _picture_regressor,
    ),
)  # fmt: skip
