"""Ordinary JPEG images are decoded the short way, to the same pixels as the long one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import decode, jpeg

pytest.importorskip("simplejpeg")
WAYS = [{}, {"quality": 30}, {"progressive": True}, {"subsampling": 0}, {"mode": "L"}, {"mode": "CMYK"}]
SIZES = ((40, 30), (33, 57), (300, 200), (1000, 900))


def photo(size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    draw = np.random.default_rng(size[0])
    coarse = Image.fromarray(draw.integers(0, 256, (8, 8, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    coarse.convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "options", [{}, {"quality": 30}, {"progressive": True}, {"subsampling": 0}, {"mode": "L"}, {"mode": "CMYK"}]
)
def test_the_short_way_gives_the_same_pixels(monkeypatch, size, options):
    data = photo(size, **options)
    for shape in ((64, 64, 3), (64, 64, 1), (*size[::-1], 3)):
        for fit in decode.FITS:
            short = decode.decode_measured(data, shape, fit)
            with monkeypatch.context() as patched:
                patched.setattr(jpeg, "pixels", lambda *_: None)
                long = decode.decode_measured(data, shape, fit)
            assert short.size == long.size and short.change == long.change and np.array_equal(short.pixels, long.pixels)


def test_what_is_not_ordinary_takes_the_long_way():
    turned = Image.Exif()
    turned[0x0112] = 6
    assert jpeg.pixels(photo((40, 30)), (30, 40), 10_000) is not None
    for data in (photo((40, 30), exif=turned.tobytes()), photo((40, 30), "CMYK"), photo((40, 30))[:300], b"\xff\xd8\xffnothing"):
        assert jpeg.pixels(data, (30, 40), 10_000) is None
    assert jpeg.pixels(photo((400, 300)), (30, 40), 10**6) is None and jpeg.pixels(photo((400, 300)), (300, 400), 10_000) is None
    with pytest.raises(Invalid):
        decode.decode(photo((40, 30))[:300], (30, 40, 3), decode.PAD)
