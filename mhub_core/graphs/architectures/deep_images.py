"""Architectures for images that are made of blocks with several ways through them."""

from __future__ import annotations

from typing import Any

from mhub_core.graphs.architectures.images import COLOUR, GRAY
from mhub_core.graphs.architectures.pen import Pen
from mhub_core.graphs.walk import Graph


def _convolve(pen: Pen, filters: int, size: int, strides: int = 1, activation: str | None = "relu") -> str:
    """A convolution without bias, batch normalisation, and an activation."""
    pen.add("Conv2D", filters=filters, kernel_size=size, strides=strides, padding="same", use_bias=False)
    return pen.normalise(activation)


def resnet20() -> Graph:
    """He et al. 2016, section 4.2, with n = 3. Where the size changes, a convolution stands in the way around."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    _convolve(pen, 16, 3)
    for filters, strides in ((16, 1), (32, 2), (64, 2)):
        _residual_block(pen, filters, strides)
        _residual_block(pen, filters, 1)
        _residual_block(pen, filters, 1)
    pen.add("GlobalAveragePooling2D")
    return pen.classify()


def _residual_block(pen: Pen, filters: int, strides: int) -> None:
    start = pen.last
    _convolve(pen, filters, 3, strides)
    straight = _convolve(pen, filters, 3, activation=None)
    if strides > 1:
        pen.add("Conv2D", start, filters=filters, kernel_size=1, strides=strides, use_bias=False)
        start = pen.normalise(None)
    pen.add("Add", straight, start)
    pen.add("Activation", activation="relu")


def densenet_small(growth: int = 12, layers: int = 3) -> Graph:
    """DenseNet-BC (Huang et al. 2017, section 3) of depth 22: three blocks, each layer 1 x 1 then 3 x 3."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    channels = 2 * growth
    pen.add("Conv2D", filters=channels, kernel_size=3, padding="same", use_bias=False)
    for block in range(3):
        if block:
            channels //= 2
            pen.normalise()
            pen.add("Conv2D", filters=channels, kernel_size=1, use_bias=False)
            pen.add("AveragePooling2D", pool_size=2)
        for _ in range(layers):
            _dense_layer(pen, growth)
        channels += layers * growth
    pen.normalise()
    pen.add("GlobalAveragePooling2D")
    return pen.classify()


def _dense_layer(pen: Pen, growth: int) -> None:
    start = pen.last
    pen.normalise()
    pen.add("Conv2D", filters=4 * growth, kernel_size=1, use_bias=False)
    pen.normalise()
    new = pen.add("Conv2D", filters=growth, kernel_size=3, padding="same", use_bias=False)
    pen.add("Concatenate", start, new)


def mobilenet_v2_small() -> Graph:
    """The inverted residuals of Sandler et al. 2018, table 1, for small images: fewer blocks, fewer halvings."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    _convolve(pen, 32, 3, activation="relu6")
    channels = 32
    for factor, filters, repeats, strides in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 2, 2)):
        for number in range(repeats):
            _inverted_residual(pen, factor, channels, filters, strides if number == 0 else 1)
            channels = filters
    _convolve(pen, 128, 1, activation="relu6")
    pen.add("GlobalAveragePooling2D")
    pen.add("Dropout", rate=0.2)
    return pen.classify()


def _inverted_residual(pen: Pen, factor: int, channels: int, filters: int, strides: int) -> None:
    """Widen, look at each channel alone, narrow without an activation; the way around joins the narrow ends."""
    start = pen.last
    if factor > 1:
        _convolve(pen, factor * channels, 1, activation="relu6")
    pen.add("DepthwiseConv2D", kernel_size=3, strides=strides, padding="same", use_bias=False)
    pen.normalise("relu6")
    narrow = _convolve(pen, filters, 1, activation=None)
    if filters == channels:
        pen.add("Add", start, narrow)


def inception_small() -> Graph:
    """The modules 3a, 3b and 4a of GoogLeNet (Szegedy et al. 2015, table 1), each half as wide."""
    pen = Pen(shape=COLOUR)
    pen.scale()
    pen.add("Conv2D", filters=32, kernel_size=3, padding="same", activation="relu")
    _inception_module(pen, 32, (48, 64), (8, 16), 16)
    _inception_module(pen, 64, (64, 96), (16, 48), 32)
    pen.add("MaxPooling2D", pool_size=3, strides=2, padding="same")
    _inception_module(pen, 96, (48, 104), (8, 24), 32)
    pen.add("GlobalAveragePooling2D")
    pen.add("Dropout", rate=0.4)
    return pen.classify()


def _inception_module(pen: Pen, one: int, three: tuple[int, int], five: tuple[int, int], pooled: int) -> None:
    """Four ways side by side: 1 x 1, 3 x 3 and 5 x 5 windows, and pooling."""
    start = pen.last
    relu = {"padding": "same", "activation": "relu"}
    ways = [pen.add("Conv2D", start, filters=one, kernel_size=1, **relu)]
    for (narrow, filters), size in ((three, 3), (five, 5)):
        pen.add("Conv2D", start, filters=narrow, kernel_size=1, **relu)
        ways.append(pen.add("Conv2D", filters=filters, kernel_size=size, **relu))
    pen.add("MaxPooling2D", start, pool_size=3, strides=1, padding="same")
    ways.append(pen.add("Conv2D", filters=pooled, kernel_size=1, **relu))
    pen.add("Concatenate", *ways)


def unet_small() -> Graph:
    """Ronneberger et al. 2015, figure 1, two steps deep and padded, so that the answer is as large as the image."""
    pen = Pen(shape=[64, 64, 1])
    pen.scale()
    kept = []
    for filters in (16, 32):
        kept.append(_convolve_twice(pen, filters))
        pen.add("MaxPooling2D")
    _convolve_twice(pen, 64)
    for filters in (32, 16):
        up = pen.add("Conv2DTranspose", filters=filters, kernel_size=2, strides=2, padding="same")
        pen.add("Concatenate", kept.pop(), up)
        _convolve_twice(pen, filters)
    pen.add("Conv2D", filters=1, kernel_size=1, activation="sigmoid")
    return pen.graph


def _convolve_twice(pen: Pen, filters: int) -> str:
    pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")
    return pen.add("Conv2D", filters=filters, kernel_size=3, padding="same", activation="relu")


def autoencoder() -> Graph:
    """An image through a bottleneck of 32 numbers and back: the idea of Hinton and Salakhutdinov 2006, convolutional."""
    pen = Pen(shape=GRAY)
    pen.scale()
    for filters in (16, 32):
        pen.add("Conv2D", filters=filters, kernel_size=3, strides=2, padding="same", activation="relu")
    pen.add("Flatten")
    pen.add("Dense", units=32, name="code")
    pen.add("Dense", units=7 * 7 * 32, activation="relu")
    pen.add("Reshape", target_shape=[7, 7, 32])
    for filters in (32, 16):
        pen.add("Conv2DTranspose", filters=filters, kernel_size=3, strides=2, padding="same", activation="relu")
    pen.add("Conv2D", filters=1, kernel_size=3, padding="same", activation="sigmoid")
    return pen.graph


def grid_detector() -> Graph:
    """A detector with one output for each cell of a grid: Tian et al. 2019 (FCOS), on one feature map of an eighth of the image,
    whose dilated convolutions see far around, as in Chen et al. 2021 (YOLOF)."""
    pen = Pen(shape=[64, 64, 3])
    pen.scale()
    relu: dict[str, Any] = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    for widths in ((16,), (32,), (64, 64)):
        for filters in widths:
            pen.add("Conv2D", filters=filters, **relu)
        pen.add("MaxPooling2D", padding="same")
    for dilation in (1, 2, 1):
        pen.add("Conv2D", filters=96, dilation_rate=dilation, **relu)
    pen.add("Conv2D", filters=1 + 4, kernel_size=1, activation="sigmoid")
    return pen.graph
