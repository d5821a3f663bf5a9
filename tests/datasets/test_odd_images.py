"""Images of every sort that people send: used as they look, or refused with a reason, and told."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mhub_core.kinds.pictures import decode as images
from tests.datasets.conftest import animals, pack


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


RED = Image.new("RGB", (9, 9), (200, 0, 0))
CLEAR = Image.new("P", (9, 9), 1)
CLEAR.putpalette([0, 0, 0, 200, 0, 0])


@pytest.mark.parametrize(
    ("data", "color"),
    [
        (saved(RED, "GIF", save_all=True, append_images=[Image.new("RGB", (9, 9), (0, 0, 200))]), (200, 0, 0)),
        (saved(RED.convert("CMYK"), "JPEG"), (200, 0, 0)),
        (saved(CLEAR, "PNG"), (200, 0, 0)),
        (saved(CLEAR, "PNG", transparency=1), (255, 255, 255)),
        (saved(CLEAR, "GIF", transparency=1), (255, 255, 255)),
        (saved(Image.fromarray(np.full((9, 9), 200 << 8, np.uint16)), "PNG"), (200, 200, 200)),
        (saved(Image.fromarray(np.full((9, 9), 200 << 8, np.uint16)), "TIFF"), (200, 200, 200)),
        (saved(RED.resize((1, 1)), "PNG"), (200, 0, 0)),
        (saved(RED.resize((1, 900)), "BMP"), (200, 0, 0)),
        (saved(RED.convert("LA"), "PNG"), (60, 60, 60)),
    ],
)
@pytest.mark.parametrize("fit", images.FITS)
def test_images_of_every_sort_have_their_colors(data, color, fit):
    assert np.abs(images.decode(data, (12, 12, 3), fit).astype(int) - color).max() <= 6


def test_odd_files_of_a_set_are_used_or_refused_and_told(make_images):
    odd = {
        "cat/animated.gif": saved(RED, "GIF", save_all=True, append_images=[Image.new("RGB", (9, 9))]),
        "cat/deep.png": saved(Image.fromarray(np.full((9, 9), 200 << 8, np.uint16)), "PNG"),
        "cat/wrong.jpg": saved(RED, "PNG"),
        "cat/noending": saved(RED, "PNG"),
        "dog/empty.png": b"",
        "dog/cut.jpg": saved(RED.resize((200, 200)), "JPEG")[:700],
        "dog/floats.tif": saved(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"),
        "dog/page.png": b"<html>404</html>",
        "ape/only.png": saved(RED, "PNG"),
    }
    version = make_images(pack({**animals(), **odd})).ready_version
    warnings = " ".join(version.report["warnings"])

    assert version.spec.target["counts"] == [1, 10, 6] and version.report["refused"] == 4
    assert "1 image is animated or of several pages" in warnings and "1 image is of 16 bits: brought to 8" in warnings
    assert "1 class has a single example" in warnings and "exact copies" in warnings
    why = dict(version.report["reasons"])
    assert "not an image" in why["dog/empty.png"] and "32 bits" in why["dog/floats.tif"] and "damaged" in why["dog/cut.jpg"]
