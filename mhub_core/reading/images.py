"""Calculations on images: frames of zeros, other sizes, and blocks of positions that move into the features and back."""

from __future__ import annotations

from typing import Any

from mhub_core.reading.sketch import Tensor
from mhub_core.reading.work import Work


def pad(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return images, or sequences, with zeros around them."""
    tensor, width = work.tensor(args[0]), options.get("pad_width", options.get("paddings"))
    plain = str(options.get("mode", "constant")).lower() == "constant" and options.get("constant_values") in (None, 0)
    pairs = width if isinstance(width, list) and all(isinstance(item, list) and len(item) == 2 for item in width) else []
    if not plain or len(pairs) not in (3, 4, 5) or pairs[0] != [0, 0] or pairs[-1] != [0, 0]:
        raise work.refused("only zeros around positions have one")
    padding = pairs[1] if len(pairs) == 3 else pairs[1:-1]
    return work.draw(f"ZeroPadding{len(pairs) - 2}D", tensor, padding=padding)


def resize(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return images of another size."""
    size = options.get("size")
    if not isinstance(size, list) or len(size) != 2:
        raise work.refused("its size is not two numbers")
    kind = options.get("interpolation", options.get("method", "bilinear"))
    return work.draw("Resizing", work.tensor(args[0]), height=size[0], width=size[1], interpolation=kind)


def to_depth(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return (height / size, width / size, size * size * channels), the rows of a block before its columns."""
    height, width, channels, size = _sizes(work, args, options)
    if height % size or width % size:
        raise work.refused("its blocks do not fill the image")
    rows, columns = height // size, width // size
    return _moved(work, args[0], [rows, size, columns, size, channels], [rows, columns, size * size * channels])


def to_space(work: Work, args: list[Any], options: dict[str, Any]) -> Tensor:
    """Return (height * size, width * size, channels / (size * size)): what `to_depth` undoes."""
    height, width, channels, size = _sizes(work, args, options)
    if channels % (size * size):
        raise work.refused("its channels do not fill the blocks")
    left = channels // (size * size)
    return _moved(work, args[0], [height, width, size, size, left], [height * size, width * size, left])


def _sizes(work: Work, args: list[Any], options: dict[str, Any]) -> tuple[int, int, int, int]:
    shape, size = work.shape(work.tensor(args[0])), options.get("block_size")
    if len(shape) != 3 or None in shape or type(size) is not int or size < 1:
        raise work.refused("it needs an image of a known size, and blocks of one")
    if str(options.get("data_format") or "NHWC") != "NHWC":
        raise work.refused("only with the channels last it has one")
    height, width, channels = (item or 0 for item in shape)
    return height, width, channels, size


def _moved(work: Work, tensor: Tensor, apart: list[int], together: list[int]) -> Tensor:
    """Both ways the second and the third dimension change places."""
    blocks = work.draw("Reshape", tensor, target_shape=apart)
    return work.draw("Reshape", work.draw("Permute", blocks, dims=[1, 3, 2, 4, 5]), target_shape=together)
