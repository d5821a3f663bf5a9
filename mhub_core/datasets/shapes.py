"""A dataset that is drawn, not collected: bright circles, squares and triangles on a dark, noisy ground, with their masks."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

NUM_IMAGES = 600
SIDE = 64
CLASSES = ("background", "circle", "square", "triangle")
_SEED = 19
_SMOOTH = 4  # drawn so many times larger, then brought down


def generate(num_images: int = NUM_IMAGES, side: int = SIDE) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return images uint8 `(images, side, side, 3)`, masks uint8 `(images, side, side)`, and the names of the classes.

    The same numbers give the same images. What is drawn later lies in front.
    """
    numbers = np.random.default_rng(_SEED)
    images = np.empty((num_images, side, side, 3), np.uint8)
    masks = np.zeros((num_images, side, side), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        image[:], mask[:] = _draw(numbers, side)
    return images, masks, CLASSES


def _draw(numbers: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    ground = numbers.integers(0, 90, 3)
    image = Image.new("RGB", (side * _SMOOTH, side * _SMOOTH), tuple(map(int, ground)))
    mask = Image.new("L", (side, side), 0)
    for _ in range(numbers.integers(1, 4)):
        class_number = int(numbers.integers(1, len(CLASSES)))
        corners = _corners(numbers, class_number, side)
        color = tuple(map(int, numbers.integers(120, 256, 3)))
        ImageDraw.Draw(image).polygon([(x * _SMOOTH, y * _SMOOTH) for x, y in corners], fill=color)
        ImageDraw.Draw(mask).polygon(corners, fill=class_number)
    pixels = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float32)
    noise = numbers.normal(0, 14, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8), np.asarray(mask)


def _corners(numbers: np.random.Generator, class_number: int, side: int) -> list[tuple[float, float]]:
    """Return the corners of a shape of random size, place and turn; a circle is a polygon with many."""
    num_corners = {1: 48, 2: 4, 3: 3}[class_number]
    radius = numbers.uniform(0.15, 0.27) * side
    middle = numbers.uniform(radius, side - radius, 2)
    angles = numbers.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(num_corners) / num_corners
    return [(float(middle[0] + radius * np.cos(angle)), float(middle[1] + radius * np.sin(angle))) for angle in angles]
