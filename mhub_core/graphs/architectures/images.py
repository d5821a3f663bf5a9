"""Architectures for images that are one line of layers, or nearly."""

from __future__ import annotations

from mhub_core.graphs.architectures.pen import Pen
from mhub_core.graphs.walk import Graph

GRAY = [28, 28, 1]
COLOUR = [32, 32, 3]


def small_cnn() -> Graph:
    """Two rounds of convolution and pooling."""
    pen = Pen(shape=GRAY)
    pen.scale()
    for filters in (32, 64):
        pen.add("Conv2D", filters=filters, kernel_size=3, activation="relu")
        pen.add("MaxPooling2D")
    pen.add("Flatten")
    pen.add("Dropout", rate=0.5)
    return pen.classify()


def image_regressor() -> Graph:
    """A small convolutional network that ends in a number."""
    pen = Pen(shape=GRAY)
    pen.scale()
    for filters in (16, 32):
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("MaxPooling2D")
    pen.add("GlobalAveragePooling2D")
    pen.add("Dense", units=32, activation="relu")
    return pen.estimate()


def lenet5() -> Graph:
    """LeCun et al. 1998, figure 2. Their images were 32 x 32: padding makes that of 28 x 28."""
    pen = Pen(shape=GRAY)
    pen.scale()
    pen.add("Conv2D", filters=6, kernel_size=5, padding="same", activation="tanh")
    pen.add("AveragePooling2D", pool_size=2)
    pen.add("Conv2D", filters=16, kernel_size=5, activation="tanh")
    pen.add("AveragePooling2D", pool_size=2)
    pen.add("Flatten")
    pen.add("Dense", units=120, activation="tanh")
    pen.add("Dense", units=84, activation="tanh")
    return pen.classify()


def vgg_small() -> Graph:
    """The recipe of Simonyan and Zisserman 2015, table 1, with fewer and narrower layers."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    for filters in (32, 64, 128):
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
        pen.add("MaxPooling2D")
    pen.add("Flatten")
    pen.add("Dense", units=128, activation="relu")
    pen.add("Dropout", rate=0.5)
    return pen.classify()


def separable_small() -> Graph:
    """The separable convolutions of Chollet 2017, without the ways around them."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    pen.add("Conv2D", filters=32, kernel_size=3, padding="same", activation="relu")
    for filters in (64, 128):
        pen.add("SeparableConv2D", filters=filters, kernel_size=3, padding="same", use_bias=False)
        pen.normalise()
        pen.add("MaxPooling2D", pool_size=3, strides=2, padding="same")
    pen.add("GlobalAveragePooling2D")
    pen.add("Dropout", rate=0.2)
    return pen.classify()


def vision_transformer(patch: int = 4, width: int = 64, blocks: int = 3) -> Graph:
    """Dosovitskiy et al. 2021, equations 1 to 4, with the mean over all patches instead of their class token.

    A convolution whose steps are as large as its window cuts the image into patches. `positions` is the rest of
    their equation 1: a dense layer whose bias is one learned row for each patch, which tells where it stands.
    """
    pen = Pen(shape=COLOUR)
    pen.scale()
    pen.add("Conv2D", filters=width, kernel_size=patch, strides=patch, use_bias=False, name="patches")
    pen.add("Reshape", target_shape=[-1, width])
    pen.place((COLOUR[0] // patch) ** 2, width)
    for _ in range(blocks):
        start = pen.last
        normal = pen.add("LayerNormalization", epsilon=1e-6)
        looked = pen.add("MultiHeadAttention", normal, normal, num_heads=4, key_dim=width // 4)
        start = pen.add("Add", start, looked)
        pen.add("LayerNormalization", epsilon=1e-6)
        pen.add("Dense", units=2 * width, activation="gelu")
        pen.add("Add", start, pen.add("Dense", units=width))
    pen.add("LayerNormalization", epsilon=1e-6)
    pen.add("GlobalAveragePooling1D")
    return pen.classify()
