"""Datasets that are drawn, not collected: bright circles, squares and triangles on a dark, noisy ground, with masks or boxes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from mhub_core.tasks import boxes

NUM_IMAGES, NUM_WITH_BOXES = 600, 800
SIDE = 64
CLASSES = ("background", "circle", "square", "triangle")
_SEED, _SEED_OF_BOXES = 19, 23
_SMOOTH = 4  # drawn so many times larger, then brought down
_LARGE, _SMALL = (0.15, 0.27), (0.09, 0.2)  # radius as a share of the side
_TRIES = 20  # to find a place that is free
_Corners = list[tuple[float, float]]


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


def generate_boxes(num_images: int = NUM_WITH_BOXES, side: int = SIDE) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return images uint8 `(images, side, side, 3)`, boxes as `tasks.detection` keeps them, and the names of the classes.

    One to four shapes in an image, none of which hides another.
    """
    numbers = np.random.default_rng(_SEED_OF_BOXES)
    images, drawn = np.empty((num_images, side, side, 3), np.uint8), []
    for image in images:
        image[:], found = _draw_apart(numbers, side)
        drawn.append(found)
    return images, boxes.padded(drawn), CLASSES[1:]


def _draw(numbers: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    image = _ground(numbers, side)
    mask = Image.new("L", (side, side), 0)
    for _ in range(numbers.integers(1, 4)):
        class_number = int(numbers.integers(1, len(CLASSES)))
        corners = _corners(numbers, class_number, side)
        _fill(numbers, image, corners)
        ImageDraw.Draw(mask).polygon(corners, fill=class_number)
    return _noisy(numbers, image, side), np.asarray(mask)


def _draw_apart(numbers: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    image, found = _ground(numbers, side), np.zeros((0, 1 + boxes.SIDES))
    for _ in range(numbers.integers(1, 5)):
        for _ in range(_TRIES):
            class_number = int(numbers.integers(1, len(CLASSES)))
            corners = _corners(numbers, class_number, side, _SMALL)
            around = np.array([np.min(corners, axis=0), np.max(corners, axis=0)]).ravel() / side
            if not boxes.overlaps(around[None], boxes.corners(found[:, 1:])).any():
                _fill(numbers, image, corners)
                found = np.vstack([found, [class_number - 1, *boxes.centered(around)]])
                break
    return _noisy(numbers, image, side), found


def _ground(numbers: np.random.Generator, side: int) -> Image.Image:
    color = tuple(map(int, numbers.integers(0, 90, 3)))
    return Image.new("RGB", (side * _SMOOTH, side * _SMOOTH), color)


def _fill(numbers: np.random.Generator, image: Image.Image, corners: _Corners) -> None:
    color = tuple(map(int, numbers.integers(120, 256, 3)))
    ImageDraw.Draw(image).polygon([(x * _SMOOTH, y * _SMOOTH) for x, y in corners], fill=color)


def _noisy(numbers: np.random.Generator, image: Image.Image, side: int) -> np.ndarray:
    pixels = np.asarray(image.resize((side, side), Image.Resampling.BOX), np.float32)
    noise = numbers.normal(0, 14, pixels.shape)
    noisy: np.ndarray = (pixels + noise).clip(0, 255).astype(np.uint8)
    return noisy


def _corners(
    numbers: np.random.Generator, class_number: int, side: int, radii: tuple[float, float] = _LARGE
) -> list[tuple[float, float]]:
    """Return the corners of a shape of random size, place and turn; a circle is a polygon with many."""
    num_corners = {1: 48, 2: 4, 3: 3}[class_number]
    radius = numbers.uniform(*radii) * side
    middle = numbers.uniform(radius, side - radius, 2)
    angles = numbers.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(num_corners) / num_corners
    return [(float(middle[0] + radius * np.cos(angle)), float(middle[1] + radius * np.sin(angle))) for angle in angles]
